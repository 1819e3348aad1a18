import { Product } from '../../../../schemas/product.js'
import { ProductOption, ProductVariant } from '../../../../schemas/variant.js'
import { toMappedRecord } from '../mapped-product.js'
import type { MappedRecord, SourceSettings } from '../source-kind.js'
import { SourceRecord } from '../source-record.js'
import { combineVariants } from '../source-variants.js'

const { properties: limits } = Product
const { properties: optionLimits } = ProductOption
const { properties: variantLimits } = ProductVariant
const GRAMS_MAX = (limits.weight.maximum as number) * 1000

/** The option and the value that shops give a product without a choice. */
const [NO_OPTION, NO_VALUE] = ['Title', 'Default Title']
const OPTIONS = [1, 2, 3]

/**
 * Maps a product of a Shopify storefront. If it has several variants, its price and availability follow from them. The storefront does not
 * name the stock: it only says whether a variant can be bought.
 */
export function mapProduct(from: unknown, { url, currency }: SourceSettings): MappedRecord {
  const record = new SourceRecord(from, { hasNumbersAsText: true })
  const pointers = { externalId: '/id', title: '/title', price: '/variants/0/price' }
  const names = record.list('/options').map((option) => option.line('/name', optionLimits.name))
  const records = record.list('/variants')
  const found = records.map((variant) => mapVariant(variant, names, currency))
  const first = found.find((variant) => variant !== undefined)
  const handle = record.code('/handle', limits.sku)
  const grams = records[0]?.decimal('/grams', { minimum: 0, maximum: GRAMS_MAX })
  const images = record.list('/images', limits.images).map((image) => image.url('/src'))
  return toMappedRecord(record, pointers, {
    externalId: record.id('/id', limits.externalId),
    sku: first?.sku ?? handle,
    title: record.line('/title', limits.title),
    description: record.html('/body_html', limits.description),
    categoryPath: record.category('/product_type'),
    brand: record.line('/vendor', limits.brand),
    currency,
    price: first?.price,
    salePrice: first?.salePrice,
    availability: first?.availability,
    ...combineVariants(record, '/variants', found),
    tags: record.words('/tags', limits.tags),
    images: [...new Set(images.filter((image) => image !== undefined))],
    weight: grams === undefined ? undefined : grams / 1000,
    url: handle && new URL(`/products/${encodeURIComponent(handle)}`, url).href,
    createdAt: record.time('/created_at'),
    updatedAt: record.time('/updated_at')
  })
}

/** Returns undefined if the variant has no usable price. @param names The names of the options, by their position. */
function mapVariant(
  record: SourceRecord,
  names: readonly (string | undefined)[],
  currency: string
): ProductVariant | undefined {
  const current = record.money('/price', currency)
  const regular = record.money('/compare_at_price', currency)
  const isAvailable = record.boolean('/available') ?? true
  if (current === undefined) return undefined
  const sku = record.code('/sku', variantLimits.sku)
  const externalId = record.id('/id', variantLimits.externalId)
  const image = record.url('/featured_image/src')
  const options = OPTIONS.flatMap((position, i) => {
    const name = names[i] ?? `Option ${position}`
    const value = record.line(`/option${position}`, optionLimits.values.items)
    return value === undefined || (name === NO_OPTION && value === NO_VALUE) ? [] : [{ name, value }]
  })
  return {
    ...(sku !== undefined && { sku }),
    ...(externalId !== undefined && { externalId }),
    options,
    price: Math.max(current, regular ?? current),
    ...(regular !== undefined && current < regular && { salePrice: current }),
    availability: isAvailable ? 'in-stock' : 'out-of-stock',
    ...(image !== undefined && { image })
  }
}
