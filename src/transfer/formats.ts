import { peek } from '../support/peek.js'
import { readCsv } from './csv-reader.js'
import { readNdjson } from './ndjson.js'
import type { ReadRow } from './rows.js'

/** Readers of import files, by format. `detected` detects the format from the beginning of the file. */
export const readFormat = { csv: readCsv, ndjson: readNdjson, detected: readDetected }

/** Bytes that may precede the first record: spaces, tabs, line ends, and the byte order mark of UTF-8. */
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf])
/** First bytes of JSON. `[` does not begin valid NDJSON, but the NDJSON reader reports it better than the CSV reader would. */
const JSON_START = new Set([0x7b, 0x5b])
/** Maximum number of bytes before the first record. */
const BLANK_MAX = 65_536

/**
 * Reads a file as NDJSON if it is blank or begins like JSON, and as CSV otherwise.
 * @throws {UnreadableFileError} from the reader of the format.
 */
async function* readDetected(from: AsyncIterable<Uint8Array>): AsyncGenerator<ReadRow[]> {
  let first: number | undefined
  const findFirst = (chunk: Uint8Array) => {
    first = chunk.find((byte) => !BLANK.has(byte))
    return first !== undefined
  }
  const { all } = await peek(from, findFirst, BLANK_MAX)
  const read = first === undefined || JSON_START.has(first) ? readNdjson : readCsv
  yield* read(all)
}
