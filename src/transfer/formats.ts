import { readCsv } from './csv.js'
import { readNdjson } from './ndjson.js'
import type { ReadRow } from './rows.js'

/** The readers of imports, by format. `detected` finds the format out from the beginning of the file. */
export const readFormat = { csv: readCsv, ndjson: readNdjson, detected: readDetected }

/** Bytes that may come before the first record: spaces, line ends, and the byte order mark of UTF-8. */
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf])
/** The bytes that JSON begins with: `{`, or `[` by mistake, which the NDJSON reader explains. No header of CSV begins with one. */
const JSON_START = new Set([0x7b, 0x5b])
/** The bytes in which the first record has to begin. */
const BLANK_MAX = 65_536

/**
 * Reads NDJSON if the file is empty or its first character that is not blank begins JSON; otherwise CSV.
 * @throws {UnreadableFileError} as the reader of the format does.
 */
async function* readDetected(from: AsyncIterable<Uint8Array>): AsyncGenerator<ReadRow[]> {
  const chunks = from[Symbol.asyncIterator]()
  const start: Uint8Array[] = []
  let length = 0
  let first: number | undefined
  try {
    while (first === undefined && length < BLANK_MAX) {
      const { value, done } = await chunks.next()
      if (done) break
      start.push(value)
      length += value.length
      first = value.find((byte) => !BLANK.has(byte))
    }
    const read = first === undefined || JSON_START.has(first) ? readNdjson : readCsv
    yield* read(continued(start, chunks))
  } finally {
    await chunks.return?.()
  }
}

/** What was read already, and then the rest. */
async function* continued(start: Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* start
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}
