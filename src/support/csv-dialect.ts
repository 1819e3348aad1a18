import { peek } from './peek.js'

/** What differs between the CSV files of different programs and languages. */
export interface CsvDialect {
  separator: ',' | ';' | '\t'
  /** Number of lines before the header: 1 if the file starts with a line such as `sep=;`, which Excel understands. */
  linesBeforeHeader: number
  /** All chunks of the file in UTF-8. */
  chunks: AsyncIterable<Uint8Array>
}

const LINE_END = 10
/** A line that names the separator. */
const SEPARATOR_LINE = /^"?sep=([,;\t])"?[,;\t]*\r?$/i

/** Thrown if a file starts with a byte order mark of UTF-16, but is not UTF-16. */
export class NotUtf16Error extends Error {
  /** @param line Number of the line, starting at 1. */
  constructor(readonly line: number) {
    super('the file is not UTF-16')
  }
}

/**
 * Finds the dialect of a file in its first line. The names in the header have no separators in them, so the first separator in it is the
 * separator of the file. Converts UTF-16 to UTF-8.
 * @param max Maximum size of the first line, in bytes.
 * @throws {NotUtf16Error} also while the chunks are read.
 */
export async function detectDialect(from: AsyncIterable<Uint8Array>, max: number): Promise<CsvDialect> {
  const { start, all: chunks } = await peek(toUtf8(from), (chunk) => chunk.includes(LINE_END), max)
  const [line = ''] = new TextDecoder().decode(Buffer.concat(start)).split('\n', 1)
  const named = SEPARATOR_LINE.exec(line)?.[1]
  const separator = (named ?? /[,;\t]/.exec(line)?.[0] ?? ',') as CsvDialect['separator']
  return { separator, linesBeforeHeader: named === undefined ? 0 : 1, chunks }
}

/** Encodings of Excel's "Unicode Text", by their byte order marks. */
const encodings = new Map([
  ['fffe', 'utf-16le'],
  ['feff', 'utf-16be']
])

/** Converts a file to UTF-8 if it starts with a byte order mark of UTF-16. */
async function* toUtf8(from: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { start, all } = await peek(from, () => false, 2)
  const encoding = encodings.get(Buffer.concat(start).toString('hex', 0, 2))
  if (encoding === undefined) return yield* all
  const decoder = new TextDecoder(encoding, { fatal: true })
  let line = 1
  try {
    for await (const chunk of all) {
      const text = decoder.decode(chunk, { stream: true })
      line += text.split('\n').length - 1
      yield Buffer.from(text)
    }
    decoder.decode()
  } catch (error) {
    throw error instanceof TypeError ? new NotUtf16Error(line) : error
  }
}
