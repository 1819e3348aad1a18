import { createHash } from 'node:crypto'
import type { Product } from '../../schemas/product.js'
import type { ProductVariant } from '../../schemas/variant.js'

/** Ids of a variant that platforms accept as a part of the id of an item. With the id of the product, they have at most 50 characters. */
const USABLE = /^[A-Za-z0-9_-]{1,38}$/
/** Digits of the hash that replaces other ids. */
const HASH_LENGTH = 16

/**
 * Returns the ids of the items of the variants: the id of the product with the variant's id at the source or, if it has none, with its SKU.
 * They stay the same while those do, unless another variant appears or disappears whose id or SKU is the same, ignoring case. Variants
 * without an id or SKU of their own are told apart by their options.
 */
export function toVariantIds({ id, variants }: Pick<Product, 'id' | 'variants'>): string[] {
  const keys = variants.map(({ externalId, sku }) => externalId ?? sku)
  const counts = new Map<string, number>()
  for (const key of keys) if (key !== undefined) counts.set(toFolded(key), (counts.get(toFolded(key)) ?? 0) + 1)
  return variants.map((variant, i) => {
    const key = keys[i]
    const isUnique = key !== undefined && counts.get(toFolded(key)) === 1
    return `${id}-${isUnique ? toUsable(key) : hash(toOptionsText(variant))}`
  })
}

/** Some platforms ignore case. */
const toFolded = (key: string) => key.toLowerCase()

const toUsable = (key: string) => (USABLE.test(key) ? key : hash(key))

/** Returns a text that variants of a product have in common only if they have the same options. */
const toOptionsText = ({ options }: ProductVariant) =>
  JSON.stringify(options.map(({ name, value }) => [name, value]).sort())

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH)
