import { type Static, Type } from '@sinclair/typebox'
import { enumeration, ref } from './ref.js'
import { Count, DateTime, Decimal, INT32_MAX, Slug, Text, WebUrl } from './scalars.js'
import {
  ATTRIBUTES_MAX,
  Availability,
  EXTERNAL_ID_MAX,
  OPTIONS_MAX,
  PRICE_MAX,
  ProductAttribute,
  ProductOption,
  ProductVariant,
  VARIANTS_MAX
} from './variant.js'

/**
 * The lowest id of a local product. A product of a source has a lower id if its source numbers it so. Others, such as the local products of
 * another instance of this service, share the range of local products.
 */
export const LOCAL_ID_MIN = 1_000_000_000
/** The id after the last one that a client or a source can choose. The ids after it remain for new products. */
export const LOCAL_ID_END = 2 * LOCAL_ID_MIN

export const CURRENCY_PATTERN = '^[A-Z]{3}$'

export const ProductNumber = Type.Integer({
  format: 'int32',
  minimum: 1,
  maximum: INT32_MAX,
  description: 'Product ID.'
})

export const PRODUCT_STATUSES = ['active', 'draft', 'archived'] as const
export const ProductStatus = enumeration(PRODUCT_STATUSES, {
  $id: 'ProductStatus',
  description:
    'Status of a product. Readers see `active` products only. Editors also see `draft` products, which are not published yet, and `archived` products, which are no longer sold.',
  examples: ['active']
})
export type ProductStatus = Static<typeof ProductStatus>

export const Condition = enumeration(['new', 'refurbished', 'used'], {
  $id: 'Condition',
  description: 'Condition of a product.',
  examples: ['new']
})
export type Condition = Static<typeof Condition>
export const CONDITIONS = Condition.enum as readonly Condition[]

export const Dimensions = Type.Object(
  {
    width: Decimal('Width.', 0, 1_000_000),
    height: Decimal('Height.', 0, 1_000_000),
    depth: Decimal('Depth.', 0, 1_000_000)
  },
  {
    $id: 'Dimensions',
    examples: [{ width: 13.85, height: 11.25, depth: 13.27 }],
    description: 'Outer dimensions of a product. All three are in the unit that the source uses.'
  }
)

export const Review = Type.Object(
  {
    rating: Type.Integer({ format: 'int32', minimum: 0, maximum: 5, description: 'Stars, from 0 to 5.' }),
    comment: Text('Text of the review.', 5000),
    date: DateTime('Time of the review.'),
    reviewer: Text('Name of the reviewer.', 200)
  },
  {
    $id: 'Review',
    examples: [
      {
        rating: 5,
        comment: 'Exactly what I was looking for!',
        date: '2026-03-29T00:38:22.000Z',
        reviewer: 'Chiara Rossi'
      }
    ],
    description: 'A customer review of a product.'
  }
)
const summary = {
  id: ProductNumber,
  sku: Text('Stock keeping unit (SKU).', 100),
  title: Text('Display name.', 300, { minLength: 1 }),
  description: Text('Description in a few sentences.', 10_000),
  category: Slug('Category slug, as listed by `GET /categories`.'),
  brand: Type.Optional(Text('Brand name. Absent if the product has no brand.', 200, { minLength: 1 })),
  price: Decimal('Regular unit price in `currency`, before discounts.', 0, PRICE_MAX),
  currency: Type.String({
    description:
      'Currency code (ISO 4217). All products of the catalog have the same currency. Prices have as many decimal places as it has: 2 in USD, 0 in JPY.',
    pattern: CURRENCY_PATTERN,
    maxLength: 3
  }),
  discountPercentage: Decimal(
    'Current discount, in percent. If the product has a `salePrice`, the service derives the discount from it.',
    0,
    100
  ),
  salePrice: Type.Optional(
    Decimal('Reduced unit price in `currency`. It applies while `onSale` is true.', 0, PRICE_MAX)
  ),
  salePriceFrom: Type.Optional(DateTime('Time at which the sale starts. Absent if it has no start.')),
  salePriceUntil: Type.Optional(DateTime('Time at which the sale ends. Absent if it has no end.')),
  onSale: Type.Optional(
    Type.Boolean({
      description:
        'Whether customers pay `salePrice` now: it is lower than `price`, and the current time is within the sale period. Absent if there is no `salePrice`.'
    })
  ),
  rating: Decimal('Average rating, from 0 to 5. 0 if there are no ratings.', 0, 5),
  stock: Type.Optional(Count('Number of units in stock. Absent if it is unknown.')),
  availability: ref(Availability),
  status: ref(ProductStatus),
  tags: Type.Array(Text('Tag.', 100, { minLength: 1 }), { description: 'Tags.', maxItems: 100 }),
  thumbnail: Type.Optional(WebUrl('URL of the thumbnail image. Absent if the product has no image.'))
}

/** The first product of the sample catalog. */
export const summaryExample = {
  id: 1,
  sku: 'BEA-0001',
  title: 'Midnight Volume Mascara',
  description: 'Midnight Volume Mascara. Goes on smoothly and stays until you take it off.',
  category: 'beauty',
  price: 12.9,
  currency: 'USD',
  discountPercentage: 0,
  rating: 3.25,
  stock: 9,
  availability: 'low-stock',
  status: 'active' as const,
  tags: ['cosmetics', 'make-up'],
  thumbnail: 'https://images.example.com/beauty/midnight-volume-mascara/0.webp'
}

export const ProductSummary = Type.Object(summary, {
  $id: 'ProductSummary',
  examples: [summaryExample],
  description: 'The short form of a product, used in lists.'
})
export type ProductSummary = Static<typeof ProductSummary>

export const Origin = enumeration(['source', 'local'], {
  $id: 'Origin',
  description:
    'Origin of a product. `source`: the product comes from the source and follows it. `local`: it was created in this catalog.'
})
export type Origin = Static<typeof Origin>

export const Product = Type.Object(
  {
    ...summary,
    images: Type.Array(WebUrl('Image URL.'), {
      description: 'URLs of the images, main image first.',
      maxItems: 100
    }),
    weight: Decimal('Weight in the unit that the source uses. 0 if unknown.', 0, 1_000_000),
    dimensions: ref(Dimensions),
    warranty: Text('Warranty terms.', 1000),
    shipping: Text('Shipping information.', 1000),
    returnPolicy: Text('Return policy.', 1000),
    minimumOrderQuantity: Count('Minimum number of units per order.', 1),
    barcode: Text('Barcode, usually an EAN-13.', 100),
    mpn: Type.Optional(Text('Manufacturer part number. Absent if it is unknown.', 100, { minLength: 1 })),
    condition: Type.Optional(ref(Condition)),
    url: Type.Optional(WebUrl('URL of the product page in the shop.')),
    externalId: Type.Optional(
      Text('ID of the product in its source. Absent for local products.', EXTERNAL_ID_MAX, { minLength: 1 })
    ),
    attributes: Type.Array(ref(ProductAttribute), {
      description: 'Properties, such as the material. Several can have the same name.',
      maxItems: ATTRIBUTES_MAX
    }),
    options: Type.Array(ref(ProductOption), {
      description: 'Properties in which the variants differ. Empty if the product has no variants to choose from.',
      maxItems: OPTIONS_MAX
    }),
    variants: Type.Array(ref(ProductVariant), {
      description:
        'Variants. If there are any, the product has the lowest `price` and `salePrice` of a variant, the sum of their known `stock`, and the best `availability`.',
      maxItems: VARIANTS_MAX
    }),
    reviews: Type.Array(ref(Review), { description: 'Reviews, in the order of the source.', maxItems: 1000 }),
    createdAt: DateTime('Time when the product was created.'),
    updatedAt: DateTime(
      'Time of the last change in the source or, for local products, in this catalog. Edits of source products do not change ' +
        'this time. To see edits, follow `GET /changes`.'
    ),
    origin: ref(Origin),
    edited: Type.Array(Text('Field name.', 50, { pattern: '^[a-z][A-Za-z]*$' }), {
      description: 'Names of edited fields. They no longer follow the source. Always empty for local products.',
      maxItems: 50
    })
  },
  {
    $id: 'Product',
    examples: [
      {
        ...summaryExample,
        images: ['https://images.example.com/beauty/midnight-volume-mascara/1.webp'],
        weight: 1,
        dimensions: { width: 13.85, height: 11.25, depth: 13.27 },
        warranty: '1 year warranty',
        shipping: 'Ships overnight',
        returnPolicy: 'No return policy',
        minimumOrderQuantity: 1,
        barcode: '2001219056223',
        condition: 'new',
        url: 'https://shop.example.com/products/midnight-volume-mascara',
        externalId: '1',
        attributes: [{ name: 'Color', value: 'black' }],
        options: [],
        variants: [],
        reviews: [
          {
            rating: 5,
            comment: 'Exactly what I was looking for!',
            date: '2026-03-29T00:38:22.000Z',
            reviewer: 'Chiara Rossi'
          }
        ],
        createdAt: '2025-03-11T04:57:53.000Z',
        updatedAt: '2025-05-31T20:31:20.000Z',
        origin: 'source',
        edited: []
      }
    ],
    description: 'A product with all its fields.'
  }
)
export type Product = Static<typeof Product>

/** Path parameters of an operation that reads a product. */
export const ProductId = Type.Object(
  { id: Type.Integer({ ...ProductNumber, examples: [1] }) },
  { additionalProperties: false }
)
/**
 * Path parameters of an operation that changes a product. They have no example, so Swagger UI and Postman leave the id empty.
 * Otherwise a request with the example values could change a product.
 */
export const WrittenProductId = Type.Object({ id: Type.Integer(ProductNumber) }, { additionalProperties: false })
