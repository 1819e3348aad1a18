import { TimeSlice } from '../../support/time-slice.js'

/** The code of each row, in as few bytes as will do: the fewer, the more of them are where the processor has them at hand. */
export type Codes = Uint8Array | Uint16Array | Uint32Array

/** What rows are sorted by. */
export interface SortKey {
  codes: Codes
  /** More than any code. */
  size: number
  descending: boolean
}

/** Bits of a code that are sorted by at once. */
const BITS = 11
const RADIX = 1 << BITS
/** Room that is used again and again, as it takes longer to get it than to sort a few rows. */
const SCRATCH_SIZE = 10_000
const scratchDigits = new Uint32Array(SCRATCH_SIZE)
const scratchStarts = new Uint32Array(RADIX + 1)

/** The rows in the order of the keys, with ties in the order that they are in. */
export function sortBy(rows: Uint32Array, keys: readonly SortKey[]): Uint32Array {
  // Each pass keeps the order of those before it, so the last key comes first.
  return keys.reduceRight((sorted, key) => (isSorted(sorted, key) ? sorted : radixSort(sorted, key)), rows)
}

function isSorted(rows: Uint32Array, { codes, descending }: SortKey): boolean {
  let before = descending ? Number.POSITIVE_INFINITY : 0
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i] as number] as number
    if (descending ? code > before : code < before) return false
    before = code
  }
  return true
}

/** The rows in the order of one key, and else as they were: a radix sort, from the lowest digit on. */
function radixSort(rows: Uint32Array, { codes, size, descending }: SortKey): Uint32Array {
  const highest = size - 1
  const digits = rows.length <= SCRATCH_SIZE ? scratchDigits : new Uint32Array(rows.length)
  let from = rows
  for (let shift = 0; highest >>> shift > 0; shift += BITS) {
    const starts = scratchStarts.subarray(0, Math.min((highest >>> shift) + 1, RADIX) + 1).fill(0)
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
export function countAtOrBefore(sorted: Uint32Array, keys: readonly SortKey[], place: readonly number[]): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isAfter(sorted[middle] as number, keys, place)) high = middle
    else low = middle + 1
  }
  return low
}

function isAfter(row: number, keys: readonly SortKey[], place: readonly number[]): boolean {
  for (const [i, { codes, descending }] of keys.entries()) {
    const difference = (codes[row] as number) - (place[i] as number)
    if (difference !== 0) return descending ? difference < 0 : difference > 0
  }
  return false
}

/** Items that are sorted at once: a millisecond or two. */
const RUN = 4096

/** Sorts items without blocking the event loop: short runs first, which are then merged. The items' own array is used up. */
export async function sortInSteps<T>(items: T[], compare: (a: T, b: T) => number): Promise<T[]> {
  const slice = new TimeSlice()
  let runs: T[][] = []
  for (let start = 0; start < items.length; start += RUN) {
    runs.push(items.slice(start, start + RUN).sort(compare))
    await slice.turn()
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let i = 0; i < runs.length; i += 2) {
      const [first = [], second = []] = runs.slice(i, i + 2)
      merged.push(await merge(first, second, compare, slice))
    }
    runs = merged
  }
  return runs[0] ?? []
}

async function merge<T>(a: T[], b: T[], compare: (a: T, b: T) => number, slice: TimeSlice): Promise<T[]> {
  const merged: T[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const end = Math.min(merged.length + RUN, a.length + b.length)
    while (merged.length < end && i < a.length && j < b.length) {
      merged.push(compare(a[i] as T, b[j] as T) <= 0 ? (a[i++] as T) : (b[j++] as T))
    }
    await slice.turn()
  }
  for (; i < a.length; i++) merged.push(a[i] as T)
  for (; j < b.length; j++) merged.push(b[j] as T)
  return merged
}

/** The codes with the highest counts, highest first; of codes with equal counts the lower ones. Codes without a count are left out. */
export function topCounts(counts: Uint32Array, codes: number, most: number): number[] {
  // How many codes have each count, so that only those that can be among the first have to be sorted.
  let highest = 0
  for (let code = 0; code < codes; code++) highest = Math.max(highest, counts[code] as number)
  const frequencies = new Uint32Array(highest + 1)
  for (let code = 0; code < codes; code++) (frequencies[counts[code] as number] as number)++
  let least = highest
  for (let sum = frequencies[least] as number; sum < most && least > 1; ) sum += frequencies[--least] as number
  const first: number[] = []
  let equal = 0
  for (let code = 0; code < codes; code++) {
    const count = counts[code] as number
    if (count === 0 || count < least || (count === least && equal++ >= most)) continue
    first.push(code)
  }
  return first.sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b).slice(0, most)
}
