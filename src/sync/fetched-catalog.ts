import { setImmediate } from 'node:timers/promises'
import type { SourceProductRow, SourceProductStore } from '../store/source-products.js'
import { BatchBuffer } from '../support/batch-buffer.js'
import { type DescribedProblem, describeProblem, FieldReports } from './field-reports.js'
import type { MappedBatch } from './mapped-records.js'
import { RepeatedPages } from './repeated-pages.js'
import { SourceCategories } from './source-categories.js'
import type { RecordSink } from './source-reader.js'

/** Products in quarantine whose reason is kept. Others are only counted. */
const REASONS_KEPT = 1000

/** Counts, quarantine reasons and field reports of one page. */
interface PageCounts {
  number: number
  records: number
  quarantined: number
  /** Whether it has a product of an earlier page. */
  hasEarlierProducts: boolean
  /** The external ids of its products in quarantine. */
  quarantinedIds: Set<string>
  /** The external ids of the products that the source has removed. */
  removedIds: string[]
  reasons: Map<string, DescribedProblem>
  reports: FieldReports
  /** The categories of the accepted products, by currency. */
  categories: Map<string, SourceCategories>
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
  /** Whether the last page was repeated. If many products were added in the meantime, its products may have moved by a whole page. */
  isEndRepeated = false
  /** The external ids of the products that the source has removed since the last reading, if it says so. */
  readonly removedIds = new Set<string>()
  /** The external ids of the products in quarantine on earlier pages. */
  readonly #quarantinedIds = new Set<string>()
  readonly #changed = new BatchBuffer<SourceProductRow>()
  readonly #categories = new Map<string, SourceCategories>()
  readonly #store: SourceProductStore
  readonly #source: number
  #currency: string | undefined
  #firstCurrency: string | undefined
  /** The currencies of the products that do not have the first one, by external id. Usually empty. */
  readonly #otherCurrencies = new Map<string, string>()
  #position = 0
  #page: PageCounts = startCounts(0)
  readonly #repeated = new RepeatedPages((id) => this.#isOnEarlierPage(id))

  /** @param currency The currency that products must have; undefined for the one that most products have. */
  constructor(store: SourceProductStore, source: number, currency: string | undefined) {
    this.#store = store
    this.#source = source
    this.#currency = currency
  }

  /** External ids of the accepted products. */
  get externalIds(): Pick<ReadonlySet<string>, 'has' | 'size'> {
    return this.#pages
  }

  /** Returns whether the source has a product that cannot be used, and no usable record of it. */
  readonly isQuarantined = (externalId: string): boolean =>
    this.#quarantinedIds.has(externalId) && !this.#pages.has(externalId)

  /** The currency of the accepted products; undefined before `settleCurrency`, and if there are no products. */
  get currency(): string | undefined {
    return this.#currency
  }

  /** Whether no product differs from the stored one. */
  get isUnchanged(): boolean {
    return this.#changed.isEmpty
  }

  /** The accepted products that differ from the stored ones. */
  async *changed(): AsyncGenerator<SourceProductRow[]> {
    const isAccepted = ({ externalId, fields }: SourceProductRow) =>
      fields.currency === this.#currency && this.#pages.has(externalId)
    for await (const rows of this.#changed) yield rows.filter(isAccepted)
  }

  /** The categories of the accepted products. */
  get categories(): SourceCategories {
    return this.#categories.get(this.#currency ?? '') ?? new SourceCategories()
  }

  startPage(number: number): void {
    this.#page = startCounts(number)
    this.#repeated.startPage()
  }

  async addBatch(batch: MappedBatch): Promise<void> {
    const { records, rows, quarantined, reports, removed = [] } = batch
    const page = this.#page
    this.#repeated.add(batch)
    for (const { id, position, problem } of quarantined) {
      if (id !== undefined) page.quarantinedIds.add(id)
      this.#quarantine(id ?? `at position ${this.#position + page.records + position}`, problem)
    }
    page.removedIds.push(...removed)
    page.reports.addAll(reports)
    page.records += records
    await this.#addRows(rows.filter((row) => this.#hasCurrency(row)))
    await setImmediate()
  }

  endPage(): { isRepeated: boolean } {
    if (this.#repeated.endPage()) {
      this.isEndRepeated = true
      return { isRepeated: true }
    }
    const { records, quarantined, quarantinedIds, removedIds, reasons, reports, categories } = this.#page
    if (this.#page.hasEarlierProducts) this.isShifting = true
    this.#position += records
    this.quarantined += quarantined
    for (const id of quarantinedIds) this.#quarantinedIds.add(id)
    for (const id of removedIds) this.removedIds.add(id)
    for (const [product, reason] of reasons) this.reasons.set(product, reason)
    this.reports.addAll(reports.counts)
    for (const [currency, added] of categories) categoriesOf(this.#categories, currency).addAll(added)
    return { isRepeated: false }
  }

  /**
   * Chooses the currency that most products have, and quarantines the other products: prices in two currencies could not be compared. Of
   * currencies with equally many products, the first by the alphabet counts. Called after the last page.
   */
  settleCurrency(): void {
    const first = this.#firstCurrency
    if (this.#currency !== undefined || first === undefined) return
    const counts = new Map([[first, this.#pages.size - this.#otherCurrencies.size]])
    for (const currency of this.#otherCurrencies.values()) counts.set(currency, (counts.get(currency) ?? 0) + 1)
    const [[chosen]] = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)) as [[string, number]]
    this.#currency = chosen
    if (counts.size === 1) return
    for (const id of this.#pages.keys()) {
      const currency = this.#otherCurrencies.get(id) ?? first
      if (currency === chosen) continue
      this.#pages.delete(id)
      this.#quarantinedIds.add(id)
      this.quarantined++
      if (this.reasons.size < REASONS_KEPT) this.reasons.set(id, describeCurrency(chosen, currency))
    }
  }

  /** Returns whether an earlier page has a product, usable or not. */
  #isOnEarlierPage(id: string): boolean {
    const page = this.#pages.get(id)
    return (page !== undefined && page !== this.#page.number) || this.#quarantinedIds.has(id)
  }

  /** Returns whether a product has the configured currency. */
  #hasCurrency({ externalId, fields: { currency } }: SourceProductRow): boolean {
    if (this.#currency === undefined || currency === this.#currency) return true
    this.#page.quarantinedIds.add(externalId)
    this.#quarantine(externalId, describeCurrency(this.#currency, currency))
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
    for (const row of rows.values()) this.#noteCurrency(row)
    const differing = new Set(await this.#store.findChanged(this.#source, [...rows.values()]))
    await this.#changed.add([...rows.values()].filter((row) => differing.has(row) || this.#pages.has(row.externalId)))
    for (const id of rows.keys()) {
      const page = this.#pages.get(id) ?? this.#page.number
      if (page !== this.#page.number) this.#page.hasEarlierProducts = true
      this.#pages.set(id, page)
    }
  }

  /** Notes the currency of a product, and its category under the currency. */
  #noteCurrency({ externalId, fields: { currency }, categoryPath }: SourceProductRow): void {
    this.#firstCurrency ??= currency
    if (currency === this.#firstCurrency) this.#otherCurrencies.delete(externalId)
    else this.#otherCurrencies.set(externalId, currency)
    if (categoryPath) categoriesOf(this.#page.categories, currency).add(categoryPath)
  }
}

const describeCurrency = (expected: string, value: string): DescribedProblem =>
  describeProblem({ pointer: '', problem: `must be in ${expected}`, value })

function categoriesOf(categories: Map<string, SourceCategories>, currency: string): SourceCategories {
  const known = categories.get(currency)
  if (known) return known
  const added = new SourceCategories()
  categories.set(currency, added)
  return added
}

const startCounts = (number: number): PageCounts => ({
  number,
  records: 0,
  quarantined: 0,
  hasEarlierProducts: false,
  quarantinedIds: new Set(),
  removedIds: [],
  reasons: new Map(),
  reports: new FieldReports(),
  categories: new Map()
})
