import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { filled, NAME_PATTERN } from './input-text.js'
import { ref } from './ref.js'
import { ProductAttribute, ProductOption, ProductVariant } from './variant.js'

/* The parts of a product that clients may write, with the same bounds as in the product. */

const optional = <T extends TSchema>(schema: T, options: object) => Type.Optional({ ...schema, ...options })

const name = filled(ProductAttribute.properties.name, { pattern: NAME_PATTERN })
const value = filled(ProductAttribute.properties.value)

export const ProductAttributeInput = Type.Object(
  { name, value },
  { $id: 'ProductAttributeInput', additionalProperties: false, description: String(ProductAttribute.description) }
)
export type ProductAttributeInput = Static<typeof ProductAttributeInput>

export const ProductOptionInput = Type.Object(
  { name, values: Type.Array(value, { ...ProductOption.properties.values }) },
  {
    $id: 'ProductOptionInput',
    additionalProperties: false,
    description: `${ProductOption.description} Option names are unique within a product, and values are unique within an option.`
  }
)
export type ProductOptionInput = Static<typeof ProductOptionInput>

const fields = ProductVariant.properties

export const ProductVariantInput = Type.Object(
  {
    sku: Type.Optional(filled(fields.sku)),
    externalId: Type.Optional(filled(fields.externalId)),
    barcode: Type.Optional(filled(fields.barcode)),
    options: Type.Array(ref(ProductAttributeInput), { ...fields.options }),
    price: { ...fields.price, description: `${fields.price.description} Rounded like that of the product.` },
    salePrice: optional(fields.salePrice, { description: 'Reduced price.' }),
    stock: optional(fields.stock, { description: 'Number of units in stock. Omit it if it is unknown.' }),
    availability: Type.Optional(fields.availability),
    image: Type.Optional(fields.image)
  },
  {
    $id: 'ProductVariantInput',
    additionalProperties: false,
    description:
      'A variant of a product, such as one of its sizes. It has at most one value for each option, and no two variants have the same ' +
      'values. Without `availability`, it is `in-stock` if `stock` is above 0 and `out-of-stock` otherwise.'
  }
)
export type ProductVariantInput = Static<typeof ProductVariantInput>
