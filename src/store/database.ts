import type { Kysely, RawBuilder, Transaction } from 'kysely'
import type { FullText } from './full-text.js'
import type { Tables } from './tables.js'

/** A database of either engine. Reads and writes use connections of their own, so that reads go on during a write on SQLite too. */
export interface Database {
  read: Kysely<Tables>
  /** For reads that may take long: never blocks the event loop. Not for transactions. */
  search: Kysely<Tables>
  write: Kysely<Tables>
  engine: 'sqlite' | 'postgresql'
  fullText: FullText
  dialect: Dialect
  marker: Marker
  /**
   * Returns a number that changes with each write: at once if this process writes, soon after if another one does. Cheap enough to
   * call for each request.
   * @throws while it is unknown whether other processes write.
   */
  version(): number
  /** Whether the server is known to be unreachable. Queries then fail at once instead of trying to connect. */
  isUnreachable(): boolean
  /** Opens a consistent view of the database as it is now. It occupies a connection until it is closed. */
  openSnapshot(): Promise<DatabaseSnapshot>
  close(): Promise<void>
}

/** The rows that tell which copy of the database this is. */
export interface InstanceState {
  identity: string | null
  /** `catalog.revision` and `auth_state.revision`. */
  revision: number
  authRevision: number
}

/** An identity outside the tables, which a backup does not copy. If it does not match the tables, these were restored. */
export interface Marker {
  /** Returns whether the tables were restored from a backup since the database was last marked. */
  isRestored(db: Kysely<Tables>, state: InstanceState): Promise<boolean>
  /** Marks the database as this copy. Returns the identity to store in `instance`. */
  mark(db: Kysely<Tables>): Promise<string>
}

/** A read-only transaction that sees the database as it was when the snapshot was opened. */
export interface DatabaseSnapshot {
  db: Transaction<Tables>
  close(): Promise<void>
}

/** SQL that differs between the engines. */
export interface Dialect {
  /** Type of a text column that compares by bytes, whatever the locale of the server. */
  text: RawBuilder<unknown>
  /** Last columns of each index on `product`, so that equal values are in the order of their ids. */
  indexEnd: readonly 'id'[]
}

/** Called when the connection to a database server is lost, with the error, and when it is back. */
export type ConnectionReport = (event: 'lost' | 'regained', error?: Error) => void

/**
 * Locks the catalog until the transaction ends, so that one transaction writes at a time and revisions commit in order. Writes
 * nothing, so it notifies no process.
 */
export async function lockCatalog({ engine }: Database, db: Transaction<Tables>): Promise<Tables['catalog']> {
  const row = db.selectFrom('catalog').selectAll()
  // On SQLite the start of the transaction has locked the whole file.
  return await (engine === 'postgresql' ? row.forUpdate() : row).executeTakeFirstOrThrow()
}

/** Returns the current time as the tables store it: UTC, ISO 8601. */
export const now = () => new Date().toISOString()
