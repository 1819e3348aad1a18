import { finished } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import type { Product } from '../../schemas/product.js'
import { TimeSlice } from '../support/time-slice.js'
import { formatValue } from '../support/validation-errors.js'
import { UnreadableFileError } from './errors.js'
import { type ReadRow, ROW_MAX, RowBatch } from './rows.js'

/** The form of the cells of a column, and the meaning of an empty cell. */
type CellType =
  /** A number. An empty cell leaves the field out. */
  | 'number'
  /** Text that is not empty. An empty cell leaves the field out. */
  | 'word'
  /** Text, which may be empty. */
  | 'text'
  /** Text. An empty cell means that the product does not have the field. */
  | 'optional'
  /** Texts, joined with `|`. */
  | 'list'

/** The columns in the order of exports. Reviews have no column, because they have no flat form. */
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
} as const satisfies Record<string, CellType>
type Column = keyof typeof columns

const columnNames = Object.keys(columns) as Column[]
const DIMENSIONS: ReadonlySet<string> = new Set(['width', 'height', 'depth'])

/** The header (RFC 4180), with its line end. */
export const CSV_HEADER = `${columnNames.join(',')}\r\n`

/** Converts a product to a record (RFC 4180), with its line end. */
export function toCsv(product: Product): string {
  const values: Record<string, unknown> = { ...product, ...product.dimensions }
  const cells = columnNames.map((name) => {
    const value = values[name]
    // The type of the value decides, not the column: another program may have written to the database.
    if (typeof value === 'number') return String(value)
    return quote(escapeFormula(columns[name] === 'list' ? join(value as string[]) : String(value ?? '')))
  })
  return `${cells.join(',')}\r\n`
}

/** Text that spreadsheets may treat as a formula, and text that begins with the escape character `'`. */
const FORMULA = /^\s*['=+\-@\t\r\n＝＋－＠]/u

/** Adds the `'` with which spreadsheets mark text, so that they do not run it as a formula. */
const escapeFormula = (text: string) => (FORMULA.test(text) ? `'${text}` : text)
const unescapeFormula = (text: string) => (text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text)

/** Quotes more cells than RFC 4180 requires: some programs split cells at a semicolon or a tab, or trim spaces. */
const quote = (cell: string) => (/["\n\r\t,;]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

/** Joins texts with `|`. A backslash escapes `|` and itself. */
const join = (items: readonly string[]) => items.map((item) => item.replaceAll(/[\\|]/g, '\\$&')).join('|')

/** Reverses `join`. An escaped `|` does not separate texts. */
const split = (cell: string) =>
  cell === ''
    ? []
    : [...cell.matchAll(/(?:^|\|)((?:\\.|[^\\|])*\\?)/gsu)].map(([, item = '']) => item.replaceAll(/\\([\\|])/g, '$1'))

/** Bytes per call of the parser: at most a few milliseconds for any content. */
const PARSE_BYTES = 2048

/**
 * Reads a CSV file (RFC 4180). The header names the columns, in any order. Blank lines are skipped.
 * @throws {UnreadableFileError} if the file is not UTF-8, the header or a quotation is invalid, or a record is longer than `ROW_MAX`.
 */
export async function* readCsv(from: AsyncIterable<Uint8Array>): AsyncGenerator<ReadRow[]> {
  const slice = new TimeSlice()
  const batch = new RowBatch()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let header: Column[] | undefined
  /** Bytes since the last end of a record or blank line. The limit of the parser does not count separators. */
  let pendingBytes = 0
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    // By default, the parser accepts only the kind of line end that comes first in the file.
    record_delimiter: ['\r\n', '\n'],
    max_record_size: ROW_MAX,
    on_record: (cells: string[]) => {
      if (header) batch.add(readRecord(cells, header, firstLine(cells)), sizeOf(cells))
      else header = readHeader(cells)
      // Keeps records out of the stream, because its buffer takes quadratic time.
      return null
    }
  })
  const firstLine = (cells: readonly string[]) => parser.info.lines - cells.join('').split('\n').length + 1
  // An error event without a listener would end the process. The error is thrown below.
  parser.on('error', () => {})
  try {
    for await (const chunk of from) {
      checkUtf8(decoder, chunk, parser.info.lines)
      for (let i = 0; i < chunk.length; i += PARSE_BYTES) {
        const piece = chunk.subarray(i, i + PARSE_BYTES)
        const { records, empty_lines } = parser.info
        parser.write(piece)
        if (parser.errored) throw parser.errored
        pendingBytes =
          parser.info.records + parser.info.empty_lines > records + empty_lines ? 0 : pendingBytes + piece.length
        if (pendingBytes > ROW_MAX) throw tooLong(parser.info.lines)
        if (batch.isFull) yield batch.take()
        await slice.turn()
      }
    }
    checkUtf8(decoder, undefined, parser.info.lines)
    await finished(parser.end().resume())
    if (!header) throw new UnreadableFileError(1, 'the header is missing')
    if (!batch.isEmpty) yield batch.take()
  } catch (error) {
    throw toUnreadable(error as Error)
  } finally {
    parser.destroy()
  }
}

const sizeOf = (cells: readonly string[]) => cells.reduce((size, cell) => size + cell.length + 1, 0)

/**
 * Checks that the next chunk is UTF-8, because the parser does not.
 * @param chunk Undefined at the end of the file.
 * @param line The line in which the chunk begins.
 * @throws {UnreadableFileError}
 */
function checkUtf8(decoder: InstanceType<typeof TextDecoder>, chunk: Uint8Array | undefined, line: number): void {
  try {
    decoder.decode(chunk, { stream: chunk !== undefined })
  } catch {
    const [valid = ''] = new TextDecoder().decode(chunk).split('\uFFFD', 1)
    throw new UnreadableFileError(line + valid.split('\n').length - 1, 'the file is not UTF-8')
  }
}

function readHeader(cells: readonly string[]): Column[] {
  if (cells.length > columnNames.length) {
    throw new UnreadableFileError(
      1,
      `the header must have at most ${columnNames.length} columns (got ${cells.length}): ${columnNames.join(', ')}`
    )
  }
  const header = cells.map((cell) => cell.trim())
  for (const [i, name] of header.entries()) {
    if (!Object.hasOwn(columns, name)) {
      throw new UnreadableFileError(1, `the column ${formatValue(name)} is unknown. Use only ${columnNames.join(', ')}`)
    }
    if (header.indexOf(name) < i) throw new UnreadableFileError(1, `the header must have the column ${name} only once`)
  }
  if (!header.includes('id') && !header.includes('sku')) {
    throw new UnreadableFileError(
      1,
      'the header must have the column id or sku, which identifies the product of each row'
    )
  }
  return header as Column[]
}

function readRecord(cells: readonly string[], header: readonly Column[], line: number): ReadRow {
  if (cells.length !== header.length) {
    return { line, refused: `must have ${header.length} cells like the header (got ${cells.length})` }
  }
  const value: Record<string, unknown> = {}
  const dimensions: Record<string, number> = {}
  for (const [i, name] of header.entries()) {
    const cell = cells[i] as string
    const type: CellType = columns[name]
    if (type === 'number') {
      if (cell === '') continue
      const isDimension = DIMENSIONS.has(name)
      if (!NUMBER.test(cell)) {
        return {
          line,
          field: isDimension ? 'dimensions' : name,
          refused: `must be a number (got ${formatValue(cell)})`
        }
      }
      if (isDimension) dimensions[name] = Number(cell)
      else value[name] = Number(cell)
    } else {
      const text = unescapeFormula(cell)
      if (type === 'list') value[name] = split(text)
      else if (text !== '' || type === 'text') value[name] = text
      else if (type === 'optional') value[name] = null
    }
  }
  if (Object.keys(dimensions).length > 0) value.dimensions = dimensions
  return { line, value }
}

const NUMBER = /^\s*-?\d+(\.\d+)?(e[+-]?\d+)?\s*$/i

function toUnreadable(error: Error): Error {
  if (!(error instanceof CsvError)) return error
  if (error.code === 'CSV_MAX_RECORD_SIZE') return tooLong(Number(error.lines))
  return new UnreadableFileError(
    Number(error.lines),
    'a quotation mark is misplaced or missing, here or earlier. Double the quotation marks within a quoted cell'
  )
}

const tooLong = (line: number) => new UnreadableFileError(line, `a record must have at most ${ROW_MAX} bytes`)
