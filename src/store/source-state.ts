import type { Kysely } from 'kysely'
import { type Database, now, type Tables } from './database.js'

/** How the catalog stands to its source. */
export interface SourceState {
  /** When the source was last read successfully, ISO 8601. */
  lastSuccess: string | undefined
  /** Why the newest attempt failed. */
  lastError: string | undefined
  quarantined: number
  /** Whether the products are those of the sample. */
  sample: boolean
}

/** The one row that tells how the catalog stands to its source. */
export class SourceStateStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async get(db: Kysely<Tables> = this.#db.read): Promise<SourceState> {
    return toSourceState(await db.selectFrom('source_state').selectAll().executeTakeFirstOrThrow())
  }

  /** The products are those of the sample now, or none. */
  async setSample(sample: boolean, db: Kysely<Tables>): Promise<void> {
    await db
      .updateTable('source_state')
      .set({ sample: sample ? 1 : 0, quarantined: 0 })
      .execute()
  }

  /** The source was read, and so many of its products refused; as many as before where nothing is said. */
  async succeeded(quarantined?: number, db: Kysely<Tables> = this.#db.write): Promise<void> {
    await db
      .updateTable('source_state')
      .set({ last_success: now(), last_error: null, sample: 0, ...(quarantined !== undefined && { quarantined }) })
      .execute()
  }

  /** The source could not be read, for a reason in a word, which is shown to anyone. */
  async failed(reason: string): Promise<void> {
    await this.#db.write.updateTable('source_state').set({ last_error: reason }).execute()
  }
}

export function toSourceState(row: Tables['source_state']): SourceState {
  return {
    lastSuccess: row.last_success ?? undefined,
    lastError: row.last_error ?? undefined,
    quarantined: row.quarantined,
    sample: row.sample === 1
  }
}
