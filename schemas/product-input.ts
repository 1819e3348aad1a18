import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { filled, text } from './input-text.js'
import { Dimensions, Product } from './product.js'
import { ref } from './ref.js'
import { ProductAttributeInput, ProductOptionInput, ProductVariantInput } from './variant-input.js'

/*
 * Fields of a product that clients may write, with the same bounds as in `Product`. Ratings and reviews are missing because they
 * come from customers, and `externalId` because the source assigns it. The service assigns ids, times, currency and `origin`.
 */

/** Maximum size of the body of a write, in bytes. A product with all variants and usual texts takes about 100 kB. */
export const PRODUCT_BODY_MAX = 1_048_576

const fields = Product.properties
const optional = <T extends TSchema>(schema: T, options: object) => Type.Optional({ ...schema, ...options })

/**
 * Values of a new product for fields that the request leaves out. The schemas do not declare them as `default`: some generated clients send
 * defaults, which would reset fields in a patch. Others make fields with a default required.
 */
export const productDefaults = {
  description: '',
  discountPercentage: 0,
  tags: [],
  images: [],
  weight: 0,
  dimensions: { width: 0, height: 0, depth: 0 },
  warranty: '',
  shipping: '',
  returnPolicy: '',
  minimumOrderQuantity: 1,
  barcode: '',
  attributes: [],
  options: [],
  variants: []
} satisfies Partial<Product>

export const DimensionsInput = Type.Object(
  {
    width: optional(Dimensions.properties.width, { examples: [8.5] }),
    height: optional(Dimensions.properties.height, { examples: [9.5] }),
    depth: optional(Dimensions.properties.depth, { examples: [8.5] })
  },
  {
    $id: 'DimensionsInput',
    additionalProperties: false,
    description:
      'Outer dimensions, all in the same unit. Omitted values are 0 in a new product and stay unchanged in an existing one.'
  }
)

const input = {
  sku: filled(fields.sku, {
    description: 'Stock keeping unit (SKU). Must be unique in the catalog after normalization.',
    examples: ['MUG-001']
  }),
  title: filled(fields.title, { examples: ['Stoneware Mug'] }),
  description: optional(text(fields.description), {
    examples: ['Holds 350 ml and is dishwasher-safe.']
  }),
  category: { ...fields.category, examples: ['kitchen-accessories'] },
  brand: Type.Optional(
    text(fields.brand, {
      minLength: 0,
      description: 'Brand name. An empty string means no brand.',
      examples: ['Clay & Co']
    })
  ),
  price: {
    ...fields.price,
    description:
      'Regular unit price in the currency of the catalog, before discounts. The service rounds it to the decimal places of the currency, half up.',
    examples: [12.5]
  },
  discountPercentage: optional(fields.discountPercentage, { examples: [0] }),
  salePrice: optional(fields.salePrice, {
    description:
      'Reduced unit price, rounded like `price`. It takes effect only during the sale, and only if it is lower than `price`.',
    examples: [9.5]
  }),
  salePriceFrom: optional(fields.salePriceFrom, {
    description: 'Time at which the sale starts. Without it, the sale has no start.',
    examples: ['2026-11-27T00:00:00.000Z']
  }),
  salePriceUntil: optional(fields.salePriceUntil, {
    description: 'Time at which the sale ends. Must be later than `salePriceFrom`. Without it, the sale has no end.',
    examples: ['2026-12-01T00:00:00.000Z']
  }),
  stock: optional(fields.stock, {
    description: 'Number of units in stock. Without it, the stock is unknown.',
    examples: [40]
  }),
  availability: Type.Optional(fields.availability),
  status: Type.Optional(fields.status),
  tags: optional(Type.Array(filled(fields.tags.items), { ...fields.tags }), {
    examples: [['kitchen', 'mugs']]
  }),
  thumbnail: optional(fields.thumbnail, {
    description: 'URL of the thumbnail image.',
    examples: ['https://images.example/mug-small.webp']
  }),
  images: optional(fields.images, { examples: [['https://images.example/mug.webp']] }),
  weight: optional(fields.weight, { examples: [1] }),
  dimensions: Type.Optional(ref(DimensionsInput)),
  warranty: optional(text(fields.warranty), { examples: ['1 year warranty'] }),
  shipping: optional(text(fields.shipping), { examples: ['Ships in 3-5 business days'] }),
  returnPolicy: optional(text(fields.returnPolicy), { examples: ['30 days return policy'] }),
  minimumOrderQuantity: optional(fields.minimumOrderQuantity, { examples: [1] }),
  barcode: optional(text(fields.barcode), { examples: ['4006381333931'] }),
  mpn: optional(text(fields.mpn, { minLength: 0 }), {
    description: 'Manufacturer part number. An empty string means none.',
    examples: ['SM-350']
  }),
  condition: Type.Optional(fields.condition),
  url: optional(fields.url, { examples: ['https://shop.example/products/stoneware-mug'] }),
  attributes: optional(Type.Array(ref(ProductAttributeInput), { ...fields.attributes }), {
    examples: [[{ name: 'Material', value: 'stoneware' }]]
  }),
  options: optional(Type.Array(ref(ProductOptionInput), { ...fields.options }), {
    description: 'Properties in which the variants differ. The variants use only these names and values.',
    examples: [[{ name: 'Color', values: ['white', 'blue'] }]]
  }),
  variants: optional(Type.Array(ref(ProductVariantInput), { ...fields.variants }), {
    description:
      'Variants. If there are any, the service derives `price`, `salePrice`, `stock` and `availability` of the product from them: the lowest prices, the sum of the ' +
      'known stock, and the best availability. Other values for these fields get 422.',
    examples: [
      [
        { sku: 'MUG-001-W', options: [{ name: 'Color', value: 'white' }], price: 12.5, salePrice: 9.5, stock: 25 },
        { sku: 'MUG-001-B', options: [{ name: 'Color', value: 'blue' }], price: 13.5, stock: 15 }
      ]
    ]
  })
}

const TEXT_RULES =
  'Before it validates a product, the service normalizes its text: it composes accents (NFC), removes invisible characters and white space at the ends, and replaces ' +
  'each run of other white space with one space, except in `description`, `warranty`, `shipping` and `returnPolicy`. It also removes repeated tags and attributes.'

export const ProductInput = Type.Object(input, {
  $id: 'ProductInput',
  additionalProperties: false,
  description:
    'A product to create. Omitted fields are absent, empty or 0, except `minimumOrderQuantity`, which is 1, and `status`, which is `active`. Without `availability`, the product is ' +
    '`in-stock` if `stock` is above 0 and `out-of-stock` otherwise. The service sets `id`, `currency`, `createdAt`, `updatedAt`, `origin` and `edited`. ' +
    'Ratings and reviews cannot be written.\n\n' +
    TEXT_RULES
})
export type ProductInput = Static<typeof ProductInput>

/** Names of the fields of a product that clients cannot write. */
export const readOnlyFields: ReadonlySet<string> = new Set(Object.keys(fields).filter((name) => !(name in input)))

/** Names of the fields that a patch can remove: the optional fields of a product. */
export const removableFields = Object.keys(input).filter((name) => !(Product.required as string[]).includes(name))

const withoutExamples = ({ examples: _, ...schema }: TSchema) => schema as TSchema

export const ProductPatch = Type.Unsafe<Partial<ProductInput>>(
  Type.Object(
    Object.fromEntries(Object.entries(input).map(([name, schema]) => [name, Type.Optional(withoutExamples(schema))])),
    {
      $id: 'ProductPatch',
      additionalProperties: false,
      description:
        'Changes to a product, as a JSON Merge Patch (RFC 7396). Omitted fields stay unchanged. Lists are replaced as a whole. `options` and `variants` belong together: an edit of one also keeps the other from following the source. ' +
        `To remove a field, send \`null\`: ${removableFields.map((name) => `\`${name}\``).join(', ')}. The other fields cannot be removed.\n\n` +
        TEXT_RULES,
      examples: [{ title: 'Stoneware Mug, 350 ml', tags: ['kitchen', 'mugs', 'new'] }]
    }
  )
)
export type ProductPatch = Static<typeof ProductPatch>
