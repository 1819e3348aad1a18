import type { FacetName, SortKey } from '../../schemas/listing.js'

/** Conditions that products must meet. A product meets a list if it has one of the values. An empty list is no condition. */
export interface Filters {
  category: readonly string[]
  brand: readonly string[]
  tag: readonly string[]
  availability: readonly string[]
  status: readonly string[]
  /** One per name. */
  attributes: readonly AttributeFilter[]
  /** As the index holds prices, see `money.ts`. */
  minPrice: number | undefined
  maxPrice: number | undefined
  minRating: number | undefined
  minDiscount: number | undefined
  onSale: boolean | undefined
  ids: readonly number[]
}

/** A condition on one attribute. */
export interface AttributeFilter {
  name: string
  /** The keys of the attributes that match, see `toAttributeKey`. */
  keys: readonly string[]
}

/** One key of a sort order. `asked` is the order of `Filters.ids`. The signature of a cursor covers the names, so they must not change. */
export interface SortOrder {
  by: SortKey | 'asked'
  descending: boolean
}

/**
 * Search terms, all of which a product must match. A term is a list of alternative words, first the word as written. A word with `*` at its
 * end matches all words that begin with it.
 */
export type Terms = readonly (readonly string[])[]

/** For each term, the words to search for instead of its first word. Empty if that word is not misspelled. */
export type Corrections = readonly (readonly string[])[]

/** The position of a product in a sort order, after which the next page starts. */
export interface Position {
  /** The values of the product that correspond to `Query.order`; null for a missing value. */
  values: readonly (number | string | null)[]
  id: number
  /** Set if no product contains the words as spelled. */
  corrections?: Corrections
}

/** A normalized query: equivalent requests have equal queries. */
export interface Query {
  /** Undefined if the query does not search. If empty, nothing matches. */
  terms: Terms | undefined
  filters: Filters
  /** Sort keys. Ties are sorted by id. Without keys, all products are sorted by id. */
  order: readonly SortOrder[]
  limit: number
  /** Number of products to skip, counted from `after` if it is set. */
  offset: number
  after: Position | undefined
  facets: readonly FacetName[]
}
