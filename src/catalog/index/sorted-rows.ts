import { LRUCache } from 'lru-cache'
import type { IndexedField } from '../../products/indexed-values.js'
import type { SortOrder } from '../../products/query.js'
import type { Column } from './column.js'
import type { Condition } from './condition.js'
import type { Matches } from './matches.js'
import { type SortKey, sortBy } from './sorting.js'

/** A sort key that is a field of the products, so that the order does not depend on the query. */
export interface FieldOrder extends SortOrder {
  by: Exclude<SortOrder['by'], 'asked' | 'relevance'>
}

/** Returns whether a sort key is a field of the products. */
export const isFieldOrder = (order: SortOrder): order is FieldOrder => order.by !== 'asked' && order.by !== 'relevance'

/** Rows in a cached order. They include all matches. */
export interface SortedCandidates {
  count: number
  /** Whether all rows are matches. */
  isExact: boolean
  /** Returns the rows in order. The first call for an order sorts them. */
  sorted(): Uint32Array
}

/** Size of the cache, in orders of the whole catalog. Orders of a single category take less space. */
const ORDERS_MAX = 20
/** The cache keeps an order for a category if the category has at least this many times fewer products than the other candidates. */
const CATEGORY_GAIN = 4

/** Caches the rows of an index in the orders of queries. */
export class SortedRows {
  readonly #columns: Readonly<Record<IndexedField, Column>>
  readonly #all: Uint32Array
  readonly #idKey: SortKey
  readonly #orders: LRUCache<string, Uint32Array>

  /**
   * @param all All rows, ordered by id.
   * @param idKey The last sort key of each order.
   */
  constructor(columns: Readonly<Record<IndexedField, Column>>, all: Uint32Array, idKey: SortKey) {
    this.#columns = columns
    this.#all = all
    this.#idKey = idKey
    this.#orders = new LRUCache({ maxSize: ORDERS_MAX * all.length + 1, sizeCalculation: ({ length }) => length + 1 })
  }

  /** Returns the key to sort by a field. */
  toKey({ by, descending }: FieldOrder): SortKey {
    const { codes, values } = this.#columns[by]
    return { codes, size: values.length + 1, missing: values.length, descending }
  }

  /** Returns the smallest cached set of rows that contains all matches: all rows, a range of them, or those of a category. */
  candidates({ conditions }: Matches, order: readonly FieldOrder[]): SortedCandidates {
    const isExact = conditions.length === 1
    const findRangeOf = (field: IndexedField) =>
      conditions.find(({ sortedRange: range }) => range && this.#columns[field].ownsRange(range))
    const [first] = order
    // In the order of a field, the matches of a condition on the same field are consecutive.
    const range = first && findRangeOf(first.by)?.sortedRange
    const size = this.#all.length
    const count = range ? range.to - range.from : size
    const category = findRangeOf('category')
    if (category && category.count * CATEGORY_GAIN < count) {
      return { count: category.count, isExact, sorted: () => this.#sort(order, category) }
    }
    if (!range) return { count, isExact: conditions.length === 0, sorted: () => this.#sort(order) }
    // Missing values come last in both directions.
    const known = first ? this.#columns[first.by].knownCount : size
    const [from, to] = first?.descending ? [known - range.to, known - range.from] : [range.from, range.to]
    return { count, isExact, sorted: () => this.#sort(order).subarray(from, to) }
  }

  /** Returns all rows in an order, or those of a category. */
  #sort(order: readonly FieldOrder[], category?: Condition): Uint32Array {
    const cacheKey = JSON.stringify([order, category?.sortedRange?.from])
    const cached = this.#orders.get(cacheKey)
    if (cached) return cached
    const keys = order.map((one) => this.toKey(one))
    const sorted = sortBy(category?.rows ?? this.#all, [...keys, this.#idKey])
    this.#orders.set(cacheKey, sorted)
    return sorted
  }
}
