import type { ValidateFunction } from 'ajv'
import { SourcePage } from '../../schemas/source.js'
import type { ProductRow } from '../store/products.js'
import { createValidator } from '../validation.js'
import { mapProduct } from './mapping.js'

/** Products that are handled before other work gets its turn: a few milliseconds. */
const AT_ONCE = 100
/** Products that were refused of which the reason is kept. The others are counted: a source can send any number of them. */
const REASONS_KEPT = 1000
/** How deep a page may be nested, and how many values it may have. A real one has 6 levels and 50 values a product. */
const DEPTH_MAX = 100
const VALUES_MAX = 1_000_000

/** The products of a page: ready to be stored, a hundred at a time, or refused. */
export interface MappedPage {
  /** How many there are, and how many the source says that there are on all pages. */
  products: number
  total: number
  rows: ProductRow[][]
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
  if (!isModest(bytes)) throw new PageError('it is nested too deep, or has too many values')
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
  let rows: ProductRow[] = []
  for (const [position, product] of products.entries()) {
    const mapped = mapProduct(product)
    if ('row' in mapped) rows.push(mapped.row)
    else if (page.refused++ < REASONS_KEPT) page.reasons.push({ id: mapped.id, position, reason: mapped.refused })
    if (rows.length === AT_ONCE || position === products.length - 1) {
      page.rows.push(rows)
      rows = []
    }
  }
  return page
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]
const OPENING = new Set([0x5b, 0x7b])
const CLOSING = new Set([0x5d, 0x7d])

/**
 * Whether JSON can be read in little more memory than it has bytes: `[[[[` takes fifty times as much, before it is refused. No
 * limit of the thread's own can see to that: where it is reached within `JSON.parse`, Node.js ends the process.
 */
function isModest(bytes: Uint8Array): boolean {
  let depth = 0
  let values = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    if (byte === QUOTE) {
      while (++i < bytes.length && bytes[i] !== QUOTE) if (bytes[i] === BACKSLASH) i++
    } else if (byte === COMMA) values++
    else if (OPENING.has(byte)) {
      depth++
      values++
    } else if (CLOSING.has(byte)) depth--
    if (depth > DEPTH_MAX || values > VALUES_MAX) return false
  }
  return true
}
