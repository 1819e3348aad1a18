import { isDeepStrictEqual } from 'node:util'
import type { Product } from '../../schemas/product.js'
import { type ProductInput, productDefaults, removableFields } from '../../schemas/product-input.js'
import { distinctAttributes } from './attributes.js'
import { InconsistentProductError } from './errors.js'
import { roundPrice } from './money.js'
import { applyEdits, availabilityAfterStockChange, type Edits, type ProductFields, toProductFields } from './overlay.js'
import { distinctTags } from './product-text.js'
import { LOCAL, type UnsavedProduct, visibleProduct } from './stored-product.js'
import {
  availabilityOfNew,
  DERIVED_FIELDS,
  requireConsistentVariants,
  requireDerivedValues,
  toOption,
  toVariant
} from './variants.js'

/** The changes of a merge patch (RFC 7396). Null removes a field. */
export type Patch = { [name in keyof ProductInput]?: ProductInput[name] | null }

/**
 * Separates the fields that a merge patch removes from the others, which have a schema.
 * @param isRemoval Returns whether a value stands for a missing one.
 */
export function separateRemovals(
  patch: object,
  isRemoval: (value: unknown) => boolean = (value) => value === null
): { rest: Record<string, unknown>; removals: Record<string, null> } {
  const isRemoved = ([name, value]: [string, unknown]) => removableFields.includes(name) && isRemoval(value)
  const entries = Object.entries(patch)
  // Unlike an assignment, `fromEntries` creates a property with the name `__proto__`.
  const rest = Object.fromEntries(entries.filter((entry) => !isRemoved(entry)))
  const removals = Object.fromEntries(entries.filter(isRemoved).map(([name]) => [name, null]))
  return { rest, removals }
}

/**
 * Returns a locally created product, with the defaults for missing fields.
 * @param input Its text is normalized.
 * @param currency The currency of the catalog.
 * @param at The current time, ISO 8601.
 * @throws {InconsistentProductError}
 */
export function createProduct(id: number, input: ProductInput, currency: string, at: string): UnsavedProduct {
  requireSalePeriod(input)
  const base: ProductFields = {
    id,
    sku: input.sku,
    title: input.title,
    description: input.description ?? productDefaults.description,
    category: input.category,
    ...(input.brand && { brand: input.brand }),
    price: roundPrice(input.price, currency),
    currency,
    discountPercentage: input.discountPercentage ?? productDefaults.discountPercentage,
    ...(input.salePrice !== undefined && { salePrice: roundPrice(input.salePrice, currency) }),
    ...(input.salePriceFrom !== undefined && { salePriceFrom: input.salePriceFrom }),
    ...(input.salePriceUntil !== undefined && { salePriceUntil: input.salePriceUntil }),
    rating: 0,
    ...(input.stock !== undefined && { stock: input.stock }),
    availability: input.availability ?? availabilityOfNew(input.stock),
    ...(input.status !== undefined && { status: input.status }),
    tags: distinctTags(input.tags ?? productDefaults.tags),
    ...(input.thumbnail !== undefined && { thumbnail: input.thumbnail }),
    images: input.images ?? productDefaults.images,
    weight: input.weight ?? productDefaults.weight,
    dimensions: { ...productDefaults.dimensions, ...input.dimensions },
    warranty: input.warranty ?? productDefaults.warranty,
    shipping: input.shipping ?? productDefaults.shipping,
    returnPolicy: input.returnPolicy ?? productDefaults.returnPolicy,
    minimumOrderQuantity: input.minimumOrderQuantity ?? productDefaults.minimumOrderQuantity,
    barcode: input.barcode ?? productDefaults.barcode,
    ...(input.mpn && { mpn: input.mpn }),
    ...(input.condition !== undefined && { condition: input.condition }),
    ...(input.url !== undefined && { url: input.url }),
    attributes: distinctAttributes(input.attributes ?? productDefaults.attributes),
    options: (input.options ?? productDefaults.options).map(toOption),
    variants: (input.variants ?? productDefaults.variants).map((variant) => toVariant(variant, currency)),
    reviews: [],
    createdAt: at,
    updatedAt: at
  }
  requireConsistentVariants(base)
  requireDerivedValues({ ...input, price: base.price, salePrice: base.salePrice }, base.variants)
  return { source: LOCAL, base, hash: '', edits: {}, isHidden: false }
}

/**
 * Applies a merge patch (RFC 7396) to a visible product. A field whose value stays the same does not become an edit. If no field changes,
 * returns the same object.
 * @param patch Its text is normalized.
 * @param at The current time, ISO 8601.
 * @throws {InconsistentProductError}
 */
export function applyPatch<T extends UnsavedProduct>(stored: T, patch: Patch, at: string): T | UnsavedProduct {
  const before = toProductFields(visibleProduct(stored) as Product)
  const { availability, ...others } = toEdits(patch, before)
  const changed: Edits = Object.fromEntries(
    Object.entries(others).filter(
      ([name, value]) => !isDeepStrictEqual(value, before[name as keyof ProductFields] ?? null)
    )
  )
  if (changed.options || changed.variants) {
    // Both become edits, because options of the source need not fit the variants of an editor.
    changed.options ??= before.options
    changed.variants ??= before.variants
  }
  // The availability follows the stock, unless the patch sets a different one.
  const isFollowing =
    availability === undefined || availability === fieldsAfterEdits(stored, before, changed).availability
  const edits: Edits = isFollowing ? changed : { ...changed, availability }
  if (Object.keys(edits).length === 0) return stored
  if ('salePriceFrom' in edits || 'salePriceUntil' in edits) requireSalePeriod(fieldsAfterEdits(stored, before, edits))
  if (stored.source !== LOCAL) return { ...stored, edits: { ...stored.edits, ...edits } }
  return { ...stored, base: { ...fieldsAfterEdits(stored, before, edits), updatedAt: at } }
}

/** @throws {InconsistentProductError} if the sale ends before it starts. */
function requireSalePeriod({ salePriceFrom, salePriceUntil }: Pick<ProductInput, 'salePriceFrom' | 'salePriceUntil'>) {
  if (salePriceFrom !== undefined && salePriceUntil !== undefined && salePriceUntil <= salePriceFrom)
    throw new InconsistentProductError(
      '/salePriceUntil',
      `must be later than salePriceFrom, ${salePriceFrom} (got ${salePriceUntil})`
    )
}

/** Returns the fields of a visible product after edits. */
function fieldsAfterEdits(stored: UnsavedProduct, before: ProductFields, edits: Edits): ProductFields {
  if (stored.source !== LOCAL)
    return toProductFields(applyEdits(stored.base as ProductFields, { ...stored.edits, ...edits }))
  const after: Record<string, unknown> = { ...before }
  if (typeof edits.stock === 'number') after.availability = availabilityAfterStockChange(edits.stock, before)
  for (const [name, value] of Object.entries(edits)) {
    if (value === null) delete after[name]
    else after[name] = value
  }
  const product = toProductFields(applyEdits(after as ProductFields, {}))
  // The discount was that of the sale.
  if (before.salePrice !== undefined && product.salePrice === undefined && !('discountPercentage' in edits))
    product.discountPercentage = productDefaults.discountPercentage
  return product
}

/**
 * Converts a patch to edits. The value of a cleared field is null.
 * @throws {InconsistentProductError}
 */
function toEdits(patch: Patch, before: ProductFields): Edits {
  const edits = toValues(patch, before)
  const options = edits.options ?? before.options
  const variants = edits.variants ?? before.variants
  if (edits.options || edits.variants) requireConsistentVariants({ options, variants })
  requireDerivedValues(edits, variants)
  if (variants.length > 0) for (const name of DERIVED_FIELDS) delete edits[name]
  return edits
}

/** Converts the values of a patch to those of a product. The value of a cleared field is null. */
function toValues(
  { brand, mpn, price, salePrice, tags, dimensions, attributes, options, variants, ...others }: Patch,
  before: ProductFields
): Edits {
  return {
    ...others,
    ...(brand !== undefined && { brand: brand || null }),
    ...(mpn !== undefined && { mpn: mpn || null }),
    ...(typeof price === 'number' && { price: roundPrice(price, before.currency) }),
    ...(salePrice !== undefined && { salePrice: salePrice && roundPrice(salePrice, before.currency) }),
    ...(tags && { tags: distinctTags(tags) }),
    ...(dimensions && { dimensions: { ...before.dimensions, ...dimensions } }),
    ...(attributes && { attributes: distinctAttributes(attributes) }),
    ...(options && { options: options.map(toOption) }),
    ...(variants && { variants: variants.map((variant) => toVariant(variant, before.currency)) })
  }
}
