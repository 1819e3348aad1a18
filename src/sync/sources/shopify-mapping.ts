import { Product } from '../../../schemas/product.js'
import { toMappedRecord } from './mapped-product.js'
import type { MappedRecord, SourceSettings } from './source-kind.js'
import { SourceRecord } from './source-record.js'

const { properties: limits } = Product
const GRAMS_MAX = (limits.weight.maximum as number) * 1000

/** The price of a variant. `regular` is the price before a reduction. */
interface VariantPrice {
  current: number
  regular: number
}

/**
 * Maps a product of a Shopify storefront. Its price is the lowest of the variants that can be bought. The storefront does not name the stock:
 * it only says whether a variant can be bought.
 */
export function mapProduct(from: unknown, { url, currency }: SourceSettings): MappedRecord {
  const record = new SourceRecord(from, { hasNumbersAsText: true })
  const pointers = { externalId: '/id', title: '/title', price: '/variants/0/price' }
  const variants = record.list('/variants')
  const states = variants.map((variant) => variant.boolean('/available'))
  const available = variants.filter((_, i) => states[i])
  const price = findLowest(available, currency) ?? findLowest(variants, currency)
  const handle = record.code('/handle', limits.sku)
  const [first] = variants
  const grams = first?.decimal('/grams', { minimum: 0, maximum: GRAMS_MAX })
  const images = record.list('/images', limits.images).map((image) => image.url('/src'))
  return toMappedRecord(record, pointers, {
    externalId: record.id('/id', limits.externalId),
    sku: first?.code('/sku', limits.sku) ?? handle,
    title: record.line('/title', limits.title),
    description: record.html('/body_html', limits.description),
    categoryPath: record.category('/product_type'),
    brand: record.line('/vendor', limits.brand),
    price: price?.regular,
    currency,
    salePrice: price && price.current < price.regular ? price.current : undefined,
    availability: states.every((state) => state === false) ? 'out-of-stock' : 'in-stock',
    tags: record.words('/tags', limits.tags),
    images: [...new Set(images.filter((image) => image !== undefined))],
    weight: grams === undefined ? undefined : grams / 1000,
    url: handle && new URL(`/products/${encodeURIComponent(handle)}`, url).href,
    createdAt: record.time('/created_at'),
    updatedAt: record.time('/updated_at')
  })
}

/** Returns the price of the cheapest variant. */
function findLowest(variants: readonly SourceRecord[], currency: string): VariantPrice | undefined {
  let lowest: VariantPrice | undefined
  for (const variant of variants) {
    const current = variant.money('/price', currency)
    if (current === undefined || (lowest && current >= lowest.current)) continue
    lowest = { current, regular: Math.max(current, variant.money('/compare_at_price', currency) ?? current) }
  }
  return lowest
}
