import { type ParseArgsConfig, parseArgs } from 'node:util'
import { generateKey } from '../auth/signing-keys.js'
import { ConfigError, findMisspelledVariables, readConfig } from '../config.js'
import type { Database } from '../store/database.js'
import { explainFailure } from '../store/error-explanation.js'
import { InstanceStore, RESTORED } from '../store/instance.js'
import { migrate } from '../store/migrate.js'
import { openDatabase } from '../store/open-database.js'
import { rebuildStoredForms } from '../store/rebuild.js'
import { DomainError } from '../support/domain-error.js'
import { formatValue } from '../support/validation-errors.js'
import { MappingFileError } from '../sync/sources/mapped/mapping-file.js'

/** The exports of a command's module. */
export interface Command {
  usage: string
  run(args: string[]): Promise<void>
}

/** Thrown if a command cannot complete. The user sees only the message. */
export class InputError extends Error {}

/** Thrown if the arguments are invalid. The user sees the message and the usage of the command. */
export class UsageError extends InputError {}

/** Runs a command. If the user can fix an error, prints its message without a stack trace and sets the exit code to 1. */
export async function runCommand({ usage, run }: Command, args: string[]): Promise<void> {
  if (args[0] === 'help' || args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage)
    return
  }
  try {
    await run(args)
  } catch (error) {
    if (!isUserError(error)) throw error
    process.stderr.write(`${error.message}\n${error instanceof UsageError ? `\n${usage}` : ''}`)
    process.exitCode = 1
  }
}

/** Returns whether the user can fix an error: in the input, in the settings, or in the system, such as a full disk. */
function isUserError(error: unknown): error is Error {
  return (
    [InputError, ConfigError, MappingFileError, DomainError].some((kind) => error instanceof kind) ||
    'syscall' in Object(error)
  )
}

type Options = NonNullable<ParseArgsConfig['options']>

/** Parses positional arguments and options. @throws {UsageError} if an option is unknown or has no value. */
export function parseArguments<T extends Options>(args: string[], options: T) {
  try {
    return parseArgs({ args, allowPositionals: true, options })
  } catch (error) {
    // The rest of the message explains how to pass arguments that begin with a dash. No command accepts such arguments.
    const [reason] = (error as Error).message.split(/\. To |\.?\n/)
    throw new UsageError(`${reason}.`)
  }
}

/** Returns the subcommand with this name. @throws {UsageError} if the name is missing or unknown. */
export function findSubcommand<T>(subcommands: Record<string, T>, name: string | undefined): T {
  if (name === undefined) throw new UsageError('COMMAND is missing.')
  if (!Object.hasOwn(subcommands, name)) throw new UsageError(`The command "${name}" is unknown.`)
  return subcommands[name] as T
}

/** Runs work on the database in DATABASE_URL, after its migrations, and closes the database afterwards. */
export async function withMigrated<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const { databaseUrl } = readConfig(process.env)
  for (const line of findMisspelledVariables(process.env)) process.stderr.write(`${line}\n`)
  const database = openDatabase(databaseUrl)
  try {
    await migrate(database)
    return await work(database)
  } catch (error) {
    const explanation = explainFailure(error, databaseUrl)
    throw explanation === undefined ? error : new InputError(explanation, { cause: error })
  } finally {
    await database.close()
  }
}

/**
 * Does the same as `withMigrated`, and detects a restored backup before the command can write to the database, as the service does at
 * startup.
 */
export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  return await withMigrated(async (database) => {
    const epoch = await new InstanceStore(database).detectRestore(generateKey)
    if (epoch !== undefined) process.stderr.write(`${RESTORED}\n`)
    return await work(database)
  })
}

/** Does the same as `withDatabase`, and updates the stored forms of products, which can take a while after an upgrade. */
export async function withCatalog<T>(work: (database: Database) => Promise<T>): Promise<T> {
  return await withDatabase(async (database) => {
    for (const { sku, ids } of await rebuildStoredForms(database)) {
      process.stderr.write(`The products ${ids.join(', ')} have the same SKU ${formatValue(sku)}.\n`)
    }
    return await work(database)
  })
}
