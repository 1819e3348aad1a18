import type { ExpressionBuilder, Kysely } from 'kysely'
import { type Database, now } from './database.js'
import type { Tables } from './tables.js'

/** The state of the catalog relative to its source. */
export interface SourceState {
  /** Time of the last successful sync, ISO 8601. */
  lastSuccess: string | undefined
  /** Reason why the newest sync failed; undefined after a success. */
  lastError: string | undefined
  /** Records of the source that the last sync could not use. */
  quarantined: number
  /** The source whose products are served; undefined if none is. */
  source: number | undefined
  /** Whether the catalog has any visible product. */
  hasProducts: boolean
}

/** A row of `source_state` with the computed column `hasProducts`. */
export type SourceStateRow = Tables['source_state'] & { has_products: unknown }

/** Reads and writes the state of the catalog relative to its source. */
export class SourceStateStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Reads the state. */
  async get(db: Kysely<Tables> = this.#db.read): Promise<SourceState> {
    const row = await db.selectFrom('source_state').selectAll().select(hasProducts).executeTakeFirstOrThrow()
    return toSourceState(row)
  }

  /** Records a successful sync. @param quarantined Number of unusable records. By default the stored number stays. */
  async succeeded(quarantined?: number, db: Kysely<Tables> = this.#db.write): Promise<void> {
    await db
      .updateTable('source_state')
      .set({ last_success: now(), last_error: null, ...(quarantined !== undefined && { quarantined }) })
      .execute()
  }

  /**
   * Records a failed sync.
   * @param reason A code that is safe to show to any client.
   * @param quarantined Number of unusable records. By default the stored number stays.
   */
  async failed(reason: string, quarantined?: number, db: Kysely<Tables> = this.#db.write): Promise<void> {
    await db
      .updateTable('source_state')
      .set({ last_error: reason, ...(quarantined !== undefined && { quarantined }) })
      .execute()
  }
}

/** Computed column for queries of `source_state`: whether the catalog has any visible product. */
export const hasProducts = (eb: ExpressionBuilder<Tables, 'source_state'>) =>
  eb.exists(eb.selectFrom('product').select('product.id').limit(1)).as('has_products')

/** Converts a row of `source_state`. */
export function toSourceState(row: SourceStateRow): SourceState {
  return {
    lastSuccess: row.last_success ?? undefined,
    lastError: row.last_error ?? undefined,
    quarantined: row.quarantined,
    source: row.source ?? undefined,
    // SQLite returns a number, PostgreSQL a boolean.
    hasProducts: Boolean(row.has_products)
  }
}
