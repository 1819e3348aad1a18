import { finished } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import type { Product } from '../../schemas/product.js'
import { TimeSlice } from '../support/time-slice.js'
import { UnreadableFileError } from './errors.js'
import { type ReadRow, ROW_MAX, RowBatch } from './rows.js'

/** How the cells of a column are written, and what an empty one means. */
type CellType =
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
} as const satisfies Record<string, CellType>
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
    // By the value and not by the column: a database that somebody else has written to may hold anything.
    if (typeof value === 'number') return String(value)
    return quote(escapeFormula(columns[name] === 'list' ? join(value as string[]) : String(value ?? '')))
  })
  return `${cells.join(',')}\r\n`
}

/** What spreadsheets take for the beginning of a formula, also after white space; and the mark itself, so that it can be told. */
const FORMULA = /^\s*['=+\-@\t\r\n＝＋－＠]/u

/** A text that no spreadsheet takes for a formula: with a mark in front that says that it is a text. */
const escapeFormula = (text: string) => (FORMULA.test(text) ? `'${text}` : text)
const unescapeFormula = (text: string) => (text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text)

/** Quoted also where some other list separator or a space could make two cells of one, or lose something. */
const quote = (cell: string) => (/["\n\r\t,;]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

const join = (items: readonly string[]) => items.map((item) => item.replaceAll(/[\\|]/g, '\\$&')).join('|')

/** Separators are those without a backslash before them that is one itself. */
const split = (cell: string) =>
  cell === ''
    ? []
    : [...cell.matchAll(/(?:^|\|)((?:\\.|[^\\|])*\\?)/gsu)].map(([, item = '']) => item.replaceAll(/\\([\\|])/g, '$1'))

/** Bytes that are parsed at once: at most a few milliseconds, whatever they are. */
const PARSE_BYTES = 2048

/**
 * Reads the records of a CSV file (RFC 4180). Its header says which columns it has, in any order. Blank lines are skipped.
 * @throws {UnreadableFileError} if the header is not valid, a quote is broken, or a record is longer than any product.
 */
export async function* readCsv(from: AsyncIterable<Uint8Array>): AsyncGenerator<ReadRow[]> {
  const slice = new TimeSlice()
  const batch = new RowBatch()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let header: Column[] | undefined
  /** Bytes since a record or a blank line ended. The parser's own limit does not count separators. */
  let unfinished = 0
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    // Otherwise the first line end in the file decides.
    record_delimiter: ['\r\n', '\n'],
    max_record_size: ROW_MAX,
    on_record: (cells: string[]) => {
      if (header) batch.add(readRecord(cells, header, firstLine(cells)), sizeOf(cells))
      else header = readHeader(cells)
      // Nothing is passed on: the stream's buffer takes time in proportion to the square of the records in it.
      return null
    }
  })
  const firstLine = (cells: readonly string[]) => parser.info.lines - cells.join('').split('\n').length + 1
  // The error is thrown below. An error without a listener would end the process.
  parser.on('error', () => {})
  try {
    for await (const chunk of from) {
      checkUtf8(decoder, chunk, parser.info.lines)
      for (let i = 0; i < chunk.length; i += PARSE_BYTES) {
        const piece = chunk.subarray(i, i + PARSE_BYTES)
        const { records, empty_lines } = parser.info
        parser.write(piece)
        if (parser.errored) throw parser.errored
        unfinished =
          parser.info.records + parser.info.empty_lines > records + empty_lines ? 0 : unfinished + piece.length
        if (unfinished > ROW_MAX) throw tooLong(parser.info.lines)
        if (batch.isFull) yield batch.take()
        await slice.turn()
      }
    }
    checkUtf8(decoder, undefined, parser.info.lines)
    await finished(parser.end().resume())
    if (!header) throw new UnreadableFileError(1, 'there is no header')
    if (!batch.isEmpty) yield batch.take()
  } catch (error) {
    throw toUnreadable(error as Error)
  } finally {
    parser.destroy()
  }
}

const sizeOf = (cells: readonly string[]) => cells.reduce((size, cell) => size + cell.length + 1, 0)

/** Checks the next chunk, or the end, of what should be UTF-8: the parser does not. @param line Where the chunk begins. */
function checkUtf8(decoder: InstanceType<typeof TextDecoder>, chunk: Uint8Array | undefined, line: number): void {
  try {
    decoder.decode(chunk, { stream: chunk !== undefined })
  } catch {
    const [good = ''] = new TextDecoder().decode(chunk).split('\uFFFD', 1)
    throw new UnreadableFileError(line + good.split('\n').length - 1, 'it is not UTF-8')
  }
}

function readHeader(cells: readonly string[]): Column[] {
  if (cells.length > names.length) {
    throw new UnreadableFileError(
      1,
      `the header has ${cells.length} columns; there are ${names.length}: ${names.join(', ')}`
    )
  }
  const header = cells.map((cell) => cell.trim())
  for (const [i, name] of header.entries()) {
    if (!Object.hasOwn(columns, name)) {
      throw new UnreadableFileError(
        1,
        `there is no column ${JSON.stringify(name.slice(0, 50))}; those that there are: ${names.join(', ')}`
      )
    }
    if (header.indexOf(name) < i) throw new UnreadableFileError(1, `the column ${name} is there twice`)
  }
  if (!header.includes('id') && !header.includes('sku')) {
    throw new UnreadableFileError(1, 'a column is missing: id or sku, so that products can be told apart')
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
    const kind: CellType = columns[name]
    if (kind === 'number') {
      if (cell === '') continue
      const isSize = DIMENSIONS.has(name)
      if (!NUMBER.test(cell)) return { line, field: isSize ? 'dimensions' : name, refused: 'must be a number' }
      if (isSize) dimensions[name] = Number(cell)
      else value[name] = Number(cell)
    } else {
      const text = unescapeFormula(cell)
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
  if (error.code === 'CSV_MAX_RECORD_SIZE') return tooLong(Number(error.lines))
  return new UnreadableFileError(Number(error.lines), 'a quote is broken, here or before')
}

const tooLong = (line: number) => new UnreadableFileError(line, `a record has more than ${ROW_MAX} bytes`)
