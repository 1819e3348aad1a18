import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { SourceError } from './source-error.js'

/** The first bytes of gzip (RFC 1952). Neither JSON nor XML nor text can start with them. */
const GZIP = [0x1f, 0x8b]

/** The body of a response, decompressed if its content is gzip, whatever its headers say. */
export class DecompressedBody implements AsyncIterable<Uint8Array> {
  /** Number of bytes that decompression has added so far. */
  addedBytes = 0
  readonly #body: AsyncIterable<Uint8Array>
  readonly #max: number

  /** @param max Maximum number of bytes after decompression. */
  constructor(body: AsyncIterable<Uint8Array>, max: number) {
    this.#body = body
    this.#max = max
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const chunks = this.#body[Symbol.asyncIterator]()
    let start: Uint8Array = new Uint8Array()
    while (start.length < GZIP.length) {
      const { done, value } = await chunks.next()
      if (done) break
      start = Buffer.concat([start, value])
    }
    const rest = { [Symbol.asyncIterator]: () => chunks }
    if (GZIP.every((byte, i) => start[i] === byte)) {
      yield* this.#decompress(start, rest)
      return
    }
    if (start.length > 0) yield start
    yield* rest
  }

  async *#decompress(start: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let received = 0
    let sent = 0
    async function* compressed() {
      received += start.length
      yield start
      for await (const chunk of rest) {
        received += chunk.length
        yield chunk
      }
    }
    const gunzip = createGunzip()
    // The iteration over `gunzip` throws the errors of the pipeline.
    pipeline(Readable.from(compressed(), { objectMode: false }), gunzip, () => {})
    try {
      for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
        sent += chunk.length
        this.addedBytes = Math.max(0, sent - received)
        if (sent > this.#max) throw new SourceError('too-large', { detail: 'the decompressed response is too large' })
        yield chunk
      }
    } catch (error) {
      if (!/^(Z_|ERR_.*ZLIB)/.test(String((error as { code?: string }).code))) throw error
      throw new SourceError('invalid', { detail: 'the response is not valid gzip', cause: error })
    }
  }
}
