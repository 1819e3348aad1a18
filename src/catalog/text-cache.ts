/** Bytes that are reserved at once, and dropped at once. */
const SEGMENT = 1_000_000

/**
 * Keeps texts as bytes, so that an answer can be put together without making any anew. They are written one after the other,
 * and the oldest are dropped when there are too many. Outside the heap, as so many strings would keep the garbage collector
 * busy.
 */
export class TextCache {
  readonly #segmentsMax: number
  readonly #segments: Buffer[] = []
  /** How many segments were dropped, and how many bytes of the last one are written. */
  #dropped = 0
  #written = SEGMENT

  /** @param size Bytes. */
  constructor(size: number) {
    this.#segmentsMax = Math.ceil(size / SEGMENT)
  }

  /** Whether to keep more means to drop some. */
  get isFull(): boolean {
    return this.#segments.length === this.#segmentsMax
  }

  /** Keeps a text. @returns Where it is, above 0; or 0, if it is longer than any should be. */
  add(text: Buffer): number {
    if (text.length > SEGMENT) return 0
    if (this.#written + text.length > SEGMENT) this.#addSegment()
    text.copy(this.#segments.at(-1) as Buffer, this.#written)
    const position = (this.#dropped + this.#segments.length) * SEGMENT + this.#written
    this.#written += text.length
    return position
  }

  /** Whether what was once kept at a position still is; at 0 nothing ever was. */
  has(position: number): boolean {
    return position >= (this.#dropped + 1) * SEGMENT
  }

  /** Copies what is kept at a position. */
  copy(position: number, length: number, to: Buffer, at: number): void {
    const start = position % SEGMENT
    const { buffer } = this.#segments[Math.floor(position / SEGMENT) - this.#dropped - 1] as Buffer
    to.set(new Uint8Array(buffer, start, length), at)
  }

  #addSegment(): void {
    this.#segments.push(Buffer.allocUnsafeSlow(SEGMENT))
    this.#written = 0
    if (this.#segments.length > this.#segmentsMax) {
      this.#segments.shift()
      this.#dropped++
    }
  }
}
