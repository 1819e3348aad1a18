import { type Static, Type } from '@sinclair/typebox'
import { enumeration, ref } from './ref.js'
import { Count, Decimal, Text, WebUrl } from './scalars.js'

/** Enough for the currencies with the smallest units. */
export const PRICE_MAX = 1_000_000_000
/** Maximum length of the id that a source has given a product or a variant. */
export const EXTERNAL_ID_MAX = 200

export const ATTRIBUTES_MAX = 50
export const OPTIONS_MAX = 6
export const VARIANTS_MAX = 250

export const Availability = enumeration(['in-stock', 'low-stock', 'preorder', 'backorder', 'out-of-stock'], {
  $id: 'Availability',
  description:
    'Availability, as set by the source or an editor. `preorder`: not yet released, but customers can order it. `backorder`: sold out, but ' +
    'customers can order it. An edit of `stock` also updates the availability, unless it is `preorder` or an editor has set it.',
  examples: ['in-stock']
})
export type Availability = Static<typeof Availability>

/** All availabilities, the best for customers first. */
export const AVAILABILITIES = Availability.enum as readonly Availability[]

export const ProductAttribute = Type.Object(
  {
    name: Text('Name, without a colon.', 100, { minLength: 1 }),
    value: Text('Value.', 200, { minLength: 1 })
  },
  {
    $id: 'ProductAttribute',
    examples: [{ name: 'Material', value: 'cotton' }],
    description: 'A property of a product or a variant.'
  }
)
export type ProductAttribute = Static<typeof ProductAttribute>

export const ProductOption = Type.Object(
  {
    name: Text('Name, without a colon.', 100, { minLength: 1 }),
    values: Type.Array(Text('Value.', 200, { minLength: 1 }), {
      description: 'Values to choose from, in the order in which to show them.',
      minItems: 1,
      maxItems: VARIANTS_MAX
    })
  },
  {
    $id: 'ProductOption',
    examples: [{ name: 'Size', values: ['S', 'M', 'L'] }],
    description: 'A property in which the variants of a product differ.'
  }
)
export type ProductOption = Static<typeof ProductOption>

export const ProductVariant = Type.Object(
  {
    sku: Type.Optional(Text('Stock keeping unit (SKU).', 100, { minLength: 1 })),
    externalId: Type.Optional(Text('ID of the variant in its source.', EXTERNAL_ID_MAX, { minLength: 1 })),
    barcode: Type.Optional(Text('Barcode, usually an EAN-13.', 100, { minLength: 1 })),
    options: Type.Array(ref(ProductAttribute), {
      description:
        'Value of each option. A missing option does not apply to the variant, or can have any value (WooCommerce).',
      maxItems: OPTIONS_MAX
    }),
    price: Decimal('Unit price in the currency of the product.', 0, PRICE_MAX),
    salePrice: Type.Optional(Decimal('Reduced price. Absent if the variant has none.', 0, PRICE_MAX)),
    stock: Type.Optional(Count('Number of units in stock. Absent if it is unknown.')),
    availability: ref(Availability),
    image: Type.Optional(WebUrl('Image URL.'))
  },
  {
    $id: 'ProductVariant',
    examples: [
      {
        sku: 'TEE-001-M',
        options: [{ name: 'Size', value: 'M' }],
        price: 19.9,
        stock: 12,
        availability: 'in-stock'
      }
    ],
    description: 'A variant of a product, such as one of its sizes.'
  }
)
export type ProductVariant = Static<typeof ProductVariant>
