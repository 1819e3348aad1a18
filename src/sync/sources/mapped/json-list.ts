import { SourceError } from '../../source-error.js'
import { Collected, toText } from '../record-size.js'
import { toSegments } from '../source-values.js'

/** Maximum nesting depth. A text that is nested deeper would take long to parse. */
const DEPTH_MAX = 100
/** Maximum length of a key, in bytes. */
const KEY_MAX = 10_000

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

/**
 * Reads a list within a JSON text of any size while it arrives. Finds the ends of the items by their brackets and parses one item at a time.
 * `JSON.parse` makes this twice as fast as a parser for streams that is written in JavaScript.
 * @param pointer JSON Pointer to the list.
 * @returns The text without the items, parsed.
 * @throws {SourceError} if the text is not JSON, ends early, or has no list at the pointer.
 */
export async function* readJsonList(
  body: AsyncIterable<Uint8Array>,
  pointer: string
): AsyncGenerator<unknown, unknown> {
  const scanner = new ListScanner(toSegments(pointer))
  for await (const chunk of body) yield* scanner.scan(chunk)
  const rest = scanner.finish()
  if (!scanner.hasList) throw invalid(`the page has no list at ${pointer === '' ? 'its root' : pointer}`)
  return rest
}

/** An array or object around the list, or beside it. */
interface Container {
  isArray: boolean
  /** Whether the list may be in it. */
  isOnPath: boolean
  /** Whether a text is a key. */
  expectsKey: boolean
  key: string
  index: number
}

class ListScanner {
  hasList = false
  readonly #path: readonly string[]
  readonly #containers: Container[] = []
  /** The text outside of the list. */
  readonly #rest = new Collected('the page without its records')
  readonly #item = new Collected('a record')
  readonly #key = new Collected('a key', KEY_MAX)
  #inList = false
  /** Number of complete items of the list. */
  #items = 0
  /** Number of open brackets in the current item. */
  #depth = 0
  #inString = false
  #inKey = false
  #isEscaped = false

  constructor(path: readonly string[]) {
    this.#path = path
  }

  /** Reads the next part of the text. Yields the items that end in it. */
  *scan(chunk: Uint8Array): Generator<unknown> {
    let start = 0
    for (let i = 0; i < chunk.length; i++) {
      // Most of a text is in strings.
      if (this.#inString && !this.#isEscaped && !this.#inKey) i = skipText(chunk, i)
      const byte = chunk[i] as number
      if (this.#inString) {
        if (this.#isEscaped) this.#isEscaped = false
        else if (byte === BACKSLASH) this.#isEscaped = true
        else if (byte === QUOTE) this.#inString = false
        if (this.#inKey) this.#readKey(byte)
      } else if (byte === QUOTE) {
        this.#inString = true
        if (!this.#inList) this.#startKey()
      } else if (!this.#inList) {
        if (!this.#scanOutside(byte)) continue
        this.#rest.add(chunk.subarray(start, i + 1))
        start = i + 1
      } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
        if (++this.#depth > DEPTH_MAX) throw tooDeep()
      } else if (this.#depth > 0) {
        if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) this.#depth--
      } else if (byte === COMMA || byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
        this.#item.add(chunk.subarray(start, i))
        start = byte === COMMA ? i + 1 : i
        this.#inList = byte === COMMA
        const text = toText(this.#item.take())
        // An empty list has no item.
        if (byte !== COMMA && this.#items === 0 && text.trim() === '') continue
        this.#items++
        yield parse(text)
      }
    }
    const end = chunk.subarray(start)
    if (this.#inList) this.#item.add(end)
    else this.#rest.add(end)
  }

  /** Returns the text without the items, parsed. @throws {SourceError} if it ends early. */
  finish(): unknown {
    return parse(toText(this.#rest.take()))
  }

  /** Follows the path outside of strings and outside of the list. Returns whether the list begins. */
  #scanOutside(byte: number): boolean {
    const around = this.#containers.at(-1)
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      const isArray = byte === OPEN_ARRAY
      const depth = this.#containers.length
      if (depth > DEPTH_MAX) throw tooDeep()
      const step = around?.isArray ? String(around.index) : around?.key
      const isOnPath = around === undefined || (around.isOnPath && step === this.#path[depth - 1])
      if (isArray && isOnPath && depth === this.#path.length) {
        this.hasList = true
        this.#inList = true
        this.#items = 0
        return true
      }
      this.#containers.push({ isArray, isOnPath, expectsKey: !isArray, key: '', index: 0 })
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) this.#containers.pop()
    else if (byte === COMMA && around) {
      around.index++
      around.expectsKey = !around.isArray
    }
    return false
  }

  #startKey(): void {
    const around = this.#containers.at(-1)
    if (!around?.expectsKey) return
    around.expectsKey = false
    this.#inKey = true
    this.#key.add(Buffer.of(QUOTE))
  }

  #readKey(byte: number): void {
    this.#key.add(Buffer.of(byte))
    if (this.#inString) return
    this.#inKey = false
    const around = this.#containers.at(-1) as Container
    around.key = String(parse(toText(this.#key.take())))
  }
}

/** Returns the position of the next quotation mark or backslash; that of the last byte if there is none. */
function skipText(chunk: Uint8Array, start: number): number {
  const last = chunk.length - 1
  let i = start
  while (i < last && chunk[i] !== QUOTE && chunk[i] !== BACKSLASH) i++
  return i
}

/** @throws {SourceError} */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('the page is not JSON, or ends early')
  }
}

const invalid = (detail: string) => new SourceError('invalid', { detail })
const tooDeep = () => invalid('the page is nested too deeply')
