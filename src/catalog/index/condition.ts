import { type Bitmap, setRows, type WordRange, wordRangeOf } from './bitmap.js'

/** Where those that satisfy a condition are when all rows are in an order: from the first up to but without the second. */
export interface SortedRange {
  /** What they are in the order of. */
  postings: object
  from: number
  to: number
}

/** Something that products may satisfy. They are named by their rows. */
export interface Condition {
  /** How many satisfy it, or a few more where a product counts twice. */
  count: number
  /** Where they are in the order of a column, where they all are in one place. */
  sortedRange: SortedRange | undefined
  /** Those that do, each once, where they are at hand. Not to be written to. */
  rows: Uint32Array | undefined
  /** Beside these words of a bitmap there are none. */
  wordRange: WordRange
  /**
   * Those that do as a bitmap, not to be written to. What it says outside these words is nothing.
   * @param room Where it may be put.
   */
  bitmapOf(extent: WordRange, room: Bitmap): Bitmap
}

/** The condition to be one of these rows, each of which is given once. */
export function toRowsCondition(rows: Uint32Array): Condition {
  let first = Number.MAX_SAFE_INTEGER
  let last = -1
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    if (row < first) first = row
    if (row > last) last = row
  }
  return {
    count: rows.length,
    sortedRange: undefined,
    rows,
    wordRange: wordRangeOf(first, last),
    bitmapOf: (extent, room) => setRows(room, rows, extent)
  }
}
