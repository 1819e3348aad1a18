/** A set of rows: a bit for each, 32 to a word. */
export type Bitmap = Int32Array

/** Words of a bitmap, from the first up to but without the second. */
export interface WordRange {
  from: number
  to: number
}

/** A bitmap for so many rows, without any. */
export const emptyBitmap = (rows: number): Bitmap => new Int32Array(Math.ceil(rows / 32))

/** The words that hold the rows from one to another one, which is included; none where that is less. */
export const wordRangeOf = (first: number, last: number): WordRange =>
  first > last ? { from: 0, to: 0 } : { from: first >>> 5, to: (last >>> 5) + 1 }

/** Makes these words say that it has rows, and no others. */
export function setRows(bitmap: Bitmap, rows: Uint32Array, { from, to }: WordRange): Bitmap {
  bitmap.fill(0, from, to)
  addRows(bitmap, rows)
  return bitmap
}

/** Adds rows. */
export function addRows(bitmap: Bitmap, rows: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    ;(bitmap[row >>> 5] as number) |= 1 << (row & 31)
  }
}

/** Adds those of the rows that it does not have, and removes those that it has. */
export function toggleRows(bitmap: Bitmap, rows: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    ;(bitmap[row >>> 5] as number) ^= 1 << (row & 31)
  }
}

/** Adds what another one has in these words. */
export function addBits(bitmap: Bitmap, other: Bitmap, { from, to }: WordRange): void {
  for (let i = from; i < to; i++) (bitmap[i] as number) |= other[i] as number
}

/** Makes these words say what only one of two others has. */
export function xorBits(bitmap: Bitmap, one: Bitmap, other: Bitmap, { from, to }: WordRange): void {
  for (let i = from; i < to; i++) bitmap[i] = (one[i] as number) ^ (other[i] as number)
}

/** Makes these words say what both of two others have. */
export function andBits(bitmap: Bitmap, one: Bitmap, other: Bitmap, { from, to }: WordRange): void {
  for (let i = from; i < to; i++) bitmap[i] = (one[i] as number) & (other[i] as number)
}

/** How many rows it has in these words. */
export function countRows(bitmap: Bitmap, { from, to }: WordRange): number {
  let rows = 0
  for (let i = from; i < to; i++) {
    let word = bitmap[i] as number
    if (word === 0) continue
    // How many bits there are in each two of them, in each four, in each eight, and in all.
    word -= (word >>> 1) & 0x55555555
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333)
    rows += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }
  return rows
}

/**
 * The rows that it has in these words, ascending.
 * @param room Where they are put.
 */
export function listRows(bitmap: Bitmap, { from, to }: WordRange, room: Uint32Array): Uint32Array {
  let end = 0
  for (let i = from; i < to; i++) {
    let word = bitmap[i] as number
    while (word !== 0) {
      const lowest = word & -word
      room[end++] = i * 32 + 31 - Math.clz32(lowest)
      word ^= lowest
    }
  }
  return room.subarray(0, end)
}

/** So many of sorted rows that it has, in their order, without the first few of them. */
export function pickRows(bitmap: Bitmap, sorted: Uint32Array, offset: number, count: number): Uint32Array {
  const picked = new Uint32Array(count)
  // Those that are left out would come at places below 0.
  let place = -offset
  for (let i = 0; i < sorted.length && place < count; i++) {
    const row = sorted[i] as number
    if (((bitmap[row >>> 5] as number) >>> (row & 31)) & 1) {
      if (place >= 0) picked[place] = row
      place++
    }
  }
  return picked.subarray(0, Math.max(0, place))
}
