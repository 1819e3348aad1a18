/** Thrown if the first connection to the database fails. The message is that of the cause. */
export class ConnectionError extends Error {
  override name = 'ConnectionError'
  override readonly cause: Error

  constructor(cause: Error) {
    super(cause.message)
    this.cause = cause
  }
}

/** Thrown if a newer release has migrated the database. */
export class UnknownMigrationError extends Error {
  override name = 'UnknownMigrationError'

  constructor(migration: string) {
    super(`a newer release wrote it (migration ${migration})`)
  }
}

/** Thrown if a write times out while it waits for other writes. */
export class BusyError extends Error {
  override name = 'BusyError'
  /** The code that SQLite uses if another process writes. */
  readonly code = 'SQLITE_BUSY'

  constructor() {
    super('timed out waiting for other writes')
  }
}

/** Thrown instead of running a query while the server is known to be unreachable. */
export class UnreachableError extends Error {
  override name = 'UnreachableError'
  /** SQLSTATE `connection_failure`. */
  readonly code = '08006'

  constructor() {
    super('the database cannot be reached')
  }
}
