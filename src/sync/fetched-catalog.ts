import { setImmediate } from 'node:timers/promises'
import type { SourceProductRow, SourceProductStore } from '../store/source-products.js'
import { BatchBuffer } from '../support/batch-buffer.js'
import { type DescribedProblem, describeProblem, FieldReports } from './field-reports.js'
import type { MappedBatch } from './mapped-records.js'
import { SourceCategories } from './source-categories.js'
import { SourceError } from './source-error.js'
import type { RecordSink } from './source-reader.js'

/** Products in quarantine whose reason is kept. Others are only counted. */
const REASONS_KEPT = 1000

/** Counts, quarantine reasons and field reports of one page. */
interface PageCounts {
  number: number
  records: number
  quarantined: number
  /** Number of accepted products that no earlier page has. */
  newProducts: number
  reasons: Map<string, DescribedProblem>
  reports: FieldReports
  categories: SourceCategories
  /** The currency of its products, if no earlier page has products. */
  currency: string | undefined
}

/** The products that one reading of a source has brought so far. */
export class FetchedCatalog implements RecordSink {
  /** The page of each accepted product, by external id. */
  readonly #pages = new Map<string, number>()
  /** Number of products in quarantine. */
  quarantined = 0
  /** Reasons of the first products in quarantine, by id or position. */
  readonly reasons = new Map<string, DescribedProblem>()
  /** The repaired and dropped fields of the accepted products. */
  readonly reports = new FieldReports()
  /** Whether a product appeared on two pages. Other products may then have moved to a page that was already read. */
  isShifting = false
  /** Products that differ from the stored ones. */
  readonly changed = new BatchBuffer<SourceProductRow>()
  /** The categories of the accepted products. */
  readonly categories = new SourceCategories()
  readonly #store: SourceProductStore
  readonly #source: number
  #currency: string | undefined
  #position = 0
  #page: PageCounts = startCounts(0)

  /** @param currency The currency that products must have; undefined if that of the first product decides. */
  constructor(store: SourceProductStore, source: number, currency: string | undefined) {
    this.#store = store
    this.#source = source
    this.#currency = currency
  }

  /** External ids of the accepted products. */
  get externalIds(): Pick<ReadonlySet<string>, 'has' | 'size'> {
    return this.#pages
  }

  /** The currency of the accepted products; undefined if there are none. */
  get currency(): string | undefined {
    return this.#currency
  }

  startPage(number: number): void {
    this.#page = startCounts(number)
  }

  async addBatch({ records, rows, quarantined, reports }: MappedBatch): Promise<void> {
    const page = this.#page
    for (const { id, position, problem } of quarantined)
      this.#quarantine(id ?? `at position ${this.#position + page.records + position}`, problem)
    page.reports.addAll(reports)
    page.records += records
    await this.#addRows(rows.filter((row) => this.#hasCurrency(row)))
    await setImmediate()
  }

  /** @throws {SourceError} if the source sent the same page again. */
  endPage(): void {
    const { records, quarantined, newProducts, reasons, reports, categories, currency } = this.#page
    this.#position += records
    this.quarantined += quarantined
    for (const [product, reason] of reasons) this.reasons.set(product, reason)
    this.reports.addAll(reports.counts)
    this.categories.addAll(categories)
    this.#currency ??= currency
    if (records > quarantined && newProducts === 0)
      throw new SourceError('invalid', { detail: 'the source sent the same page again' })
  }

  /** Returns whether a product has the currency of the others. Prices in two currencies could not be compared. */
  #hasCurrency({ externalId, fields: { currency: value } }: SourceProductRow): boolean {
    this.#page.currency ??= this.#currency ?? value
    const { currency } = this.#page
    if (value === currency) return true
    this.#quarantine(externalId, describeProblem({ pointer: '', problem: `must be in ${currency}`, value }))
    return false
  }

  #quarantine(product: string, problem: DescribedProblem): void {
    const { reasons } = this.#page
    this.#page.quarantined++
    if (this.reasons.size + reasons.size < REASONS_KEPT) reasons.set(product, problem)
  }

  async #addRows(batch: readonly SourceProductRow[]): Promise<void> {
    // Of several products with the same id, the last one counts.
    const rows = new Map(batch.map((row) => [row.externalId, row]))
    for (const { categoryPath } of rows.values()) if (categoryPath) this.#page.categories.add(categoryPath)
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
  reasons: new Map(),
  reports: new FieldReports(),
  categories: new SourceCategories(),
  currency: undefined
})
