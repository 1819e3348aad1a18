import { LRUCache } from 'lru-cache'
import type { CatalogVersion } from '../../products/catalog-version.js'
import type { IndexedField, IndexedValue } from '../../products/indexed-values.js'
import type { Filters, Position, Query, SortOrder } from '../../products/query.js'
import { pickRows } from './bitmap.js'
import type { Column } from './column.js'
import { type Condition, toRowsCondition } from './condition.js'
import type { ListColumn } from './list-column.js'
import { Matches, ScratchBuffers } from './matches.js'
import { countAtOrBefore, type SortKey, sortBy } from './sorting.js'

/** The products that have all words, and how well each answers to them. */
export interface RankedHits {
  /** The best ones, of rank 2, last. */
  rows: Uint32Array
  /** How many are of rank 2 and of rank 1. */
  titleMatches: number
  labelMatches: number
}

/** One thing that products are sorted by whatever is asked. */
interface FieldOrder extends SortOrder {
  by: Exclude<SortOrder['by'], 'asked' | 'relevance'>
}

/** Products in an order that is remembered. */
interface SortedCandidates {
  count: number
  /** Whether all of them were found. */
  isExact: boolean
  sorted(): Uint32Array
}

/** A part of what was found, in order. */
export interface IndexPage {
  rows: Uint32Array
  /** Where the next part begins, where there is one. */
  last: Pick<Position, 'values' | 'id'> | undefined
}

/** Orders are remembered of as many products as if this many were of the whole catalog. */
const ORDERS_KEPT = 20
/** How often a product is touched when it is sorted, roughly. */
const SORT_COST = 4
/** A category is few products if they are this many times in what would be gone through otherwise. */
const CATEGORY_GAIN = 4
/** How many steps of a walk cost as much as to look up one product. */
const LOOKUP_COST = 16
/** Ranks are 0, 1 and 2. */
const RANKS = 3

/**
 * What products are filtered and sorted by, of all of them, at one revision. Products are named by their rows: any order of
 * these will do, but those of a category are looked at sooner if they are next to each other. It never changes, so that
 * whoever has begun to ask goes on asking of the same moment; but for where the texts are, which are the same at all times.
 */
export class ProductIndex {
  readonly epoch: string
  readonly revision: number
  readonly ids: Uint32Array
  /** The change that last touched each product. */
  readonly revisions: Uint32Array
  readonly columns: Readonly<Record<IndexedField, Column>>
  readonly tags: ListColumn
  /** Where the text of each product is kept, and how many bytes it has; 0 and 0 where it is not known yet. */
  readonly textAt: Float64Array
  readonly textLength: Uint32Array
  readonly #byId: Uint32Array
  /** What everything is sorted by in the end. */
  readonly #idKey: SortKey
  readonly #orders: LRUCache<string, Uint32Array>
  readonly #buffers: ScratchBuffers
  /** Where those that were looked for are in an order of the query. What it says of others was true of another query. */
  readonly #places: Uint8Array

  constructor(
    { epoch, revision }: CatalogVersion,
    ids: Uint32Array,
    revisions: Uint32Array,
    { columns, tags }: Pick<ProductIndex, 'columns' | 'tags'>,
    textAt: Float64Array,
    textLength: Uint32Array
  ) {
    this.epoch = epoch
    this.revision = revision
    this.ids = ids
    this.revisions = revisions
    this.columns = columns
    this.tags = tags
    this.textAt = textAt
    this.textLength = textLength
    const rows = ids.map((_, row) => row)
    this.#byId = sortBy(rows, [{ codes: ids, size: ids.reduce((a, b) => Math.max(a, b), 0) + 1, descending: false }])
    const places = new Uint32Array(ids.length)
    for (let place = 0; place < ids.length; place++) places[this.#byId[place] as number] = place
    this.#idKey = { codes: places, size: ids.length, descending: false }
    this.#orders = new LRUCache({
      maxSize: ORDERS_KEPT * ids.length + 1,
      sizeCalculation: ({ length }) => length + 1
    })
    this.#buffers = new ScratchBuffers(ids.length)
    this.#places = new Uint8Array(ids.length)
  }

  /** How many products there are. */
  get size(): number {
    return this.ids.length
  }

  /** The row of a product; -1 where there is none. */
  rowOf(id: number): number {
    return this.#byId[this.#positionOf(id)] ?? -1
  }

  /** The rows of those of the products that there are, in the order given. */
  rowsOf(ids: readonly number[]): Uint32Array {
    return Uint32Array.from(ids.map((id) => this.rowOf(id)).filter((row) => row >= 0))
  }

  /**
   * Sorts the values of the columns that a query needs, in small steps. It takes a while for the first query after a start that
   * needs a column of many values.
   * @returns undefined if there is nothing to do, so that most queries need not wait for anything.
   */
  prepare({ order, filters, facets }: Pick<Query, 'order' | 'filters' | 'facets'>): Promise<unknown> | undefined {
    const { category, brand, tag, availability, minPrice, maxPrice, minRating, minDiscount } = filters
    const { columns, tags } = this
    const waiting: Promise<void>[] = []
    const need = (column: Column | ListColumn) => {
      if (!column.isReady) waiting.push(column.prepare())
    }
    for (const one of order) if (isFieldOrder(one)) need(columns[one.by])
    for (const facet of facets) need(facet === 'tag' ? tags : columns[facet])
    if (category.length > 0) need(columns.category)
    if (brand.length > 0) need(columns.brand)
    if (tag.length > 0) need(tags)
    if (availability.length > 0) need(columns.availability)
    if (minPrice !== undefined || maxPrice !== undefined) need(columns.price)
    if (minRating !== undefined) need(columns.rating)
    if (minDiscount !== undefined) need(columns.discount)
    return waiting.length === 0 ? undefined : Promise.all(waiting)
  }

  /**
   * Ranks products by how well they match a search.
   * @param lists Ids, ascending: of all that match, of those among them that match better, and so on. Each list is part of the
   * one before.
   */
  rank([all, good, best]: readonly [Uint32Array, Uint32Array, Uint32Array]): RankedHits {
    const rows = this.#rowsOfAscending(all)
    const ranks = this.#places
    for (const row of rows) ranks[row] = 0
    const goodRows = this.#rowsOfAscending(good)
    for (const row of goodRows) ranks[row] = 1
    const bestRows = this.#rowsOfAscending(best)
    for (const row of bestRows) ranks[row] = 2
    const ranked = new Uint32Array(rows.length)
    let last = 0
    for (let rank = 0; rank < RANKS; rank++) {
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i] as number
        if (ranks[row] === rank) ranked[last++] = row
      }
    }
    return { rows: ranked, titleMatches: bestRows.length, labelMatches: goodRows.length - bestRows.length }
  }

  /** The rows of those of the products that there are. If they are many, to walk both lists is quicker than to look up each. */
  #rowsOfAscending(ids: Uint32Array): Uint32Array {
    if (ids.length * LOOKUP_COST < this.size) return this.rowsOf([...ids])
    const rows = new Uint32Array(ids.length)
    let count = 0
    let place = 0
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number
      while (place < this.size && (this.ids[this.#byId[place] as number] as number) < id) place++
      const row = this.#byId[place]
      if (row !== undefined && this.ids[row] === id) rows[count++] = row
    }
    return rows.subarray(0, count)
  }

  /** The products that satisfy the filters and are among the hits, where there are any words. */
  find(filters: Filters, hits: RankedHits | undefined): Matches {
    const conditions = this.#conditions(filters, hits).sort((a, b) => a.count - b.count)
    return new Matches(conditions, this.all(), this.#buffers)
  }

  /** All rows, in the order of the ids. */
  all(): Uint32Array {
    return this.#byId
  }

  /** A page of what was found, in order. */
  page(
    found: Matches,
    hits: RankedHits | undefined,
    { order, filters, after, offset, limit }: Omit<Query, 'words' | 'facets'>
  ): IndexPage {
    const keys = order.map((one) => (isFieldOrder(one) ? this.#key(one) : this.#queryKey(one, filters, hits)))
    keys.push(this.#idKey)
    const codes = after && [
      ...order.map((one, i) => {
        const value = after.values[i] as IndexedValue
        return isFieldOrder(one) ? this.columns[one.by].codeOf(value) : Number(value) + 1
      }),
      this.#positionOf(after.id)
    ]
    const sortedCandidates = order.every(isFieldOrder) ? this.#among(found, order) : undefined
    // How many of those would have to be tested to find as many as are wanted.
    const steps =
      sortedCandidates && !sortedCandidates.isExact ? ((offset + limit) * sortedCandidates.count) / found.count : 0
    let rows: Uint32Array
    if (!sortedCandidates || found.count * SORT_COST < steps) {
      const sortedRows = sortBy(found.rows, keys)
      const start = (codes ? countAtOrBefore(sortedRows, keys, codes) : 0) + offset
      rows = sortedRows.slice(start, start + limit + 1)
    } else {
      const sorted = sortedCandidates.sorted()
      const rest = codes ? sorted.subarray(countAtOrBefore(sorted, keys, codes)) : sorted
      rows = sortedCandidates.isExact
        ? rest.subarray(offset, offset + limit + 1)
        : pickRows(found.bitmap, rest, offset, limit + 1)
    }
    if (rows.length <= limit) return { rows, last: undefined }
    const last = rows[limit - 1] as number
    const values = order.map((one, i) => {
      const code = keys[i]?.codes[last] as number
      return isFieldOrder(one) ? (this.columns[one.by].values[code] as IndexedValue) : code - 1
    })
    return { rows: rows.subarray(0, limit), last: { values, id: this.ids[last] as number } }
  }

  /** The place of a product in the order of the ids; where there is none, half of one less than that of the next. */
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

  /**
   * Products whose order is remembered, among which are all that were found: as few as there are.
   * @returns How many there are, whether they are those that were found, and, if asked, what they are.
   */
  #among({ conditions }: Matches, order: readonly FieldOrder[]): SortedCandidates {
    const isExact = conditions.length === 1
    const inOneStretch = (field: IndexedField) =>
      conditions.find(({ sortedRange: stretch }) => stretch && this.columns[field].ownsRange(stretch))
    const [first] = order
    // What is filtered by the field that it is sorted by is all in one place.
    const stretch = first && inOneStretch(first.by)?.sortedRange
    const count = stretch ? stretch.to - stretch.from : this.size
    const category = inOneStretch('category')
    if (category && category.count * CATEGORY_GAIN < count) {
      return { count: category.count, isExact, sorted: () => this.#sorted(order, category) }
    }
    if (!stretch) return { count, isExact: conditions.length === 0, sorted: () => this.#sorted(order) }
    const [from, to] = first?.descending
      ? [this.size - stretch.to, this.size - stretch.from]
      : [stretch.from, stretch.to]
    return { count, isExact, sorted: () => this.#sorted(order).subarray(from, to) }
  }

  #conditions(filters: Filters, hits: RankedHits | undefined): Condition[] {
    const { ids, category, brand, tag, availability, minPrice, maxPrice, minRating, minDiscount } = filters
    const { columns } = this
    const conditions: Condition[] = []
    if (hits) conditions.push(toRowsCondition(hits.rows))
    if (ids.length > 0) conditions.push(toRowsCondition(this.rowsOf(ids)))
    if (category.length > 0) conditions.push(columns.category.whereIn(category))
    if (brand.length > 0) conditions.push(columns.brand.whereIn(brand))
    if (tag.length > 0) conditions.push(this.tags.whereIn(tag))
    if (availability.length > 0) conditions.push(columns.availability.whereIn(availability))
    if (minPrice !== undefined || maxPrice !== undefined)
      conditions.push(columns.price.whereBetween(minPrice, maxPrice))
    if (minRating !== undefined) conditions.push(columns.rating.whereBetween(minRating, undefined))
    if (minDiscount !== undefined) conditions.push(columns.discount.whereBetween(minDiscount, undefined))
    return conditions
  }

  #key({ by, descending }: FieldOrder): SortKey {
    const { codes, values } = this.columns[by]
    return { codes, size: values.length + 1, descending }
  }

  #queryKey({ by, descending }: SortOrder, { ids }: Filters, hits: RankedHits | undefined): SortKey {
    if (by === 'asked') {
      const codes = this.#places
      for (const [place, id] of ids.entries()) {
        const row = this.rowOf(id)
        if (row >= 0) codes[row] = place + 1
      }
      return { codes, size: ids.length + 1, descending }
    }
    // The best first, which is the highest rank.
    return { codes: this.#ranks(hits as RankedHits), size: RANKS + 1, descending: !descending }
  }

  /** Of each hit, one more than its rank. */
  #ranks({ rows, titleMatches: best, labelMatches: good }: RankedHits): Uint8Array {
    const ranks = this.#places
    for (let i = 0; i < rows.length; i++) {
      ranks[rows[i] as number] = i >= rows.length - best ? 3 : i >= rows.length - best - good ? 2 : 1
    }
    return ranks
  }

  /** All products in an order, or those of a category. */
  #sorted(order: readonly FieldOrder[], category?: Condition): Uint32Array {
    const name = JSON.stringify([order, category?.sortedRange?.from])
    const known = this.#orders.get(name)
    if (known) return known
    const keys = order.map((one) => this.#key(one))
    const sorted = sortBy(category?.rows ?? this.all(), [...keys, this.#idKey])
    this.#orders.set(name, sorted)
    return sorted
  }
}

/** Whether products are sorted by what they have of themselves. Codes of anything else are one more than its values. */
const isFieldOrder = (one: SortOrder): one is FieldOrder => one.by !== 'asked' && one.by !== 'relevance'
