import { setImmediate } from 'node:timers/promises'
import type { ProductRow, ProductStore } from '../store/products.js'
import { Spool } from '../store/spool.js'
import { mapProduct } from './mapping.js'
import { SourceError } from './source-error.js'

/** Products that are checked and mapped before other work gets its turn: a few milliseconds. */
const AT_ONCE = 100
/** Products in quarantine of which the reason is kept. The others are counted: a source can send any number of them. */
const REASONS_KEPT = 1000

/** What one reading of a source has brought so far. */
export class Reading {
  /** The ids of all products that were taken. */
  readonly taken = new Set<number>()
  /** How many were refused, and why each of the first ones was, by its id or its position. */
  quarantined = 0
  readonly reasons = new Map<string, string>()
  /** Whether a product came on a second page: so others may have slipped from one that was yet to come. */
  isShifting = false
  /** Those that may have to be written. */
  readonly changed = new Spool<ProductRow>()
  readonly #store: ProductStore
  #position = 0

  constructor(store: ProductStore) {
    this.#store = store
  }

  /**
   * Checks and maps the products of a page, and keeps those that differ from what is stored.
   * @throws {SourceError} where all of them were there before: a source that sends one page for every other.
   */
  async take(products: readonly unknown[]): Promise<void> {
    const before = this.taken.size
    const refused = this.quarantined
    for (let i = 0; i < products.length; i += AT_ONCE) {
      await this.#takeSome(products.slice(i, i + AT_ONCE), before > 0)
      await setImmediate()
    }
    if (products.length > 0 && this.taken.size === before && this.quarantined === refused) {
      throw new SourceError('invalid', { detail: 'it sends the same page again' })
    }
  }

  async #takeSome(products: readonly unknown[], isLater: boolean): Promise<void> {
    const rows = new Map<number, ProductRow>()
    for (const product of products) {
      const mapped = mapProduct(product)
      // Of several products with the same id, the last one counts.
      if ('row' in mapped) rows.set(mapped.row.fields.id, mapped.row)
      else this.#refuse(mapped.id === undefined ? `at position ${this.#position}` : String(mapped.id), mapped.refused)
      this.#position++
    }
    const differing = new Set(await this.#store.differing([...rows.values()]))
    await this.changed.add([...rows.values()].filter((row) => differing.has(row) || this.taken.has(row.fields.id)))
    for (const id of rows.keys()) {
      this.isShifting ||= isLater && this.taken.has(id)
      this.taken.add(id)
    }
  }

  #refuse(product: string, reason: string): void {
    this.quarantined++
    if (this.reasons.size < REASONS_KEPT) this.reasons.set(product, reason)
  }
}
