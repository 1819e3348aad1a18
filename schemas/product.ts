import { type Static, Type } from '@sinclair/typebox'
import { enumeration, ref } from './ref.js'
import { Count, DateTime, Decimal, INT32_MAX, Slug, Text, WebUrl } from './scalars.js'

export const PRICE_MAX = 10_000_000
/** Ids from here on are of products that were made here; those of the source are below, so that they never meet. */
export const LOCAL_ID_MIN = 1_000_000_000

export const ProductNumber = Type.Integer({
  format: 'int32',
  minimum: 1,
  maximum: INT32_MAX,
  description: 'The number that names the product.'
})

export const Availability = enumeration(['in-stock', 'low-stock', 'out-of-stock'], {
  $id: 'Availability',
  description: 'Whether the product can be bought now, as its source or an editor says. It does not follow `stock`.',
  examples: ['in-stock']
})
export type Availability = Static<typeof Availability>

export const Dimensions = Type.Object(
  {
    width: Decimal('Width.', 0, 1_000_000),
    height: Decimal('Height.', 0, 1_000_000),
    depth: Decimal('Depth.', 0, 1_000_000)
  },
  {
    $id: 'Dimensions',
    examples: [{ width: 13.85, height: 11.25, depth: 13.27 }],
    description: 'The outer measures of a product, all three in the unit that the source uses.'
  }
)

export const Review = Type.Object(
  {
    rating: Type.Integer({ format: 'int32', minimum: 0, maximum: 5, description: 'Stars given, 0 to 5.' }),
    comment: Text('What the reviewer wrote.', 5000),
    date: DateTime('When it was written.'),
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
    description: 'What one customer said of a product.'
  }
)
const summary = {
  id: ProductNumber,
  sku: Text('Stock keeping unit: the code that a warehouse uses.', 100),
  title: Text('Name to show to people.', 300, { minLength: 1 }),
  description: Text('What it is, in a few sentences.', 10_000),
  category: Slug('Slug of its category, see `GET /categories`.'),
  brand: Type.Optional(Text('Maker. Absent where the product has none.', 200, { minLength: 1 })),
  price: Decimal('Price for one, with two decimal places, in `currency`.', 0, PRICE_MAX),
  currency: Type.String({ description: 'ISO 4217 code.', pattern: '^[A-Z]{3}$', maxLength: 3 }),
  discountPercentage: Decimal('Discount on offer, in percent of `price`, which it is not yet taken off.', 0, 100),
  rating: Decimal('Average of the ratings, 0 to 5; 0 where there is none yet.', 0, 5),
  stock: Count('Pieces in stock.'),
  availability: ref(Availability),
  tags: Type.Array(Text('A tag.', 100, { minLength: 1 }), { description: 'Words it is filed under.', maxItems: 100 }),
  thumbnail: WebUrl('Address of a small picture.')
}

/** The first product of the sample. */
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
  tags: ['cosmetics', 'make-up'],
  thumbnail: 'https://images.example.com/beauty/midnight-volume-mascara/0.webp'
}

export const ProductSummary = Type.Object(summary, {
  $id: 'ProductSummary',
  examples: [summaryExample],
  description: 'The short form of a product, as lists have it.'
})
export type ProductSummary = Static<typeof ProductSummary>

export const Origin = enumeration(['source', 'local'], {
  $id: 'Origin',
  description:
    'Where a product comes from. `source`: the source has it, and it follows that. `local`: it was made here.'
})
export type Origin = Static<typeof Origin>

export const Product = Type.Object(
  {
    ...summary,
    images: Type.Array(WebUrl('Address of a picture.'), {
      description: 'Pictures, the main one first.',
      maxItems: 100
    }),
    weight: Decimal('Weight, in the unit that the source uses; 0 where it is not known.', 0, 1_000_000),
    dimensions: ref(Dimensions),
    warranty: Text('Warranty, in words.', 1000),
    shipping: Text('Shipping time, in words.', 1000),
    returnPolicy: Text('Terms of return, in words.', 1000),
    minimumOrderQuantity: Count('Fewest pieces that can be ordered.', 1),
    barcode: Text('Barcode, usually an EAN-13.', 100),
    reviews: Type.Array(ref(Review), { description: 'Reviews, in the order of the source.', maxItems: 1000 }),
    createdAt: DateTime('When the product was created.'),
    updatedAt: DateTime(
      'When the product was last changed where it comes from: at its source, or here. An edit that lies over the source does not move ' +
        'it: to notice those, follow `GET /changes`.'
    ),
    origin: ref(Origin),
    edited: Type.Array(Text('Name of a field.', 50, { pattern: '^[a-z][A-Za-z]*$' }), {
      description:
        'The fields that were edited here, and do not follow the source any more. Empty for one that was made here.',
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
    description: 'A product with everything that is known of it.'
  }
)
export type Product = Static<typeof Product>

/** Path parameters of an operation that reads a product. */
export const ProductId = Type.Object(
  { id: Type.Integer({ ...ProductNumber, examples: [1] }) },
  { additionalProperties: false }
)
/**
 * Path parameters of an operation that changes a product. There is no example, so Swagger UI and Postman leave the field empty: a
 * request that is sent as it is filled in must not change a product.
 */
export const WrittenProductId = Type.Object({ id: Type.Integer(ProductNumber) }, { additionalProperties: false })
