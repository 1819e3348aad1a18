import { type Static, type StringOptions, type TSchema, type TString, Type } from '@sinclair/typebox'
import { Dimensions, Product } from './product.js'
import { ref } from './ref.js'

/*
 * Fields of a product that clients may write, with the same bounds as in `Product`. Ratings and reviews are missing because they
 * come from customers, and `externalId` because the source assigns it. The service assigns ids, times, currency and `origin`.
 */

/** Maximum size of the body of a write, in bytes. The largest product fits. */
export const PRODUCT_BODY_MAX = 1_048_576

/** Any character except control characters. Tabs and line ends are allowed. Some databases reject the others. */
const TEXT = '[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]'
export const TEXT_PATTERN = `^${TEXT}*$`
/**
 * White space and invisible characters among these, which the service removes at the start of a text. Those above U+FFFF are missing, because
 * regular expressions of many languages cannot name them.
 */
const BLANKS =
  '\\t\\n\\r \\xA0\\xAD\\u034F\\u061C\\u115F\\u1160\\u1680\\u17B4\\u17B5\\u180B-\\u180F\\u2000-\\u200F\\u2028-\\u202F' +
  '\\u205F-\\u206F\\u2800\\u3000\\u3164\\uFE00-\\uFE0F\\uFEFF\\uFFA0\\uFFF0-\\uFFFB'
/**
 * Text with at least one visible character. Neighboring parts of the pattern match different characters, so matching takes linear
 * time.
 */
export const VISIBLE_TEXT_PATTERN = `^[${BLANKS}]*[^${BLANKS}\\x00-\\x1f\\x7f-\\x9f]${TEXT}*$`

/** Excludes leap seconds, which `Date` cannot represent. */
const TIME_PATTERN = ':[0-5][0-9](\\.[0-9]+)?([Zz]|[+-][0-9:]+)$'

const fields = Product.properties
const text = (schema: TString, options: StringOptions = {}) =>
  Type.String({ ...schema, pattern: TEXT_PATTERN, ...options })
/** Text that is not blank. */
export const filled = (schema: TString, options: StringOptions = {}) =>
  text(schema, { minLength: 1, pattern: VISIBLE_TEXT_PATTERN, ...options })
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
  barcode: ''
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
      'Reduced unit price, rounded like `price`. It has no effect while it is not lower than `price`, and outside the sale.',
    examples: [9.5]
  }),
  salePriceFrom: optional(fields.salePriceFrom, { pattern: TIME_PATTERN, examples: ['2026-11-27T00:00:00.000Z'] }),
  salePriceUntil: optional(fields.salePriceUntil, {
    pattern: TIME_PATTERN,
    description: 'Time at which the sale ends. Must be later than `salePriceFrom`. Absent if it has no end.',
    examples: ['2026-12-01T00:00:00.000Z']
  }),
  stock: optional(fields.stock, { examples: [40] }),
  availability: Type.Optional(fields.availability),
  status: Type.Optional(fields.status),
  tags: optional(Type.Array(filled(fields.tags.items), { ...fields.tags }), {
    examples: [['kitchen', 'mugs']]
  }),
  thumbnail: optional(fields.thumbnail, { examples: ['https://images.example/mug-small.webp'] }),
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
  url: optional(fields.url, { examples: ['https://shop.example/products/stoneware-mug'] })
}

const TEXT_RULES =
  'Before it validates a product, the service normalizes its text: it composes accents (NFC), removes invisible characters and white space at the ends, and replaces ' +
  'each run of other white space with one space, except in `description`, `warranty`, `shipping` and `returnPolicy`. It also removes repeated tags.'

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
        'Changes to a product, as a JSON Merge Patch (RFC 7396). Omitted fields stay unchanged. Lists are replaced as a whole. ' +
        `To remove a field, send \`null\`: ${removableFields.map((name) => `\`${name}\``).join(', ')}. The other fields cannot be removed.\n\n` +
        TEXT_RULES,
      examples: [{ price: 8.99, stock: 120 }]
    }
  )
)
export type ProductPatch = Static<typeof ProductPatch>
