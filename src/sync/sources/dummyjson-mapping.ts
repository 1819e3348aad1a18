import { createHash } from 'node:crypto'
import type { ErrorObject, ValidateFunction } from 'ajv'
import type { Availability, Product } from '../../../schemas/product.js'
import { SourceProduct, type SourceReview } from '../../../schemas/source.js'
import { toCategorySlug } from '../../products/categories.js'
import { roundPrice } from '../../products/money.js'
import { applyEdits, type ProductFields } from '../../products/overlay.js'
import { normalizeProduct } from '../../products/product-text.js'
import { createValidator } from '../../support/validation.js'
import { describeError, formatValue, toPointer } from '../../support/validation-errors.js'
import type { MappedRecord } from './source-kind.js'

const validator = createValidator({ allErrors: false })
const isSourceProduct = validator.compile<SourceProduct>(SourceProduct)
const isProduct = validator.getSchema('Product') as ValidateFunction<Product>

/**
 * Validates and maps one product of the source. Validates it twice, as received and as served, so that the service stores no product that
 * violates the contract. Never throws.
 */
export function mapProduct(from: unknown): MappedRecord {
  if (!isSourceProduct(from)) return { refused: describeRefusal('', isSourceProduct.errors), id: idOf(from) }
  const invalidTime = findInvalidTime(from)
  if (invalidTime !== undefined) return { refused: invalidTime, id: String(from.id) }
  const fields = toFields(from)
  if (!isProduct(applyEdits(fields, {})))
    return { refused: describeRefusal('mapped ', isProduct.errors), id: String(from.id) }
  const json = JSON.stringify(fields)
  const hash = createHash('sha256').update(json).digest('base64url')
  return { row: { externalId: String(from.id), fields, hash }, size: json.length }
}

/** The currency of the prices, which the API does not name. */
const CURRENCY = 'USD'

/** Converts a product of the source to our schema. */
export function toFields(from: SourceProduct): ProductFields {
  return normalizeProduct({
    id: from.id,
    sku: toText(from.sku),
    title: toText(from.title),
    description: toText(from.description),
    category: toCategorySlug(from.category),
    brand: toText(from.brand ?? ''),
    price: roundPrice(from.price, CURRENCY),
    currency: CURRENCY,
    discountPercentage: from.discountPercentage,
    rating: from.rating,
    stock: from.stock,
    availability: availabilities[from.availabilityStatus],
    tags: from.tags.map(toText),
    thumbnail: from.thumbnail,
    images: from.images,
    weight: from.weight,
    dimensions: { width: from.dimensions.width, height: from.dimensions.height, depth: from.dimensions.depth },
    warranty: toText(from.warrantyInformation),
    shipping: toText(from.shippingInformation),
    returnPolicy: toText(from.returnPolicy),
    minimumOrderQuantity: from.minimumOrderQuantity,
    barcode: toText(from.meta.barcode),
    externalId: String(from.id),
    reviews: from.reviews.map(toReview),
    createdAt: toTime(from.meta.createdAt),
    updatedAt: toTime(from.meta.updatedAt)
  })
}

/** Takes the name only: the source also sends the reviewer's e-mail address. */
function toReview(from: SourceReview): Product['reviews'][number] {
  return {
    rating: from.rating,
    comment: toText(from.comment),
    date: toTime(from.date),
    reviewer: toText(from.reviewerName)
  }
}

const availabilities: Record<SourceProduct['availabilityStatus'], Availability> = {
  'In Stock': 'in-stock',
  'Low Stock': 'low-stock',
  'Out of Stock': 'out-of-stock'
}

// A control character is no reason to lose a product. Databases reject NUL.
const toText = (from: string) => from.replace(/[^\P{Cc}\t\n\r]/gu, '')

const toTime = (from: string) => new Date(from).toISOString()

/** Returns the reason for the quarantine of a product with a time that `Date` cannot parse. */
function findInvalidTime({ meta, reviews }: SourceProduct): string | undefined {
  const times = [
    ['/meta/createdAt', meta.createdAt],
    ['/meta/updatedAt', meta.updatedAt],
    ...reviews.map(({ date }, i) => [`/reviews/${i}/date`, date])
  ] as [string, string][]
  const invalid = times.find(([, time]) => Number.isNaN(Date.parse(time)))
  return invalid && `${invalid[0]} must be a date and time without a leap second (got ${formatValue(invalid[1])})`
}

function describeRefusal(prefix: string, errors: ErrorObject[] | null | undefined): string {
  const [error] = errors as [ErrorObject]
  return `${prefix}${toPointer(error) || 'product'} ${describeError(error)}`
}

function idOf(from: unknown): string | undefined {
  const { id } = Object(from) as { id?: unknown }
  return typeof id === 'number' ? String(id) : undefined
}
