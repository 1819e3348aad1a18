import type { Database } from './database.js'
import { toDatabaseFailure } from './error-kinds.js'
import { hasProducts, type SourceState, toSourceState } from './source-state.js'

/** The state that every request needs. */
export interface DatabaseState {
  /** The newest revision of the catalog, in its epoch. */
  revision: number
  epoch: string
  /** The key that signs cursors. */
  cursorKey: string
  /** The revision of revoked tokens and signing keys, in the same epoch. */
  authRevision: number
  source: SourceState
}

/** Caches the state that every request needs. A write by any process makes the cache stale. */
export class StateCache {
  readonly #db: Database
  #state: DatabaseState | undefined
  #version: number | undefined

  constructor(db: Database) {
    this.#db = db
  }

  /** Returns the cached state if it is fresh, or if the database is unreachable. Otherwise returns undefined: call `renew`. */
  current(): DatabaseState | undefined {
    const version = this.#readVersion()
    // If the version cannot be read, `renew` reports the error of the database.
    if (version === undefined) return this.#db.isUnreachable() ? this.#state : undefined
    return version === this.#version ? this.#state : undefined
  }

  /** Reads the state. If the database is unreachable or busy, returns the last known state instead. */
  async renew(): Promise<DatabaseState> {
    try {
      return await this.read()
    } catch (error) {
      if (!this.#state || toDatabaseFailure(error) !== 'database-busy') throw error
      return this.#state
    }
  }

  #readVersion(): number | undefined {
    try {
      return this.#db.version()
    } catch {
      return undefined
    }
  }

  /** Reads the state from the database. */
  async read(): Promise<DatabaseState> {
    // Read before the query, so that a write during the query makes the cache stale.
    const version = this.#readVersion()
    const row = await this.#db.read
      .selectFrom(['catalog', 'auth_state', 'source_state'])
      .selectAll('source_state')
      .select(hasProducts)
      .select(['catalog.revision', 'catalog.epoch', 'catalog.cursor_key', 'auth_state.revision as auth_revision'])
      .executeTakeFirstOrThrow()
    this.#version = version
    this.#state = {
      revision: row.revision,
      epoch: row.epoch,
      cursorKey: row.cursor_key,
      authRevision: row.auth_revision,
      source: toSourceState(row)
    }
    return this.#state
  }
}
