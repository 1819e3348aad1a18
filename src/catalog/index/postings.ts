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

/** Number of parts of the order for which prefix bitmaps are kept. */
const PARTS = 64

/**
 * Inverted index of a column: the rows of each code. It returns few rows as a list and many as a bitmap. The bitmap of a range of codes is
 * the difference of two prefix bitmaps, corrected by a few rows at either end.
 */
export class Postings {
  /** All rows, sorted by code, then by row. */
  readonly rows: Uint32Array
  /** The start of each code's rows, and the end of the last code's. */
  readonly #starts: Uint32Array
  /** Number of products. */
  readonly #size: number
  /** Rows per part. A code with more rows gets a bitmap of its own. */
  readonly #partSize: number
  /** Bitmaps of the codes with many rows. There can be only few of them. */
  readonly #bitmaps = new Map<number, Bitmap>()
  /** Bitmaps of the first 0, 1, 2, … parts. */
  #prefixBitmaps: Bitmap[] | undefined

  constructor(rows: Uint32Array, starts: Uint32Array, size: number) {
    this.rows = rows
    this.#starts = starts
    this.#size = size
    this.#partSize = Math.ceil(size / PARTS)
  }

  /** Returns the position of a code's first row in `rows`. */
  start(code: number): number {
    return this.#starts[code] as number
  }

  /** Replaces each row by its owner. */
  mapRows(owners: Uint32Array, size: number): Postings {
    return new Postings(
      this.rows.map((row) => owners[row] as number),
      this.#starts,
      size
    )
  }

  /** Returns the condition that a row has one of the codes. */
  whereIn(codes: readonly number[]): Condition {
    const [first, ...others] = codes
    if (first === undefined) return toRowsCondition(new Uint32Array())
    if (others.length === 0) return this.#whereCode(first)
    const conditions = codes.map((code) => this.#whereCode(code))
    return {
      count: conditions.reduce((sum, { count }) => sum + count, 0),
      sortedRange: undefined,
      rows: undefined,
      wordRange: conditions
        .map(({ wordRange }) => wordRange)
        .reduce((a, b) => ({ from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) })),
      bitmapOf: (range, scratch) => {
        scratch.fill(0, range.from, range.to)
        for (const code of codes) {
          const bitmap = this.#bitmapOf(code)
          if (bitmap) addBits(scratch, bitmap, range)
          else addRows(scratch, this.#rowsOf(code))
        }
        return scratch
      }
    }
  }

  /** Returns the condition that the code is in a range, `to` excluded. Each row must have one code only. */
  whereBetween(from: number, to: number): Condition {
    const start = this.#starts[from] as number
    const sortedRange = { postings: this, from: start, to: Math.max(start, this.#starts[to] as number) }
    return {
      count: sortedRange.to - sortedRange.from,
      sortedRange,
      rows: this.rows.subarray(sortedRange.from, sortedRange.to),
      wordRange: wordRangeOf(0, this.#size - 1),
      bitmapOf: (range, scratch) => this.#writeRange(sortedRange, range, scratch)
    }
  }

  #whereCode(code: number): Condition {
    const rows = this.#rowsOf(code)
    return {
      count: rows.length,
      sortedRange: { postings: this, from: this.#starts[code] as number, to: this.#starts[code + 1] as number },
      rows,
      wordRange: wordRangeOf(rows[0] as number, rows.at(-1) as number),
      bitmapOf: (range, scratch) => this.#bitmapOf(code) ?? setRows(scratch, rows, range)
    }
  }

  #rowsOf(code: number): Uint32Array {
    return this.rows.subarray(this.#starts[code], this.#starts[code + 1])
  }

  /** Returns the bitmap of a code; undefined if few rows have the code. */
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

  /** Writes the rows of a range of the order to a range of words. */
  #writeRange({ from, to }: SortedRange, range: WordRange, bitmap: Bitmap): Bitmap {
    this.#prefixBitmaps ??= this.#buildPrefixBitmaps()
    const first = Math.round(from / this.#partSize)
    const last = Math.round(to / this.#partSize)
    xorBits(bitmap, this.#prefixBitmaps[first] as Bitmap, this.#prefixBitmaps[last] as Bitmap, range)
    this.#toggle(bitmap, from, first * this.#partSize)
    this.#toggle(bitmap, to, last * this.#partSize)
    return bitmap
  }

  /** Toggles the rows between two positions of the order. */
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
