import { FACET_VALUES_MAX, type FacetName, type Facets } from '../../../schemas/listing.js'
import { priceBelow, toIndexedPrice } from '../../products/money.js'
import type { Filters } from '../../products/query.js'
import type { ProductIndex } from './product-index.js'
import type { RankedHits } from './ranked-hits.js'
import { topCounts } from './sorting.js'

/** Lower bounds of the price ranges. */
const PRICE_STEPS = [0, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 100_000, 1_000_000, 10_000_000]

/**
 * Counts products by facet. Each facet ignores the filters of its own field.
 * @param found The rows that satisfy all filters.
 */
export function countFacets(
  index: ProductIndex,
  names: readonly FacetName[],
  filters: Filters,
  hits: RankedHits | undefined,
  found: Uint32Array
): Facets {
  const facets: Facets = {}
  for (const name of names) {
    const rows = isFiltered(name, filters) ? index.find(without(name, filters), hits).rows : found
    if (name === 'price') facets.price = priceRanges(index, rows)
    else facets[name] = values(index, rows, name)
  }
  return facets
}

/** Returns the most frequent values with their counts. Ties are sorted by value. */
function values(
  index: ProductIndex,
  rows: Uint32Array,
  name: Exclude<FacetName, 'price'>
): NonNullable<Facets['category']> {
  const column = name === 'tag' ? index.tags : index.columns[name]
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

const isFiltered = (name: FacetName, { minPrice, maxPrice, ...lists }: Filters) =>
  name === 'price' ? minPrice !== undefined || maxPrice !== undefined : lists[name].length > 0

const without = (name: FacetName, filters: Filters): Filters =>
  name === 'price' ? { ...filters, minPrice: undefined, maxPrice: undefined } : { ...filters, [name]: [] }
