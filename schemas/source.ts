import { type Static, Type } from '@sinclair/typebox'
import { LOCAL_ID_MIN, PRICE_MAX } from './product.js'
import { INT32_MAX, WEB_URL_PATTERN } from './scalars.js'

/*
 * Fields of a DummyJSON product that the service reads. It ignores all others. The bounds are those of the API contract. Text is unlimited
 * here, because the contract limits the normalized text.
 */

const text = Type.String()
/** A character that tells names apart: a letter, a digit or a symbol, but no trademark sign and no symbol that separates words. */
export const NAME_CHARACTER = '(?![©®™℠℗`^~<>|¦¨¯´¸→\u2044])[\\p{L}\\p{N}\\p{S}#%@]'
const decimal = (maximum: number) => Type.Number({ minimum: 0, maximum })
const url = Type.String({ format: 'uri', pattern: WEB_URL_PATTERN, maxLength: 2048 })
const time = Type.String({ format: 'date-time', maxLength: 40 })

const AVAILABILITIES = ['In Stock', 'Low Stock', 'Out of Stock'] as const

export const SourceReview = Type.Object({
  rating: Type.Integer({ minimum: 0, maximum: 5 }),
  comment: text,
  date: time,
  reviewerName: text
})
export type SourceReview = Static<typeof SourceReview>

export const SourceProduct = Type.Object({
  id: Type.Integer({ minimum: 1, maximum: LOCAL_ID_MIN - 1 }),
  sku: text,
  title: text,
  description: text,
  category: Type.String({ maxLength: 1000, pattern: NAME_CHARACTER }),
  brand: Type.Optional(Type.Union([text, Type.Null()])),
  price: decimal(PRICE_MAX),
  discountPercentage: decimal(100),
  rating: decimal(5),
  stock: Type.Integer({ minimum: 0, maximum: INT32_MAX }),
  availabilityStatus: Type.Unsafe<(typeof AVAILABILITIES)[number]>({ type: 'string', enum: AVAILABILITIES }),
  tags: Type.Array(text, { maxItems: 100 }),
  images: Type.Array(url, { maxItems: 100 }),
  thumbnail: url,
  weight: decimal(1_000_000),
  dimensions: Type.Object({ width: decimal(1_000_000), height: decimal(1_000_000), depth: decimal(1_000_000) }),
  warrantyInformation: text,
  shippingInformation: text,
  returnPolicy: text,
  minimumOrderQuantity: Type.Integer({ minimum: 1, maximum: INT32_MAX }),
  meta: Type.Object({ barcode: text, createdAt: time, updatedAt: time }),
  reviews: Type.Array(SourceReview, { maxItems: 1000 })
})
export type SourceProduct = Static<typeof SourceProduct>

/** A response of `GET /products?limit=&skip=`. The products are validated one by one, so an invalid one does not affect the others. */
export const SourcePage = Type.Object({
  products: Type.Array(Type.Unknown()),
  total: Type.Integer({ minimum: 0 })
})
export type SourcePage = Static<typeof SourcePage>
