import type { Product } from '../../schemas/product.js'
import { toAttributeKeys } from './attributes.js'
import { toIndexedPrice } from './money.js'
import { currentPrice } from './sales.js'
import { toSortKey } from './words.js'

/** The indexed fields with at most one value per product, in the order in which their values are stored. */
export const INDEXED_FIELDS = [
  'title',
  'category',
  'brand',
  'availability',
  'status',
  'price',
  'currency',
  'onSale',
  'rating',
  'discount',
  'stock',
  'createdAt'
] as const
export type IndexedField = (typeof INDEXED_FIELDS)[number]

export type IndexedValue = number | string

/** The indexed fields with any number of values per product, in the order in which their values are stored after the others. */
export const INDEXED_LISTS = ['tag', 'attribute'] as const
export type IndexedList = (typeof INDEXED_LISTS)[number]

/** The values to filter and sort a product by: one per indexed field, then the lists. A missing value is null. */
export type IndexedValues = (IndexedValue | null | string[])[]

/** Returns the values to filter and sort a product by. Titles are sort keys, and the price is the one that customers pay now. */
export function toIndexedValues(product: Product): IndexedValues {
  const values: Record<IndexedField, IndexedValue | null> = {
    title: toSortKey(product.title),
    category: product.category,
    brand: product.brand ?? null,
    availability: product.availability,
    status: product.status,
    price: toIndexedPrice(currentPrice(product)),
    currency: product.currency,
    onSale: product.onSale ? 1 : 0,
    rating: product.rating,
    discount: product.discountPercentage,
    stock: product.stock ?? null,
    createdAt: product.createdAt
  }
  const lists: Record<IndexedList, string[]> = { tag: [...new Set(product.tags)], attribute: toAttributeKeys(product) }
  return [...INDEXED_FIELDS.map((field) => values[field]), ...INDEXED_LISTS.map((list) => lists[list])]
}
