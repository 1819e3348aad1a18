import { andBits, type Bitmap, countRows, emptyBitmap, listRows, type WordRange } from './bitmap.js'
import type { Condition } from './condition.js'

/** Room for what is found, used again and again, as large arrays take long to get. */
export class ScratchBuffers {
  readonly rows: Uint32Array
  readonly bitmap: Bitmap
  readonly other: Bitmap

  /** @param size How many rows there are. */
  constructor(size: number) {
    this.rows = new Uint32Array(size)
    this.bitmap = emptyBitmap(size)
    this.other = emptyBitmap(size)
  }
}

/** The products that satisfy all of some conditions. It holds until the room is used the next time. */
export class Matches {
  /** The one that the fewest satisfy comes first. */
  readonly conditions: readonly Condition[]
  readonly count: number
  readonly #extent: WordRange
  readonly #room: ScratchBuffers
  #bitmap: Bitmap | undefined
  #rows: Uint32Array | undefined

  /** @param all All rows. */
  constructor(conditions: readonly Condition[], all: Uint32Array, room: ScratchBuffers) {
    this.conditions = conditions
    this.#room = room
    this.#extent = { from: 0, to: room.bitmap.length }
    const [first] = conditions
    if (!first) this.#rows = all
    else if (conditions.length === 1) this.#rows = first.rows
    else this.#extent = conditions.map(({ wordRange: extent }) => extent).reduce(overlapOf)
    this.count = this.#rows ? this.#rows.length : countRows(this.#intersection(), this.#extent)
  }

  /** Their rows, in no order. Not to be written to. */
  get rows(): Uint32Array {
    this.#rows ??= listRows(this.#intersection(), this.#extent, this.#room.rows)
    return this.#rows
  }

  /** A bitmap of them, not to be written to. There has to be a condition. */
  get bitmap(): Bitmap {
    const bitmap = this.#intersection()
    if (this.conditions.length > 1) bitmap.fill(0, 0, this.#extent.from).fill(0, this.#extent.to)
    return bitmap
  }

  /** A bitmap that holds within the extent. */
  #intersection(): Bitmap {
    if (this.#bitmap) return this.#bitmap
    const { bitmap, other } = this.#room
    const [first, ...others] = this.conditions as [Condition, ...Condition[]]
    this.#bitmap = first.bitmapOf(this.#extent, bitmap)
    for (const condition of others) {
      andBits(bitmap, this.#bitmap, condition.bitmapOf(this.#extent, other), this.#extent)
      this.#bitmap = bitmap
    }
    return this.#bitmap
  }
}

const overlapOf = (a: WordRange, b: WordRange): WordRange => {
  const from = Math.max(a.from, b.from)
  return { from, to: Math.max(from, Math.min(a.to, b.to)) }
}
