/** Size of a segment in bytes. Segments are allocated and evicted as a whole. */
const SEGMENT = 1_000_000

/**
 * Caches texts as bytes, so that a response is a concatenation of copies. Texts are appended to segments, and the oldest segment is evicted
 * when the cache is full. The bytes are outside the heap: that many strings would slow down garbage collection.
 */
export class TextCache {
  readonly #segmentsMax: number
  readonly #segments: Buffer[] = []
  /** Number of evicted segments. */
  #evicted = 0
  /** Bytes written to the last segment. */
  #written = SEGMENT

  /** @param size Size limit in bytes. */
  constructor(size: number) {
    this.#segmentsMax = Math.ceil(size / SEGMENT)
  }

  /** Whether adding more evicts older texts. */
  get isFull(): boolean {
    return this.#segments.length === this.#segmentsMax
  }

  /** Adds a text. @returns Its position, above 0; 0 if the text is too long to be cached. */
  add(text: Buffer): number {
    if (text.length > SEGMENT) return 0
    if (this.#written + text.length > SEGMENT) this.#addSegment()
    text.copy(this.#segments.at(-1) as Buffer, this.#written)
    const position = (this.#evicted + this.#segments.length) * SEGMENT + this.#written
    this.#written += text.length
    return position
  }

  /** Whether the text at a position is still cached. */
  has(position: number): boolean {
    return position >= (this.#evicted + 1) * SEGMENT
  }

  /** Copies the text at a position. */
  copy(position: number, length: number, to: Buffer, at: number): void {
    const start = position % SEGMENT
    const { buffer } = this.#segments[Math.floor(position / SEGMENT) - this.#evicted - 1] as Buffer
    to.set(new Uint8Array(buffer, start, length), at)
  }

  #addSegment(): void {
    this.#segments.push(Buffer.allocUnsafeSlow(SEGMENT))
    this.#written = 0
    if (this.#segments.length > this.#segmentsMax) {
      this.#segments.shift()
      this.#evicted++
    }
  }
}
