import type { FacetName, SortKey } from '../../schemas/listing.js'

/** Conditions that products must meet. A product meets a list if it has any of its values. An empty list is no condition. */
export interface Filters {
  category: readonly string[]
  brand: readonly string[]
  tag: readonly string[]
  availability: readonly string[]
  /** Minor units, as `maxPrice`. */
  minPrice: number | undefined
  maxPrice: number | undefined
  minRating: number | undefined
  minDiscount: number | undefined
  ids: readonly number[]
}

/** One key of a sort order. `asked` is the order of the ids in the request. */
export interface SortOrder {
  by: SortKey | 'asked'
  descending: boolean
}

/** Search terms: for each word its alternatives, of which a product must have one. The last term also matches prefixes. */
export type Terms = readonly (readonly string[])[]

/** The last product of a page, by the values that the order depends on. */
export interface Position {
  /** Its sort values, in the order of `Query.order`. */
  values: readonly (number | string)[]
  id: number
  /** The terms that the search fell back to, if the words as spelled had no match. */
  terms?: Terms
}

/** A query in its normalized form: requests that mean the same have the same query. */
export interface Query {
  words: readonly string[]
  filters: Filters
  /** Sort keys. Ties are sorted by id; without keys, all products are. */
  order: readonly SortOrder[]
  limit: number
  /** Number of products to skip, counted from `after` if it is set. */
  offset: number
  after: Position | undefined
  facets: readonly FacetName[]
}
