/** The reason why a query failed, independent of the engine. Clients get it as the type of a problem. */
export type DatabaseFailure = 'database-busy' | 'database-full' | 'database-read-only'

/** SQLSTATE classes of temporary failures: connection, transaction rollback, resources, object state, operator intervention. */
const TRANSIENT_STATE = /^(08|40|53|55|57)[0-9A-Z]{3}$/
/** SQLSTATE classes that mean that the server cannot be reached. */
const UNREACHABLE_STATE = /^(08|55|57)[0-9A-Z]{3}$/
const UNREACHABLE_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EPIPE', 'EAI_AGAIN'])
/** Messages of pg for errors without a code. */
const UNREACHABLE_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client (has encountered|was closed))/

/** `disk_full` of PostgreSQL. On SQLite, SHMSIZE means that the index of the write-ahead log does not fit on the disk. */
const FULL = /^(53100|SQLITE_FULL|SQLITE_IOERR_SHMSIZE)$/
/**
 * `read_only_sql_transaction` of PostgreSQL. SQLite reports a file system that has become read-only as an I/O error. 1544 is
 * SQLITE_READONLY_DIRECTORY, for which libsql has no name.
 */
const READ_ONLY =
  /^(25006|SQLITE_READONLY.*|UNKNOWN_SQLITE_ERROR_1544|SQLITE_IOERR_(WRITE|FSYNC|DIR_FSYNC|TRUNCATE|DELETE))$/
/** Another process holds the lock, or the file cannot be read at the moment. */
const BUSY = /^SQLITE_(BUSY|IOERR|CANTOPEN)/

/** Classifies the error of a query. Returns undefined if it is a fault in the code. */
export function toDatabaseFailure(error: unknown): DatabaseFailure | undefined {
  const { code = '' } = Object(error) as { code?: string }
  if (FULL.test(code)) return 'database-full'
  if (READ_ONLY.test(code)) return 'database-read-only'
  return BUSY.test(code) || TRANSIENT_STATE.test(code) || isUnreachable(error) ? 'database-busy' : undefined
}

/** Returns whether an error means that the server cannot be reached. */
export function isUnreachable(error: unknown): boolean {
  const { code = '', message = '' } = Object(error) as { code?: string; message?: string }
  return UNREACHABLE_STATE.test(code) || UNREACHABLE_CODES.has(code) || UNREACHABLE_MESSAGE.test(message)
}

/** Returns whether an error means that the server is connected, but does not respond. */
export const isQueryTimeout = (error: unknown): boolean => (error as Error).message === 'Query read timeout'
