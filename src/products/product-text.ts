import { isDeepStrictEqual } from 'node:util'
import type { ProductVariant } from '../../schemas/variant.js'
import { isObject } from '../support/is-object.js'
import { distinctAttributes } from './attributes.js'
import type { Edits, ProductFields } from './overlay.js'
import type { UnsavedProduct } from './stored-product.js'
import { toCode, toLine, toLines } from './text.js'

/** The normal form of each text field of a product, of its parts and of a category. The other fields have formats of their own. */
const forms = new Map<string, (text: string) => string>([
  ['sku', toCode],
  ['barcode', toCode],
  ['mpn', toCode],
  ['externalId', toCode],
  ['title', toLine],
  ['name', toLine],
  ['brand', toLine],
  ['tags', toLine],
  ['description', toLines],
  ['warranty', toLines],
  ['shipping', toLines],
  ['returnPolicy', toLines],
  ['salePriceFrom', toUtc],
  ['salePriceUntil', toUtc],
  ['comment', toLines],
  ['reviewer', toLine],
  ['value', toLine],
  ['values', toLine]
])

/** Converts a time (RFC 3339) to UTC. A leap second, which `Date` cannot represent, becomes the second before. Leaves other text as it is. */
function toUtc(text: string): string {
  const time = Date.parse(text.replace(/:60(?=[.Zz+-])/, ':59'))
  return /^\d{4}-\d\d-\d\d[Tt]/.test(text) && !Number.isNaN(time) ? new Date(time).toISOString() : text
}

/** Normalizes the text in the fields of a product. The values need not be valid: it leaves all others as they are. */
export function normalizeTexts<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, normalizeValue(name, value)])) as T
}

function normalizeValue(name: string, value: unknown): unknown {
  if (typeof value === 'string') return forms.get(name)?.(value) ?? value
  if (!Array.isArray(value)) return value
  return value.map((item) => (isObject(item) ? normalizeTexts(item) : normalizeValue(name, item)))
}

/** Removes empty and repeated tags. */
export const distinctTags = (tags: readonly string[]): string[] => [...new Set(tags)].filter((tag) => tag !== '')

/** Normalizes the text of a product. An empty brand becomes none. */
export function normalizeProduct<T extends Pick<ProductFields, 'tags' | 'brand' | 'mpn' | 'attributes' | 'variants'>>(
  fields: T
): T {
  const normalized = normalizeTexts(fields)
  normalized.tags = distinctTags(normalized.tags)
  // Products of earlier releases lack these fields.
  if (normalized.attributes) normalized.attributes = distinctAttributes(normalized.attributes)
  if (normalized.variants) normalized.variants = normalized.variants.map(withoutEmptyTexts)
  for (const name of ['brand', 'mpn'] as const) if (normalized[name] === '') delete normalized[name]
  return normalized
}

function withoutEmptyTexts(variant: ProductVariant): ProductVariant {
  const filled = { ...variant }
  for (const name of ['sku', 'externalId', 'barcode'] as const) if (filled[name] === '') delete filled[name]
  return filled
}

/**
 * Normalizes the text of a product that an earlier release has stored. A title of invisible characters becomes the SKU.
 * @returns The same object if its text is normal.
 */
export function normalizeStored<T extends UnsavedProduct>(stored: T): T {
  const base = stored.base && withTitle(normalizeProduct(stored.base))
  const edits = normalizeEdits(stored.edits)
  return isDeepStrictEqual([base, edits], [stored.base, stored.edits]) ? stored : { ...stored, base, edits }
}

const withTitle = (fields: ProductFields) => ({ ...fields, title: fields.title || fields.sku || String(fields.id) })

/** Drops edits of the SKU and of the title that become empty. */
function normalizeEdits(edits: Edits): Edits {
  const normalized = normalizeTexts(edits)
  if (normalized.tags) normalized.tags = distinctTags(normalized.tags)
  if (normalized.brand === '') normalized.brand = null
  for (const name of ['sku', 'title'] as const) if (normalized[name] === '') delete normalized[name]
  return normalized
}
