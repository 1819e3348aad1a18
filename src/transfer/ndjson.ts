import { TimeSlice } from '../support/time-slice.js'
import { formatValue } from '../support/validation-errors.js'
import { UnreadableFileError } from './errors.js'
import { describeExcess, type ReadRow, ROW_MAX, RowBatch } from './rows.js'

const LINE_END = 10
/** Parts of a line that are kept before they are joined. A part can be a single byte, and costs about 200 bytes of memory. */
const PARTS_MAX = 1000
const BYTE_ORDER_MARK = '\uFEFF'

/**
 * Reads NDJSON: one JSON object per line. Blank lines are skipped. An invalid line becomes a refused row.
 * @throws {UnreadableFileError} if a line is longer than `ROW_MAX`, or if too many lines are invalid.
 */
export async function* readNdjson(from: AsyncIterable<Uint8Array>): AsyncGenerator<ReadRow[]> {
  const slice = new TimeSlice()
  const batch = new RowBatch()
  let lineNumber = 0
  for await (const line of toLines(from)) {
    lineNumber++
    const row = readLine(line, lineNumber)
    if (row) batch.add(row, line.length)
    if (batch.isFull) yield batch.take()
    await slice.turn()
  }
  if (!batch.isEmpty) yield batch.take()
}

/** Yields the lines without their ends. */
async function* toLines(from: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = []
  let length = 0
  let lineNumber = 1
  for await (const chunk of from) {
    let start = 0
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, start)) {
      yield parts.length === 0 ? chunk.subarray(start, end) : Buffer.concat([...parts, chunk.subarray(start, end)])
      parts = []
      length = 0
      lineNumber++
      start = end + 1
    }
    if (start === chunk.length) continue
    if (parts.length === PARTS_MAX) parts = [Buffer.concat(parts)]
    parts.push(chunk.subarray(start))
    length += chunk.length - start
    if (length > ROW_MAX) throw new UnreadableFileError(lineNumber, `a line must have at most ${ROW_MAX} bytes`)
  }
  if (parts.length > 0) yield Buffer.concat(parts)
}

function readLine(bytes: Uint8Array, line: number): ReadRow | undefined {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { line, refused: 'is not UTF-8' }
  }
  if (line === 1 && text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1)
  if (text.trim() === '') return undefined
  const excess = describeExcess(bytes)
  if (excess !== undefined) return { line, refused: excess }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return { line, refused: `must be a JSON object (got ${formatValue(value)})` }
    }
    return { line, value: value as Record<string, unknown> }
  } catch {
    return { line, refused: 'is not JSON' }
  }
}
