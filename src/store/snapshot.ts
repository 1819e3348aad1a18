import type { Database } from './database.js'
import { type SourceState, toSourceState } from './source-state.js'

/** What every request needs to know of the database. */
export interface Known {
  /** The newest change of the catalog, and the database that it is a change of. */
  revision: number
  epoch: string
  /** Grows with every change that ends tokens before their time. */
  authRevision: number
  source: SourceState
}

/** Keeps in memory what every request needs to know, and reads it anew when anyone, in any process, has written since. */
export class Snapshot {
  readonly #db: Database
  #known: Known | undefined
  #version: number | undefined
  #isChecked = false

  constructor(db: Database) {
    this.#db = db
  }

  /** What is known and still holds; undefined where it has to be read anew. */
  current(): Known | undefined {
    if (!this.#isChecked) {
      // Once for all the requests that came together: none of them can have been sent after a write that was seen to end.
      this.#isChecked = true
      setImmediate(() => {
        this.#isChecked = false
      })
      if (this.#hasChanged()) this.#known = undefined
    }
    return this.#known
  }

  /** Also where the database cannot tell: reading it anew will say what is wrong with it. */
  #hasChanged(): boolean {
    try {
      return this.#db.version() !== this.#version
    } catch {
      return true
    }
  }

  /** Reads it from the database. */
  async read(): Promise<Known> {
    // Before the reading: whatever is written meanwhile will be noticed by the next check.
    const version = this.#db.version()
    const row = await this.#db.read
      .selectFrom(['catalog', 'auth_state', 'source_state'])
      .selectAll('source_state')
      .select(['catalog.revision', 'catalog.epoch', 'auth_state.revision as auth_revision'])
      .executeTakeFirstOrThrow()
    this.#version = version
    this.#known = {
      revision: row.revision,
      epoch: row.epoch,
      authRevision: row.auth_revision,
      source: toSourceState(row)
    }
    return this.#known
  }
}
