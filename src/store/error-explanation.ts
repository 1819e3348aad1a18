import { toDatabaseFailure } from './error-kinds.js'
import { ConnectionError, UnknownMigrationError } from './errors.js'
import { describeDatabase } from './open-database.js'

/** Remedies by error code. The first matching pattern applies. */
const remedies: [RegExp, string][] = [
  [/^SQLITE_NOTADB$/, 'Set DATABASE_URL to the path of a SQLite database or of a new file.'],
  [/^SQLITE_CORRUPT/, 'The file is damaged: restore it from a backup.'],
  [/^SQLITE_CANTOPEN/, 'Set DATABASE_URL to the path of a file in a folder that the service can write to.'],
  [
    /^(EACCES|EPERM|EROFS)$/,
    'The user that the service runs as needs read and write access to the file and its folder.'
  ],
  [/^SQLITE_BUSY/, 'Another process is using it: try again later.'],
  [/^(28|3D)/, 'Check the user, the password and the database in DATABASE_URL.'],
  [/^42501$/, 'Its user must be allowed to create and use tables.']
]

/** Remedies by kind of failure, for all other codes. */
const remediesOfFailures = {
  'database-busy': 'Check that it can be reached and that DATABASE_URL is right, or try again later.',
  'database-full': 'Free some space on its disk.',
  'database-read-only': 'The user that the service runs as needs write access to it.'
}

/**
 * Explains an error that keeps the service or a command from using the database at a URL. Returns one line with the cause and the remedy,
 * without the password in the URL. Returns undefined if the error has another cause, such as a fault in the code.
 */
export function explainFailure(error: unknown, url: string): string | undefined {
  const isConnecting = error instanceof ConnectionError
  // After the first connection, system errors concern other files and sockets, such as the port to listen on.
  if (!isConnecting && 'syscall' in Object(error)) return undefined
  const cause = isConnecting ? error.cause : (error as Error)
  const remedy = findRemedy(cause) ?? (isConnecting ? 'Check DATABASE_URL.' : undefined)
  if (remedy === undefined) return undefined
  return `The database ${describeDatabase(url)} cannot be used: ${reasonOf(cause)}. ${remedy}`
}

function findRemedy(error: unknown): string | undefined {
  if (error instanceof UnknownMigrationError) return 'Run that release, or restore a backup that this release made.'
  const { code = '' } = Object(error) as { code?: string }
  const failure = toDatabaseFailure(error)
  return remedies.find(([pattern]) => pattern.test(code))?.[1] ?? (failure && remediesOfFailures[failure])
}

/** Returns the message on one line. Node.js reports failed attempts on several addresses of a host as one error without a message. */
function reasonOf({ message, errors = [] }: Error & { errors?: Error[] }): string {
  return (message || errors.map((error) => error.message).join(', ')).replace(/\s+/g, ' ')
}
