import { isDeepStrictEqual } from 'node:util'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { LOCAL_ID_MIN, Product } from '../../schemas/product.js'
import { ProductInput, ProductPatch, readOnlyFields } from '../../schemas/product-input.js'
import { INT32_MAX } from '../../schemas/scalars.js'
import { applyPatch, createProduct } from '../products/edits.js'
import type { ProductFields } from '../products/overlay.js'
import { type UnsavedProduct, visibleProduct } from '../products/stored-product.js'
import { createValidator } from '../support/validation.js'
import { describeError } from '../support/validation-errors.js'

/** What a row of a file says of a product. */
export type RowValue = Record<string, unknown>

/** A row that is not taken: the reason, and the field that is at fault where there is one. */
export class RefusedRowError extends Error {
  constructor(
    readonly field: string | undefined,
    reason: string
  ) {
    super(reason)
  }
}

const validator = createValidator({ useDefaults: false, allErrors: false })
const isPatch = validator.compile<ProductPatch>(ProductPatch)
const isInput = validator.compile<ProductInput>(ProductInput)
const isTime = validator.compile<string>(Product.properties.createdAt)

/** What tells which product a row is about. */
export interface Identity {
  id: number | undefined
  sku: string | undefined
}

/** @throws {RefusedRowError} where that cannot be told. */
export function readIdentity({ id, sku }: RowValue): Identity {
  const isId = typeof id === 'number' && Number.isInteger(id) && id >= 1 && id <= INT32_MAX
  if (id !== undefined && !isId) throw new RefusedRowError('id', `must be a whole number from 1 to ${INT32_MAX}`)
  if (sku !== undefined && typeof sku !== 'string') throw new RefusedRowError('sku', 'must be a string')
  if (id === undefined && !sku) throw new RefusedRowError(undefined, 'has neither an id nor a sku')
  return { id, sku }
}

/**
 * A product after what a row says of it. What is there already is not checked again, so that what was exported can be
 * imported, and is no edit; where all is, the very same is returned.
 * @throws {RefusedRowError}
 */
export function updateFromRow<T extends UnsavedProduct>(stored: T, value: RowValue, at: string): T | UnsavedProduct {
  const seen = visibleProduct(stored) as Product
  const differing = Object.entries(value).filter(([name, after]) => !isSame(after, seen[name as keyof Product]))
  const readOnly = differing.find(([name]) => readOnlyFields.has(name))
  if (readOnly) throw new RefusedRowError(readOnly[0], 'is read-only, and not what it is now')
  if (differing.length === 0) return stored
  return applyPatch(stored, requireValid(withoutNull(Object.fromEntries(differing)), isPatch), at)
}

/**
 * A product that a row makes. It keeps the times that it brings along, as those of a catalog that is moved do.
 * @throws {RefusedRowError}
 */
export function createFromRow(id: number, value: RowValue, at: string): UnsavedProduct {
  const entries = Object.entries(value)
  const said = entries.filter(([name]) => !readOnlyFields.has(name))
  const input = requireValid(withoutNull(Object.fromEntries(said)), isInput)
  const { createdAt = at, updatedAt = at } = value
  for (const [field, time] of Object.entries({ createdAt, updatedAt })) {
    // A leap second is a time that cannot be told here.
    if (!isTime(time) || new Date(time).toJSON() !== time)
      throw new RefusedRowError(field, 'must be a time in UTC, as exports have it')
  }
  const after = createProduct(id, input, at)
  const base = { ...(after.base as ProductFields), createdAt: String(createdAt), updatedAt: String(updatedAt) }
  const product = visibleProduct({ ...after, base }) as Product
  for (const [name, told] of entries) {
    if (readOnlyFields.has(name) && !isSame(told, product[name as keyof Product])) {
      throw new RefusedRowError(name, 'is read-only, and not what a new product has')
    }
  }
  return { ...after, base }
}

/** Ids that products can bring with them. Those above are left for the ones that are made here later. */
export const isImportableId = (id: number) => id >= LOCAL_ID_MIN && id < 2 * LOCAL_ID_MIN

const isSame = (a: unknown, b: unknown) => isDeepStrictEqual(orNull(a), orNull(b))

/** No value, in all of its spellings: only a brand can be missing, and no other field is ever empty where it matters. */
const orNull = (value: unknown) => (value === undefined || value === '' ? null : value)

/** A brand that is taken away, as the schema has it. */
const withoutNull = (value: RowValue): RowValue => (value.brand === null ? { ...value, brand: '' } : value)

function requireValid<T>(value: RowValue, isValid: ValidateFunction<T>): T {
  if (isValid(value)) return value
  const [error] = isValid.errors as [ErrorObject]
  const [, field = error.params.additionalProperty ?? error.params.missingProperty] = error.instancePath.split('/')
  throw new RefusedRowError(String(field), describeError(error))
}
