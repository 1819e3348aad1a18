import { hash } from 'node:crypto'
import { type FacetName, IDS_MAX, PAGE_LIMIT_DEFAULT, type ProductQuery, type SortKey } from '../../schemas/listing.js'
import { toSearchWords } from '../products/words.js'
import { InvalidCursorError } from './errors.js'

/** What products have to be like. Lists are of values any of which will do; prices are in minor units. */
export interface Filters {
  category: readonly string[]
  brand: readonly string[]
  tag: readonly string[]
  availability: readonly string[]
  minPrice: number | undefined
  maxPrice: number | undefined
  minRating: number | undefined
  minDiscount: number | undefined
  ids: readonly number[]
}

/** One thing that products are sorted by; `asked` is the order in which their ids were given. */
export interface SortOrder {
  by: SortKey | 'asked'
  descending: boolean
}

/**
 * Words to search for: the alternatives of each, any of which will do. The last one's are also looked for as the
 * beginnings of words.
 */
export type Terms = readonly (readonly string[])[]

/** The last product of a page, as far as the order depends on it. */
export interface Position {
  /** What it was sorted by, in the order of `Query.order`. */
  values: readonly (number | string)[]
  id: number
  /** What the words were found to mean, where that was not what they say. */
  terms?: Terms
}

/** What is asked of the catalog, in the one form that all spellings of the same question have. */
export interface Query {
  words: readonly string[]
  filters: Filters
  /** Ties, or all where it is empty, are sorted by id. */
  order: readonly SortOrder[]
  limit: number
  /** How many products are left out, after the position where there is one. */
  offset: number
  after: Position | undefined
  facets: readonly FacetName[]
}

/**
 * Takes the parameters of a list apart.
 * @param key What cursors are signed with.
 * @throws {InvalidCursorError}
 */
export function parseQuery(from: ProductQuery, key: string): Query {
  const words = toSearchWords(from.q ?? '')
  const filters: Filters = {
    category: distinct(from.category),
    brand: distinct(from.brand),
    tag: distinct(from.tag),
    availability: distinct(from.availability),
    minPrice: from.minPrice === undefined ? undefined : Math.ceil(toMinorUnits(from.minPrice)),
    maxPrice: from.maxPrice === undefined ? undefined : Math.floor(toMinorUnits(from.maxPrice)),
    minRating: from.minRating,
    minDiscount: from.minDiscount,
    // As they came: they are an order too.
    ids: [...new Set(from.ids)]
  }
  const query = {
    words,
    filters,
    order: toOrder(from.sort, words.length > 0, filters.ids.length > 0),
    limit: from.limit ?? (filters.ids.length > 0 ? IDS_MAX : PAGE_LIMIT_DEFAULT),
    offset: from.offset ?? 0,
    facets: [...new Set(from.facets)]
  }
  return { ...query, after: from.cursor ? parseCursor(from.cursor, query, key) : undefined }
}

function toOrder(sort: string | undefined, hasWords: boolean, hasIds: boolean): SortOrder[] {
  if (sort === undefined) {
    if (hasWords) return [{ by: 'relevance', descending: false }]
    return hasIds ? [{ by: 'asked', descending: false }] : []
  }
  const keys = sort.split(',').map((key) => ({ by: key.replace('-', '') as SortKey, descending: key.startsWith('-') }))
  // The same key again decides nothing, and without words nothing is more relevant than the rest.
  const first = keys.filter(({ by }, i) => keys.findIndex((key) => key.by === by) === i)
  return first.filter(({ by }) => hasWords || by !== 'relevance')
}

const distinct = <T extends string>(values: readonly T[] = []) => [...new Set(values)].sort()

// What is left of a decimal's inexactness is rounded away: 1.1 * 100 is 110.00000000000001.
const toMinorUnits = (decimal: number) => Number((decimal * 100).toFixed(6))

/** The cursor that leads on from a position: opaque to callers, signed with the key, and good for its own query only. */
export function toCursor(query: CursorScope, { values, id, terms }: Position, key: string): string {
  const content = JSON.stringify([values, id, ...(terms ? [terms] : [])])
  return sign(query, content, key) + Buffer.from(content).toString('base64url')
}

function parseCursor(cursor: string, query: CursorScope, key: string): Position {
  const content = Buffer.from(cursor.slice(SIGNATURE_LENGTH), 'base64url').toString()
  // Nobody but toCursor can sign, so what is signed need not be checked again.
  if (sign(query, content, key) + Buffer.from(content).toString('base64url') !== cursor) {
    throw new InvalidCursorError()
  }
  const [values, id, terms] = JSON.parse(content) as [Position['values'], number, Terms?]
  return { values, id, ...(terms && { terms }) }
}

/** What a cursor belongs to. */
type CursorScope = Pick<Query, 'words' | 'filters' | 'order'>

/** Characters of a signature: 132 bits. */
const SIGNATURE_LENGTH = 22

/** SHA-3 with a secret in front is a message authentication code: unlike its predecessors it cannot be extended. */
const sign = (query: CursorScope, content: string, key: string) =>
  hash('sha3-256', JSON.stringify([key, query.words, query.filters, query.order, content]), 'base64url').slice(
    0,
    SIGNATURE_LENGTH
  )
