import { setImmediate } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Column, Value } from './column.js'
import { amongRows, type Condition, Marks, type Stretch } from './condition.js'
import { type Facts, FIELDS, type Field } from './facts.js'
import type { ListColumn } from './list-column.js'
import type { Filters, Order, Position, Query } from './query.js'
import { countUpTo, type Key, sortBy } from './sorting.js'

/** A product as the index takes it in. */
export type IndexEntry = [id: number, revision: number, facts: Facts]

/** What became of products since a revision. */
export interface IndexChanges {
  revision: number
  /** Those that are new or differ. */
  entries: readonly IndexEntry[]
  /** The ids of those that are gone. */
  gone: readonly number[]
}

/** The products that have all words, and how well each answers to them. */
export interface Hits {
  /** The best ones, of rank 2, last. */
  rows: Uint32Array
  /** How many are of rank 2 and of rank 1. */
  best: number
  good: number
}

/** The products that satisfy all of some conditions. */
export interface Found {
  /** In no order. They hold until the next time that something is looked for, and are not to be written to. */
  rows: Uint32Array
  /** The one that the fewest satisfy comes first. */
  conditions: readonly Condition[]
}

/** One thing that products are sorted by whatever is asked. */
interface OrderOfProducts extends Order {
  by: Exclude<Order['by'], 'asked' | 'relevance'>
}

/** A part of what was found, in order. */
export interface Part {
  rows: Uint32Array
  /** Where the next part begins, where there is one. */
  last: Pick<Position, 'values' | 'id'> | undefined
}

/** Orders of the whole catalog that are remembered. */
const ORDERS_KEPT = 16
/** How often a product is touched when it is sorted, roughly. */
const SORTING = 4
/** How many products are tested at once, so that what is known of them is still at hand for the next condition. */
const CHUNK = 2048
/** More than any rank, and one. */
const RANKS = 4

/**
 * What products are filtered and sorted by, of all of them, at one revision. Products are named by their rows: any order of
 * these will do, but those of a category are looked at sooner if they are next to each other. It never changes, so that
 * whoever has begun to ask goes on asking of the same moment; but for where the texts are, which are the same at all times.
 */
export class ProductIndex {
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
  readonly #orders = new LRUCache<string, Uint32Array>({ max: ORDERS_KEPT })
  /** Room for what is looked at, as large arrays take long to get. */
  readonly #kept: Uint32Array
  /** Where those that were looked for are in an order of the query. What it says of others was true of another query. */
  readonly #places: Uint8Array
  readonly #picked = new Uint32Array(CHUNK)
  readonly #marks: Marks

  constructor(
    revision: number,
    ids: Uint32Array,
    revisions: Uint32Array,
    { columns, tags }: Pick<ProductIndex, 'columns' | 'tags'>,
    textAt: Float64Array,
    textLength: Uint32Array
  ) {
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
    this.#kept = new Uint32Array(ids.length)
    this.#places = new Uint8Array(ids.length)
    this.#marks = new Marks(ids.length)
  }

  /** The index after changes. It takes 20 ms for 100,000 products, whether one has changed or a thousand. */
  async after({ revision, entries, gone }: IndexChanges): Promise<ProductIndex> {
    const isGone = new Set(gone)
    const changed = new Map(entries.map((entry) => [entry[0], entry]))
    const most = this.size + entries.length
    const ids = new Uint32Array(most)
    const revisions = new Uint32Array(most)
    const from = new Int32Array(most)
    const fresh: IndexEntry[] = []
    let size = 0
    const add = (id: number, revision: number, before: number) => {
      ids[size] = id
      revisions[size] = revision
      from[size++] = before
    }
    const addFresh = (entry: IndexEntry) => {
      fresh.push(entry)
      add(entry[0], entry[1], -1)
    }
    for (let row = 0; row < this.size; row++) {
      const id = this.ids[row] as number
      const entry = changed.get(id)
      if (entry) {
        addFresh(entry)
        changed.delete(id)
      } else if (!isGone.has(id)) add(id, this.revisions[row] as number, row)
    }
    for (const entry of changed.values()) addFresh(entry)
    const rowsFrom = from.subarray(0, size)
    const rearranged = await rearrange(this, rowsFrom, fresh)
    const textAt = new Float64Array(size)
    const textLength = new Uint32Array(size)
    for (let row = 0; row < size; row++) {
      const before = rowsFrom[row] as number
      if (before < 0) continue
      textAt[row] = this.textAt[before] as number
      textLength[row] = this.textLength[before] as number
    }
    return new ProductIndex(revision, ids.slice(0, size), revisions.slice(0, size), rearranged, textAt, textLength)
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

  /** The products that satisfy the filters and are among the hits, where there are any words. */
  find(filters: Filters, hits: Hits | undefined): Found {
    const conditions = this.#conditions(filters, hits).sort((a, b) => a.count - b.count)
    // The one that the fewest satisfy says which products are looked at.
    const [first, ...others] = conditions
    if (!first) return { rows: this.all(), conditions }
    const rows = others.reduce((rows, condition) => condition.keep(rows, this.#kept), first.rows(this.#kept))
    return { rows, conditions }
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
    // What is filtered by the field that it is sorted by is all in one place.
    const stretch = found.conditions.find(({ stretch }) => stretch && stretch.of === this.#firstColumn(order))?.stretch
    const tests = stretch ? found.conditions.filter((condition) => condition.stretch !== stretch) : found.conditions
    // How many of all products, in order, have to be tested to find as many of these as are wanted.
    const steps = ((offset + limit) * (stretch ? stretch.to - stretch.from : this.size)) / found.rows.length
    let rows: Uint32Array
    if (!order.every(isOfProducts) || found.rows.length * SORTING < steps * tests.length) {
      const sorted = sortBy(found.rows, keys)
      const start = (codes ? countUpTo(sorted, keys, codes) : 0) + offset
      rows = sorted.slice(start, start + limit + 1)
    } else {
      // Where many were found it is quicker to go through all products in order, until there are enough of them.
      const sorted = this.#sorted(order)
      const [from, to] = stretch ? placesOf(stretch, sorted.length, order) : [0, sorted.length]
      const start = codes ? Math.max(from, countUpTo(sorted, keys, codes)) : from
      const isMarked = found.rows.length < steps * tests.length
      const conditions = isMarked ? [amongRows(found.rows, this.#marks)] : tests
      rows = this.#pick(sorted.subarray(start, to), conditions, offset, limit + 1, steps)
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

  /** The column that an order goes by at first. */
  #firstColumn([first]: readonly Order[]): Column | undefined {
    return first && isOfProducts(first) ? this.columns[first.by] : undefined
  }

  #conditions(filters: Filters, hits: Hits | undefined): Condition[] {
    const { ids, category, brand, tag, availability, minPrice, maxPrice, minRating, minDiscount } = filters
    const { columns } = this
    const conditions: Condition[] = []
    if (hits) conditions.push(amongRows(hits.rows, this.#marks))
    if (ids.length > 0) conditions.push(amongRows(this.rowsOf(ids), this.#marks))
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
    return { codes: this.#ranks(hits as Hits), size: RANKS, descending: !descending }
  }

  /** Of each hit, one more than its rank. */
  #ranks({ rows, best, good }: Hits): Uint8Array {
    const ranks = this.#places
    for (let i = 0; i < rows.length; i++) {
      ranks[rows[i] as number] = i >= rows.length - best ? 3 : i >= rows.length - best - good ? 2 : 1
    }
    return ranks
  }

  /** All products in an order. */
  #sorted(order: readonly OrderOfProducts[]): Uint32Array {
    const name = order.map(({ by, descending }) => `${by} ${descending}`).join()
    const known = this.#orders.get(name)
    if (known) return known
    const keys = order.map((one) => this.#key(one))
    const sorted = sortBy(this.all(), [...keys, this.#idKey])
    this.#orders.set(name, sorted)
    return sorted
  }

  /**
   * So many of the sorted rows that satisfy the conditions, without the first few of them.
   * @param steps How many rows will have to be tested, roughly.
   */
  #pick(
    sorted: Uint32Array,
    conditions: readonly Condition[],
    offset: number,
    count: number,
    steps: number
  ): Uint32Array {
    if (conditions.length === 0) return sorted.subarray(offset, offset + count)
    const size = Math.min(Math.ceil(steps * 1.1) + count, CHUNK)
    const picked = new Uint32Array(count)
    // Those that are left out come at places below 0.
    let place = -offset
    for (let from = 0; from < sorted.length && place < count; from += size) {
      const chunk = sorted.subarray(from, from + size)
      const rows = conditions.reduce((rows, condition) => condition.keep(rows, this.#picked), chunk)
      const start = Math.max(0, -place)
      const end = Math.min(rows.length, count - place)
      if (start < end) picked.set(rows.subarray(start, end), place + start)
      place += rows.length
    }
    return picked.subarray(0, Math.max(0, place))
  }
}

/**
 * The columns of other rows, one after the other, so that others get their turn.
 * @param from Which row each of them was, or -1 for those that get what the next of the fresh products has.
 */
export async function rearrange(
  { columns, tags }: Pick<ProductIndex, 'columns' | 'tags'>,
  from: Int32Array,
  fresh: readonly IndexEntry[]
): Promise<Pick<ProductIndex, 'columns' | 'tags'>> {
  const rearranged: Partial<Record<Field, Column>> = {}
  for (const [i, field] of FIELDS.entries()) {
    rearranged[field] = columns[field].replace(
      from,
      fresh.map((entry) => entry[2][i] as Value | null)
    )
    await setImmediate()
  }
  const rearrangedTags = tags.replace(
    from,
    fresh.map((entry) => entry[2][FIELDS.length] as string[])
  )
  await setImmediate()
  return { columns: rearranged as Record<Field, Column>, tags: rearrangedTags }
}

/** Where a stretch is in an order of its column, which may be the other way round. */
const placesOf = ({ from, to }: Stretch, size: number, [first]: readonly Order[]): [from: number, to: number] =>
  first?.descending ? [size - to, size - from] : [from, to]

/** Whether products are sorted by what they have of themselves. Codes of anything else are one more than its values. */
const isOfProducts = (one: Order): one is OrderOfProducts => one.by !== 'asked' && one.by !== 'relevance'
