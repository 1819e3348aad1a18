import type { ValidateFunction } from 'ajv'
import { SourcePage } from '../../schemas/source.js'
import type { SourceProductRow } from '../store/products.js'
import { findExceededLimit } from '../support/json-limits.js'
import { createValidator } from '../support/validation.js'
import { mapProduct } from './sources/dummyjson-mapping.js'

/** The size of a batch: products, and characters of what is stored of them. A batch is written in a few milliseconds. */
const BATCH_PRODUCTS = 100
const BATCH_SIZE = 250_000
/** Products that were refused of which the reason is kept. The others are counted: a source can send any number of them. */
const REASONS_KEPT = 1000
/** How deep a page may be nested, and how many values it may have. A real one has 6 levels and 50 values a product. */
const LIMITS = { depthMax: 100, valuesMax: 1_000_000 }

/** The products of a page: ready to be stored, in batches, or refused. */
export interface MappedPage {
  /** How many there are, and how many the source says that there are on all pages. */
  products: number
  total: number
  rows: SourceProductRow[][]
  refused: number
  /** Why each of the first ones was refused, by its id, or by its position on the page where it has none. */
  reasons: { id: number | undefined; position: number; reason: string }[]
}

/** What the source sent is no page; the message says why. */
export class PageError extends Error {
  override name = 'PageError'
}

const isPage: ValidateFunction<SourcePage> = createValidator({ allErrors: false }).compile<SourcePage>(SourcePage)

/**
 * Reads a page as the source sent it.
 * @throws {PageError}
 */
export function readPage(bytes: Uint8Array): MappedPage {
  if (findExceededLimit(bytes, LIMITS)) throw new PageError('it is nested too deep, or has too many values')
  let content: unknown
  try {
    content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    if (error instanceof SyntaxError) throw new PageError('it is not JSON')
    if ((error as { code?: string }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new PageError('it is not UTF-8')
    throw error
  }
  if (!isPage(content)) throw new PageError('it is no page of products')
  return mapPage(content.products, content.total)
}

/** Checks and maps the products of a page. */
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
