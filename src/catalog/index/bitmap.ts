/** A set of rows: one bit per row, 32 bits per word. */
export type Bitmap = Int32Array

/** A range of words in a bitmap, `to` excluded. */
export interface WordRange {
  from: number
  to: number
}

/** Creates an empty bitmap. */
export const emptyBitmap = (rows: number): Bitmap => new Int32Array(Math.ceil(rows / 32))

/** Returns the words that hold the rows from `first` to `last`, included; an empty range if `first` is greater than `last`. */
export const wordRangeOf = (first: number, last: number): WordRange =>
  first > last ? { from: 0, to: 0 } : { from: first >>> 5, to: (last >>> 5) + 1 }

/** Replaces the content of a range of words with a list of rows. */
export function setRows(bitmap: Bitmap, rows: Uint32Array, { from, to }: WordRange): Bitmap {
  bitmap.fill(0, from, to)
  addRows(bitmap, rows)
  return bitmap
}

export function addRows(bitmap: Bitmap, rows: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    ;(bitmap[row >>> 5] as number) |= 1 << (row & 31)
  }
}

/** Adds rows that are missing, and removes rows that are set. */
export function toggleRows(bitmap: Bitmap, rows: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    ;(bitmap[row >>> 5] as number) ^= 1 << (row & 31)
  }
}

/** Adds the rows that another bitmap has within a range. */
export function addBits(bitmap: Bitmap, other: Bitmap, { from, to }: WordRange): void {
  for (let i = from; i < to; i++) (bitmap[i] as number) |= other[i] as number
}

/** Sets a range to the rows that exactly one of two bitmaps has. */
export function xorBits(bitmap: Bitmap, one: Bitmap, other: Bitmap, { from, to }: WordRange): void {
  for (let i = from; i < to; i++) bitmap[i] = (one[i] as number) ^ (other[i] as number)
}

/** Sets a range to the rows that both of two bitmaps have. */
export function andBits(bitmap: Bitmap, one: Bitmap, other: Bitmap, { from, to }: WordRange): void {
  for (let i = from; i < to; i++) bitmap[i] = (one[i] as number) & (other[i] as number)
}

/** Counts the rows within a range. */
export function countRows(bitmap: Bitmap, { from, to }: WordRange): number {
  let rows = 0
  for (let i = from; i < to; i++) {
    let word = bitmap[i] as number
    if (word === 0) continue
    // Population count: bits per two bits, per four, per eight, then in total.
    word -= (word >>> 1) & 0x55555555
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333)
    rows += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }
  return rows
}

/**
 * Returns the rows within a range, ascending.
 * @param target Array that receives the rows.
 */
export function listRows(bitmap: Bitmap, { from, to }: WordRange, target: Uint32Array): Uint32Array {
  let end = 0
  for (let i = from; i < to; i++) {
    let word = bitmap[i] as number
    while (word !== 0) {
      const lowest = word & -word
      target[end++] = i * 32 + 31 - Math.clz32(lowest)
      word ^= lowest
    }
  }
  return target.subarray(0, end)
}

/** Returns up to `count` of the sorted rows that are in the bitmap, after skipping `offset` of them. */
export function pickRows(bitmap: Bitmap, sorted: Uint32Array, offset: number, count: number): Uint32Array {
  const picked = new Uint32Array(count)
  // Skipped rows have negative positions.
  let position = -offset
  for (let i = 0; i < sorted.length && position < count; i++) {
    const row = sorted[i] as number
    if (((bitmap[row >>> 5] as number) >>> (row & 31)) & 1) {
      if (position >= 0) picked[position] = row
      position++
    }
  }
  return picked.subarray(0, Math.max(0, position))
}
