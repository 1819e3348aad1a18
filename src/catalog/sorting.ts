/** The code of each row, in as few bytes as will do: the fewer, the more of them are where the processor has them at hand. */
export type Codes = Uint8Array | Uint16Array | Uint32Array

/** What rows are sorted by. */
export interface Key {
  codes: Codes
  /** More than any code. */
  size: number
  descending: boolean
}

/** Bits of a code that are sorted by at once. */
const BITS = 11
const RADIX = 1 << BITS
/** Room that is used again and again, as it takes longer to get it than to sort a few rows. */
const ROOM = 10_000
const roomForDigits = new Uint32Array(ROOM)
const roomForStarts = new Uint32Array(RADIX + 1)

/** The rows in the order of the keys, with ties in the order that they are in. */
export function sortBy(rows: Uint32Array, keys: readonly Key[]): Uint32Array {
  // Each pass keeps the order of those before it, so the last key comes first.
  return keys.reduceRight((sorted, key) => (isSorted(sorted, key) ? sorted : radixSort(sorted, key)), rows)
}

function isSorted(rows: Uint32Array, { codes, descending }: Key): boolean {
  let before = descending ? Number.POSITIVE_INFINITY : 0
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i] as number] as number
    if (descending ? code > before : code < before) return false
    before = code
  }
  return true
}

/** The rows in the order of one key, and else as they were: a radix sort, from the lowest digit on. */
function radixSort(rows: Uint32Array, { codes, size, descending }: Key): Uint32Array {
  const highest = size - 1
  const digits = rows.length <= ROOM ? roomForDigits : new Uint32Array(rows.length)
  let from = rows
  for (let shift = 0; highest >>> shift > 0; shift += BITS) {
    const starts = roomForStarts.subarray(0, Math.min((highest >>> shift) + 1, RADIX) + 1).fill(0)
    for (let i = 0; i < from.length; i++) {
      const code = codes[from[i] as number] as number
      const digit = ((descending ? highest - code : code) >>> shift) & (RADIX - 1)
      digits[i] = digit
      ;(starts[digit + 1] as number)++
    }
    for (let digit = 1; digit < starts.length; digit++) (starts[digit] as number) += starts[digit - 1] as number
    const to = new Uint32Array(from.length)
    for (let i = 0; i < from.length; i++) to[(starts[digits[i] as number] as number)++] = from[i] as number
    from = to
  }
  return from
}

/** All rows in the order of their codes, and where each code starts there. */
export function countingOrder(codes: Codes, size: number): { rows: Uint32Array; starts: Uint32Array } {
  const starts = new Uint32Array(size + 1)
  for (let row = 0; row < codes.length; row++) (starts[(codes[row] as number) + 1] as number)++
  for (let code = 1; code <= size; code++) (starts[code] as number) += starts[code - 1] as number
  const ends = starts.slice()
  const rows = new Uint32Array(codes.length)
  for (let row = 0; row < codes.length; row++) rows[(ends[codes[row] as number] as number)++] = row
  return { rows, starts }
}

/**
 * How many of the sorted rows come at a place or before it.
 * @param place The code of each key there. Between those of rows it is half.
 */
export function countUpTo(sorted: Uint32Array, keys: readonly Key[], place: readonly number[]): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isAfter(sorted[middle] as number, keys, place)) high = middle
    else low = middle + 1
  }
  return low
}

function isAfter(row: number, keys: readonly Key[], place: readonly number[]): boolean {
  for (const [i, { codes, descending }] of keys.entries()) {
    const difference = (codes[row] as number) - (place[i] as number)
    if (difference !== 0) return descending ? difference < 0 : difference > 0
  }
  return false
}
