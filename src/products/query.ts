import type { FacetName, SortKey } from '../../schemas/listing.js'

/** Conditions that products must meet. A product meets a list if it has one of the values. An empty list is no condition. */
export interface Filters {
  category: readonly string[]
  brand: readonly string[]
  tag: readonly string[]
  availability: readonly string[]
  /** In minor units. */
  minPrice: number | undefined
  /** In minor units. */
  maxPrice: number | undefined
  minRating: number | undefined
  minDiscount: number | undefined
  ids: readonly number[]
}

/** One key of a sort order. `asked` is the order of `Filters.ids`. The signature of a cursor covers the names, so they must not change. */
export interface SortOrder {
  by: SortKey | 'asked'
  descending: boolean
}

/** Search terms. A term is a list of alternative words, one of which a product must contain. The last term also matches prefixes. */
export type Terms = readonly (readonly string[])[]

/** The position of a product in a sort order, after which the next page starts. */
export interface Position {
  /** The values of the product that correspond to `Query.order`. */
  values: readonly (number | string)[]
  id: number
  /** The corrected search terms, if no product contains the words as spelled. */
  terms?: Terms
}

/** A normalized query: equivalent requests have equal queries. */
export interface Query {
  words: readonly string[]
  filters: Filters
  /** Sort keys. Ties are sorted by id. Without keys, all products are sorted by id. */
  order: readonly SortOrder[]
  limit: number
  /** Number of products to skip, counted from `after` if it is set. */
  offset: number
  after: Position | undefined
  facets: readonly FacetName[]
}
