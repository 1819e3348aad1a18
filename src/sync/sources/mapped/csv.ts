import type { MappedField, SourceMapping } from '../../../../schemas/source-mapping.js'
import { detectDialect, NotUtf16Error } from '../../../support/csv-dialect.js'
import { CsvRowError, readCsvRows } from '../../../support/csv-rows.js'
import { SourceError } from '../../source-error.js'
import { RECORD_MAX } from '../record-size.js'
import type { PageEnd, ResponseHead, SourceKind, SourceSettings } from '../source-kind.js'
import type { FieldProblem } from '../source-record.js'
import { toSegments } from '../source-values.js'
import { mapRecord } from './file-mapping.js'
import { createMappedKind } from './mapped-kind.js'
import { readPageEnd } from './paging.js'

/** Bytes that are parsed in one step. */
const STEP = 16_384
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
  const text = new CheckedText(chunks)
  const options = { separator, fromLine: linesBeforeHeader + 1, rowMax: RECORD_MAX, step: STEP }
  let header: string[] | undefined
  for await (const rows of readCsvRows(text.read(), options)) {
    for (const { cells } of rows) {
      if (!header) {
        header = cells.map((cell) => cell.trim())
        onHeader(header)
      }
      // A last row without a line end may be complete.
      else if (text.endsInRow && cells.length < header.length) throw invalid(TRUNCATED)
      else if (cells.some((cell) => cell.trim() !== '')) yield toRecord(header, cells)
    }
  }
  if (!header) throw invalid('the file has no header')
}

/** Passes text on, and checks that it is UTF-8. */
class CheckedText {
  /** Whether the text has ended, and without a line end. */
  endsInRow = false
  readonly #chunks: AsyncIterable<Uint8Array>

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks
  }

  async *read(): AsyncGenerator<Uint8Array> {
    const decoder = new TextDecoder('utf-8', { fatal: true })
    let lastByte: number | undefined
    for await (const chunk of this.#chunks) {
      decoder.decode(chunk, { stream: true })
      lastByte = chunk.at(-1) ?? lastByte
      yield chunk
    }
    decoder.decode()
    this.endsInRow = !LINE_ENDS.has(lastByte)
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
  if (!(error instanceof CsvRowError)) return error
  if (error.problem === 'too-long') return new SourceError('too-large', { detail: error.message })
  if (error.problem === 'unclosed-quote') return invalid(TRUNCATED)
  return invalid(`line ${error.line} of the file is not readable: ${error.message.slice(0, 200)}`)
}

const TRUNCATED = 'the file ends in the middle of a record'
const invalid = (detail: string) => new SourceError('invalid', { detail })
