import { findExceededLimit } from '../support/json-limits.js'
import { TimeSlice } from '../support/time-slice.js'
import { UnreadableFileError } from './errors.js'
import { type ReadRow, ROW_MAX, RowBatch } from './rows.js'

const LINE_END = 10
/** How deep a row may be nested, and how many values it may have. A product has three levels and some 300 values. */
const LIMITS = { depthMax: 20, valuesMax: 10_000 }
/** Parts of an unfinished line before they are joined: each costs some 200 bytes, and may be a single byte. */
const PARTS_MAX = 1000
const BYTE_ORDER_MARK = '\uFEFF'

/**
 * Reads NDJSON: one JSON object per line. A line that cannot be read is refused; the others are read all the same.
 * @throws {UnreadableFileError} if a line is longer than any product.
 */
export async function* readNdjson(from: AsyncIterable<Uint8Array>): AsyncGenerator<ReadRow[]> {
  const slice = new TimeSlice()
  const batch = new RowBatch()
  let number = 0
  for await (const line of lines(from)) {
    number++
    const row = readLine(line, number)
    if (row) batch.add(row, line.length)
    if (batch.isFull) yield batch.take()
    await slice.turn()
  }
  if (!batch.isEmpty) yield batch.take()
}

/** The lines without their ends. */
async function* lines(from: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let begun: Uint8Array[] = []
  let length = 0
  let number = 1
  for await (const chunk of from) {
    let start = 0
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, start)) {
      yield begun.length === 0 ? chunk.subarray(start, end) : Buffer.concat([...begun, chunk.subarray(start, end)])
      begun = []
      length = 0
      number++
      start = end + 1
    }
    if (start === chunk.length) continue
    if (begun.length === PARTS_MAX) begun = [Buffer.concat(begun)]
    begun.push(chunk.subarray(start))
    length += chunk.length - start
    if (length > ROW_MAX) throw new UnreadableFileError(number, `it has more than ${ROW_MAX} bytes`)
  }
  if (begun.length > 0) yield Buffer.concat(begun)
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
  const excess = findExceededLimit(bytes, LIMITS)
  if (excess) return { line, refused: excess === 'depth' ? 'is nested too deep' : 'has too many values' }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { line, refused: 'is no object' }
    return { line, value: value as Record<string, unknown> }
  } catch {
    return { line, refused: 'is not JSON' }
  }
}
