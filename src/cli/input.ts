import { parseArgs } from 'node:util'
import { ConfigError, readConfig } from '../config.js'
import { ProblemError } from '../problems.js'
import { type Database, openDatabase } from '../store/database.js'
import { rederive } from '../store/derived.js'
import { migrate } from '../store/migrations.js'
import type { Format } from '../transfer/exporter.js'

/** Bad input: the message is all that is shown. */
export class InputError extends Error {}

/** Runs a command. What is wrong with its input is shown without a stack, and ends it with 1. */
export async function runCommand(command: (args: string[]) => Promise<void>): Promise<void> {
  try {
    await command(process.argv.slice(2))
  } catch (error) {
    const isBadInput = [InputError, ConfigError, ProblemError].some((kind) => error instanceof kind)
    if (!isBadInput) throw error
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
}

/** Opens the database that DATABASE_URL names, brought up to date, for as long as something is done with it. */
export async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const database = openDatabase(readConfig(process.env).databaseUrl)
  try {
    await migrate(database)
    return await work(database)
  } finally {
    await database.close()
  }
}

/** The same for what is done with products: what they are found by is brought up to date too, which can take its time. */
export async function withCatalog<T>(work: (database: Database) => Promise<T>): Promise<T> {
  return await withDatabase(async (database) => {
    await rederive(database)
    return await work(database)
  })
}

/** The arguments of a command that takes one file and some options; flags are options without a value. */
export function readArguments(args: string[], usage: string, options: string[], flags: string[] = []) {
  try {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...Object.fromEntries(['format', ...options].map((name) => [name, { type: 'string' as const }])),
        ...Object.fromEntries(flags.map((name) => [name, { type: 'boolean' as const }]))
      }
    })
    const [file, ...rest] = positionals
    const format = String(values.format ?? (file?.toLowerCase().endsWith('.csv') ? 'csv' : 'ndjson'))
    if (rest.length === 0 && file !== 'help' && isFormat(format)) {
      return { file, format, values: values as Record<string, string | boolean | undefined> }
    }
  } catch {
    // An option that does not exist: the usage says which do.
  }
  throw new InputError(usage)
}

const isFormat = (text: string): text is Format => text === 'csv' || text === 'ndjson'
