import { setImmediate } from 'node:timers/promises'
import type { ProductRow, ProductStore } from '../store/products.js'
import { Spool } from '../store/spool.js'
import { mapProduct } from './mapping.js'

/** Products that are checked and mapped before other work gets its turn: a few milliseconds. */
const AT_ONCE = 100

/** What one reading of a source has brought so far. */
export class Reading {
  /** The ids of all products that were taken. */
  readonly taken = new Set<number>()
  /** Why each of the others was refused, by its id or its position. */
  readonly quarantine = new Map<string, string>()
  /** Those that may have to be written. */
  readonly changed = new Spool<ProductRow>()
  readonly #store: ProductStore
  #position = 0

  constructor(store: ProductStore) {
    this.#store = store
  }

  /** Checks and maps products, and keeps those that differ from what is stored. */
  async take(products: readonly unknown[]): Promise<void> {
    for (let i = 0; i < products.length; i += AT_ONCE) {
      await this.#takeSome(products.slice(i, i + AT_ONCE))
      await setImmediate()
    }
  }

  async #takeSome(products: readonly unknown[]): Promise<void> {
    const rows = new Map<number, ProductRow>()
    for (const product of products) {
      const mapped = mapProduct(product)
      // Of several products with the same id, the last one counts.
      if ('row' in mapped) rows.set(mapped.row.fields.id, mapped.row)
      else
        this.quarantine.set(
          mapped.id === undefined ? `at position ${this.#position}` : String(mapped.id),
          mapped.refused
        )
      this.#position++
    }
    const differing = new Set(await this.#store.differing([...rows.values()]))
    await this.changed.add([...rows.values()].filter((row) => differing.has(row) || this.taken.has(row.fields.id)))
    for (const id of rows.keys()) this.taken.add(id)
  }
}
