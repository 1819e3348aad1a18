import type { Product } from '../../schemas/product.js'
import type { Value } from '../catalog/index/column.js'
import { toSortKey } from './words.js'

/** What a product has one value of, at most, in the order in which they are stored. */
export const INDEXED_FIELDS = [
  'title',
  'category',
  'brand',
  'availability',
  'price',
  'rating',
  'discount',
  'stock',
  'createdAt'
] as const
export type IndexedField = (typeof INDEXED_FIELDS)[number]

/** What a product is filtered and sorted by: the values of the fields, and then the tags. A missing value is null. */
export type IndexedValues = [...values: (Value | null)[], tags: string[]]

export function toIndexedValues(product: Product): IndexedValues {
  const values: Record<IndexedField, Value | null> = {
    // What titles are compared by.
    title: toSortKey(product.title),
    category: product.category,
    brand: product.brand ?? null,
    availability: product.availability,
    price: toMinorUnits(product.price),
    rating: product.rating,
    discount: product.discountPercentage,
    stock: product.stock,
    createdAt: product.createdAt
  }
  return [...INDEXED_FIELDS.map((field) => values[field]), [...new Set(product.tags)]]
}

// Rounded, not cut: 19.99 * 100 is 1998.9999999999998.
const toMinorUnits = (price: number) => Math.round(price * 100)
