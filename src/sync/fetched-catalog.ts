import { setImmediate } from 'node:timers/promises'
import type { ProductStore, SourceProductRow } from '../store/products.js'
import { BatchBuffer } from '../support/batch-buffer.js'
import type { MappedBatch } from './mapped-records.js'
import { SourceError } from './source-error.js'
import type { RecordSink } from './source-reader.js'

/** Products in quarantine whose reason is kept. Others are only counted. */
const REASONS_KEPT = 1000

/** What one page has brought, apart from its products. */
interface PageCounts {
  number: number
  records: number
  quarantined: number
  /** Number of accepted products that no earlier page has. */
  newProducts: number
  reasons: Map<string, string>
}

/** The products that one reading of a source has brought so far. */
export class FetchedCatalog implements RecordSink {
  /** The page of each accepted product, by external id. */
  readonly #pages = new Map<string, number>()
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
  #page: PageCounts = startCounts(0)

  constructor(store: ProductStore, source: number) {
    this.#store = store
    this.#source = source
  }

  /** External ids of the accepted products. */
  get externalIds(): Pick<ReadonlySet<string>, 'has' | 'size'> {
    return this.#pages
  }

  startPage(number: number): void {
    this.#page = startCounts(number)
  }

  async addBatch({ records, rows, quarantined }: MappedBatch): Promise<void> {
    const page = this.#page
    for (const { id, position, reason } of quarantined) {
      if (this.reasons.size + page.reasons.size >= REASONS_KEPT) break
      page.reasons.set(id ?? `at position ${this.#position + page.records + position}`, reason)
    }
    page.quarantined += quarantined.length
    page.records += records
    await this.#addRows(rows)
    await setImmediate()
  }

  /** @throws {SourceError} if the source sent the same page again. */
  endPage(): void {
    const { records, quarantined, newProducts, reasons } = this.#page
    this.#position += records
    this.quarantined += quarantined
    for (const [product, reason] of reasons) this.reasons.set(product, reason)
    if (records > quarantined && newProducts === 0)
      throw new SourceError('invalid', { detail: 'the source sent the same page again' })
  }

  async #addRows(batch: readonly SourceProductRow[]): Promise<void> {
    // Of several products with the same id, the last one counts.
    const rows = new Map(batch.map((row) => [row.externalId, row]))
    const differing = new Set(await this.#store.findChanged(this.#source, [...rows.values()]))
    await this.changed.add([...rows.values()].filter((row) => differing.has(row) || this.#pages.has(row.externalId)))
    for (const id of rows.keys()) {
      const page = this.#pages.get(id) ?? this.#page.number
      if (page === this.#page.number) this.#page.newProducts++
      else this.isShifting = true
      this.#pages.set(id, page)
    }
  }
}

const startCounts = (number: number): PageCounts => ({
  number,
  records: 0,
  quarantined: 0,
  newProducts: 0,
  reasons: new Map()
})
