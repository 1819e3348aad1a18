import { isDeepStrictEqual } from 'node:util'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { LOCAL_ID_END, LOCAL_ID_MIN, Product } from '../../schemas/product.js'
import { ProductInput, ProductPatch, readOnlyFields } from '../../schemas/product-input.js'
import { INT32_MAX } from '../../schemas/scalars.js'
import { applyPatch, createProduct, separateRemovals } from '../products/edits.js'
import { parseVersionTag, type Version } from '../products/entity-tags.js'
import { InconsistentProductError } from '../products/errors.js'
import type { ProductFields } from '../products/overlay.js'
import { normalizeTexts } from '../products/product-text.js'
import { type UnsavedProduct, visibleProduct, withSaleState } from '../products/stored-product.js'
import { isObject } from '../support/is-object.js'
import { createValidator } from '../support/validation.js'
import { describeError, formatValue, toPointer } from '../support/validation-errors.js'

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

/** Normalizes the text of a row, also that which identifies its product. */
export const normalizeRow = <T extends { value: RowValue }>(row: T): T => ({ ...row, value: normalizeTexts(row.value) })

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
 * Reads the version of a row: the version tag of the product that was exported. Returns undefined if the row has none.
 * @throws {RefusedRowError} if the value is not a version tag.
 */
export function readVersion(tag: unknown): Version | undefined {
  if (orNull(tag) === null) return undefined
  const version = typeof tag === 'string' ? parseVersionTag(tag) : undefined
  if (version) return version
  throw new RefusedRowError(
    'version',
    `must be the version of an exported row (got ${formatValue(tag)}): correct it or leave it out`
  )
}

/** Returns the fields of a row that clients can write. */
export const withoutReadOnly = (value: RowValue): RowValue =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !readOnlyFields.has(name)))

/** The product at the time at which a row was exported; if it is not known, the reason. */
export type ExportedVersion = { product: Product } | { unknown: string }

/**
 * Applies a row to a visible product. Only values that differ from those at the time of the export are validated and count as edits, so
 * that every export can be imported, and an old export does not undo newer changes.
 * @param exported Undefined if the row has no version.
 * @returns The same object if the row changes nothing.
 * @throws {RefusedRowError}
 */
export function updateFromRow<T extends UnsavedProduct>(
  stored: T,
  value: RowValue,
  exported: ExportedVersion | undefined,
  at: string
): T | UnsavedProduct {
  const current = visibleProduct(stored) as Product
  const before = exported && 'product' in exported ? exported.product : current
  const edits = Object.entries(findDiffering(value, before))
  const readOnly = edits.find(([name]) => readOnlyFields.has(name))
  const isUnknown = exported !== undefined && 'unknown' in exported
  if (readOnly && !isUnknown)
    throw new RefusedRowError(readOnly[0], 'is read-only: leave it out, or give its current value')
  const differing = findDiffering(withoutReadOnly(Object.fromEntries(edits)), current)
  const conflict = findConflict(differing, isUnknown ? {} : before, current)
  if (conflict) throw new RefusedRowError(conflict.field, describeConflict(conflict, exported as ExportedVersion))
  if (Object.keys(differing).length === 0) return stored
  const { rest, removals } = separateRemovals(differing, isMissing)
  const patch = { ...requireValid(rest, isPatch), ...removals }
  return refuseInconsistent(() => applyPatch(stored, patch, at))
}

/** A field that a row would change, although it was changed after the export of the row. */
interface Conflict {
  field: string
  /** Name of the dimension, followed by a space, if the field is `dimensions`. */
  part: string
  before: unknown
  current: unknown
  wanted: unknown
}

/** Returns the first field of `wanted` whose values in two versions of a product differ. */
function findConflict(wanted: object, before: object, current: object): Conflict | undefined {
  for (const [field, value] of Object.entries(wanted)) {
    const [old, now] = [readOwn(before, field), readOwn(current, field)]
    if (isObject(value) && isObject(now)) {
      const inner = findConflict(value, isObject(old) ? old : {}, now)
      if (inner) return { ...inner, field, part: `${inner.field} ` }
    } else if (!isSame(old, now)) return { field, part: '', before: old, current: now, wanted: value }
  }
  return undefined
}

function describeConflict({ part, before, current, wanted }: Conflict, exported: ExportedVersion): string {
  const format = (value: unknown) => (orNull(value) === null ? 'no value' : formatValue(value))
  const reason =
    'unknown' in exported
      ? `is ${format(current)} in the catalog and ${format(wanted)} in the row, and ${exported.unknown}`
      : `was changed from ${format(before)} to ${format(current)} after the export, and the row has ${format(wanted)}`
  return `${part}${reason}. Export the product again, or use force to overwrite it`
}

/** Returns the values that differ from those of a product. Of an object, such as the dimensions, only the parts that differ. */
function findDiffering(value: object, product: object): RowValue {
  const differing = Object.entries(value).flatMap(([name, after]): [string, unknown][] => {
    const before = readOwn(product, name)
    if (!isObject(after) || !isObject(before)) return isSame(after, before) ? [] : [[name, after]]
    const parts = findDiffering(after, before)
    return Object.keys(parts).length > 0 ? [[name, parts]] : []
  })
  // Unlike an assignment, this creates a property with the name `__proto__`.
  return Object.fromEntries(differing)
}

/**
 * Creates a product from a row. It keeps the times of the row, so that a catalog can move to another database.
 * @throws {RefusedRowError}
 */
export function createFromRow(id: number, value: RowValue, currency: string, at: string): UnsavedProduct {
  const entries = Object.entries(value)
  const input = requireValid(separateRemovals(withoutReadOnly(value), isMissing).rest, isInput)
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
  const after = refuseInconsistent(() => createProduct(id, input, currency, at))
  const base = { ...(after.base as ProductFields), createdAt: String(createdAt), updatedAt: String(updatedAt) }
  const created = withSaleState({ ...after, base }, at)
  const product = visibleProduct(created) as Product
  for (const [name, given] of entries) {
    if (readOnlyFields.has(name) && !isSame(given, readOwn(product, name))) {
      throw new RefusedRowError(name, 'is read-only: leave it out')
    }
  }
  return created
}

/** @throws {RefusedRowError} instead of an `InconsistentProductError`. */
function refuseInconsistent<T>(change: () => T): T {
  try {
    return change()
  } catch (error) {
    if (!(error instanceof InconsistentProductError)) throw error
    throw toRefusal(error.pointer, error.reason)
  }
}

/** Returns the refusal of a value of a row. @param pointer JSON Pointer (RFC 6901) to the value. */
function toRefusal(pointer: string, reason: string): RefusedRowError {
  const [, field, ...path] = pointer.split('/')
  return new RefusedRowError(field, path.length > 0 ? `/${path.join('/')} ${reason}` : reason)
}

/** Returns whether a row may create a product with this id. Higher ids are reserved for products that the service numbers itself. */
export const isImportableId = (id: number) => id >= LOCAL_ID_MIN && id < LOCAL_ID_END

/** Compares values. Null, empty text and a missing value are the same, and so are numbers with the same 15 digits. */
const isSame = (a: unknown, b: unknown) =>
  a === b ||
  (typeof a === 'number' && typeof b === 'number'
    ? a.toPrecision(DIGITS) === b.toPrecision(DIGITS)
    : isDeepStrictEqual(orNull(a), orNull(b)))

/** Significant digits that spreadsheets keep of a number. */
const DIGITS = 15

/** Returns an own property of an object. */
const readOwn = (from: object, name: string): unknown =>
  Object.hasOwn(from, name) ? from[name as keyof typeof from] : undefined

const isMissing = (value: unknown) => value === undefined || value === null || value === ''
const orNull = (value: unknown) => (isMissing(value) ? null : value)

function requireValid<T>(value: RowValue, isValid: ValidateFunction<T>): T {
  if (isValid(value)) return value
  const [error] = isValid.errors as [ErrorObject]
  throw toRefusal(toPointer(error), describeError(error))
}
