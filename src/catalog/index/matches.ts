import { andBits, type Bitmap, countRows, emptyBitmap, listRows, type WordRange } from './bitmap.js'
import type { Condition } from './condition.js'

/** Arrays that are reused for every query of an index, because allocating large ones takes long. */
export class ScratchBuffers {
  readonly rows: Uint32Array
  readonly bitmap: Bitmap
  readonly other: Bitmap

  /** @param size Number of rows. */
  constructor(size: number) {
    this.rows = new Uint32Array(size)
    this.bitmap = emptyBitmap(size)
    this.other = emptyBitmap(size)
  }
}

/** The products that satisfy all conditions. It is valid until the scratch buffers are used for another query. */
export class Matches {
  /** The most selective condition first. */
  readonly conditions: readonly Condition[]
  readonly count: number
  readonly #range: WordRange
  readonly #buffers: ScratchBuffers
  #bitmap: Bitmap | undefined
  #rows: Uint32Array | undefined

  /** @param all All rows. */
  constructor(conditions: readonly Condition[], all: Uint32Array, buffers: ScratchBuffers) {
    this.conditions = conditions
    this.#buffers = buffers
    this.#range = { from: 0, to: buffers.bitmap.length }
    const [first] = conditions
    if (!first) this.#rows = all
    else if (conditions.length === 1) this.#rows = first.rows
    else this.#range = conditions.map(({ wordRange }) => wordRange).reduce(overlapOf)
    this.count = this.#rows ? this.#rows.length : countRows(this.#intersection(), this.#range)
  }

  /** The rows of the products, unordered. Read-only. */
  get rows(): Uint32Array {
    this.#rows ??= listRows(this.#intersection(), this.#range, this.#buffers.rows)
    return this.#rows
  }

  /** The rows of the products as a read-only bitmap. There must be at least one condition. */
  get bitmap(): Bitmap {
    const bitmap = this.#intersection()
    if (this.conditions.length > 1) bitmap.fill(0, 0, this.#range.from).fill(0, this.#range.to)
    return bitmap
  }

  /** Returns a bitmap that is valid within the range. */
  #intersection(): Bitmap {
    if (this.#bitmap) return this.#bitmap
    const { bitmap, other } = this.#buffers
    const [first, ...others] = this.conditions as [Condition, ...Condition[]]
    this.#bitmap = first.bitmapOf(this.#range, bitmap)
    for (const condition of others) {
      andBits(bitmap, this.#bitmap, condition.bitmapOf(this.#range, other), this.#range)
      this.#bitmap = bitmap
    }
    return this.#bitmap
  }
}

const overlapOf = (a: WordRange, b: WordRange): WordRange => {
  const from = Math.max(a.from, b.from)
  return { from, to: Math.max(from, Math.min(a.to, b.to)) }
}
