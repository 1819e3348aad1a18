import type { Product } from '../../schemas/product.js'
import { applyEdits, type Edits, type ProductFields } from './overlay.js'
import { isOnSale } from './sales.js'

/** The source number of locally created products. */
export const LOCAL = 0
/** The source number of the sample catalog, which ships with the service. */
export const SAMPLE = 1

/** A product with its edits, as stored. */
export interface StoredProduct {
  /** The number of its source, or `LOCAL`. */
  source: number
  /** The product without edits; undefined if its source does not have it any more. */
  base: ProductFields | undefined
  /** Hash of the fields that the source sent, to detect changes without a comparison. Empty for locally created products. */
  hash: string
  edits: Edits
  /** Whether an editor has removed the product although its source has it. */
  isHidden: boolean
  /** The change that last touched it. */
  revision: number
}

/** A product before it is stored. The change log assigns its revision. */
export type UnsavedProduct = Omit<StoredProduct, 'revision'>

/** Returns the product as editors see it; undefined if it is hidden or its source does not have it. */
export const visibleProduct = (stored: UnsavedProduct | undefined): Product | undefined =>
  stored?.base && !stored.isHidden
    ? applyEdits(stored.base, stored.edits, stored.source === LOCAL ? 'local' : 'source')
    : undefined

/** Returns whether readers see a product, not only editors. */
export const isPublic = (product: Product | undefined): boolean => product?.status === 'active'

/**
 * Returns the product with the state of its sale at a time (UTC, ISO 8601). The state is stored, so that it changes only with a change of the
 * product. Returns the same object if the state is the stored one.
 */
export function withSaleState<T extends UnsavedProduct>(stored: T, at: string): T {
  const { base, edits } = stored
  const { salePrice, variants } = { ...base, ...edits }
  if (!base || (typeof salePrice !== 'number' && !variants?.some(({ salePrice }) => salePrice !== undefined)))
    return stored
  const onSale = isOnSale(applyEdits(base, edits), at)
  return onSale === base.onSale ? stored : { ...stored, base: { ...base, onSale } }
}
