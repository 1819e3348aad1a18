import {
  addBits,
  addRows,
  type Bitmap,
  emptyBitmap,
  setRows,
  toggleRows,
  type WordRange,
  wordRangeOf,
  xorBits
} from './bitmap.js'
import { type Condition, type SortedRange, toRowsCondition } from './condition.js'

/** How many parts an order is cut into, of which bitmaps are kept. */
const PARTS = 64

/**
 * Which rows have each value of a field, by the code of the value: an inverted index. It gives few rows as a list and many as
 * a bitmap; those of bounds it makes from what lies between two parts of the order, and a few rows at either end.
 */
export class Postings {
  /** In the order of the codes. Those of a code are ascending. */
  readonly rows: Uint32Array
  /** Where those of each code start, and where the last ones end. */
  readonly #starts: Uint32Array
  /** How many products there are. */
  readonly #size: number
  /** How many rows are a part, and too many to be put into a bitmap one by one each time. */
  readonly #partSize: number
  /** Of the codes that many rows have, of which there are few. */
  readonly #bitmaps = new Map<number, Bitmap>()
  /** Of no part, of the first one, of the first two, and so on. */
  #prefixBitmaps: Bitmap[] | undefined

  constructor(rows: Uint32Array, starts: Uint32Array, size: number) {
    this.rows = rows
    this.#starts = starts
    this.#size = size
    this.#partSize = Math.ceil(size / PARTS)
  }

  /** The same codes of what the rows belong to. */
  mapRows(owners: Uint32Array, size: number): Postings {
    return new Postings(
      this.rows.map((row) => owners[row] as number),
      this.#starts,
      size
    )
  }

  /** The condition to have one of these codes. */
  whereIn(codes: readonly number[]): Condition {
    const [first, ...others] = codes
    if (first === undefined) return toRowsCondition(new Uint32Array())
    if (others.length === 0) return this.#whereCode(first)
    const each = codes.map((code) => this.#whereCode(code))
    return {
      count: each.reduce((sum, { count }) => sum + count, 0),
      sortedRange: undefined,
      rows: undefined,
      wordRange: {
        from: Math.min(...each.map(({ wordRange: extent }) => extent.from)),
        to: Math.max(...each.map(({ wordRange: extent }) => extent.to))
      },
      bitmapOf: (extent, room) => {
        room.fill(0, extent.from, extent.to)
        for (const code of codes) {
          const bitmap = this.#bitmapOf(code)
          if (bitmap) addBits(room, bitmap, extent)
          else addRows(room, this.#rowsOf(code))
        }
        return room
      }
    }
  }

  /** The condition to have a code from one up to but without another one. No row may have several. */
  whereBetween(from: number, to: number): Condition {
    const start = this.#starts[from] as number
    const stretch = { postings: this, from: start, to: Math.max(start, this.#starts[to] as number) }
    return {
      count: stretch.to - stretch.from,
      sortedRange: stretch,
      rows: this.rows.subarray(stretch.from, stretch.to),
      wordRange: wordRangeOf(0, this.#size - 1),
      bitmapOf: (extent, room) => this.#writeRange(stretch, extent, room)
    }
  }

  /** The condition to have a code that occurs. */
  #whereCode(code: number): Condition {
    const rows = this.#rowsOf(code)
    return {
      count: rows.length,
      sortedRange: { postings: this, from: this.#starts[code] as number, to: this.#starts[code + 1] as number },
      rows,
      wordRange: wordRangeOf(rows[0] as number, rows.at(-1) as number),
      bitmapOf: (extent, room) => this.#bitmapOf(code) ?? setRows(room, rows, extent)
    }
  }

  /** The rows that have a code. */
  #rowsOf(code: number): Uint32Array {
    return this.rows.subarray(this.#starts[code], this.#starts[code + 1])
  }

  /** The bitmap of a code that many rows have. */
  #bitmapOf(code: number): Bitmap | undefined {
    const rows = this.#rowsOf(code)
    if (rows.length <= this.#partSize) return undefined
    let bitmap = this.#bitmaps.get(code)
    if (!bitmap) {
      bitmap = emptyBitmap(this.#size)
      addRows(bitmap, rows)
      this.#bitmaps.set(code, bitmap)
    }
    return bitmap
  }

  /** Makes these words of a bitmap say what is in a stretch. */
  #writeRange({ from, to }: SortedRange, extent: WordRange, bitmap: Bitmap): Bitmap {
    this.#prefixBitmaps ??= this.#buildPrefixBitmaps()
    const first = Math.round(from / this.#partSize)
    const last = Math.round(to / this.#partSize)
    xorBits(bitmap, this.#prefixBitmaps[first] as Bitmap, this.#prefixBitmaps[last] as Bitmap, extent)
    this.#toggle(bitmap, from, first * this.#partSize)
    this.#toggle(bitmap, to, last * this.#partSize)
    return bitmap
  }

  /** Adds or removes those between two places in the order. */
  #toggle(bitmap: Bitmap, a: number, b: number): void {
    toggleRows(bitmap, this.rows.subarray(Math.min(a, b), Math.max(a, b)))
  }

  #buildPrefixBitmaps(): Bitmap[] {
    const bitmap = emptyBitmap(this.#size)
    const prefixBitmaps = [bitmap.slice()]
    for (let from = 0; from < this.rows.length; from += this.#partSize) {
      addRows(bitmap, this.rows.subarray(from, from + this.#partSize))
      prefixBitmaps.push(bitmap.slice())
    }
    return prefixBitmaps
  }
}
