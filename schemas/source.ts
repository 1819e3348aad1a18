import { type Static, Type } from '@sinclair/typebox'
import { LOCAL_ID_MIN, PRICE_MAX } from './product.js'
import { INT32_MAX, WEB_URL_PATTERN } from './scalars.js'

/*
 * Fields of a DummyJSON product that the service reads. It ignores all others. The bounds are those of the API contract, so every
 * valid record can be mapped. Lengths are checked before trimming.
 */

const text = (maxLength: number, minLength = 0) => Type.String({ minLength, maxLength })
/** Text with at least one character that is not white space. */
export const FILLED_PATTERN = '\\S'
const filledText = (maxLength: number) => Type.String({ maxLength, pattern: FILLED_PATTERN })
/** Text that contains a letter or a digit, so that a slug can be made of it. */
export const NAME_PATTERN = '[A-Za-z0-9]'
const decimal = (maximum: number) => Type.Number({ minimum: 0, maximum })
const url = Type.String({ format: 'uri', pattern: WEB_URL_PATTERN, maxLength: 2048 })
const time = Type.String({ format: 'date-time', maxLength: 40 })

const AVAILABILITIES = ['In Stock', 'Low Stock', 'Out of Stock'] as const

export const SourceReview = Type.Object({
  rating: Type.Integer({ minimum: 0, maximum: 5 }),
  comment: text(5000),
  date: time,
  reviewerName: text(200)
})
export type SourceReview = Static<typeof SourceReview>

export const SourceProduct = Type.Object({
  id: Type.Integer({ minimum: 1, maximum: LOCAL_ID_MIN - 1 }),
  sku: text(100),
  title: filledText(300),
  description: text(10_000),
  category: Type.String({ maxLength: 100, pattern: NAME_PATTERN }),
  brand: Type.Optional(Type.Union([text(200), Type.Null()])),
  price: decimal(PRICE_MAX),
  discountPercentage: decimal(100),
  rating: decimal(5),
  stock: Type.Integer({ minimum: 0, maximum: INT32_MAX }),
  availabilityStatus: Type.Unsafe<(typeof AVAILABILITIES)[number]>({ type: 'string', enum: AVAILABILITIES }),
  tags: Type.Array(filledText(100), { maxItems: 100 }),
  images: Type.Array(url, { maxItems: 100 }),
  thumbnail: url,
  weight: decimal(1_000_000),
  dimensions: Type.Object({ width: decimal(1_000_000), height: decimal(1_000_000), depth: decimal(1_000_000) }),
  warrantyInformation: text(1000),
  shippingInformation: text(1000),
  returnPolicy: text(1000),
  minimumOrderQuantity: Type.Integer({ minimum: 1, maximum: INT32_MAX }),
  meta: Type.Object({ barcode: text(100), createdAt: time, updatedAt: time }),
  reviews: Type.Array(SourceReview, { maxItems: 1000 })
})
export type SourceProduct = Static<typeof SourceProduct>

/** A response of `GET /products?limit=&skip=`. The products are validated one by one, so an invalid one does not affect the others. */
export const SourcePage = Type.Object({
  products: Type.Array(Type.Unknown()),
  total: Type.Integer({ minimum: 0 })
})
export type SourcePage = Static<typeof SourcePage>
