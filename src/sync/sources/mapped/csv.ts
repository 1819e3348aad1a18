import { finished } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import type { MappedField, SourceMapping } from '../../../../schemas/source-mapping.js'
import { detectDialect, NotUtf16Error } from '../../../support/csv-dialect.js'
import { SourceError } from '../../source-error.js'
import { RECORD_MAX } from '../record-size.js'
import type { PageEnd, ResponseHead, SourceKind, SourceSettings } from '../source-kind.js'
import type { FieldProblem } from '../source-record.js'
import { toSegments } from '../source-values.js'
import { mapRecord } from './file-mapping.js'
import { createMappedKind } from './mapped-kind.js'
import { readPageEnd } from './paging.js'

/** Bytes per call of the parser. */
const PIECE = 16_384
const LINE_ENDS: ReadonlySet<unknown> = new Set([0x0a, 0x0d])
/** Fields whose column the header must have, so that a file of another kind is recognized. */
const REQUIRED = ['externalId', 'title', 'price'] as const

/** CSV (RFC 4180) with commas, semicolons or tabs. The header names the columns: `Title` is at `/Title`. */
export const csv: SourceKind = {
  ...createMappedKind(readPage),
  map: (record, settings) =>
    record instanceof MisalignedRow ? { id: undefined, problem: record.problem } : mapRecord(record, settings)
}

/** A row with more cells than the header. An unquoted separator has shifted its cells, so none of them can be trusted. */
class MisalignedRow {
  readonly problem: FieldProblem

  constructor(header: readonly string[], cells: readonly string[]) {
    const problem = `must have at most ${header.length} cells, like the first line of the file`
    this.problem = { pointer: '', problem, value: cells.join(' | ').slice(0, 200) }
  }
}

async function* readPage(
  body: AsyncIterable<Uint8Array>,
  head: ResponseHead,
  settings: SourceSettings
): AsyncGenerator<unknown, PageEnd> {
  const mapping = settings.mapping as SourceMapping
  try {
    yield* readRows(body, (header) => checkHeader(header, mapping))
  } catch (error) {
    throw toSourceError(error as Error)
  }
  return readPageEnd(undefined, head, settings)
}

async function* readRows(
  body: AsyncIterable<Uint8Array>,
  onHeader: (header: readonly string[]) => void
): AsyncGenerator<Record<string, string> | MisalignedRow> {
  const { separator, linesBeforeHeader, chunks } = await detectDialect(body, RECORD_MAX)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let header: string[] | undefined
  let rows: string[][] = []
  /** Bytes since the last end of a record or blank line. The limit of the parser does not count separators. */
  let pending = 0
  let lastByte: number | undefined
  const parser = parse({
    bom: true,
    delimiter: separator,
    from_line: linesBeforeHeader + 1,
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: RECORD_MAX,
    on_record: (cells: string[]) => {
      if (header) {
        if (cells.some((cell) => cell.trim() !== '')) rows.push(cells)
      } else {
        header = cells.map((cell) => cell.trim())
        onHeader(header)
      }
      // Keeps records out of the stream, because its buffer takes quadratic time.
      return null
    }
  })
  // An error event without a listener would end the process. The error is thrown below.
  parser.on('error', () => {})
  const takeRows = () => {
    const taken = rows
    rows = []
    return taken.map((cells) => toRecord(header as string[], cells))
  }
  try {
    for await (const chunk of chunks) {
      decoder.decode(chunk, { stream: true })
      lastByte = chunk.at(-1) ?? lastByte
      for (let i = 0; i < chunk.length; i += PIECE) {
        const piece = chunk.subarray(i, i + PIECE)
        const { records, empty_lines } = parser.info
        parser.write(piece)
        if (parser.errored) throw parser.errored
        pending = parser.info.records + parser.info.empty_lines > records + empty_lines ? 0 : pending + piece.length
        if (pending > RECORD_MAX) throw tooLarge()
        yield* takeRows()
      }
    }
    decoder.decode()
    await finished(parser.end().resume())
    if (!header) throw invalid('the file has no header')
    // A last row without a line end may be complete.
    const isComplete = LINE_ENDS.has(lastByte) || (rows.at(-1) ?? header).length >= header.length
    if (!isComplete) throw invalid('the file ends in the middle of a record')
    yield* takeRows()
  } finally {
    parser.destroy()
  }
}

function toRecord(header: readonly string[], cells: readonly string[]): Record<string, string> | MisalignedRow {
  if (cells.slice(header.length).some((cell) => cell.trim() !== '')) return new MisalignedRow(header, cells)
  return Object.fromEntries(header.map((name, i) => [name, cells[i] ?? '']))
}

/** @throws {SourceError} if the columns of identity, title and price are missing. */
function checkHeader(header: readonly string[], { fields }: SourceMapping): void {
  for (const name of REQUIRED) {
    const columns = toPointers(fields[name]).map((pointer) => toSegments(pointer)[0] as string)
    if (columns.length === 0 || columns.some((column) => header.includes(column))) continue
    const found = header.slice(0, 20).join(', ').slice(0, 200)
    throw invalid(`the file has no column ${columns.join(' or ')}. Its first line is: ${found}`)
  }
}

function toPointers(field: MappedField | undefined): string[] {
  if (typeof field === 'string') return [field]
  return field?.pointers ?? (field?.pointer === undefined ? [] : [field.pointer])
}

function toSourceError(error: Error): Error {
  if (error instanceof NotUtf16Error) return invalid(error.message)
  if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
    return invalid('the file is not UTF-8')
  if (!(error instanceof CsvError)) return error
  if (error.code === 'CSV_MAX_RECORD_SIZE') return tooLarge()
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') return invalid('the file ends in the middle of a record')
  return invalid(`line ${error.lines} of the file is not readable: ${error.message.slice(0, 200)}`)
}

const invalid = (detail: string) => new SourceError('invalid', { detail })
const tooLarge = () => new SourceError('too-large', { detail: `a record has more than ${RECORD_MAX} bytes` })
