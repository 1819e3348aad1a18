import { Product } from '../../../../schemas/product.js'
import { INT32_MAX } from '../../../../schemas/scalars.js'
import { type Availability, type ProductAttribute, ProductOption, ProductVariant } from '../../../../schemas/variant.js'
import { currencyDigits } from '../../../products/money.js'
import { toMappedRecord } from '../mapped-product.js'
import type { MappedRecord, SourceSettings } from '../source-kind.js'
import { SourceRecord } from '../source-record.js'
import { combineVariants } from '../source-variants.js'
import { removeShortcodes } from './shortcodes.js'
import {
  type AttributeValues,
  FORMS,
  readAttributeName,
  readCategoryPath,
  readImages,
  readTermNames,
  SLUG_MAX,
  toAttributes
} from './woocommerce-terms.js'

const { properties: limits } = Product
const { properties: optionLimits } = ProductOption
const { properties: variantLimits } = ProductVariant
/** Maximum number of decimal places that a shop can set for its prices. */
const DIGITS_MAX = 10

/** The values of an attribute by their slugs, with which variations name them. */
interface StoreAttribute extends AttributeValues {
  valuesBySlug: ReadonlyMap<string, string>
}

const CURRENCY = '/prices/currency_code'

/**
 * Maps a product of the Store API. The API shows published products only. It names the stock only if it is low, and does not name the times
 * of the product.
 * @param from The product. Its `variations` may have the fields of products; otherwise it has no variants.
 */
export function mapStoreProduct(from: unknown, settings: SourceSettings): MappedRecord {
  const record = new SourceRecord(from, FORMS)
  const pointers = { externalId: '/id', title: '/name', price: '/prices/price' }
  const isUnnamed = record.value(CURRENCY) === undefined
  const currency = isUnnamed ? settings.currency : record.currency(CURRENCY)
  // In an unknown currency, the price means nothing.
  if (currency === undefined) return { id: record.id('/id', limits.externalId), problem: record.explain(CURRENCY) }
  const attributes = record.list('/attributes').flatMap(readAttribute)
  const found = record
    .list('/variations', limits.variants)
    .map((variation) => mapVariation(variation, attributes, currency))
  const { options, variants } = combineVariants(record, '/variations', found)
  const isOption = (attribute: StoreAttribute) => variants.length > 0 && attribute.isOption
  return toMappedRecord(record, pointers, {
    externalId: record.id('/id', limits.externalId),
    sku: record.code('/sku', limits.sku) ?? record.code('/slug', limits.sku),
    title: record.line('/name', limits.title),
    description:
      record.html('/description', limits.description, removeShortcodes) ??
      record.html('/short_description', limits.description, removeShortcodes),
    categoryPath: readCategoryPath(record),
    brand: record.line('/brands/0/name', limits.brand),
    currency,
    ...(variants.length === 0 && readPrices(record, currency)),
    ...readStock(record),
    attributes: toAttributes(
      record,
      attributes.filter((attribute) => !isOption(attribute))
    ),
    options,
    variants,
    rating: record.decimal('/average_rating', limits.rating),
    tags: readTermNames(record, '/tags', limits.tags),
    thumbnail: record.url('/images/0/thumbnail'),
    images: readImages(record),
    url: record.url('/permalink')
  })
}

/**
 * Reads the prices, which are in minor units, such as cents. The price of a product with variations is the lowest one. A product without a
 * price has the price 0, and cannot be bought.
 */
function readPrices(record: SourceRecord, currency: string): { price?: number; salePrice?: number } {
  const digits =
    record.integer('/prices/currency_minor_unit', { minimum: 0, maximum: DIGITS_MAX }) ?? currencyDigits(currency)
  const read = (name: string) => record.money(`/prices/${name}`, currency, digits)
  const current = read('price_range/min_amount') ?? read('price')
  if (current === undefined) return {}
  if (current === 0 && record.boolean('/is_purchasable') === false) {
    record.drop('/prices/price', 'must not be 0, because the product cannot be bought')
    return {}
  }
  const price = Math.max(current, read('regular_price') ?? current)
  return { price, ...(current < price && { salePrice: current }) }
}

function readStock(record: SourceRecord): { stock?: number; availability: Availability } {
  const stock = record.integer('/low_stock_remaining', { minimum: 0, maximum: INT32_MAX })
  const known = stock !== undefined && { stock }
  if (record.boolean('/is_on_backorder')) return { ...known, availability: 'backorder' }
  if (record.boolean('/is_in_stock') === false) return { ...known, availability: 'out-of-stock' }
  return { ...known, availability: stock === undefined ? 'in-stock' : 'low-stock' }
}

function readAttribute(attribute: SourceRecord): StoreAttribute[] {
  const name = readAttributeName(attribute)
  if (name === undefined) return []
  const terms = attribute.list('/terms').map((term) => ({
    slug: term.line('/slug', { maxLength: SLUG_MAX }),
    value: term.line('/name', optionLimits.values.items)
  }))
  const valuesBySlug = new Map(
    terms.flatMap(({ slug, value }) => (value === undefined ? [] : [[slug ?? value, value]]))
  )
  return [
    { name, values: [...valuesBySlug.values()], valuesBySlug, isOption: attribute.boolean('/has_variations') ?? false }
  ]
}

/**
 * Returns undefined if the variation has no usable price. A variant has no stock: the stock of a product is the sum of those of its
 * variants, and the API names only the low ones.
 */
function mapVariation(
  record: SourceRecord,
  attributes: readonly StoreAttribute[],
  currency: string
): ProductVariant | undefined {
  const { price, salePrice } = readPrices(record, currency)
  if (price === undefined) return undefined
  const sku = record.code('/sku', variantLimits.sku)
  const externalId = record.id('/id', variantLimits.externalId)
  const image = record.url('/images/0/src')
  return {
    ...(sku !== undefined && { sku }),
    ...(externalId !== undefined && { externalId }),
    options: record.list('/attributes').flatMap((attribute) => readOption(attribute, attributes)),
    price,
    ...(salePrice !== undefined && { salePrice }),
    availability: readStock(record).availability,
    ...(image !== undefined && { image })
  }
}

/** Returns nothing if the variation has any value of the option. */
function readOption(attribute: SourceRecord, attributes: readonly StoreAttribute[]): ProductAttribute[] {
  const name = readAttributeName(attribute)
  const slug = attribute.line('/value', { maxLength: SLUG_MAX })
  if (name === undefined || slug === undefined) return []
  const value = attributes.find((known) => known.name === name)?.valuesBySlug.get(slug)
  return [{ name, value: value ?? attribute.line('/value', optionLimits.values.items) ?? slug }]
}
