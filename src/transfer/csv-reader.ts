import { finished } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import { detectDialect, NotUtf16Error } from '../support/csv-dialect.js'
import { TimeSlice } from '../support/time-slice.js'
import { formatValue } from '../support/validation-errors.js'
import { DECIMAL_MARKS, type DecimalMark, findDecimalMark, readCell } from './csv-cells.js'
import { type Column, columnNames, columns } from './csv-columns.js'
import { UnreadableFileError } from './errors.js'
import { type ReadRow, ROW_MAX, RowBatch } from './rows.js'

/** Bytes per call of the parser: at most a few milliseconds for any content. */
const PARSE_BYTES = 2048

/**
 * Reads a CSV file (RFC 4180), with commas, semicolons or tabs. The header names the columns, in any order. Blank lines and records are
 * skipped.
 * @throws {UnreadableFileError} if the file is not text, the header or a quotation is invalid, or a record is longer than `ROW_MAX`.
 */
export async function* readCsv(from: AsyncIterable<Uint8Array>): AsyncGenerator<ReadRow[]> {
  const { separator, linesBeforeHeader, chunks } = await detectDialect(from, ROW_MAX).catch(rethrow)
  const slice = new TimeSlice()
  const batch = new RowBatch()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let header: Header | undefined
  let decimalMark = DECIMAL_MARKS[separator]
  /** Bytes since the last end of a record or blank line. The limit of the parser does not count separators. */
  let pendingBytes = 0
  const parser = parse({
    bom: true,
    delimiter: separator,
    from_line: linesBeforeHeader + 1,
    relax_column_count: true,
    skip_empty_lines: true,
    // By default, the parser accepts only the kind of line end that comes first in the file.
    record_delimiter: ['\r\n', '\n'],
    max_record_size: ROW_MAX,
    on_record: (cells: string[]) => {
      if (header === undefined) header = readHeader(cells, parser.info.lines)
      else if (cells.some((cell) => !isBlank(cell))) {
        decimalMark = findDecimalMark(cells, header) ?? decimalMark
        batch.add(readRecord(cells, header, decimalMark, firstLine(cells)), sizeOf(cells))
      }
      // Keeps records out of the stream, because its buffer takes quadratic time.
      return null
    }
  })
  const firstLine = (cells: readonly string[]) => parser.info.lines - cells.join('').split('\n').length + 1
  // An error event without a listener would end the process. The error is thrown below.
  parser.on('error', () => {})
  try {
    for await (const chunk of chunks) {
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

const isBlank = (cell: string) => cell.trim() === ''

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
    throw new UnreadableFileError(
      line + valid.split('\n').length - 1,
      'the file is not UTF-8. In Excel, save it as "CSV UTF-8"'
    )
  }
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
  if (!(error instanceof CsvError)) return error
  if (error.code === 'CSV_MAX_RECORD_SIZE') return tooLong(Number(error.lines))
  return new UnreadableFileError(
    Number(error.lines),
    'a quotation mark is misplaced or missing, here or earlier. Double the quotation marks within a quoted cell'
  )
}

function rethrow(error: Error): never {
  throw toUnreadable(error)
}

const tooLong = (line: number) => new UnreadableFileError(line, `a record must have at most ${ROW_MAX} bytes`)
