import { detectDialect, NotUtf16Error } from '../support/csv-dialect.js'
import { CsvRowError, readCsvRows } from '../support/csv-rows.js'
import { TimeSlice } from '../support/time-slice.js'
import { formatValue } from '../support/validation-errors.js'
import { DECIMAL_MARKS, type DecimalMark, findDecimalMark, readCell } from './csv-cells.js'
import { type Column, columnNames, columns } from './csv-columns.js'
import { UnreadableFileError } from './errors.js'
import { type ReadRow, ROW_MAX, RowBatch } from './rows.js'

/** Bytes per call of the parser: at most a few milliseconds for any content. */
const PARSE_BYTES = 2048
const LINE_END = /\r\n|\r|\n/

/**
 * Reads a CSV file (RFC 4180), with commas, semicolons or tabs. The header names the columns, in any order. Blank lines and records are
 * skipped.
 * @throws {UnreadableFileError} if the file is not text, the header or a quotation is invalid, or a record is longer than `ROW_MAX`.
 */
export async function* readCsv(from: AsyncIterable<Uint8Array>): AsyncGenerator<ReadRow[]> {
  const batch = new RowBatch()
  const slice = new TimeSlice()
  try {
    const { separator, linesBeforeHeader, chunks } = await detectDialect(from, ROW_MAX)
    const options = { separator, fromLine: linesBeforeHeader + 1, rowMax: ROW_MAX, step: PARSE_BYTES }
    let header: Header | undefined
    let decimalMark = DECIMAL_MARKS[separator]
    for await (const rows of readCsvRows(checkUtf8(chunks), options)) {
      for (const { cells, line } of rows) {
        if (header === undefined) header = readHeader(cells, line)
        else if (cells.some((cell) => !isBlank(cell))) {
          decimalMark = findDecimalMark(cells, header) ?? decimalMark
          batch.add(readRecord(cells, header, decimalMark, line - countLineEnds(cells)), sizeOf(cells))
        }
      }
      if (batch.isFull) yield batch.take()
      await slice.turn()
    }
    if (!header) throw new UnreadableFileError(1, 'the header is missing')
    if (!batch.isEmpty) yield batch.take()
  } catch (error) {
    throw toUnreadable(error as Error)
  }
}

const isBlank = (cell: string) => cell.trim() === ''

const sizeOf = (cells: readonly string[]) => cells.reduce((size, cell) => size + cell.length + 1, 0)

/** Returns the number of line ends in the cells of a row. */
const countLineEnds = (cells: readonly string[]) => cells.join('').split(LINE_END).length - 1

/**
 * Passes chunks on, and checks that they are UTF-8, because the parser does not.
 * @throws {UnreadableFileError}
 */
async function* checkUtf8(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  const check = (chunk?: Uint8Array) => {
    try {
      line += decoder.decode(chunk, { stream: chunk !== undefined }).split('\n').length - 1
    } catch {
      const [valid = ''] = new TextDecoder().decode(chunk).split('\uFFFD', 1)
      const message = 'the file is not UTF-8. In Excel, save it as "CSV UTF-8"'
      throw new UnreadableFileError(line + valid.split('\n').length - 1, message)
    }
  }
  for await (const chunk of chunks) {
    check(chunk)
    yield chunk
  }
  check()
}

/** The columns in the order of the file. A column without a name is undefined. */
type Header = readonly (Column | undefined)[]

function readHeader(cells: readonly string[], line: number): Header {
  const names = new Set<string>()
  const header = cells.map((cell) => {
    const name = cell.trim()
    if (name === '') return undefined
    if (!Object.hasOwn(columns, name)) {
      throw new UnreadableFileError(
        line,
        `the column ${formatValue(name)} is unknown. Use only ${columnNames.join(', ')}`
      )
    }
    if (names.has(name)) throw new UnreadableFileError(line, `the header must have the column ${name} only once`)
    names.add(name)
    return name as Column
  })
  if (!names.has('id') && !names.has('sku')) {
    throw new UnreadableFileError(
      line,
      'the header must have the column id or sku, which identifies the product of each row'
    )
  }
  return header
}

/** Reads a record. A blank cell is the same as a missing one: the row does not have the field. */
function readRecord(
  cells: readonly string[],
  header: Header,
  decimalMark: DecimalMark | undefined,
  line: number
): ReadRow {
  const value: Record<string, unknown> = {}
  const dimensions: Record<string, unknown> = {}
  for (const [i, cell] of cells.entries()) {
    if (isBlank(cell)) continue
    const name = header[i]
    if (name === undefined) {
      // pandas and R number the rows in a first column without a name.
      if (i === 0) continue
      return { line, refused: describeUnnamed(cell, i, header.length) }
    }
    const { value: content, refused } = readCell(cell, name, decimalMark)
    const dimension = name === 'width' || name === 'height' || name === 'depth'
    if (refused !== undefined) return { line, field: dimension ? 'dimensions' : name, refused }
    if (dimension) dimensions[name] = content
    else value[name] = content
  }
  if (Object.keys(dimensions).length > 0) value.dimensions = dimensions
  return { line, value }
}

function describeUnnamed(cell: string, position: number, columnCount: number): string {
  const got = formatValue(cell)
  return position < columnCount
    ? `has a value in column ${position + 1}, which has no name in the header (got ${got})`
    : `must have at most ${columnCount} cells like the header (got ${got} in cell ${position + 1}). Quote cells that contain a separator`
}

function toUnreadable(error: Error): Error {
  if (error instanceof NotUtf16Error) return new UnreadableFileError(error.line, error.message)
  if (!(error instanceof CsvRowError)) return error
  const message =
    error.problem === 'too-long'
      ? error.message
      : 'a quotation mark is misplaced or missing, here or earlier. Double the quotation marks within a quoted cell'
  return new UnreadableFileError(error.line, message)
}
