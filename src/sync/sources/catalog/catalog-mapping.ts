import { Dimensions, Product, Review } from '../../../../schemas/product.js'
import { productDefaults } from '../../../../schemas/product-input.js'
import { type Availability, ProductAttribute, ProductOption, ProductVariant } from '../../../../schemas/variant.js'
import { UNCATEGORIZED } from '../../../products/categories.js'
import { requireConsistentVariants, toVariant } from '../../../products/variants.js'
import { toProductId, toValidRecord, withoutUndefined } from '../mapped-product.js'
import type { MappedRecord, RemovedRecord, SourceSettings } from '../source-kind.js'
import { SourceRecord } from '../source-record.js'
import { availabilities, conditions } from '../source-values.js'
import { combineVariants, type OptionsAndVariants } from '../source-variants.js'

const { properties: limits } = Product
const { properties: dimensionLimits } = Dimensions
const { properties: reviewLimits } = Review
const { properties: attributeLimits } = ProductAttribute
const { properties: optionLimits } = ProductOption
const { properties: variantLimits } = ProductVariant

/** Maps a record that `readResponse` has yielded. */
export const mapRecord = (record: unknown, settings: SourceSettings): MappedRecord | RemovedRecord =>
  'removed' in (record as object)
    ? (record as RemovedRecord)
    : mapProduct((record as { product: unknown }).product, settings)

/**
 * Maps a row of an export. All fields that readers see stay the same, apart from those that describe the relation of a product to its
 * catalog. `onSale` is left out, because it follows from the sale and the time.
 */
export function mapProduct(from: unknown, settings: Pick<SourceSettings, 'currency'>): MappedRecord {
  const record = new SourceRecord(from)
  const id = record.id('/id', limits.externalId)
  const title = record.line('/title', limits.title)
  const currency = record.currency('/currency') ?? settings.currency
  const { options, variants } = readVariants(record, currency)
  const price = record.money('/price', currency)
  if (id === undefined) return { id, problem: record.explain('/id') }
  if (title === undefined) return { id, problem: record.explain('/title') }
  if (price === undefined) return { id, problem: record.explain('/price') }
  const stock = record.integer('/stock', limits.stock)
  const found = {
    sku: record.code('/sku', limits.sku) ?? id,
    description: record.lines('/description', limits.description),
    category: record.slug('/category') ?? UNCATEGORIZED,
    brand: record.line('/brand', limits.brand),
    discountPercentage: record.decimal('/discountPercentage', limits.discountPercentage),
    salePrice: record.money('/salePrice', currency),
    salePriceFrom: record.time('/salePriceFrom'),
    salePriceUntil: record.time('/salePriceUntil'),
    rating: record.decimal('/rating', limits.rating) ?? 0,
    stock,
    availability: record.choice('/availability', availabilities) ?? availabilityOf(stock),
    tags: record.words('/tags', limits.tags),
    thumbnail: record.url('/thumbnail'),
    // Unlike `urls`, keeps repeated ones.
    images: record.list('/images', limits.images).flatMap((image) => image.url('') ?? []),
    weight: record.decimal('/weight', limits.weight),
    warranty: record.lines('/warranty', limits.warranty),
    shipping: record.lines('/shipping', limits.shipping),
    returnPolicy: record.lines('/returnPolicy', limits.returnPolicy),
    minimumOrderQuantity: record.integer('/minimumOrderQuantity', limits.minimumOrderQuantity),
    barcode: record.code('/barcode', limits.barcode),
    mpn: record.code('/mpn', limits.mpn),
    condition: record.choice('/condition', conditions),
    url: record.url('/url'),
    // Local products have no id in a source there, but here they do.
    externalId: record.id('/externalId', limits.externalId) ?? id,
    attributes: record.list('/attributes', limits.attributes).flatMap((attribute) => readAttribute(attribute) ?? []),
    reviews: record.list('/reviews', limits.reviews).flatMap((review) => readReview(review) ?? []),
    createdAt: record.time('/createdAt'),
    updatedAt: record.time('/updatedAt')
  }
  return toValidRecord(record, id, {
    ...productDefaults,
    id: toProductId(id),
    ...withoutUndefined(found),
    title,
    price,
    currency,
    dimensions: {
      width: record.decimal('/dimensions/width', dimensionLimits.width) ?? 0,
      height: record.decimal('/dimensions/height', dimensionLimits.height) ?? 0,
      depth: record.decimal('/dimensions/depth', dimensionLimits.depth) ?? 0
    },
    options,
    variants
  })
}

/** Reads the options and variants as they are or, if they contradict each other, what fits together. */
function readVariants(record: SourceRecord, currency: string): OptionsAndVariants {
  const options = record.list('/options', limits.options).flatMap((option) => readOption(option) ?? [])
  const found = record.list('/variants', limits.variants).map((variant) => readVariant(variant, currency))
  const variants = found.filter((variant) => variant !== undefined)
  try {
    requireConsistentVariants({ options, variants })
    return { options, variants }
  } catch {
    record.drop('/options', 'must fit the variants')
    return combineVariants(record, '/variants', found)
  }
}

function readOption(option: SourceRecord): ProductOption | undefined {
  const name = option.line('/name', optionLimits.name)
  const values = option.words('/values', optionLimits.values)
  return name === undefined || values.length === 0 ? undefined : { name, values }
}

function readVariant(variant: SourceRecord, currency: string): ProductVariant | undefined {
  const price = variant.money('/price', currency)
  if (price === undefined) return undefined
  const stock = variant.integer('/stock', variantLimits.stock)
  const optional = {
    sku: variant.code('/sku', variantLimits.sku),
    externalId: variant.id('/externalId', variantLimits.externalId),
    barcode: variant.code('/barcode', variantLimits.barcode),
    salePrice: variant.money('/salePrice', currency),
    stock,
    image: variant.url('/image')
  }
  const availability = variant.choice('/availability', availabilities) ?? availabilityOf(stock)
  const options = variant.list('/options', variantLimits.options).flatMap((option) => readAttribute(option) ?? [])
  return toVariant({ ...withoutUndefined(optional), options, price, availability }, currency)
}

const availabilityOf = (stock: number | undefined): Availability => (stock === 0 ? 'out-of-stock' : 'in-stock')

function readAttribute(attribute: SourceRecord): ProductAttribute | undefined {
  const name = attribute.line('/name', attributeLimits.name)
  const value = attribute.line('/value', attributeLimits.value)
  return name === undefined || value === undefined ? undefined : { name, value }
}

function readReview(review: SourceRecord): Product['reviews'][number] | undefined {
  const rating = review.integer('/rating', reviewLimits.rating)
  const date = review.time('/date')
  if (rating === undefined || date === undefined) return undefined
  const comment = review.lines('/comment', reviewLimits.comment) ?? ''
  return { rating, comment, date, reviewer: review.line('/reviewer', reviewLimits.reviewer) ?? '' }
}
