import { CHUNK } from './chunks.js'
import { type Database, now } from './database.js'
import type { ProductChange } from './product-writer.js'
import type { ProductStore } from './products.js'

/** Finds the sales that have started or ended, and stores their state. */
export class SaleStore {
  readonly #db: Database
  readonly #products: ProductStore

  constructor(db: Database, products: ProductStore) {
    this.#db = db
    this.#products = products
  }

  /** Returns whether a sale has started or ended since the products were stored. */
  async hasDue(): Promise<boolean> {
    const { next } = await this.#db.read
      .selectFrom('product')
      .select((eb) => eb.fn.min('sale_change').as('next'))
      .where('sale_change', 'is not', null)
      .executeTakeFirstOrThrow()
    return next !== null && next <= now()
  }

  /**
   * Stores the state of the sales that have started or ended. Many sales can start at once, so each transaction stores only some of them.
   * @returns The number of changed products.
   */
  async applyDue(): Promise<number> {
    let changed = 0
    for (;;) {
      const { due, updated } = await this.#applySome()
      changed += updated
      if (due < CHUNK) return changed
    }
  }

  async #applySome(): Promise<{ due: number; updated: number }> {
    return await this.#products.write({ by: 'schedule' }, async (writer, db) => {
      const { log } = writer
      const rows = await db
        .selectFrom('product')
        .select('id')
        .where('sale_change', '<=', log.at)
        .orderBy('sale_change')
        .orderBy('id')
        .limit(CHUNK)
        .execute()
      if (rows.length === 0) return { due: 0, updated: 0 }
      const ids = rows.map(({ id }) => id)
      const stored = await writer.load(ids)
      await writer.apply([...stored].map(([id, product]): ProductChange => ({ id, before: product, after: product })))
      // A sale that started and ended since then has changed nothing.
      await db
        .updateTable('product')
        .set({ sale_change: null })
        .where('id', 'in', ids)
        .where('sale_change', '<=', log.at)
        .execute()
      return { due: rows.length, updated: log.counts.updated }
    })
  }
}
