import { type Static, Type } from '@sinclair/typebox'
import { enumeration, ref } from './ref.js'
import { Count, DateTime, Decimal, INT32_MAX, Slug, Text, WebUrl } from './scalars.js'

export const PRICE_MAX = 10_000_000
export const PAGE_LIMIT_MAX = 100
export const PAGE_LIMIT_DEFAULT = 30

export const Availability = enumeration(['in-stock', 'low-stock', 'out-of-stock'], {
  $id: 'Availability',
  description: 'Whether the product can be bought now, as the source states it.'
})
export type Availability = Static<typeof Availability>

export const Dimensions = Type.Object(
  {
    width: Decimal('Width.', 0, 1_000_000),
    height: Decimal('Height.', 0, 1_000_000),
    depth: Decimal('Depth.', 0, 1_000_000)
  },
  { $id: 'Dimensions', description: 'The outer measures of a product, all three in the unit that the source uses.' }
)

export const Review = Type.Object(
  {
    rating: Type.Integer({ format: 'int32', minimum: 0, maximum: 5, description: 'Stars given, 0 to 5.' }),
    comment: Text('What the reviewer wrote.', 5000),
    date: DateTime('When it was written.'),
    reviewer: Text('Name of the reviewer.', 200)
  },
  { $id: 'Review', description: 'What one customer said of a product.' }
)
const summary = {
  id: Type.Integer({
    format: 'int32',
    minimum: 1,
    maximum: INT32_MAX,
    description: 'The number that names the product.'
  }),
  sku: Text('Stock keeping unit: the code that a warehouse uses.', 100),
  title: Text('Name to show to people.', 300, { minLength: 1 }),
  description: Text('What it is, in a few sentences.', 10_000),
  category: Slug('Slug of its category, see `GET /categories`.'),
  brand: Type.Optional(Text('Maker. Absent where the product has none.', 200, { minLength: 1 })),
  price: Decimal('Price for one, with two decimal places, in `currency`.', 0, PRICE_MAX),
  currency: Type.String({ description: 'ISO 4217 code.', pattern: '^[A-Z]{3}$', maxLength: 3 }),
  discountPercentage: Decimal('Discount on offer, in percent of `price`.', 0, 100),
  rating: Decimal('Average of the ratings, 0 to 5.', 0, 5),
  stock: Count('Pieces in stock.'),
  availability: ref(Availability),
  tags: Type.Array(Text('A tag.', 100, { minLength: 1 }), { description: 'Words it is filed under.', maxItems: 100 }),
  thumbnail: WebUrl('Address of a small picture.')
}

export const ProductSummary = Type.Object(summary, {
  $id: 'ProductSummary',
  description: 'The short form of a product, as lists have it.'
})
export type ProductSummary = Static<typeof ProductSummary>

export const Product = Type.Object(
  {
    ...summary,
    images: Type.Array(WebUrl('Address of a picture.'), {
      description: 'Pictures, the main one first.',
      maxItems: 100
    }),
    weight: Decimal('Weight, in the unit that the source uses.', 0, 1_000_000),
    dimensions: ref(Dimensions),
    warranty: Text('Warranty, in words.', 1000),
    shipping: Text('Shipping time, in words.', 1000),
    returnPolicy: Text('Terms of return, in words.', 1000),
    minimumOrderQuantity: Count('Fewest pieces that can be ordered.', 1),
    barcode: Text('Barcode, usually an EAN-13.', 100),
    reviews: Type.Array(ref(Review), { description: 'Reviews, in the order of the source.', maxItems: 1000 }),
    createdAt: DateTime('When the product was created.'),
    updatedAt: DateTime('When the product was last changed at its source.')
  },
  { $id: 'Product', description: 'A product with everything that is known of it.' }
)
export type Product = Static<typeof Product>

export const ProductPage = Type.Object(
  {
    products: Type.Array(ref(ProductSummary), { description: 'The products of this page.', maxItems: PAGE_LIMIT_MAX }),
    total: Count('How many products there are on all pages together.'),
    limit: Count('The most products that a page can hold, as asked for.', 1),
    offset: Count('How many products come before this page.')
  },
  { $id: 'ProductPage', description: 'One page of a list of products.' }
)
export type ProductPage = Static<typeof ProductPage>

const productQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({
        format: 'int32',
        minimum: 1,
        maximum: PAGE_LIMIT_MAX,
        default: PAGE_LIMIT_DEFAULT,
        description: 'The most products to put on the page.'
      })
    ),
    offset: Type.Optional(
      Type.Integer({
        format: 'int32',
        minimum: 0,
        maximum: INT32_MAX,
        default: 0,
        description: 'How many products to leave out at the start, in the order of their ids.'
      })
    )
  },
  { additionalProperties: false }
)
/** A caller may leave out what has a default; validation fills it in. */
export const ProductQuery = Type.Unsafe<Required<Static<typeof productQuery>>>(productQuery)
export type ProductQuery = Static<typeof ProductQuery>

export const ProductId = Type.Object(
  {
    id: Type.Integer({
      format: 'int32',
      minimum: 1,
      maximum: INT32_MAX,
      description: 'The number that names the product.',
      examples: [1]
    })
  },
  { additionalProperties: false }
)
