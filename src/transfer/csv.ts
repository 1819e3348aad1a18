import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { CsvError, type Info, type Parser, parse } from 'csv-parse'
import type { Product } from '../../schemas/product.js'
import { type ReadRow, ROW_MAX, ROWS_AT_ONCE, UnreadableError } from './rows.js'

/** How the cells of a column are written, and what an empty one means. */
type Kind =
  /** A number; an empty cell says nothing of the field. */
  | 'number'
  /** A text that is never empty; an empty cell says nothing of the field. */
  | 'word'
  /** A text, which may be empty. */
  | 'text'
  /** A text; an empty cell says that the product has none. */
  | 'optional'
  /** Texts, joined by `|`. */
  | 'list'

/** The columns in the order in which they are written. Reviews have none: there is no flat form of them. */
const columns = {
  id: 'number',
  sku: 'word',
  title: 'text',
  description: 'text',
  category: 'word',
  brand: 'optional',
  price: 'number',
  currency: 'word',
  discountPercentage: 'number',
  rating: 'number',
  stock: 'number',
  availability: 'word',
  tags: 'list',
  thumbnail: 'word',
  images: 'list',
  weight: 'number',
  width: 'number',
  height: 'number',
  depth: 'number',
  warranty: 'text',
  shipping: 'text',
  returnPolicy: 'text',
  minimumOrderQuantity: 'number',
  barcode: 'text',
  createdAt: 'word',
  updatedAt: 'word',
  origin: 'word',
  edited: 'list'
} as const satisfies Record<string, Kind>
type Column = keyof typeof columns

const names = Object.keys(columns) as Column[]
const DIMENSIONS: ReadonlySet<string> = new Set(['width', 'height', 'depth'])

/** The first record (RFC 4180). */
export const CSV_HEADER = `${names.join(',')}\r\n`

/** A product as one record. */
export function toCsv(product: Product): string {
  const values: Record<string, unknown> = { ...product, ...product.dimensions }
  const cells = names.map((name) => {
    const value = values[name]
    if (columns[name] === 'number') return String(value)
    return quote(disarm(columns[name] === 'list' ? join(value as string[]) : String(value ?? '')))
  })
  return `${cells.join(',')}\r\n`
}

/** What spreadsheets take for the beginning of a formula, also after white space; and the mark itself, so that it can be told. */
const FORMULA = /^\s*['=+\-@\t\r\n＝＋－＠]/u

/** A text that no spreadsheet takes for a formula: with a mark in front that says that it is a text. */
const disarm = (text: string) => (FORMULA.test(text) ? `'${text}` : text)
const rearm = (text: string) => (text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text)

/** Quoted also where some other list separator or a space could make two cells of one, or lose something. */
const quote = (cell: string) => (/["\n\r\t,;]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

const join = (items: readonly string[]) => items.map((item) => item.replaceAll(/[\\|]/g, '\\$&')).join('|')

/** Separators are those without a backslash before them that is one itself. */
const split = (cell: string) =>
  cell === ''
    ? []
    : [...cell.matchAll(/(?:^|\|)((?:\\.|[^\\|])*\\?)/gsu)].map(([, item = '']) => item.replaceAll(/\\([\\|])/g, '$1'))

/**
 * Reads the records of a CSV file (RFC 4180). Its header says which columns it has, in any order.
 * @throws {UnreadableError} where the header is not one, a quote is broken, or a record longer than any product.
 */
export async function* readCsv(from: AsyncIterable<Uint8Array>): AsyncGenerator<ReadRow[]> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    // Told, as it would go by the first end of a line that it finds.
    record_delimiter: ['\r\n', '\n'],
    max_record_size: ROW_MAX
  })
  const source = Readable.from(decode(from), { objectMode: false })
  source.once('error', (error) => parser.destroy(error))
  source.pipe(parser)
  try {
    yield* readRecords(parser)
  } catch (error) {
    throw toUnreadable(error as Error)
  } finally {
    source.destroy()
    parser.destroy()
  }
}

async function* readRecords(parser: Parser): AsyncGenerator<ReadRow[]> {
  let header: Column[] | undefined
  let rows: ReadRow[] = []
  let line = 1
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
    const isBlank = record.length === 1 && record[0] === ''
    if (!header) header = readHeader(record)
    else if (!isBlank) rows.push(readRecord(record, header, line))
    line = info.lines + 1
    if (rows.length < ROWS_AT_ONCE) continue
    yield rows
    rows = []
    await setImmediate()
  }
  if (!header) throw new UnreadableError(1, 'there is no header')
  if (rows.length > 0) yield rows
}

/** Checks that it is UTF-8, which the parser does not. */
async function* decode(from: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let line = 1
  const read = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined })
    } catch {
      const [good = ''] = new TextDecoder().decode(chunk).split('\uFFFD', 1)
      throw new UnreadableError(line + countLines(good), 'it is not UTF-8')
    }
  }
  for await (const chunk of from) {
    const text = read(chunk)
    line += countLines(text)
    yield text
  }
  yield read()
}

const countLines = (text: string) => text.split('\n').length - 1

function readHeader(cells: readonly string[]): Column[] {
  const header = cells.map((cell) => cell.trim())
  for (const [i, name] of header.entries()) {
    if (!Object.hasOwn(columns, name)) {
      throw new UnreadableError(
        1,
        `there is no column ${JSON.stringify(name.slice(0, 50))}; those that there are: ${names.join(', ')}`
      )
    }
    if (header.indexOf(name) < i) throw new UnreadableError(1, `the column ${name} is there twice`)
  }
  if (!header.includes('id') && !header.includes('sku')) {
    throw new UnreadableError(1, 'a column is missing: id or sku, so that products can be told apart')
  }
  return header as Column[]
}

function readRecord(cells: readonly string[], header: readonly Column[], line: number): ReadRow {
  if (cells.length !== header.length) {
    return { line, refused: `has ${cells.length} cells where the header has ${header.length}` }
  }
  const value: Record<string, unknown> = {}
  const dimensions: Record<string, number> = {}
  for (const [i, name] of header.entries()) {
    const cell = cells[i] as string
    const kind: Kind = columns[name]
    if (kind === 'number') {
      if (cell === '') continue
      const isSize = DIMENSIONS.has(name)
      if (!NUMBER.test(cell)) return { line, field: isSize ? 'dimensions' : name, refused: 'must be a number' }
      if (isSize) dimensions[name] = Number(cell)
      else value[name] = Number(cell)
    } else {
      const text = rearm(cell)
      if (kind === 'list') value[name] = split(text)
      else if (text !== '' || kind === 'text') value[name] = text
      else if (kind === 'optional') value[name] = null
    }
  }
  if (Object.keys(dimensions).length > 0) value.dimensions = dimensions
  return { line, value }
}

const NUMBER = /^\s*-?\d+(\.\d+)?(e[+-]?\d+)?\s*$/i

function toUnreadable(error: Error): Error {
  if (!(error instanceof CsvError)) return error
  const isLong = error.code === 'CSV_MAX_RECORD_SIZE'
  const what = isLong ? `a record has more than ${ROW_MAX} bytes` : 'a quote is broken, here or before'
  return new UnreadableError(Number(error.lines), what)
}
