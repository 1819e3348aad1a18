import { type Bitmap, setRows, type WordRange, wordRangeOf } from './bitmap.js'

/** A range of positions in the order of a column, `to` excluded. */
export interface SortedRange {
  /** The inverted index that defines the order. */
  postings: object
  from: number
  to: number
}

/** A filter condition, evaluated to the rows of the products that satisfy it. */
export interface Condition {
  /** Number of rows, or an upper bound if a product may be counted twice. */
  count: number
  /** The position of the rows in the order of a column, if they are contiguous there. */
  sortedRange: SortedRange | undefined
  /** The rows, each once, if they exist as a list. Read-only. */
  rows: Uint32Array | undefined
  /** The words of a bitmap that can contain rows. */
  wordRange: WordRange
  /**
   * Returns the rows as a read-only bitmap, which is valid within the range of words only.
   * @param scratch Bitmap that the condition may write to and return.
   */
  bitmapOf(range: WordRange, scratch: Bitmap): Bitmap
}

/** Returns the condition that a row is in a list. Each row must be listed once. */
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
    bitmapOf: (range, scratch) => setRows(scratch, rows, range)
  }
}
