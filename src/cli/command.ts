import { type ParseArgsConfig, parseArgs } from 'node:util'
import { generateKey } from '../auth/signing-keys.js'
import { ConfigError, findMisspelledVariables, readConfig } from '../config.js'
import { type Database, openDatabase } from '../store/database.js'
import { explainFailure } from '../store/explain-failure.js'
import { InstanceStore, RESTORED } from '../store/instance.js'
import { migrate } from '../store/migrations.js'
import { rebuildStoredForms } from '../store/rebuild.js'
import { DomainError } from '../support/domain-error.js'

/** What a module of a command exports. */
export interface Command {
  usage: string
  run(args: string[]): Promise<void>
}

/** Thrown if a command cannot do its work. The user sees only the message. */
export class InputError extends Error {}

/** Thrown if the arguments are wrong. The user sees the message and the usage of the command. */
export class UsageError extends InputError {}

/** Runs a command. Prints an error that the user can fix as one line, without a stack trace, and sets the exit code to 1. */
export async function runCommand({ usage, run }: Command, args: string[]): Promise<void> {
  if (args[0] === 'help' || args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage)
    return
  }
  try {
    await run(args)
  } catch (error) {
    if (!isForTheUser(error)) throw error
    process.stderr.write(`${error.message}\n${error instanceof UsageError ? `\n${usage}` : ''}`)
    process.exitCode = 1
  }
}

/** Returns whether an error is about the input, the settings, or the system: a file that cannot be read, a full disk. */
function isForTheUser(error: unknown): error is Error {
  return [InputError, ConfigError, DomainError].some((kind) => error instanceof kind) || 'syscall' in Object(error)
}

type Options = NonNullable<ParseArgsConfig['options']>

/** Splits arguments into positional ones and options. @throws {UsageError} if an option is unknown or lacks its value. */
export function parseArguments<T extends Options>(args: string[], options: T) {
  try {
    return parseArgs({ args, allowPositionals: true, options })
  } catch (error) {
    // The rest of the message explains how to pass arguments that begin with a dash. No command takes any.
    const [reason] = (error as Error).message.split(/\. To |\.?\n/)
    throw new UsageError(`${reason}.`)
  }
}

/** Returns the entry of the first argument, the name of a subcommand. @throws {UsageError} if there is none. */
export function findSubcommand<T>(subcommands: Record<string, T>, name: string | undefined): T {
  if (name === undefined) throw new UsageError('COMMAND is missing.')
  if (!Object.hasOwn(subcommands, name)) throw new UsageError(`There is no command "${name}".`)
  return subcommands[name] as T
}

/** Opens the database that DATABASE_URL names, with its tables up to date, and closes it when the work is done. */
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
 * The same, for commands that use what is in the database. If it was restored from a backup, it is recognized before the
 * command can write to it, as when the service starts.
 */
export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  return await withMigrated(async (database) => {
    const epoch = await new InstanceStore(database).detectRestore(generateKey)
    if (epoch !== undefined) process.stderr.write(`${RESTORED}\n`)
    return await work(database)
  })
}

/** The same, for commands that use products. Their facts and stored JSON are brought up to date too, which can take a while. */
export async function withCatalog<T>(work: (database: Database) => Promise<T>): Promise<T> {
  return await withDatabase(async (database) => {
    await rebuildStoredForms(database)
    return await work(database)
  })
}
