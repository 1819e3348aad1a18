import type { Database } from './database.js'
import { toDatabaseFailure } from './error-kinds.js'
import { hasProducts, type SourceState, toSourceState } from './source-state.js'

/** What every request needs to know of the database. */
export interface DatabaseState {
  /** The newest change of the catalog, and the database that it is a change of. */
  revision: number
  epoch: string
  /** What cursors are signed with. */
  cursorKey: string
  /** The newest change that ended tokens before their time, or of the keys that sign them. It belongs to the epoch, like `revision`. */
  authRevision: number
  source: SourceState
}

/** Keeps in memory what every request needs to know, and reads it anew when anyone, in any process, has written since. */
export class StateCache {
  readonly #db: Database
  #state: DatabaseState | undefined
  #version: number | undefined

  constructor(db: Database) {
    this.#db = db
  }

  /** What is known and still holds, or was known last while the database is away; undefined where it has to be read anew. */
  current(): DatabaseState | undefined {
    const version = this.#readVersion()
    // Where the database cannot tell it is read anew, which will say what is wrong with it, if anything is.
    if (version === undefined) return this.#db.isUnreachable() ? this.#state : undefined
    return version === this.#version ? this.#state : undefined
  }

  /** Reads it anew; where that fails as the database is away or busy, it is what was known last. */
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

  /** Reads it from the database. */
  async read(): Promise<DatabaseState> {
    // Before the reading: whatever is written meanwhile will be noticed by the next check.
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
