import { Product } from '../../../../schemas/product.js'
import { ProductAttribute } from '../../../../schemas/variant.js'
import { type CategoryStep, toCategorySlug } from '../../../products/categories.js'
import type { SourceRecord } from '../source-record.js'
import type { UsualForms } from '../source-values.js'
import { toOptionName } from '../source-variants.js'

/* The parts of a product that both APIs of WooCommerce have in the same form. */

const { properties: limits } = Product
const { properties: attributeLimits } = ProductAttribute
/** Maximum length of a slug: WordPress percent-encodes other letters than ASCII. */
export const SLUG_MAX = 1000

/** The usual forms of values in both APIs. */
export const FORMS: UsualForms = { hasNumbersAsText: true, hasHtmlText: true, hasTimesWithoutZone: true }

interface Category extends CategoryStep {
  /** The path of its page, which contains the paths of its ancestors; undefined if the API does not give it. */
  path: string | undefined
}

/**
 * Returns the path of the deepest category of a product, with those of its ancestors that the product has too. Without addresses, it is the
 * first category.
 */
export function readCategoryPath(product: SourceRecord): CategoryStep[] | undefined {
  const categories = product.list('/categories').flatMap((category) => readCategory(category))
  const [first] = categories.toSorted((a, b) => depthOf(b) - depthOf(a))
  if (!first) return undefined
  const ancestors = categories.filter(({ path }) => path && path !== first.path && first.path?.startsWith(path))
  return [...ancestors.sort((a, b) => depthOf(a) - depthOf(b)), first].map(({ slug, name }) => ({ slug, name }))
}

function readCategory(category: SourceRecord): Category[] {
  const name = category.line('/name', { maxLength: attributeLimits.name.maxLength as number })
  if (name === undefined) return []
  const slug = toCategorySlug(decode(category.code('/slug', { maxLength: SLUG_MAX }) ?? name)) || toCategorySlug(name)
  if (slug === '') {
    category.drop('/name', 'must contain a letter, a digit or a symbol')
    return []
  }
  const link = category.url('/link')
  return [{ slug, name, path: link && `${link.replace(/\/$/, '')}/` }]
}

const depthOf = ({ path }: Category) => path?.split('/').length ?? 0

function decode(slug: string): string {
  try {
    return decodeURIComponent(slug)
  } catch {
    return slug
  }
}

/** Returns the names of the terms of a product, such as its tags. */
export const readTermNames = (product: SourceRecord, pointer: string, { maxItems, items }: typeof limits.tags) =>
  product.list(pointer, { maxItems: maxItems as number }).flatMap((term) => term.line('/name', items) ?? [])

/** Returns the addresses of the pictures of a product. */
export function readImages(product: SourceRecord): string[] {
  const images = product.list('/images', limits.images).map((image) => image.url('/src'))
  return [...new Set(images.filter((url) => url !== undefined))]
}

/** A property of a product, or one in which its variants differ. */
export interface AttributeValues {
  name: string
  values: string[]
  isOption: boolean
}

/** Converts the properties of a product to attributes, one for each value. Reports those above the limit. */
export function toAttributes(product: SourceRecord, found: readonly AttributeValues[]): ProductAttribute[] {
  const attributes = found.flatMap(({ name, values }) => values.map((value) => ({ name, value })))
  const max = limits.attributes.maxItems as number
  if (attributes.length > max) product.drop('/attributes', `must have at most ${max} values`)
  return attributes.slice(0, max)
}

/** Returns the name of an attribute. */
export function readAttributeName(attribute: SourceRecord): string | undefined {
  const name = attribute.line('/name', attributeLimits.name)
  return name === undefined ? undefined : toOptionName(name)
}
