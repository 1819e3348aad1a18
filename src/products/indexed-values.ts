import type { Product } from '../../schemas/product.js'
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

/** The values to filter and sort a product by: one per indexed field, then the tags. A missing value is null. */
export type IndexedValues = [...values: (IndexedValue | null)[], tags: string[]]

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
  return [...INDEXED_FIELDS.map((field) => values[field]), [...new Set(product.tags)]]
}
