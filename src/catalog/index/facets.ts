import {
  type AttributeFacet,
  FACET_VALUES_MAX,
  type FacetField,
  type FacetName,
  type Facets
} from '../../../schemas/listing.js'
import { attributeOfFacet, isAttributeFacet, toAttributeKey } from '../../products/attributes.js'
import { priceBelow, toIndexedPrice } from '../../products/money.js'
import type { Filters } from '../../products/query.js'
import type { TimeSlice } from '../../support/time-slice.js'
import type { ProductIndex } from './product-index.js'
import type { RankedHits } from './ranked-hits.js'
import { topCounts } from './sorting.js'

/** Lower bounds of the price ranges. */
const PRICE_STEPS = [0, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 100_000, 1_000_000, 10_000_000]

/**
 * Counts products by facet. Each facet ignores the filters of its own field or attribute.
 * @param found The rows that satisfy all filters.
 * @param slice Lets other work run between two facets.
 */
export async function countFacets(
  index: ProductIndex,
  names: readonly FacetName[],
  filters: Filters,
  hits: RankedHits | undefined,
  found: Uint32Array,
  slice: TimeSlice
): Promise<Facets> {
  const facets: Facets = {}
  let sharedCounts: Uint32Array | undefined
  /** Counts all attributes. Most facets of attributes share the counts in `found`. */
  const countAttributes = (rows: Uint32Array): Uint32Array => {
    if (rows !== found) return index.lists.attribute.countValues(rows)
    sharedCounts ??= index.lists.attribute.countValues(rows)
    return sharedCounts
  }
  for (const facet of names) {
    await slice.turn()
    const others = without(facet, filters)
    const rows = others ? index.find(others, hits).rows : found
    if (isAttributeFacet(facet)) {
      const values = attributeValues(index, countAttributes(rows), attributeOfFacet(facet))
      facets.attributes = [...(facets.attributes ?? []), values]
    } else if (facet === 'price') facets.price = priceRanges(index, rows)
    else facets[facet] = values(index, rows, facet)
  }
  return facets
}

/** A field whose values are counted one by one. */
type ValueField = Exclude<FacetField, 'price'>

/** Returns the most frequent values with their counts. Ties are sorted by value. */
function values(index: ProductIndex, rows: Uint32Array, name: ValueField): NonNullable<Facets['category']> {
  const column = name === 'tag' ? index.lists.tag : index.columns[name]
  const ownCounts = column.countValues(rows)
  // The filter `category` includes descendants, and so do the counts.
  const [names, counts] =
    name === 'category'
      ? [index.categories.slugs, index.categories.totals(ownCounts)]
      : [column.values as string[], ownCounts]
  return topCounts(counts, names.length, FACET_VALUES_MAX).map((code) => {
    return { value: names[code] as string, count: counts[code] as number }
  })
}

/** Returns the most frequent values of an attribute. @param counts The counts of all attributes. */
function attributeValues(index: ProductIndex, counts: Uint32Array, name: string): AttributeFacet {
  const column = index.lists.attribute
  // The keys of an attribute are adjacent in the order of the column.
  const prefix = toAttributeKey({ name, value: '' })
  const { from, to } = column.rangeOfPrefix(prefix)
  const values = topCounts(counts.subarray(from, to), to - from, FACET_VALUES_MAX).map((position) => {
    const key = column.values[from + position] as string
    return { value: key.slice(prefix.length), count: counts[from + position] as number }
  })
  return { name, values }
}

function priceRanges({ columns: { price, currency } }: ProductIndex, rows: Uint32Array): NonNullable<Facets['price']> {
  const counts = price.countValues(rows)
  return PRICE_STEPS.flatMap((step, i) => {
    const next = PRICE_STEPS[i + 1]
    const from = Math.ceil(price.codeOf(toIndexedPrice(step)))
    const to = next === undefined ? price.values.length : Math.ceil(price.codeOf(toIndexedPrice(next)))
    const count = counts.subarray(from, to).reduce((sum, count) => sum + count, 0)
    if (count === 0) return []
    // All products have the same currency.
    return [{ minPrice: step, ...(next && { maxPrice: priceBelow(next, String(currency.values[0])) }), count }]
  })
}

/** Returns the filters without those of a facet; undefined if it has none. */
function without(facet: FacetName, filters: Filters): Filters | undefined {
  if (isAttributeFacet(facet)) {
    const others = filters.attributes.filter(({ name }) => name !== attributeOfFacet(facet))
    return others.length === filters.attributes.length ? undefined : { ...filters, attributes: others }
  }
  if (facet === 'price') {
    const hasBounds = filters.minPrice !== undefined || filters.maxPrice !== undefined
    return hasBounds ? { ...filters, minPrice: undefined, maxPrice: undefined } : undefined
  }
  return filters[facet].length > 0 ? { ...filters, [facet]: [] } : undefined
}
