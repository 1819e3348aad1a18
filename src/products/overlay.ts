import { Product, type ProductSummary } from '../../schemas/product.js'
import { roundPrice } from './money.js'
import { deriveSale } from './sales.js'
import { DERIVED_FIELDS, type DerivedField, deriveFromVariants, roundPrices } from './variants.js'

/** The fields of a product without edits, from its source or from the editor who created it. Without a status, it is active. */
export type ProductFields = Omit<Product, 'origin' | 'edited' | 'status'> & Partial<Pick<Product, 'status'>>

/** The edited fields of a product with their new values; null for a cleared field. */
export type Edits = { [name in keyof ProductFields]?: ProductFields[name] | null }

const FIELD_NAMES = Object.keys(Product.properties).filter(
  (name) => name !== 'origin' && name !== 'edited'
) as (keyof ProductFields)[]

/** Values of fields that products can lack: those of earlier releases, and a status. */
const missingFields: Partial<ProductFields> = { status: 'active', attributes: [], options: [], variants: [] }

/**
 * Returns the visible product: its fields, overridden by the edits. Derives the availability from an edited stock, and the discount from the
 * sale price. The variants determine some fields, whether these are edited or not.
 */
export function applyEdits(base: ProductFields, edits: Edits, origin: Product['origin'] = 'source'): Product {
  const merged = { ...missingFields, ...base, ...edits } as ProductFields
  if (typeof edits.stock === 'number' && !('availability' in edits))
    merged.availability = availabilityForStock(edits.stock, base)
  const { currency } = base
  if (typeof edits.price === 'number') merged.price = roundPrice(edits.price, currency)
  if (typeof edits.salePrice === 'number') merged.salePrice = roundPrice(edits.salePrice, currency)
  if (edits.variants) merged.variants = edits.variants.map((variant) => roundPrices(variant, currency))
  const derived = deriveFromVariants(merged.variants)
  const values: Record<string, unknown> = { ...merged, ...derived }
  const product: Record<string, unknown> = {}
  for (const name of FIELD_NAMES) {
    const value = values[name]
    if (value !== undefined && value !== null) product[name] = value
  }
  deriveSale(product as ProductFields)
  product.origin = origin
  product.edited = FIELD_NAMES.filter((name) => name in edits && !(derived && isDerived(name)))
  return product as Product
}

const isDerived = (name: string) => DERIVED_FIELDS.includes(name as DerivedField)

/** Derives the availability from a new stock and the previous fields. */
function availabilityForStock(
  stock: number,
  { stock: before = Number.POSITIVE_INFINITY, availability }: ProductFields
): ProductFields['availability'] {
  if (availability === 'preorder') return 'preorder'
  if (stock === 0) return availability === 'backorder' ? 'backorder' : 'out-of-stock'
  return availability === 'low-stock' && stock <= before ? 'low-stock' : 'in-stock'
}

/**
 * Returns the availability of a locally created product after a change of its stock. If the availability contradicts the previous stock,
 * an editor has set it, so it stays.
 */
export function availabilityAfterStockChange(stock: number, before: ProductFields): ProductFields['availability'] {
  const isFollowing = before.stock === undefined || (before.stock === 0) === (before.availability === 'out-of-stock')
  return isFollowing ? availabilityForStock(stock, before) : before.availability
}

/** Returns the summary of a product. */
export function toSummary(product: Product): ProductSummary {
  return {
    id: product.id,
    sku: product.sku,
    title: product.title,
    description: product.description,
    category: product.category,
    ...(product.brand !== undefined && { brand: product.brand }),
    price: product.price,
    currency: product.currency,
    discountPercentage: product.discountPercentage,
    ...(product.salePrice !== undefined && { salePrice: product.salePrice }),
    ...(product.salePriceFrom !== undefined && { salePriceFrom: product.salePriceFrom }),
    ...(product.salePriceUntil !== undefined && { salePriceUntil: product.salePriceUntil }),
    ...(product.onSale !== undefined && { onSale: product.onSale }),
    rating: product.rating,
    ...(product.stock !== undefined && { stock: product.stock }),
    availability: product.availability,
    status: product.status,
    tags: product.tags,
    ...(product.thumbnail !== undefined && { thumbnail: product.thumbnail })
  }
}

/** Removes `origin` and `edited`, which are not stored. */
export function toProductFields({ origin: _, edited: __, ...base }: Product): ProductFields {
  return base
}

/** Returns the fields in which two versions of a product differ, in the order of the schema. */
export function findDifferences(before: Product, after: Product): FieldDifference[] {
  return (Object.keys(Product.properties) as (keyof Product)[])
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => ({ field, before: before[field], after: after[field] }))
}

/** A field with its values before and after a change. A missing value is undefined. */
export interface FieldDifference {
  field: keyof Product
  before: unknown
  after: unknown
}
