import type { Product } from '../../schemas/product.js'
import { applyEdits, type Edits, type ProductFields } from './overlay.js'

/** The number of the source that stands for products created in this catalog. */
export const LOCAL = 0
/** The number of the source that stands for the sample catalog, which ships with the service. */
export const SAMPLE = 1

/** Everything that is stored about one product. */
export interface StoredProduct {
  /** The number of its source. */
  source: number
  /** The product without edits; undefined if its source does not have it any more. */
  base: ProductFields | undefined
  /** Hash of what the source sent, so that a changed product is recognized without a comparison. Empty without a source. */
  hash: string
  edits: Edits
  /** Whether an editor has removed the product although its source has it. */
  isHidden: boolean
  /** The change that last touched it. */
  revision: number
}

/** A product to be stored. The change log assigns its revision. */
export type UnsavedProduct = Omit<StoredProduct, 'revision'>

/** Returns the product that readers see; undefined if they see none. */
export const visibleProduct = (stored: UnsavedProduct | undefined): Product | undefined =>
  stored?.base && !stored.isHidden
    ? applyEdits(stored.base, stored.edits, stored.source === LOCAL ? 'local' : 'source')
    : undefined
