import type { ExpressionBuilder, Kysely } from 'kysely'
import { type Database, now } from './database.js'
import type { Tables } from './tables.js'

/** How the catalog stands to its source. */
export interface SourceState {
  /** When the source was last read successfully, ISO 8601. */
  lastSuccess: string | undefined
  /** Why the newest attempt failed. */
  lastError: string | undefined
  quarantined: number
  /** The source whose products are served; undefined while there are none. */
  source: number | undefined
  /** Whether there is any product, of the source or made here. */
  hasProducts: boolean
}

/** The columns of `source_state` and what else is needed for `toSourceState`. */
export type SourceStateRow = Tables['source_state'] & { has_products: unknown }

/** The one row that tells how the catalog stands to its source. */
export class SourceStateStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async get(db: Kysely<Tables> = this.#db.read): Promise<SourceState> {
    const row = await db.selectFrom('source_state').selectAll().select(hasProducts).executeTakeFirstOrThrow()
    return toSourceState(row)
  }

  /** Stores that the source was read, and how many of its products were refused; as many as before if it is not given. */
  async succeeded(quarantined?: number, db: Kysely<Tables> = this.#db.write): Promise<void> {
    await db
      .updateTable('source_state')
      .set({ last_success: now(), last_error: null, ...(quarantined !== undefined && { quarantined }) })
      .execute()
  }

  /**
   * Stores that the source could not be read.
   * @param reason A word, which is shown to anyone.
   * @param quarantined How many of its products were refused, if that is known.
   */
  async failed(reason: string, quarantined?: number): Promise<void> {
    await this.#db.write
      .updateTable('source_state')
      .set({ last_error: reason, ...(quarantined !== undefined && { quarantined }) })
      .execute()
  }
}

/** Whether there is any product: a column for a query of `source_state`. */
export const hasProducts = (eb: ExpressionBuilder<Tables, 'source_state'>) =>
  eb.exists(eb.selectFrom('product').select('product.id').limit(1)).as('has_products')

export function toSourceState(row: SourceStateRow): SourceState {
  return {
    lastSuccess: row.last_success ?? undefined,
    lastError: row.last_error ?? undefined,
    quarantined: row.quarantined,
    source: row.source ?? undefined,
    // The engines have no type for it in common.
    hasProducts: Boolean(row.has_products)
  }
}
