import { setImmediate } from 'node:timers/promises'
import type { ProductStore, SourceProductRow } from '../store/products.js'
import { BatchBuffer } from '../support/batch-buffer.js'
import type { MappedPage } from './page.js'
import { SourceError } from './source-error.js'

/** Products in quarantine of which the reason is kept; the others are counted. */
const REASONS_KEPT = 1000

/** What one reading of a source has brought so far. */
export class FetchedCatalog {
  /** What the source calls the products that were taken. */
  readonly externalIds = new Set<string>()
  /** How many were refused, and why each of the first ones was, by its id or its position. */
  quarantined = 0
  readonly reasons = new Map<string, string>()
  /** Whether a product came on a second page: so others may have slipped from one that was yet to come. */
  isShifting = false
  /** Those that may have to be written. */
  readonly changed = new BatchBuffer<SourceProductRow>()
  readonly #store: ProductStore
  readonly #source: number
  #position = 0

  constructor(store: ProductStore, source: number) {
    this.#store = store
    this.#source = source
  }

  /**
   * Keeps the products of a page that differ from what is stored.
   * @throws {SourceError} where all of them were there before: a source that sends one page for every other.
   */
  async addPage({ products, rows, refused, reasons }: MappedPage): Promise<void> {
    const before = this.externalIds.size
    for (const { id, position, reason } of reasons) {
      if (this.reasons.size === REASONS_KEPT) break
      this.reasons.set(id === undefined ? `at position ${this.#position + position}` : String(id), reason)
    }
    this.quarantined += refused
    this.#position += products
    for (const some of rows) {
      await this.#addBatch(some, before > 0)
      await setImmediate()
    }
    if (products > refused && this.externalIds.size === before) {
      throw new SourceError('invalid', { detail: 'it sends the same page again' })
    }
  }

  async #addBatch(some: readonly SourceProductRow[], isLater: boolean): Promise<void> {
    // Of several products with the same id, the last one counts.
    const rows = new Map(some.map((row) => [row.externalId, row]))
    const differing = new Set(await this.#store.findChanged(this.#source, [...rows.values()]))
    await this.changed.add(
      [...rows.values()].filter((row) => differing.has(row) || this.externalIds.has(row.externalId))
    )
    for (const id of rows.keys()) {
      this.isShifting ||= isLater && this.externalIds.has(id)
      this.externalIds.add(id)
    }
  }
}
