import {
  addRows,
  type Bitmap,
  differ,
  type Extent,
  emptyBitmap,
  extentOf,
  setRows,
  toggleRows,
  unite
} from './bitmap.js'
import { amongRows, type Condition, type Stretch } from './condition.js'

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
  readonly #part: number
  /** Of the codes that many rows have, of which there are few. */
  readonly #bitmaps = new Map<number, Bitmap>()
  /** Of no part, of the first one, of the first two, and so on. */
  #parts: Bitmap[] | undefined

  constructor(rows: Uint32Array, starts: Uint32Array, size: number) {
    this.rows = rows
    this.#starts = starts
    this.#size = size
    this.#part = Math.ceil(size / PARTS)
  }

  /** The same codes of what the rows belong to. */
  of(owners: Uint32Array, size: number): Postings {
    return new Postings(
      this.rows.map((row) => owners[row] as number),
      this.#starts,
      size
    )
  }

  /** The condition to have one of these codes. */
  among(codes: readonly number[]): Condition {
    const [first, ...others] = codes
    if (first === undefined) return amongRows(new Uint32Array())
    if (others.length === 0) return this.#having(first)
    const each = codes.map((code) => this.#having(code))
    return {
      count: each.reduce((sum, { count }) => sum + count, 0),
      stretch: undefined,
      rows: undefined,
      extent: {
        from: Math.min(...each.map(({ extent }) => extent.from)),
        to: Math.max(...each.map(({ extent }) => extent.to))
      },
      bitmap: (extent, room) => {
        room.fill(0, extent.from, extent.to)
        for (const code of codes) {
          const bitmap = this.#bitmap(code)
          if (bitmap) unite(room, bitmap, extent)
          else addRows(room, this.#list(code))
        }
        return room
      }
    }
  }

  /** The condition to have a code from one up to but without another one. No row may have several. */
  between(from: number, to: number): Condition {
    const start = this.#starts[from] as number
    const stretch = { of: this, from: start, to: Math.max(start, this.#starts[to] as number) }
    return {
      count: stretch.to - stretch.from,
      stretch,
      rows: this.rows.subarray(stretch.from, stretch.to),
      extent: extentOf(0, this.#size - 1),
      bitmap: (extent, room) => this.#put(stretch, extent, room)
    }
  }

  /** The condition to have a code that occurs. */
  #having(code: number): Condition {
    const rows = this.#list(code)
    return {
      count: rows.length,
      stretch: { of: this, from: this.#starts[code] as number, to: this.#starts[code + 1] as number },
      rows,
      extent: extentOf(rows[0] as number, rows.at(-1) as number),
      bitmap: (extent, room) => this.#bitmap(code) ?? setRows(room, rows, extent)
    }
  }

  /** The rows that have a code. */
  #list(code: number): Uint32Array {
    return this.rows.subarray(this.#starts[code], this.#starts[code + 1])
  }

  /** The bitmap of a code that many rows have. */
  #bitmap(code: number): Bitmap | undefined {
    const rows = this.#list(code)
    if (rows.length <= this.#part) return undefined
    let bitmap = this.#bitmaps.get(code)
    if (!bitmap) {
      bitmap = emptyBitmap(this.#size)
      addRows(bitmap, rows)
      this.#bitmaps.set(code, bitmap)
    }
    return bitmap
  }

  /** Makes these words of a bitmap say what is in a stretch. */
  #put({ from, to }: Stretch, extent: Extent, bitmap: Bitmap): Bitmap {
    this.#parts ??= this.#cut()
    const first = Math.round(from / this.#part)
    const last = Math.round(to / this.#part)
    differ(bitmap, this.#parts[first] as Bitmap, this.#parts[last] as Bitmap, extent)
    this.#toggle(bitmap, from, first * this.#part)
    this.#toggle(bitmap, to, last * this.#part)
    return bitmap
  }

  /** Adds or removes those between two places in the order. */
  #toggle(bitmap: Bitmap, a: number, b: number): void {
    toggleRows(bitmap, this.rows.subarray(Math.min(a, b), Math.max(a, b)))
  }

  #cut(): Bitmap[] {
    const bitmap = emptyBitmap(this.#size)
    const parts = [bitmap.slice()]
    for (let from = 0; from < this.rows.length; from += this.#part) {
      addRows(bitmap, this.rows.subarray(from, from + this.#part))
      parts.push(bitmap.slice())
    }
    return parts
  }
}
