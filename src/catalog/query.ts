import { hash } from 'node:crypto'
import {
  ATTRIBUTE_FACET,
  type FacetName,
  IDS_MAX,
  PAGE_LIMIT_DEFAULT,
  type ProductQuery,
  type SortKey
} from '../../schemas/listing.js'
import type { ProductStatus } from '../../schemas/product.js'
import { attributeOfFacet, isAttributeFacet, parseAttribute, toAttributeKey } from '../products/attributes.js'
import { indexedPriceFrom, indexedPriceUpTo } from '../products/money.js'
import type { AttributeFilter, Corrections, Filters, Position, Query, SortOrder } from '../products/query.js'
import { toLine } from '../products/text.js'
import { toSearchTerms } from '../products/words.js'
import { InvalidCursorError } from './errors.js'

/** The statuses of the products that readers see. */
const PUBLIC: readonly ProductStatus[] = ['active']

/** Returns whether readers see the products with a status. */
export const isPublicStatus = (status: string): boolean => (PUBLIC as readonly string[]).includes(status)

/**
 * Normalizes the query parameters of a list.
 * @param key The key that signs cursors.
 * @throws {InvalidCursorError} if the cursor belongs to another query or was not signed with the key.
 */
export function parseQuery(parameters: ProductQuery, key: string): Query {
  const terms = toSearchTerms(toLine(parameters.q ?? ''))
  const filters: Filters = {
    category: distinct(parameters.category),
    brand: distinct(parameters.brand?.map(toLine)),
    tag: distinct(parameters.tag?.map(toLine)),
    availability: distinct(parameters.availability),
    status: parameters.status?.length ? distinct(parameters.status) : PUBLIC,
    attributes: toAttributeFilters(parameters.attribute),
    minPrice: parameters.minPrice === undefined ? undefined : indexedPriceFrom(parameters.minPrice),
    maxPrice: parameters.maxPrice === undefined ? undefined : indexedPriceUpTo(parameters.maxPrice),
    minRating: parameters.minRating,
    minDiscount: parameters.minDiscount,
    onSale: parameters.onSale,
    // Not sorted: without `sort`, products have the order of the ids.
    ids: [...new Set(parameters.ids)]
  }
  const query = {
    terms,
    filters,
    order: toOrder(parameters.sort, terms !== undefined, filters.ids.length > 0),
    limit: parameters.limit ?? (filters.ids.length > 0 ? IDS_MAX : PAGE_LIMIT_DEFAULT),
    offset: parameters.offset ?? 0,
    facets: [...new Set(parameters.facets?.map(normalizeFacet))]
  }
  return { ...query, after: parameters.cursor ? parseCursor(parameters.cursor, query, key) : undefined }
}

/** Returns whether a query finds only products that readers see. */
export const isPublicQuery = ({ filters }: Pick<Query, 'filters'>) => filters.status.every(isPublicStatus)

/** Groups the values by the names of their attributes. */
function toAttributeFilters(texts: readonly string[] = []): AttributeFilter[] {
  const attributes = texts.flatMap((text) => parseAttribute(text) ?? [])
  const names = distinct(attributes.map(({ name }) => name))
  return names.map((name) => ({
    name,
    keys: distinct(attributes.filter((attribute) => attribute.name === name).map(toAttributeKey))
  }))
}

const normalizeFacet = (facet: FacetName): FacetName =>
  isAttributeFacet(facet) ? `${ATTRIBUTE_FACET}${toLine(attributeOfFacet(facet))}` : facet

function toOrder(sort: string | undefined, isSearch: boolean, hasIds: boolean): SortOrder[] {
  if (sort === undefined) {
    if (isSearch) return [{ by: 'relevance', descending: false }]
    return hasIds ? [{ by: 'asked', descending: false }] : []
  }
  const keys = sort.split(',').map((key) => ({ by: key.replace('-', '') as SortKey, descending: key.startsWith('-') }))
  // A repeated key has no effect, and neither has the relevance without a search.
  const distinctKeys = keys.filter(({ by }, i) => keys.findIndex((key) => key.by === by) === i)
  return distinctKeys.filter(({ by }) => isSearch || by !== 'relevance')
}

const distinct = <T extends string>(values: readonly T[] = []) => [...new Set(values)].sort()

/** Returns the cursor for the page after a position. It is opaque to clients, signed with the key, and valid for the same query only. */
export function toCursor(query: CursorScope, { values, id, corrections }: Position, key: string): string {
  const content = JSON.stringify([values, id, ...(corrections ? [corrections] : [])])
  return sign(query, content, key) + Buffer.from(content).toString('base64url')
}

function parseCursor(cursor: string, query: CursorScope, key: string): Position {
  const content = Buffer.from(cursor.slice(SIGNATURE_LENGTH), 'base64url').toString()
  // Only `toCursor` can sign, so signed content needs no validation.
  if (sign(query, content, key) + Buffer.from(content).toString('base64url') !== cursor) {
    throw new InvalidCursorError()
  }
  const [values, id, corrections] = JSON.parse(content) as [Position['values'], number, Corrections?]
  return { values, id, ...(corrections && { corrections }) }
}

/** The part of a query that a cursor is valid for. */
type CursorScope = Pick<Query, 'terms' | 'filters' | 'order'>

/** Length of a signature in Base64 characters: 132 bits. */
const SIGNATURE_LENGTH = 22

/** Signs a cursor. SHA-3 with a secret prefix is a message authentication code: unlike SHA-2, it allows no length extension. */
const sign = (query: CursorScope, content: string, key: string) =>
  hash('sha3-256', JSON.stringify([key, query.terms ?? [], query.filters, query.order, content]), 'base64url').slice(
    0,
    SIGNATURE_LENGTH
  )
