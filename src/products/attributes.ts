import { ATTRIBUTE_FACET, type AttributeFacetName, type FacetName } from '../../schemas/listing.js'
import type { Product } from '../../schemas/product.js'
import type { ProductAttribute } from '../../schemas/variant.js'
import { toLine } from './text.js'

/** Removes repeated attributes, and those without a name or a value. */
export function distinctAttributes(attributes: readonly ProductAttribute[]): ProductAttribute[] {
  const filled = attributes.filter(({ name, value }) => name !== '' && value !== '').map(toAttribute)
  return [...new Map(filled.map((attribute) => [toAttributeKey(attribute), attribute])).values()]
}

/** Returns an attribute whose properties have the usual order, so that equal attributes have the same JSON. */
export const toAttribute = ({ name, value }: ProductAttribute): ProductAttribute => ({ name, value })

/** Returns the text by which the index finds an attribute. A name has no colon, so different attributes have different texts. */
export const toAttributeKey = ({ name, value }: ProductAttribute): string => `${name}:${value}`

/** Returns the keys of the attributes of a product and of the values of its options, each once. */
export function toAttributeKeys({ attributes, options }: Pick<Product, 'attributes' | 'options'>): string[] {
  const chosen = options.flatMap(({ name, values }) => values.map((value) => toAttributeKey({ name, value })))
  return [...new Set([...attributes.map(toAttributeKey), ...chosen])]
}

/** Splits a text such as `Color: red` at its first colon, and normalizes both parts. Returns undefined if it has no colon. */
export function parseAttribute(text: string): ProductAttribute | undefined {
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : { name: toLine(text.slice(0, colon)), value: toLine(text.slice(colon + 1)) }
}

/** Returns whether a facet counts the values of an attribute instead of those of a field. */
export const isAttributeFacet = (facet: FacetName): facet is AttributeFacetName => facet.startsWith(ATTRIBUTE_FACET)

/** Returns the name of the attribute whose values a facet counts. */
export const attributeOfFacet = (facet: AttributeFacetName): string => facet.slice(ATTRIBUTE_FACET.length)
