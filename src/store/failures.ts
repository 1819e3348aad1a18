/*
 * What an error of the database means, whichever engine it comes from: whether it is away, busy, full or not to be written.
 */

/** What a failure of the database is to those who ask: the name of a problem. */
export type DatabaseFailure = 'database-busy' | 'database-full' | 'database-read-only'

/** SQLSTATE classes of what passes: no connection, a conflict, no resources, not in a state for it, an intervention. */
const TRANSIENT_STATE = /^(08|40|53|55|57)[0-9A-Z]{3}$/
/** Those of them that mean that the server cannot be reached. */
const UNREACHABLE_STATE = /^(08|55|57)[0-9A-Z]{3}$/
const UNREACHABLE_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EPIPE', 'EAI_AGAIN'])
/** What pg says without a code. */
const UNREACHABLE_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client (has encountered|was closed))/

/** `disk_full` of PostgreSQL; of SQLite also that there is no room for the index of its log. */
const FULL = /^(53100|SQLITE_FULL|SQLITE_IOERR_SHMSIZE)$/
/**
 * `read_only_sql_transaction`; SQLite reports a file system that has become read-only as an error of the disk. 1544 is
 * SQLITE_READONLY_DIRECTORY, for which libsql has no name.
 */
const READ_ONLY =
  /^(25006|SQLITE_READONLY.*|UNKNOWN_SQLITE_ERROR_1544|SQLITE_IOERR_(WRITE|FSYNC|DIR_FSYNC|TRUNCATE|DELETE))$/
/** Locked by another process; or the disk, the folder or the file cannot be read at the moment. */
const BUSY = /^SQLITE_(BUSY|IOERR|CANTOPEN)/

/** What an error means that a query has ended with; undefined where it is none of these, but a fault. */
export function toDatabaseFailure(error: unknown): DatabaseFailure | undefined {
  const { code = '' } = Object(error) as { code?: string }
  if (FULL.test(code)) return 'database-full'
  if (READ_ONLY.test(code)) return 'database-read-only'
  return BUSY.test(code) || TRANSIENT_STATE.test(code) || isUnreachable(error) ? 'database-busy' : undefined
}

/** Whether an error means that the server cannot be reached. */
export function isUnreachable(error: unknown): boolean {
  const { code = '', message = '' } = Object(error) as { code?: string; message?: string }
  return UNREACHABLE_STATE.test(code) || UNREACHABLE_CODES.has(code) || UNREACHABLE_MESSAGE.test(message)
}

/** Whether an error means that the server is connected, but says nothing. */
export const isQueryTimeout = (error: unknown): boolean => (error as Error).message === 'Query read timeout'

/** Thrown if the first connection to the database cannot be opened. The message is that of the cause. */
export class ConnectionError extends Error {
  override name = 'ConnectionError'
  override readonly cause: Error

  constructor(cause: Error) {
    super(cause.message)
    this.cause = cause
  }
}

/** Thrown if a newer release has changed the tables. */
export class UnknownMigrationError extends Error {
  override name = 'UnknownMigrationError'

  constructor(migration: string) {
    super(`a newer release wrote it (migration ${migration})`)
  }
}

/** Others write, and for longer than is waited for. */
export class BusyError extends Error {
  override name = 'BusyError'
  /** As SQLite says it of other processes. */
  readonly code = 'SQLITE_BUSY'

  constructor() {
    super('others are writing')
  }
}

/** The database is known to be away, so that it is not even asked. */
export class UnreachableError extends Error {
  override name = 'AwayError'
  /** `connection_failure`, as the server's own errors have a SQLSTATE. */
  readonly code = '08006'

  constructor() {
    super('the database cannot be reached')
  }
}
