import { isDeepStrictEqual } from 'node:util'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { LOCAL_ID_MIN, Product } from '../../schemas/product.js'
import { ProductInput, ProductPatch, readOnlyFields } from '../../schemas/product-input.js'
import { INT32_MAX } from '../../schemas/scalars.js'
import { applyPatch, createProduct } from '../products/edits.js'
import type { ProductFields } from '../products/overlay.js'
import { type UnsavedProduct, visibleProduct } from '../products/stored-product.js'
import { createValidator } from '../support/validation.js'
import { describeError, formatValue } from '../support/validation-errors.js'

/** The fields of a row. */
export type RowValue = Record<string, unknown>

/** Thrown if a row is rejected. `field` is undefined if the reason concerns the whole row. */
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

/** The fields that identify the product of a row. At least one is defined. */
export interface Identity {
  id: number | undefined
  sku: string | undefined
}

/** @throws {RefusedRowError} if the row identifies no product, or if a field is invalid. */
export function readIdentity({ id, sku }: RowValue): Identity {
  const isId = typeof id === 'number' && Number.isInteger(id) && id >= 1 && id <= INT32_MAX
  if (id !== undefined && !isId)
    throw new RefusedRowError('id', `must be an integer from 1 to ${INT32_MAX} (got ${formatValue(id)})`)
  if (sku !== undefined && typeof sku !== 'string')
    throw new RefusedRowError('sku', `must be a string (got ${formatValue(sku)})`)
  if (id === undefined && !sku) throw new RefusedRowError(undefined, 'must have an id or a sku')
  return { id, sku }
}

/**
 * Applies a row to a visible product. Only values that differ are validated and count as edits, so that every export can be imported.
 * @returns The same object if no value differs.
 * @throws {RefusedRowError}
 */
export function updateFromRow<T extends UnsavedProduct>(stored: T, value: RowValue, at: string): T | UnsavedProduct {
  const product = visibleProduct(stored) as Product
  const differing = Object.entries(value).filter(([name, after]) => !isSame(after, product[name as keyof Product]))
  const readOnly = differing.find(([name]) => readOnlyFields.has(name))
  if (readOnly) throw new RefusedRowError(readOnly[0], 'is read-only: leave it out, or give its current value')
  if (differing.length === 0) return stored
  return applyPatch(stored, requireValid(withoutNull(Object.fromEntries(differing)), isPatch), at)
}

/**
 * Creates a product from a row. It keeps the times of the row, so that a catalog can move to another database.
 * @throws {RefusedRowError}
 */
export function createFromRow(id: number, value: RowValue, at: string): UnsavedProduct {
  const entries = Object.entries(value)
  const writable = entries.filter(([name]) => !readOnlyFields.has(name))
  const input = requireValid(withoutNull(Object.fromEntries(writable)), isInput)
  const { createdAt = at, updatedAt = at } = value
  for (const [field, time] of Object.entries({ createdAt, updatedAt })) {
    // The second check rejects leap seconds, which `Date` cannot represent, and other time zones.
    if (!isTime(time) || new Date(time).toJSON() !== time) {
      const got = formatValue(time)
      throw new RefusedRowError(
        field,
        `must be a UTC time in milliseconds, such as 2026-11-26T10:00:00.000Z (got ${got})`
      )
    }
  }
  const after = createProduct(id, input, at)
  const base = { ...(after.base as ProductFields), createdAt: String(createdAt), updatedAt: String(updatedAt) }
  const product = visibleProduct({ ...after, base }) as Product
  for (const [name, given] of entries) {
    if (readOnlyFields.has(name) && !isSame(given, product[name as keyof Product])) {
      throw new RefusedRowError(name, 'is read-only: leave it out')
    }
  }
  return { ...after, base }
}

/** Returns whether a row may create a product with this id. Higher ids are reserved for products that the service numbers itself. */
export const isImportableId = (id: number) => id >= LOCAL_ID_MIN && id < 2 * LOCAL_ID_MIN

/** Compares values. Null, empty text and a missing value are the same. */
const isSame = (a: unknown, b: unknown) => isDeepStrictEqual(orNull(a), orNull(b))

const orNull = (value: unknown) => (value === undefined || value === '' ? null : value)

/** Replaces a null brand with the empty text that the schema requires. */
const withoutNull = (value: RowValue): RowValue => (value.brand === null ? { ...value, brand: '' } : value)

function requireValid<T>(value: RowValue, isValid: ValidateFunction<T>): T {
  if (isValid(value)) return value
  const [error] = isValid.errors as [ErrorObject]
  const [, field = error.params.additionalProperty ?? error.params.missingProperty] = error.instancePath.split('/')
  throw new RefusedRowError(String(field), describeError(error))
}
