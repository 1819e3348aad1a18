import type { ValidateFunction } from 'ajv'
import { SourcePage } from '../../schemas/source.js'
import type { SourceProductRow } from '../store/products.js'
import { findExceededLimit } from '../support/json-limits.js'
import { createValidator } from '../support/validation.js'
import { mapProduct } from './sources/dummyjson-mapping.js'

/** Products per batch. A batch is written in a few milliseconds. */
const BATCH_PRODUCTS = 100
/** Characters of JSON at which a batch is complete. */
const BATCH_SIZE = 250_000
/** Products in quarantine whose reason is kept. Others are only counted. */
const REASONS_KEPT = 1000
/** Maximum nesting depth and number of values of a page. A real page has 6 levels and 50 values per product. */
const LIMITS = { depthMax: 100, valuesMax: 1_000_000 }

/** The validated and mapped products of a page. */
export interface MappedPage {
  /** Number of products on the page. */
  products: number
  /** Number of products on all pages, as the source reports it. */
  total: number
  /** Accepted products, in batches. */
  rows: SourceProductRow[][]
  /** Number of products in quarantine. */
  refused: number
  /** Reasons of the first products in quarantine, with their position on the page. */
  reasons: { id: number | undefined; position: number; reason: string }[]
}

/** Thrown if a response is not a page of products. The message says why. */
export class PageError extends Error {
  override name = 'PageError'
}

const isPage: ValidateFunction<SourcePage> = createValidator({ allErrors: false }).compile<SourcePage>(SourcePage)

/**
 * Parses a page, then validates and maps its products.
 * @throws {PageError}
 */
export function readPage(bytes: Uint8Array): MappedPage {
  if (findExceededLimit(bytes, LIMITS)) throw new PageError('the page is nested too deeply or has too many values')
  let content: unknown
  try {
    content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    if (error instanceof SyntaxError) throw new PageError('the page is not JSON')
    if ((error as { code?: string }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new PageError('the page is not UTF-8')
    throw error
  }
  if (!isPage(content)) throw new PageError('the page does not have the form of a product page')
  return mapPage(content.products, content.total)
}

/** Validates and maps the products of a page. */
export function mapPage(products: readonly unknown[], total: number): MappedPage {
  const page: MappedPage = { products: products.length, total, rows: [], refused: 0, reasons: [] }
  let rows: SourceProductRow[] = []
  let size = 0
  for (const [position, product] of products.entries()) {
    const mapped = mapProduct(product)
    if ('row' in mapped) {
      rows.push(mapped.row)
      size += mapped.size
    } else if (page.refused++ < REASONS_KEPT) page.reasons.push({ id: mapped.id, position, reason: mapped.refused })
    if (rows.length === BATCH_PRODUCTS || size >= BATCH_SIZE || position === products.length - 1) {
      page.rows.push(rows)
      rows = []
      size = 0
    }
  }
  return page
}
