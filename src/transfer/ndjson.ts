import { setImmediate } from 'node:timers/promises'
import { type ReadRow, ROW_MAX, ROWS_AT_ONCE, UnreadableError } from './rows.js'

const LINE_END = 10
/** How deep a row may be nested. A product has three levels; thousands could be read, but not written again. */
const DEPTH_MAX = 20
const BYTE_ORDER_MARK = '\uFEFF'

/**
 * Reads JSON values, one on each line. What is wrong with one line is no reason not to read the others.
 * @throws {UnreadableError} where a line is longer than any product.
 */
export async function* readNdjson(from: AsyncIterable<Uint8Array>): AsyncGenerator<ReadRow[]> {
  let rows: ReadRow[] = []
  let number = 0
  for await (const line of lines(from)) {
    number++
    const row = readLine(line, number)
    if (row) rows.push(row)
    if (rows.length < ROWS_AT_ONCE) continue
    yield rows
    rows = []
    await setImmediate()
  }
  if (rows.length > 0) yield rows
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
    begun.push(chunk.subarray(start))
    length += chunk.length - start
    if (length > ROW_MAX) throw new UnreadableError(number, `it has more than ${ROW_MAX} bytes`)
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
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { line, refused: 'is no object' }
    if (isDeeper(value, DEPTH_MAX)) return { line, refused: 'is nested too deep' }
    return { line, value: value as Record<string, unknown> }
  } catch {
    return { line, refused: 'is not JSON' }
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}
