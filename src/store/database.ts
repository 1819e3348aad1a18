import type { Kysely, RawBuilder, Transaction } from 'kysely'
import type { FullText } from './full-text.js'
import type { Tables } from './tables.js'

/** A database of either engine. Reads and writes use separate connections, so that reads continue during a write on SQLite too. */
export interface Database {
  read: Kysely<Tables>
  /** For slow reads, because it never blocks the event loop. Does not support transactions. */
  search: Kysely<Tables>
  write: Kysely<Tables>
  engine: 'sqlite' | 'postgresql'
  fullText: FullText
  dialect: Dialect
  marker: Marker
  /**
   * Returns a number that changes with each write: at once for writes of this process, soon after for those of other processes. Cheap
   * enough to call for each request.
   * @throws if the service cannot notice the writes of other processes at the moment.
   */
  version(): number
  /** Whether the server is known to be unreachable. Queries then fail at once instead of trying to connect. */
  isUnreachable(): boolean
  /** Opens a consistent view of the database as it is now. It occupies a connection until it is closed. */
  openSnapshot(): Promise<DatabaseSnapshot>
  close(): Promise<void>
}

/** The part of the tables that is compared with the marker. */
export interface InstanceState {
  identity: string | null
  /** `catalog.revision` and `auth_state.revision`. */
  revision: number
  authRevision: number
}

/** An identity outside the tables, which a backup does not copy. If it does not match the tables, they were restored from a backup. */
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
  /** Type of a text column that compares by bytes, regardless of the locale of the server. */
  text: RawBuilder<unknown>
  /** Last columns of each index on `product`, so that rows with equal values are ordered by id. */
  indexEnd: readonly 'id'[]
}

/** Called with the error when the connection to a database server is lost, and without one after a reconnect. */
export type ConnectionReport = (event: 'lost' | 'regained', error?: Error) => void

/**
 * Locks the catalog until the transaction ends, so that only one transaction writes at a time and revisions are committed in order. The
 * lock is not a write, so it does not notify other processes.
 */
export async function lockCatalog({ engine }: Database, db: Transaction<Tables>): Promise<Tables['catalog']> {
  const row = db.selectFrom('catalog').selectAll()
  // On SQLite, the transaction has locked the whole file at its start.
  return await (engine === 'postgresql' ? row.forUpdate() : row).executeTakeFirstOrThrow()
}

/** Returns the current time as the tables store it: UTC, ISO 8601. */
export const now = () => new Date().toISOString()
