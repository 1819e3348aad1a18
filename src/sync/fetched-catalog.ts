import { setImmediate } from 'node:timers/promises'
import type { ProductStore, SourceProductRow } from '../store/products.js'
import { BatchBuffer } from '../support/batch-buffer.js'
import type { MappedPage } from './page.js'
import { SourceError } from './source-error.js'

/** Products in quarantine whose reason is kept. Others are only counted. */
const REASONS_KEPT = 1000

/** The products that one fetch of a source has brought so far. */
export class FetchedCatalog {
  /** External ids of the accepted products. */
  readonly externalIds = new Set<string>()
  /** Number of products in quarantine. */
  quarantined = 0
  /** Reasons of the first products in quarantine, by id or position. */
  readonly reasons = new Map<string, string>()
  /** Whether a product appeared on two pages. Other products may then have moved to a page that was already read. */
  isShifting = false
  /** Products that differ from the stored ones. */
  readonly changed = new BatchBuffer<SourceProductRow>()
  readonly #store: ProductStore
  readonly #source: number
  #position = 0

  constructor(store: ProductStore, source: number) {
    this.#store = store
    this.#source = source
  }

  /**
   * Adds the products of a page.
   * @throws {SourceError} if the source sends the same page again.
   */
  async addPage({ products, rows, refused, reasons }: MappedPage): Promise<void> {
    const before = this.externalIds.size
    for (const { id, position, reason } of reasons) {
      if (this.reasons.size === REASONS_KEPT) break
      this.reasons.set(id === undefined ? `at position ${this.#position + position}` : String(id), reason)
    }
    this.quarantined += refused
    this.#position += products
    for (const batch of rows) {
      await this.#addBatch(batch, before > 0)
      await setImmediate()
    }
    if (products > refused && this.externalIds.size === before) {
      throw new SourceError('invalid', { detail: 'the source sent the same page again' })
    }
  }

  async #addBatch(batch: readonly SourceProductRow[], isLaterPage: boolean): Promise<void> {
    // Of several products with the same id, the last one counts.
    const rows = new Map(batch.map((row) => [row.externalId, row]))
    const differing = new Set(await this.#store.findChanged(this.#source, [...rows.values()]))
    await this.changed.add(
      [...rows.values()].filter((row) => differing.has(row) || this.externalIds.has(row.externalId))
    )
    for (const id of rows.keys()) {
      this.isShifting ||= isLaterPage && this.externalIds.has(id)
      this.externalIds.add(id)
    }
  }
}
