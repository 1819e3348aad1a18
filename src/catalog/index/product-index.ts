import { LRUCache } from 'lru-cache'
import type { Field } from '../../products/indexed-values.js'
import type { CatalogVersion } from '../../store/database.js'
import type { Filters, Order, Position, Query } from '../query.js'
import { pickRows } from './bitmap.js'
import type { Column, Value } from './column.js'
import { amongRows, type Condition } from './condition.js'
import type { ListColumn } from './list-column.js'
import { Found, Room } from './matches.js'
import { countUpTo, type Key, sortBy } from './sorting.js'

/** The products that have all words, and how well each answers to them. */
export interface Hits {
  /** The best ones, of rank 2, last. */
  rows: Uint32Array
  /** How many are of rank 2 and of rank 1. */
  best: number
  good: number
}

/** One thing that products are sorted by whatever is asked. */
interface OrderOfProducts extends Order {
  by: Exclude<Order['by'], 'asked' | 'relevance'>
}

/** Products in an order that is remembered. */
interface Sorted {
  count: number
  /** Whether all of them were found. */
  isExact: boolean
  sorted(): Uint32Array
}

/** A part of what was found, in order. */
export interface Part {
  rows: Uint32Array
  /** Where the next part begins, where there is one. */
  last: Pick<Position, 'values' | 'id'> | undefined
}

/** Orders are remembered of as many products as if this many were of the whole catalog. */
const ORDERS_KEPT = 20
/** How often a product is touched when it is sorted, roughly. */
const SORTING = 4
/** A category is few products if they are this many times in what would be gone through otherwise. */
const FEW = 4
/** How many steps of a walk cost as much as to look up one product. */
const LOOK_UP = 16
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
  readonly columns: Readonly<Record<Field, Column>>
  readonly tags: ListColumn
  /** Where the text of each product is kept, and how many bytes it has; 0 and 0 where it is not known yet. */
  readonly textAt: Float64Array
  readonly textLength: Uint32Array
  readonly #byId: Uint32Array
  /** What everything is sorted by in the end. */
  readonly #idKey: Key
  readonly #orders: LRUCache<string, Uint32Array>
  readonly #room: Room
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
    this.#room = new Room(ids.length)
    this.#places = new Uint8Array(ids.length)
  }

  /** How many products there are. */
  get size(): number {
    return this.ids.length
  }

  /** The row of a product; -1 where there is none. */
  rowOf(id: number): number {
    return this.#byId[this.#placeOf(id)] ?? -1
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
    for (const one of order) if (isOfProducts(one)) need(columns[one.by])
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
  rank([all, good, best]: readonly [Uint32Array, Uint32Array, Uint32Array]): Hits {
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
    return { rows: ranked, best: bestRows.length, good: goodRows.length - bestRows.length }
  }

  /** The rows of those of the products that there are. If they are many, to walk both lists is quicker than to look up each. */
  #rowsOfAscending(ids: Uint32Array): Uint32Array {
    if (ids.length * LOOK_UP < this.size) return this.rowsOf([...ids])
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
  find(filters: Filters, hits: Hits | undefined): Found {
    const conditions = this.#conditions(filters, hits).sort((a, b) => a.count - b.count)
    return new Found(conditions, this.all(), this.#room)
  }

  /** All rows, in the order of the ids. */
  all(): Uint32Array {
    return this.#byId
  }

  /** A page of what was found, in order. */
  part(
    found: Found,
    hits: Hits | undefined,
    { order, filters, after, offset, limit }: Omit<Query, 'words' | 'facets'>
  ): Part {
    const keys = order.map((one) => (isOfProducts(one) ? this.#key(one) : this.#keyOfQuery(one, filters, hits)))
    keys.push(this.#idKey)
    const codes = after && [
      ...order.map((one, i) => {
        const value = after.values[i] as Value
        return isOfProducts(one) ? this.columns[one.by].codeOf(value) : Number(value) + 1
      }),
      this.#placeOf(after.id)
    ]
    const among = order.every(isOfProducts) ? this.#among(found, order) : undefined
    // How many of those would have to be tested to find as many as are wanted.
    const steps = among && !among.isExact ? ((offset + limit) * among.count) / found.count : 0
    let rows: Uint32Array
    if (!among || found.count * SORTING < steps) {
      const sorted = sortBy(found.rows, keys)
      const start = (codes ? countUpTo(sorted, keys, codes) : 0) + offset
      rows = sorted.slice(start, start + limit + 1)
    } else {
      const sorted = among.sorted()
      const rest = codes ? sorted.subarray(countUpTo(sorted, keys, codes)) : sorted
      rows = among.isExact ? rest.subarray(offset, offset + limit + 1) : pickRows(found.bitmap, rest, offset, limit + 1)
    }
    if (rows.length <= limit) return { rows, last: undefined }
    const last = rows[limit - 1] as number
    const values = order.map((one, i) => {
      const code = keys[i]?.codes[last] as number
      return isOfProducts(one) ? (this.columns[one.by].values[code] as Value) : code - 1
    })
    return { rows: rows.subarray(0, limit), last: { values, id: this.ids[last] as number } }
  }

  /** The place of a product in the order of the ids; where there is none, half of one less than that of the next. */
  #placeOf(id: number): number {
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
  #among({ conditions }: Found, order: readonly OrderOfProducts[]): Sorted {
    const isExact = conditions.length === 1
    const inOneStretch = (field: Field) =>
      conditions.find(({ stretch }) => stretch && this.columns[field].holds(stretch))
    const [first] = order
    // What is filtered by the field that it is sorted by is all in one place.
    const stretch = first && inOneStretch(first.by)?.stretch
    const count = stretch ? stretch.to - stretch.from : this.size
    const category = inOneStretch('category')
    if (category && category.count * FEW < count) {
      return { count: category.count, isExact, sorted: () => this.#sorted(order, category) }
    }
    if (!stretch) return { count, isExact: conditions.length === 0, sorted: () => this.#sorted(order) }
    const [from, to] = first?.descending
      ? [this.size - stretch.to, this.size - stretch.from]
      : [stretch.from, stretch.to]
    return { count, isExact, sorted: () => this.#sorted(order).subarray(from, to) }
  }

  #conditions(filters: Filters, hits: Hits | undefined): Condition[] {
    const { ids, category, brand, tag, availability, minPrice, maxPrice, minRating, minDiscount } = filters
    const { columns } = this
    const conditions: Condition[] = []
    if (hits) conditions.push(amongRows(hits.rows))
    if (ids.length > 0) conditions.push(amongRows(this.rowsOf(ids)))
    if (category.length > 0) conditions.push(columns.category.among(category))
    if (brand.length > 0) conditions.push(columns.brand.among(brand))
    if (tag.length > 0) conditions.push(this.tags.among(tag))
    if (availability.length > 0) conditions.push(columns.availability.among(availability))
    if (minPrice !== undefined || maxPrice !== undefined) conditions.push(columns.price.between(minPrice, maxPrice))
    if (minRating !== undefined) conditions.push(columns.rating.between(minRating, undefined))
    if (minDiscount !== undefined) conditions.push(columns.discount.between(minDiscount, undefined))
    return conditions
  }

  #key({ by, descending }: OrderOfProducts): Key {
    const { codes, values } = this.columns[by]
    return { codes, size: values.length + 1, descending }
  }

  #keyOfQuery({ by, descending }: Order, { ids }: Filters, hits: Hits | undefined): Key {
    if (by === 'asked') {
      const codes = this.#places
      for (const [place, id] of ids.entries()) {
        const row = this.rowOf(id)
        if (row >= 0) codes[row] = place + 1
      }
      return { codes, size: ids.length + 1, descending }
    }
    // The best first, which is the highest rank.
    return { codes: this.#ranks(hits as Hits), size: RANKS + 1, descending: !descending }
  }

  /** Of each hit, one more than its rank. */
  #ranks({ rows, best, good }: Hits): Uint8Array {
    const ranks = this.#places
    for (let i = 0; i < rows.length; i++) {
      ranks[rows[i] as number] = i >= rows.length - best ? 3 : i >= rows.length - best - good ? 2 : 1
    }
    return ranks
  }

  /** All products in an order, or those of a category. */
  #sorted(order: readonly OrderOfProducts[], category?: Condition): Uint32Array {
    const name = JSON.stringify([order, category?.stretch?.from])
    const known = this.#orders.get(name)
    if (known) return known
    const keys = order.map((one) => this.#key(one))
    const sorted = sortBy(category?.rows ?? this.all(), [...keys, this.#idKey])
    this.#orders.set(name, sorted)
    return sorted
  }
}

/** Whether products are sorted by what they have of themselves. Codes of anything else are one more than its values. */
const isOfProducts = (one: Order): one is OrderOfProducts => one.by !== 'asked' && one.by !== 'relevance'
