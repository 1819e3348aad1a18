import { createHash } from 'node:crypto'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { LOCAL_ID_MIN, type Product } from '../../../schemas/product.js'
import { productDefaults } from '../../../schemas/product-input.js'
import type { Availability } from '../../../schemas/variant.js'
import { type CategoryStep, UNCATEGORIZED } from '../../products/categories.js'
import { applyEdits } from '../../products/overlay.js'
import { normalizeProduct } from '../../products/product-text.js'
import { deriveFromVariants } from '../../products/variants.js'
import type { SourceFields } from '../../store/source-products.js'
import { createValidator } from '../../support/validation.js'
import { describeError, toPointer } from '../../support/validation-errors.js'
import type { MappedRecord } from './source-kind.js'
import type { SourceRecord } from './source-record.js'

/** The fields that a mapping has read from a record. Undefined ones are missing or not usable. */
export type KnownFields = {
  [name in keyof Omit<SourceFields, 'id' | 'currency' | 'category'>]?: SourceFields[name] | undefined
} & {
  currency: string
  categoryPath?: readonly CategoryStep[] | undefined
}

/** The category of products whose source names none. */
const NO_CATEGORY: readonly CategoryStep[] = [{ slug: UNCATEGORIZED, name: UNCATEGORIZED }]
/** The id of a product whose external id is no number, until the store assigns one. */
const UNASSIGNED_ID = 1
/** The times of a product, for its validation, if the source does not have them. */
const ANY_TIMES = { createdAt: new Date(0).toISOString(), updatedAt: new Date(0).toISOString() }

const isProduct = createValidator({ allErrors: false }).getSchema('Product') as ValidateFunction<Product>

/**
 * Completes the fields of a product, and validates them. The values that follow from its variants replace those of the record. Only
 * identity, title and price decide whether a record can be used.
 * @param pointers The fields of the record with its identity, title and price.
 */
export function toMappedRecord(
  record: SourceRecord,
  pointers: { externalId: string; title: string; price: string },
  known: KnownFields
): MappedRecord {
  const { categoryPath = NO_CATEGORY, ...fieldsOfRecord } = { ...known, ...deriveFromVariants(known.variants ?? []) }
  const { externalId: id, title, price, stock, images = [] } = fieldsOfRecord
  if (id === undefined) return { id, problem: record.explain(pointers.externalId) }
  if (title === undefined) return { id, problem: record.explain(pointers.title) }
  if (price === undefined) return { id, problem: record.explain(pointers.price) }
  const [thumbnail] = images
  const availability: Availability = stock === 0 ? 'out-of-stock' : 'in-stock'
  return toValidRecord(
    record,
    id,
    {
      id: toProductId(id),
      sku: id.slice(0, SKU_MAX),
      category: (categoryPath.at(-1) as CategoryStep).slug,
      rating: 0,
      availability,
      reviews: [],
      ...productDefaults,
      ...(thumbnail !== undefined && { thumbnail }),
      ...withoutUndefined(fieldsOfRecord),
      title,
      price
    },
    categoryPath
  )
}

/**
 * Normalizes and validates the complete fields of a product, so that the service stores no product that violates the contract.
 * @param id The source's own id of the product.
 * @param categoryPath The category with its ancestors, if the source names them.
 */
export function toValidRecord(
  record: SourceRecord,
  id: string,
  complete: SourceFields,
  categoryPath: readonly CategoryStep[] = []
): MappedRecord {
  const fields = normalizeProduct(complete)
  if (!isProduct(applyEdits({ ...ANY_TIMES, ...fields }, {}))) {
    const [error] = isProduct.errors as [ErrorObject]
    return {
      id,
      problem: {
        pointer: toPointer(error),
        problem: `${describeError(error)} in the mapped product`,
        value: error.data
      }
    }
  }
  const json = JSON.stringify(fields)
  const hash = createHash('sha256').update(json).digest('base64url')
  // The name of a category that the source gives as a slug is derived from it, as for local products.
  const hasNames = categoryPath.some(({ slug, name }) => slug !== name)
  const row = { externalId: id, fields, hash, ...(hasNames && { categoryPath }) }
  return { row, size: json.length, reports: record.reports }
}

const SKU_MAX = 100

export const toProductId = (externalId: string): number =>
  /^[1-9]\d{0,8}$/.test(externalId) && Number(externalId) < LOCAL_ID_MIN ? Number(externalId) : UNASSIGNED_ID

export function withoutUndefined<T extends object>(fields: T): { [name in keyof T]: Exclude<T[name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [name in keyof T]: Exclude<T[name], undefined>
  }
}
