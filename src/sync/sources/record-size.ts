import { SourceError } from '../source-error.js'

/** Maximum size of a record in a file, in bytes. A product with 250 variants has about a tenth of it. */
export const RECORD_MAX = 4_000_000

/** The bytes of a value that arrives in several chunks. */
export class Collected {
  #parts: Uint8Array[] = []
  #size = 0
  readonly #what: string

  readonly #max: number

  /**
   * @param what Names the value in errors.
   * @param max Maximum size in bytes.
   */
  constructor(what: string, max = RECORD_MAX) {
    this.#what = what
    this.#max = max
  }

  /** @throws {SourceError} if the value is too large. */
  add(part: Uint8Array): void {
    if (part.length === 0) return
    this.#size += part.length
    if (this.#size > this.#max)
      throw new SourceError('too-large', { detail: `${this.#what} has more than ${this.#max} bytes` })
    this.#parts.push(part)
  }

  /** Returns the bytes, and becomes empty. */
  take(): Uint8Array {
    const [first = new Uint8Array(), ...others] = this.#parts
    this.#parts = []
    this.#size = 0
    return others.length === 0 ? first : Buffer.concat([first, ...others])
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Decodes UTF-8 without a byte order mark. @throws {SourceError} */
export function toText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new SourceError('invalid', { detail: 'the response is not UTF-8' })
  }
}
