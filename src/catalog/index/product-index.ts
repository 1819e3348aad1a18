import { isAttributeFacet } from '../../products/attributes.js'
import type { CatalogVersion } from '../../products/catalog-version.js'
import { CategoryTree, type StoredCategories } from '../../products/category-tree.js'
import type { IndexedField, IndexedList, IndexedValue } from '../../products/indexed-values.js'
import type { Filters, Position, Query, SortOrder } from '../../products/query.js'
import { pickRows } from './bitmap.js'
import type { Column } from './column.js'
import { type Condition, toRowsCondition } from './condition.js'
import type { ListColumn } from './list-column.js'
import { Matches, ScratchBuffers } from './matches.js'
import { RANK_CODES_END, type RankedHits, rankRows, toRankCodes } from './ranked-hits.js'
import { isFieldOrder, SortedRows } from './sorted-rows.js'
import { countAtOrBefore, type SortKey, sortBy } from './sorting.js'

/** One page of matches, in order. */
export interface IndexPage {
  rows: Uint32Array
  /** The position of the last row, if there are more rows. */
  last: Pick<Position, 'values' | 'id'> | undefined
}

/** Approximate cost of sorting, in steps per product. */
const SORT_COST = 4
/** Approximate cost of the lookup of one product, in steps of a linear scan. */
const LOOKUP_COST = 16

/**
 * An index of all products at one revision, by the values to filter and sort by. It identifies a product by its row. Rows may be in any
 * order, but queries are faster if the products of a category have consecutive rows. The index is immutable, so that all steps of a
 * query see the same revision. The only exceptions are `textOffsets` and `textSizes`, which do not depend on the revision.
 */
export class ProductIndex {
  readonly epoch: string
  readonly revision: number
  readonly ids: Uint32Array
  /** The change that last touched each product. */
  readonly revisions: Uint32Array
  readonly columns: Readonly<Record<IndexedField, Column>>
  readonly lists: Readonly<Record<IndexedList, ListColumn>>
  readonly storedCategories: StoredCategories
  /** The offset of each product's summary in the text cache; 0 if it is not cached. */
  readonly textOffsets: Float64Array
  /** The size of each cached summary in bytes; 0 if it is not cached. */
  readonly textSizes: Uint32Array
  /** All rows, in the order of the ids. */
  readonly #byId: Uint32Array
  /** The last sort key of each order. */
  readonly #idKey: SortKey
  readonly #sortedRows: SortedRows
  readonly #buffers: ScratchBuffers
  /** Scratch buffer: the code of each hit in an order that depends on the query. Other rows contain codes of earlier queries. */
  readonly #hitCodes: Uint8Array
  #categories: CategoryTree | undefined

  constructor(
    { epoch, revision }: CatalogVersion,
    ids: Uint32Array,
    revisions: Uint32Array,
    { columns, lists }: Pick<ProductIndex, 'columns' | 'lists'>,
    storedCategories: StoredCategories,
    textOffsets: Float64Array,
    textSizes: Uint32Array
  ) {
    this.epoch = epoch
    this.revision = revision
    this.ids = ids
    this.revisions = revisions
    this.columns = columns
    this.lists = lists
    this.storedCategories = storedCategories
    this.textOffsets = textOffsets
    this.textSizes = textSizes
    const rows = ids.map((_, row) => row)
    this.#byId = sortBy(rows, [{ codes: ids, size: ids.reduce((a, b) => Math.max(a, b), 0) + 1, descending: false }])
    const positions = new Uint32Array(ids.length)
    for (let position = 0; position < ids.length; position++) positions[this.#byId[position] as number] = position
    this.#idKey = { codes: positions, size: ids.length, descending: false }
    this.#sortedRows = new SortedRows(columns, this.#byId, this.#idKey)
    this.#buffers = new ScratchBuffers(ids.length)
    this.#hitCodes = new Uint8Array(ids.length)
  }

  /** Number of products. */
  get size(): number {
    return this.ids.length
  }

  /** All categories, built on first use. Counts for it are in the order of the values of the column `category`. */
  get categories(): CategoryTree {
    this.#categories ??= new CategoryTree(this.columns.category.values as string[], this.storedCategories)
    return this.#categories
  }

  /** Returns the row of a product; -1 if there is no such product. */
  rowOf(id: number): number {
    return this.#byId[this.#positionOf(id)] ?? -1
  }

  /** Returns the rows of products, in the given order. Omits unknown ids. */
  rowsOf(ids: readonly number[]): Uint32Array {
    return Uint32Array.from(ids.map((id) => this.rowOf(id)).filter((row) => row >= 0))
  }

  /**
   * Sorts the values of the columns that a query needs, in small steps. If a column has many values, this takes a while for the first query
   * that needs it.
   * @returns Undefined if all columns are ready, so that most queries do not wait.
   */
  prepare({ order, filters, facets }: Pick<Query, 'order' | 'filters' | 'facets'>): Promise<unknown> | undefined {
    const { category, brand, tag, availability, attributes, minPrice, maxPrice, minRating, minDiscount, onSale } =
      filters
    const { columns, lists } = this
    const pending: Promise<void>[] = []
    const requireColumn = (column: Column | ListColumn) => {
      if (!column.isReady) pending.push(column.prepare())
    }
    for (const key of order) if (isFieldOrder(key)) requireColumn(columns[key.by])
    for (const facet of facets) {
      if (isAttributeFacet(facet)) requireColumn(lists.attribute)
      else requireColumn(facet === 'tag' ? lists.tag : columns[facet])
    }
    if (category.length > 0) requireColumn(columns.category)
    if (brand.length > 0) requireColumn(columns.brand)
    if (tag.length > 0) requireColumn(lists.tag)
    if (availability.length > 0) requireColumn(columns.availability)
    requireColumn(columns.status)
    if (attributes.length > 0) requireColumn(lists.attribute)
    if (minPrice !== undefined || maxPrice !== undefined) requireColumn(columns.price)
    if (minRating !== undefined) requireColumn(columns.rating)
    if (minDiscount !== undefined) requireColumn(columns.discount)
    if (onSale !== undefined) requireColumn(columns.onSale)
    return pending.length === 0 ? undefined : Promise.all(pending)
  }

  /**
   * Ranks the products that match a search.
   * @param lists Ascending ids of the products that match in any field, in the title or the labels, and in the title. Each list contains
   *   the next one.
   */
  rank([all, inLabels, inTitle]: readonly [Uint32Array, Uint32Array, Uint32Array]): RankedHits {
    return rankRows(
      [this.#rowsOfAscending(all), this.#rowsOfAscending(inLabels), this.#rowsOfAscending(inTitle)],
      this.#hitCodes
    )
  }

  /** Returns the rows of products by ascending ids, as `rowsOf` does. If there are many ids, a scan is faster than single lookups. */
  #rowsOfAscending(ids: Uint32Array): Uint32Array {
    if (ids.length * LOOKUP_COST < this.size) return this.rowsOf([...ids])
    const rows = new Uint32Array(ids.length)
    let count = 0
    let position = 0
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number
      while (position < this.size && (this.ids[this.#byId[position] as number] as number) < id) position++
      const row = this.#byId[position]
      if (row !== undefined && this.ids[row] === id) rows[count++] = row
    }
    return rows.subarray(0, count)
  }

  /** Finds the products that meet the filters and, if the query has words, are among the hits. */
  find(filters: Filters, hits: RankedHits | undefined): Matches {
    const conditions = this.#conditions(filters, hits).sort((a, b) => a.count - b.count)
    return new Matches(conditions, this.all(), this.#buffers)
  }

  /** All rows, in the order of the ids. */
  all(): Uint32Array {
    return this.#byId
  }

  /** The rows of the active products. Read-only, and valid until the next query. */
  active(): Uint32Array {
    const { values } = this.columns.status
    return values.every((status) => status === 'active')
      ? this.all()
      : new Matches([this.columns.status.whereIn(['active'])], this.all(), this.#buffers).rows
  }

  /** Returns whether products with one of the statuses are among the hits. */
  hasHits({ rows }: RankedHits, status: readonly string[]): boolean {
    const { codes } = this.columns.status
    const wanted = this.columns.status.codesOf(status)
    return rows.some((row) => wanted.includes(codes[row] as number))
  }

  /** Returns one page of the matches, in the order of the query. */
  page(
    matches: Matches,
    hits: RankedHits | undefined,
    { order, filters, after, offset, limit }: Omit<Query, 'words' | 'facets'>
  ): IndexPage {
    const keys = order.map((one) =>
      isFieldOrder(one) ? this.#sortedRows.toKey(one) : this.#queryKey(one, filters, hits)
    )
    keys.push(this.#idKey)
    const codes = after && [
      ...order.map((one, i) => {
        const value = after.values[i] as IndexedValue | null
        return isFieldOrder(one) ? this.columns[one.by].codeOf(value) : Number(value) + 1
      }),
      this.#positionOf(after.id)
    ]
    const candidates = order.every(isFieldOrder) ? this.#sortedRows.candidates(matches, order) : undefined
    // Expected number of candidates to check until the page is full.
    const steps = candidates && !candidates.isExact ? ((offset + limit) * candidates.count) / matches.count : 0
    let rows: Uint32Array
    if (!candidates || matches.count * SORT_COST < steps) {
      const sorted = sortBy(matches.rows, keys)
      const start = (codes ? countAtOrBefore(sorted, keys, codes) : 0) + offset
      rows = sorted.slice(start, start + limit + 1)
    } else {
      const sorted = candidates.sorted()
      const rest = codes ? sorted.subarray(countAtOrBefore(sorted, keys, codes)) : sorted
      rows = candidates.isExact
        ? rest.subarray(offset, offset + limit + 1)
        : pickRows(matches.bitmap, rest, offset, limit + 1)
    }
    if (rows.length <= limit) return { rows, last: undefined }
    const last = rows[limit - 1] as number
    const values = order.map((one, i) => {
      const code = keys[i]?.codes[last] as number
      return isFieldOrder(one) ? this.columns[one.by].valueOf(code) : code - 1
    })
    return { rows: rows.subarray(0, limit), last: { values, id: this.ids[last] as number } }
  }

  /** Returns the position of an id in ascending order. For an unknown id: the position of the next greater id, minus 0.5. */
  #positionOf(id: number): number {
    let low = 0
    let high = this.size
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.ids[this.#byId[middle] as number] as number) < id) low = middle + 1
      else high = middle
    }
    return this.ids[this.#byId[low] as number] === id ? low : low - 0.5
  }

  /** Returns the conditions of the filters and the search. */
  #conditions(filters: Filters, hits: RankedHits | undefined): Condition[] {
    const { ids, category, brand, tag, availability, status, attributes } = filters
    const { minPrice, maxPrice, minRating, minDiscount, onSale } = filters
    const { columns, lists } = this
    const conditions: Condition[] = []
    if (hits) conditions.push(toRowsCondition(hits.rows))
    if (ids.length > 0) conditions.push(toRowsCondition(this.rowsOf(ids)))
    if (category.length > 0) conditions.push(columns.category.whereIn(this.categories.withDescendants(category)))
    if (brand.length > 0) conditions.push(columns.brand.whereIn(brand))
    if (tag.length > 0) conditions.push(lists.tag.whereIn(tag))
    if (availability.length > 0) conditions.push(columns.availability.whereIn(availability))
    // In most catalogs, all products are active.
    if (!columns.status.values.every((value) => status.includes(String(value))))
      conditions.push(columns.status.whereIn(status))
    for (const { keys } of attributes) conditions.push(lists.attribute.whereIn(keys))
    if (minPrice !== undefined || maxPrice !== undefined)
      conditions.push(columns.price.whereBetween(minPrice, maxPrice))
    if (minRating !== undefined) conditions.push(columns.rating.whereBetween(minRating, undefined))
    if (minDiscount !== undefined) conditions.push(columns.discount.whereBetween(minDiscount, undefined))
    if (onSale !== undefined) conditions.push(columns.onSale.whereIn([onSale ? 1 : 0]))
    return conditions
  }

  /** Returns the key to sort by relevance, or by the order of the requested ids. Codes start at 1. */
  #queryKey({ by, descending }: SortOrder, { ids }: Filters, hits: RankedHits | undefined): SortKey {
    if (by === 'asked') {
      const codes = this.#hitCodes
      for (const [position, id] of ids.entries()) {
        const row = this.rowOf(id)
        if (row >= 0) codes[row] = position + 1
      }
      return { codes, size: ids.length + 1, descending }
    }
    // By default the highest rank comes first.
    const codes = toRankCodes(hits as RankedHits, this.#hitCodes)
    return { codes, size: RANK_CODES_END, descending: !descending }
  }
}
