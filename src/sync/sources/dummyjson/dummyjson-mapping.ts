import { Dimensions, Product, Review } from '../../../../schemas/product.js'
import { toMappedRecord } from '../mapped-product.js'
import type { MappedRecord, SourceSettings } from '../source-kind.js'
import { SourceRecord } from '../source-record.js'

const { properties: limits } = Product
const { properties: dimensionLimits } = Dimensions
const { properties: reviewLimits } = Review

const availabilities = { 'In Stock': 'in-stock', 'Low Stock': 'low-stock', 'Out of Stock': 'out-of-stock' } as const

/** Maps a product of DummyJSON. */
export function mapProduct(from: unknown, { currency }: Pick<SourceSettings, 'currency'>): MappedRecord {
  const record = new SourceRecord(from)
  const pointers = { externalId: '/id', title: '/title', price: '/price' }
  const images = record.urls('/images', limits.images)
  return toMappedRecord(record, pointers, {
    externalId: record.id('/id', limits.externalId),
    sku: record.code('/sku', limits.sku),
    title: record.line('/title', limits.title),
    description: record.lines('/description', limits.description),
    categoryPath: record.category('/category'),
    brand: record.line('/brand', limits.brand),
    price: record.money('/price', currency),
    currency,
    discountPercentage: record.decimal('/discountPercentage', limits.discountPercentage),
    rating: record.decimal('/rating', limits.rating),
    stock: record.integer('/stock', limits.stock),
    availability: record.choice('/availabilityStatus', availabilities),
    tags: record.words('/tags', limits.tags),
    thumbnail: record.url('/thumbnail'),
    images,
    weight: record.decimal('/weight', limits.weight),
    dimensions: {
      width: record.decimal('/dimensions/width', dimensionLimits.width) ?? 0,
      height: record.decimal('/dimensions/height', dimensionLimits.height) ?? 0,
      depth: record.decimal('/dimensions/depth', dimensionLimits.depth) ?? 0
    },
    warranty: record.lines('/warrantyInformation', limits.warranty),
    shipping: record.lines('/shippingInformation', limits.shipping),
    returnPolicy: record.lines('/returnPolicy', limits.returnPolicy),
    minimumOrderQuantity: record.integer('/minimumOrderQuantity', limits.minimumOrderQuantity),
    barcode: record.code('/meta/barcode', limits.barcode),
    reviews: record.list('/reviews', limits.reviews).flatMap(toReview),
    createdAt: record.time('/meta/createdAt'),
    updatedAt: record.time('/meta/updatedAt')
  })
}

/** Takes the name only: the source also sends the reviewer's e-mail address. A review without a rating or a time is left out. */
function toReview(review: SourceRecord): Product['reviews'] {
  const rating = review.integer('/rating', reviewLimits.rating)
  const date = review.time('/date')
  if (rating === undefined || date === undefined) return []
  const comment = review.lines('/comment', reviewLimits.comment) ?? ''
  return [{ rating, comment, date, reviewer: review.line('/reviewerName', reviewLimits.reviewer) ?? '' }]
}
