import type { Kysely } from 'kysely'
import { type Database, now, type Tables } from './database.js'

/** How the catalog stands to its source. */
export interface SourceState {
  /** ETags of the source's pages, in their order; empty where the source gives none. */
  validators: string[]
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

  async get(): Promise<SourceState> {
    const row = await this.#db.read.selectFrom('source_state').selectAll().executeTakeFirstOrThrow()
    return {
      validators: JSON.parse(row.validators ?? '[]') as string[],
      lastSuccess: row.last_success ?? undefined,
      lastError: row.last_error ?? undefined,
      quarantined: row.quarantined,
      sample: row.sample === 1
    }
  }

  /** The products are those of the sample now, or none. */
  async setSample(sample: boolean, db: Kysely<Tables> = this.#db.write): Promise<void> {
    await db
      .updateTable('source_state')
      .set({ sample: sample ? 1 : 0, quarantined: 0 })
      .execute()
  }

  /** The source was read; `read` is missing where it had nothing new. */
  async succeeded(
    read?: { validators: string[]; quarantined: number },
    db: Kysely<Tables> = this.#db.write
  ): Promise<void> {
    await db
      .updateTable('source_state')
      .set({
        last_success: now(),
        last_error: null,
        sample: 0,
        ...(read && { validators: JSON.stringify(read.validators), quarantined: read.quarantined })
      })
      .execute()
  }

  /** The source could not be read, for a reason that is shown to anyone. */
  async failed(reason: string): Promise<void> {
    await this.#db.write.updateTable('source_state').set({ last_error: reason }).execute()
  }
}
