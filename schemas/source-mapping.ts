import { type Static, type TOptional, type TProperties, type TSchema, Type } from '@sinclair/typebox'
import { PART_POINTER_PATTERN, Paging, POINTER_MAX, POINTER_PATTERN, pointer, strict } from './source-paging.js'

/*
 * The file in `SOURCE_MAPPING`, which says where a source has its products and their fields. Unknown properties are mistakes, so that a
 * misspelled name has no silent effect. Schemas that accept a string or an object declare both in one schema: the errors of a union would
 * not say which of the two the author meant.
 */

const EXPRESSION_MAX = 10_000

const object = <T extends TProperties>(properties: T, description: string) =>
  Type.Object(properties, { ...strict, description })

const scalar = (description: string) =>
  Type.Unsafe<string | number | boolean>({ type: ['string', 'number', 'boolean'], description })

/** A field as an object. Exactly one of `pointer`, `pointers`, `value` and `jsonata` says where its value comes from. */
export interface FieldRule {
  pointer?: string
  pointers?: string[]
  value?: string | number | boolean
  jsonata?: string
  words?: Record<string, string>
  default?: string | number | boolean
  html?: boolean
  minorUnits?: boolean
  separator?: string
  items?: string
}
/** Where to read a field: a JSON Pointer, or an object with more options. */
export type MappedField = string | FieldRule

/** The properties of a field that say where its value comes from. */
export const VALUE_SOURCES = ['pointer', 'pointers', 'value', 'jsonata'] as const

const anyField: Record<keyof Omit<FieldRule, 'html' | 'minorUnits' | 'separator' | 'items'>, TSchema> = {
  pointer: pointer('JSON Pointer to the value within the record, such as `/title`.'),
  pointers: Type.Array(pointer('JSON Pointer.'), {
    minItems: 1,
    maxItems: 20,
    description: 'JSON Pointers to try in this order. The service uses the first one that has a value.'
  }),
  value: scalar('The same value for all records.'),
  jsonata: Type.String({
    minLength: 1,
    maxLength: EXPRESSION_MAX,
    description: 'JSONata expression (https://jsonata.org) that is evaluated with the record as its input.'
  }),
  words: Type.Record(Type.String(), Type.String({ maxLength: 1000 }), {
    description:
      'Replaces whole values. Each key is a value of the source, regardless of case, and maps to a value of the catalog. An empty text ' +
      'means that the record does not have the field. Values without a key are kept.'
  }),
  default: scalar('The value if the record has none.')
}
const html = Type.Boolean({ description: 'Whether the text is HTML. The service stores it as plain text.' })
const minorUnits = Type.Boolean({
  description:
    'Whether the price is in the smallest unit of the currency, such as 1999 for 19.99 US dollars or 1999 Japanese yen.'
})
const separator = Type.String({
  minLength: 1,
  maxLength: 10,
  description: 'Separates the values in a text, such as `|` in `red|blue`.'
})
const items = pointer('JSON Pointer to the value within each item of the list, such as `/url`.')

const form = (more: TProperties = {}) => ({
  type: ['string', 'object'],
  pattern: PART_POINTER_PATTERN,
  maxLength: POINTER_MAX,
  properties: { ...anyField, ...more },
  ...strict,
  description: `A JSON Pointer such as \`/title\`, or an object with exactly one of ${VALUE_SOURCES.join(', ')}.`
})
/** The forms of fields. */
const $defs = { field: form(), text: form({ html }), money: form({ minorUnits }), list: form({ separator, items }) }

const fieldOf = (name: keyof typeof $defs) => (description: string) =>
  Type.Unsafe<MappedField>({ $ref: `#/$defs/${name}`, description })
const field = fieldOf('field')
const text = fieldOf('text')
const money = fieldOf('money')
const list = fieldOf('list')

const optional = <T extends Record<string, TSchema>>(properties: T) =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, Type.Optional(schema)])) as {
    [name in keyof T]: TOptional<T[name]>
  }

const fields = object(
  {
    externalId: field('ID of the product in the source: text, or a whole number. It must never change.'),
    title: text('Display name.'),
    ...optional({
      price: money(
        'Regular unit price, before discounts. Required, unless the variants have prices. Text may be `19.99`.'
      ),
      salePrice: money('Reduced unit price.'),
      salePriceFrom: field('Time at which the sale starts.'),
      salePriceUntil: field('Time at which the sale ends.'),
      discountPercentage: field('Discount in percent, if the source has no reduced price.'),
      currency: field('Currency of the prices (ISO 4217), such as `EUR`. Defaults to `SOURCE_CURRENCY`.'),
      sku: field('Stock keeping unit (SKU). Defaults to the SKU of the first variant, or else to the external ID.'),
      description: text('Description.'),
      category: list(
        'Name of the category, or a list of names: its path, the root first. Defaults to the category `uncategorized`.'
      ),
      brand: field('Brand name.'),
      stock: field('Number of units in stock. Leave it out if the source does not say.'),
      availability: field(
        'Availability: `in-stock`, `low-stock`, `preorder`, `backorder` or `out-of-stock`. Defaults to `out-of-stock` if `stock` is 0, ' +
          'and to `in-stock` otherwise.'
      ),
      tags: list('List of tags.'),
      images: list('List of image URLs, or one URL.'),
      thumbnail: field('URL of the thumbnail image. Defaults to the first image.'),
      weight: field('Weight, in any unit.'),
      dimensions: object(
        optional({ width: field('Width.'), height: field('Height.'), depth: field('Depth.') }),
        'Outer dimensions, all in the same unit.'
      ),
      url: field('URL of the product page in the shop.'),
      mpn: field('Manufacturer part number.'),
      barcode: field('Barcode, usually an EAN-13.'),
      condition: field('Condition: `new`, `refurbished` or `used`.'),
      rating: field('Average rating, from 0 to 5.'),
      minimumOrderQuantity: field('Minimum number of units per order.'),
      warranty: text('Warranty terms.'),
      shipping: text('Shipping information.'),
      returnPolicy: text('Return policy.'),
      attributes: Type.Record(Type.String({ minLength: 1, maxLength: 100 }), text('The value, or a list of values.'), {
        maxProperties: 50,
        description:
          'Attributes such as the material. Each key is the name of an attribute, and its value says where to read it.'
      }),
      createdAt: field('Time when the product was created. A time without a time zone is in UTC.'),
      updatedAt: field('Time of the last change in the source. A time without a time zone is in UTC.')
    })
  },
  'Where to read each field of a product, within its record.'
)

const variants = object(
  {
    records: pointer('JSON Pointer to the list of variants within the record, such as `/variants`.'),
    options: Type.Record(Type.String({ minLength: 1, maxLength: 100 }), field('The value of the option.'), {
      minProperties: 1,
      maxProperties: 6,
      description:
        'Options such as the size. Each key is the name of an option, and its value says where to read it within the variant.'
    }),
    fields: object(
      optional({
        externalId: field('ID of the variant in the source.'),
        sku: field('Stock keeping unit (SKU).'),
        barcode: field('Barcode.'),
        price: money('Regular unit price. Defaults to the price of the product.'),
        salePrice: money('Reduced unit price.'),
        stock: field('Number of units in stock.'),
        availability: field('Availability, as for the product.'),
        image: field('Image URL.')
      }),
      'Where to read each field of a variant, within the variant.'
    )
  },
  'Variants of the products, such as their sizes.'
)

export const SourceMapping = Type.Object(
  {
    $schema: Type.Optional(
      Type.String({ description: 'Address of this schema, for editors. The service ignores it.' })
    ),
    records: Type.Optional(
      Type.String({
        pattern: POINTER_PATTERN,
        maxLength: POINTER_MAX,
        description:
          'JSON Pointer to the list of records within a page. By default, the page itself is the list. Only for `SOURCE_KIND=json`.'
      })
    ),
    paging: Type.Optional(Paging),
    fields,
    variants: Type.Optional(variants)
  },
  {
    ...strict,
    $defs,
    title: 'Source mapping',
    description: 'Where a source of the kind `json`, `ndjson` or `csv` has its products and their fields.'
  }
)
export type SourceMapping = Static<typeof SourceMapping>
