import { findExceededLimit } from '../../support/json-limits.js'
import { SourceError } from '../source-error.js'
import { Collected, RECORD_MAX, toText } from './record-size.js'

const LINE_END = 10
const LIMITS = { depthMax: 100, valuesMax: RECORD_MAX }

/**
 * Reads one value of JSON per line, while the body arrives. Skips blank lines. A line that is not JSON is a text, and so a record that
 * cannot be used.
 * @throws {SourceError} if the body ends in the middle of a value.
 */
export async function* readNdjson(body: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const line = new Collected('a line')
  for await (const chunk of body) {
    let start = 0
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, start)) {
      line.add(chunk.subarray(start, end))
      start = end + 1
      const bytes = line.take()
      const text = toText(bytes)
      if (text.trim() !== '') yield parse(bytes, text) ?? text
    }
    line.add(chunk.subarray(start))
  }
  const bytes = line.take()
  const text = toText(bytes)
  if (text.trim() === '') return
  const record = parse(bytes, text)
  if (record === undefined) throw new SourceError('invalid', { detail: 'the file ends in the middle of a record' })
  yield record
}

/** Returns undefined if the line is not JSON. */
function parse(bytes: Uint8Array, text: string): unknown {
  if (findExceededLimit(bytes, LIMITS)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
