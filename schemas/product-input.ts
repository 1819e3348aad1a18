import { type Static, type StringOptions, type TSchema, type TString, Type } from '@sinclair/typebox'
import { Dimensions, Product } from './product.js'
import { ref } from './ref.js'

/*
 * What callers may write of a product. The fields are those of `Product`, with the same bounds. Ratings and reviews are
 * their customers' to give, and ids, times, currency and `origin` are the service's: these are not among them.
 */

/** The most bytes that the body of a write may have: more than the largest product. */
export const PRODUCT_BODY_MAX = 1_048_576

/** No control characters but tabs and line ends: they have no place in a text, and some databases refuse them. */
const TEXT = '[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]'
/** The same, with something to see in it. */
const FILLED = `^${TEXT}*[^\\x00-\\x20\\x7f-\\xa0]${TEXT}*$`

const fields = Product.properties
const text = (schema: TString, options: StringOptions = {}) =>
  Type.String({ ...schema, pattern: `^${TEXT}*$`, ...options })
const filled = (schema: TString, options: StringOptions = {}) =>
  text(schema, { minLength: 1, pattern: FILLED, ...options })
const defaulted = <T extends TSchema>(schema: T, value: Static<T>, options: object = {}) =>
  Type.Optional({ ...schema, default: value, ...options })

/** What a new product has where nothing is said of it. */
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
const of = productDefaults

export const DimensionsInput = Type.Object(
  {
    width: defaulted(Dimensions.properties.width, of.dimensions.width, { examples: [8.5] }),
    height: defaulted(Dimensions.properties.height, of.dimensions.height, { examples: [9.5] }),
    depth: defaulted(Dimensions.properties.depth, of.dimensions.depth, { examples: [8.5] })
  },
  {
    $id: 'DimensionsInput',
    additionalProperties: false,
    description:
      'Outer measures, all three in one unit. Of a product that there is, those that are left out stay as they are.'
  }
)

const input = {
  sku: filled(fields.sku, {
    description: 'Stock keeping unit: the code that a warehouse uses. No other product may have it.',
    examples: ['MUG-001']
  }),
  title: filled(fields.title, { examples: ['Stoneware Mug'] }),
  description: defaulted(text(fields.description), of.description, {
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
  discountPercentage: defaulted(fields.discountPercentage, of.discountPercentage, { examples: [0] }),
  stock: defaulted(fields.stock, of.stock, { examples: [40] }),
  availability: Type.Optional(fields.availability),
  tags: defaulted(Type.Array(filled(fields.tags.items), { ...fields.tags }), of.tags, {
    examples: [['kitchen', 'mugs']]
  }),
  thumbnail: { ...fields.thumbnail, examples: ['https://images.example/mug-small.webp'] },
  images: defaulted(fields.images, of.images, { examples: [['https://images.example/mug.webp']] }),
  weight: defaulted(fields.weight, of.weight, { examples: [1] }),
  dimensions: Type.Optional(ref(DimensionsInput)),
  warranty: defaulted(text(fields.warranty), of.warranty, { examples: ['1 year warranty'] }),
  shipping: defaulted(text(fields.shipping), of.shipping, { examples: ['Ships in 3-5 business days'] }),
  returnPolicy: defaulted(text(fields.returnPolicy), of.returnPolicy, { examples: ['30 days return policy'] }),
  minimumOrderQuantity: defaulted(fields.minimumOrderQuantity, of.minimumOrderQuantity, { examples: [1] }),
  barcode: defaulted(text(fields.barcode), of.barcode, { examples: ['4006381333931'] })
}

export const ProductInput = Type.Object(input, {
  $id: 'ProductInput',
  additionalProperties: false,
  description:
    'A product to be made. Without `availability` it is in stock if there is any `stock`. What is not here is not for ' +
    'callers to say: ids and times are given by the service, ratings and reviews by customers.'
})
export type ProductInput = Static<typeof ProductInput>

/** What readers see of a product and nobody may write. */
export const readOnlyFields: ReadonlySet<string> = new Set(Object.keys(fields).filter((name) => !(name in input)))

/** A default would say that what is left out is reset. */
const withoutDefault = ({ default: _, examples: __, ...schema }: TSchema) => schema as TSchema

export const ProductPatch = Type.Unsafe<Partial<ProductInput>>(
  Type.Object(
    Object.fromEntries(Object.entries(input).map(([name, schema]) => [name, Type.Optional(withoutDefault(schema))])),
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
