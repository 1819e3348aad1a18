import { type Static, type StringOptions, type TSchema, type TString, Type } from '@sinclair/typebox'
import { Dimensions, Product } from './product.js'
import { ref } from './ref.js'

/*
 * What callers may write of a product. The fields are those of `Product`, with the same bounds. Ratings and reviews are
 * their customers' to give, and ids, times, currency and `origin` are the service's: these are not among them.
 */

/** The most bytes that the body of a write may have: more than the largest product. */
export const PRODUCT_BODY_MAX = 1_048_576

/** Any character but control characters, of which tabs and line ends are allowed. Some databases refuse the others. */
const TEXT = '[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]'
/** Those of them that leave nothing to see. */
const BLANK = '[\\t\\n\\r \\xa0]'
/**
 * Text with something to see in it. No two neighboring parts of the pattern match the same character, so that checking takes
 * time in proportion to the length of the text, whatever it is.
 */
const FILLED = `^${BLANK}*[^\\x00-\\x20\\x7f-\\xa0]${TEXT}*$`

const fields = Product.properties
const text = (schema: TString, options: StringOptions = {}) =>
  Type.String({ ...schema, pattern: `^${TEXT}*$`, ...options })
const filled = (schema: TString, options: StringOptions = {}) =>
  text(schema, { minLength: 1, pattern: FILLED, ...options })
const optional = <T extends TSchema>(schema: T, options: object) => Type.Optional({ ...schema, ...options })

/**
 * What a new product has where nothing is said of it. No schema has it as its `default`: clients in some languages send that
 * where their caller says nothing, which would reset fields in a patch, and in others it makes the field a required one.
 */
export const productDefaults = {
  description: '',
  discountPercentage: 0,
  stock: 0,
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
      'Outer measures, all three in one unit. Those that are left out are 0 of a new product, and stay as they are of one that ' +
      'there is.'
  }
)

const input = {
  sku: filled(fields.sku, {
    description: 'Stock keeping unit: the code that a warehouse uses. No other product may have it.',
    examples: ['MUG-001']
  }),
  title: filled(fields.title, { examples: ['Stoneware Mug'] }),
  description: optional(text(fields.description), {
    examples: ['Holds 350 ml, and survives the dishwasher.']
  }),
  category: { ...fields.category, examples: ['kitchen-accessories'] },
  brand: Type.Optional(
    text(fields.brand, { minLength: 0, description: 'Maker. Empty: none.', examples: ['Clay & Co'] })
  ),
  price: {
    ...fields.price,
    description: 'Price for one, in the currency of the catalog. It is rounded to two decimal places.',
    examples: [12.5]
  },
  discountPercentage: optional(fields.discountPercentage, { examples: [0] }),
  stock: optional(fields.stock, { examples: [40] }),
  availability: Type.Optional(fields.availability),
  tags: optional(Type.Array(filled(fields.tags.items), { ...fields.tags }), {
    examples: [['kitchen', 'mugs']]
  }),
  thumbnail: { ...fields.thumbnail, examples: ['https://images.example/mug-small.webp'] },
  images: optional(fields.images, { examples: [['https://images.example/mug.webp']] }),
  weight: optional(fields.weight, { examples: [1] }),
  dimensions: Type.Optional(ref(DimensionsInput)),
  warranty: optional(text(fields.warranty), { examples: ['1 year warranty'] }),
  shipping: optional(text(fields.shipping), { examples: ['Ships in 3-5 business days'] }),
  returnPolicy: optional(text(fields.returnPolicy), { examples: ['30 days return policy'] }),
  minimumOrderQuantity: optional(fields.minimumOrderQuantity, { examples: [1] }),
  barcode: optional(text(fields.barcode), { examples: ['4006381333931'] })
}

export const ProductInput = Type.Object(input, {
  $id: 'ProductInput',
  additionalProperties: false,
  description:
    'A product to be made. What is left out is empty or 0, and `minimumOrderQuantity` is 1; without `availability` it is in ' +
    'stock if there is any `stock`. What is not here is not for callers to say: ids and times are given by the service, ' +
    'ratings and reviews by customers.'
})
export type ProductInput = Static<typeof ProductInput>

/** What readers see of a product and nobody may write. */
export const readOnlyFields: ReadonlySet<string> = new Set(Object.keys(fields).filter((name) => !(name in input)))

const withoutExamples = ({ examples: _, ...schema }: TSchema) => schema as TSchema

export const ProductPatch = Type.Unsafe<Partial<ProductInput>>(
  Type.Object(
    Object.fromEntries(Object.entries(input).map(([name, schema]) => [name, Type.Optional(withoutExamples(schema))])),
    {
      $id: 'ProductPatch',
      additionalProperties: false,
      description:
        'What is to be changed, as a JSON Merge Patch (RFC 7396): fields that are left out stay as they are, lists are ' +
        'replaced as a whole. `brand` alone can be taken away, with `null` or an empty text.',
      examples: [{ price: 8.99, stock: 120 }]
    }
  )
)
export type ProductPatch = Static<typeof ProductPatch>
