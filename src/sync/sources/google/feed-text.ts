import { SourceError } from '../../source-error.js'
import type { ResponseHead } from '../source-kind.js'

/** Bytes at the start of a feed that may show its encoding. */
const START = 1024
const DEFAULT_ENCODING = 'utf-8'
/** The start of an XML declaration in UTF-16, which names no byte order. */
const UTF_16_STARTS = [
  { bytes: [0x3c, 0, 0x3f, 0], encoding: 'utf-16le' },
  { bytes: [0, 0x3c, 0, 0x3f], encoding: 'utf-16be' }
]
/** Byte order marks. */
const MARKS = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' }
]
const DECLARED = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]*)/
const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i

/**
 * Decodes a body to text. A byte order mark says which encoding it has, else an XML declaration, else the `Content-Type`. The default is
 * UTF-8. Leaves out blanks at the start.
 * @throws {SourceError} if the encoding is unknown, or if the body does not have it.
 */
export async function* readText(
  body: AsyncIterable<Uint8Array>,
  { headers }: Pick<ResponseHead, 'headers'>
): AsyncGenerator<string> {
  const chunks = body[Symbol.asyncIterator]()
  let start: Uint8Array = new Uint8Array()
  let isOver = false
  while (start.length < START && !isOver) {
    const { done, value } = await chunks.next()
    if (done) isOver = true
    else start = Buffer.concat([start, value])
  }
  const encoding = findEncoding(start, headers)
  const decoder = createDecoder(encoding)
  const decode = (bytes: Uint8Array | undefined): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch {
      throw new SourceError('invalid', { detail: `the feed is not in the encoding ${encoding}` })
    }
  }
  let hasStarted = false
  for (let bytes: Uint8Array | undefined = start; ; ) {
    const decoded = decode(bytes)
    const text: string = hasStarted ? decoded : decoded.trimStart()
    hasStarted ||= text !== ''
    if (text !== '') yield text
    if (bytes === undefined) return
    const next: IteratorResult<Uint8Array> = isOver ? { done: true, value: undefined } : await chunks.next()
    bytes = next.done ? undefined : next.value
  }
}

function findEncoding(start: Uint8Array, headers: Readonly<Record<string, string>>): string {
  const isStart = ({ bytes }: { bytes: number[] }) => bytes.every((byte, i) => start[i] === byte)
  const found = MARKS.find(isStart) ?? UTF_16_STARTS.find(isStart)
  if (found) return found.encoding
  const [, declared] = DECLARED.exec(Buffer.from(start.subarray(0, START)).toString('latin1')) ?? []
  const [, charset] = CHARSET.exec(headers['content-type'] ?? '') ?? []
  // A declaration in UTF-16 would not be readable as ASCII.
  const named = /^utf-?16/i.test(declared ?? '') ? undefined : declared
  return named || charset || DEFAULT_ENCODING
}

function createDecoder(encoding: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(encoding, { fatal: true })
  } catch {
    throw new SourceError('invalid', { detail: `the feed has the unknown encoding ${encoding.slice(0, 100)}` })
  }
}
