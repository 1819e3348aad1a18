import { Dimensions, Product } from '../../../../schemas/product.js'
import { ProductOption, ProductVariant } from '../../../../schemas/variant.js'
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
  toAttributes
} from './woocommerce-terms.js'

const { properties: limits } = Product
const { properties: dimensionLimits } = Dimensions
const { properties: optionLimits } = ProductOption
const { properties: variantLimits } = ProductVariant

const PUBLISHED = 'publish'
const availabilities = { instock: 'in-stock', outofstock: 'out-of-stock', onbackorder: 'backorder' } as const

/**
 * Maps a product of the REST API, version 3. The API does not name the currency. All products that are not published become drafts.
 * @param from The product. Its `variations` may be variations instead of ids; otherwise it has no variants.
 */
export function mapRestProduct(from: unknown, { currency }: SourceSettings): MappedRecord {
  const record = new SourceRecord(from, FORMS)
  const pointers = { externalId: '/id', title: '/name', price: '/price' }
  const attributes = record.list('/attributes').flatMap(readAttribute)
  const found = record.list('/variations', limits.variants).map((variation) => mapVariation(variation, currency))
  const { options, variants } = combineVariants(record, '/variations', found)
  const isOption = (attribute: AttributeValues) => variants.length > 0 && attribute.isOption
  return toMappedRecord(record, pointers, {
    externalId: record.id('/id', limits.externalId),
    sku: record.code('/sku', limits.sku) ?? record.code('/slug', limits.sku),
    title: record.line('/name', limits.title),
    description:
      record.html('/description', limits.description, removeShortcodes) ??
      record.html('/short_description', limits.description, removeShortcodes),
    status: isPublished(record) ? undefined : 'draft',
    categoryPath: readCategoryPath(record),
    brand: record.line('/brands/0/name', limits.brand),
    currency,
    ...(variants.length === 0 && readPrices(record, currency)),
    stock: record.integer('/stock_quantity', limits.stock),
    availability: record.choice('/stock_status', availabilities),
    attributes: toAttributes(
      record,
      attributes.filter((attribute) => !isOption(attribute))
    ),
    options,
    variants,
    rating: record.decimal('/average_rating', limits.rating),
    tags: readTermNames(record, '/tags', limits.tags),
    images: readImages(record),
    weight: record.decimal('/weight', limits.weight),
    dimensions: {
      width: record.decimal('/dimensions/width', dimensionLimits.width) ?? 0,
      height: record.decimal('/dimensions/height', dimensionLimits.height) ?? 0,
      depth: record.decimal('/dimensions/length', dimensionLimits.depth) ?? 0
    },
    barcode: record.code('/global_unique_id', limits.barcode),
    url: record.url('/permalink'),
    createdAt: record.time('/date_created_gmt'),
    updatedAt: record.time('/date_modified_gmt')
  })
}

const isPublished = (record: SourceRecord) =>
  (record.code('/status', { maxLength: 100 }) ?? PUBLISHED).toLowerCase() === PUBLISHED

interface Prices {
  price?: number | undefined
  salePrice?: number | undefined
  salePriceFrom?: string | undefined
  salePriceUntil?: string | undefined
}

/** Reads the prices. `price` is the current one, also if it has been reduced by other means than a sale price. */
function readPrices(record: SourceRecord, currency: string): Prices {
  const current = record.money('/price', currency)
  const price = record.money('/regular_price', currency) ?? current
  if (price === undefined) return {}
  const salePrice = record.money('/sale_price', currency)
  if (salePrice !== undefined && salePrice < price) {
    return {
      price,
      salePrice,
      salePriceFrom: record.time('/date_on_sale_from_gmt'),
      salePriceUntil: record.time('/date_on_sale_to_gmt')
    }
  }
  if (salePrice !== undefined && salePrice > price) record.drop('/sale_price', 'must not be above the regular price')
  return { price, salePrice: current !== undefined && current < price ? current : undefined }
}

/** Leaves out the attributes that the shop does not show. */
function readAttribute(attribute: SourceRecord): AttributeValues[] {
  const name = readAttributeName(attribute)
  const isOption = attribute.boolean('/variation') ?? false
  if (name === undefined || (!isOption && attribute.boolean('/visible') === false)) return []
  return [{ name, values: attribute.words('/options', optionLimits.values), isOption }]
}

/**
 * Returns undefined if the variation is disabled, or has no usable price. A variation that shares the stock of the product has no stock of
 * its own. Variants have no times of sales, so the price is the current one.
 */
function mapVariation(record: SourceRecord, currency: string): ProductVariant | undefined {
  const current = record.money('/price', currency)
  if (current === undefined || !isPublished(record)) return undefined
  const price = Math.max(current, record.money('/regular_price', currency) ?? current)
  const stock = record.value('/manage_stock') === 'parent' ? undefined : record.integer('/stock_quantity', limits.stock)
  const sku = record.code('/sku', variantLimits.sku)
  const externalId = record.id('/id', variantLimits.externalId)
  const barcode = record.code('/global_unique_id', variantLimits.barcode)
  const image = record.url('/image/src')
  return {
    ...(sku !== undefined && { sku }),
    ...(externalId !== undefined && { externalId }),
    ...(barcode !== undefined && { barcode }),
    options: record.list('/attributes').flatMap((attribute) => {
      const name = readAttributeName(attribute)
      const value = attribute.line('/option', optionLimits.values.items)
      return name === undefined || value === undefined ? [] : [{ name, value }]
    }),
    price,
    ...(current < price && { salePrice: current }),
    ...(stock !== undefined && { stock }),
    availability: record.choice('/stock_status', availabilities) ?? (stock === 0 ? 'out-of-stock' : 'in-stock'),
    ...(image !== undefined && { image })
  }
}
