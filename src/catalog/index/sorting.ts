import { TimeSlice } from '../../support/time-slice.js'

/** The code of each row, in as few bytes as possible: smaller arrays stay in the processor's cache. */
export type Codes = Uint8Array | Uint16Array | Uint32Array

/** A key to sort rows by. */
export interface SortKey {
  codes: Codes
  /** Upper bound of the codes, excluded. */
  size: number
  /** The code of a missing value: the highest one. It comes last in both directions. Undefined if no value can be missing. */
  missing?: number
  descending: boolean
}

/**
 * Converts a code to a rank. Ranks ascend in the order of the key.
 * @param missing As in `SortKey`.
 */
const toRank = (code: number, descending: boolean, missing: number): number =>
  descending && code < missing ? missing - 1 - code : code

/** Bits of a code that one pass of the radix sort handles. */
const BITS = 11
const RADIX = 1 << BITS
/** Scratch arrays for up to this many rows are reused: allocating them takes longer than sorting a few rows. */
const SCRATCH_SIZE = 10_000
const scratchDigits = new Uint32Array(SCRATCH_SIZE)
const scratchStarts = new Uint32Array(RADIX + 1)

/** Sorts rows by several keys. The sort is stable. */
export function sortBy(rows: Uint32Array, keys: readonly SortKey[]): Uint32Array {
  // Each pass is stable, so the least significant key comes first.
  return keys.reduceRight((sorted, key) => (isSorted(sorted, key) ? sorted : radixSort(sorted, key)), rows)
}

function isSorted(rows: Uint32Array, key: SortKey): boolean {
  const { codes, size, missing = size, descending } = key
  let before = 0
  for (let i = 0; i < rows.length; i++) {
    const rank = toRank(codes[rows[i] as number] as number, descending, missing)
    if (rank < before) return false
    before = rank
  }
  return true
}

/** Sorts rows by one key: a stable radix sort, lowest digit first. */
function radixSort(rows: Uint32Array, key: SortKey): Uint32Array {
  const { codes, size, missing = size, descending } = key
  const highest = size - 1
  const digits = rows.length <= SCRATCH_SIZE ? scratchDigits : new Uint32Array(rows.length)
  let from = rows
  for (let shift = 0; highest >>> shift > 0; shift += BITS) {
    const starts = scratchStarts.subarray(0, Math.min((highest >>> shift) + 1, RADIX) + 1).fill(0)
    for (let i = 0; i < from.length; i++) {
      const code = codes[from[i] as number] as number
      const digit = (toRank(code, descending, missing) >>> shift) & (RADIX - 1)
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

/** Sorts all rows by code. Also returns the start of each code's rows. */
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
 * Counts the sorted rows at or before a position.
 * @param position The code of each key at the position. A value between two codes ends in .5.
 */
export function countAtOrBefore(sorted: Uint32Array, keys: readonly SortKey[], position: readonly number[]): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isAfter(sorted[middle] as number, keys, position)) high = middle
    else low = middle + 1
  }
  return low
}

function isAfter(row: number, keys: readonly SortKey[], position: readonly number[]): boolean {
  for (const [i, { codes, size, missing = size, descending }] of keys.entries()) {
    const [rank, other] = [codes[row] as number, position[i] as number].map((code) => toRank(code, descending, missing))
    const difference = (rank as number) - (other as number)
    if (difference !== 0) return difference > 0
  }
  return false
}

/** Items that are sorted in one step, which takes 1 to 2 ms. */
const RUN = 4096

/** Sorts items without blocking the event loop: a merge sort of short runs. The order of the given array is undefined afterwards. */
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

/** Returns up to `max` codes with the highest counts, highest first, ties by code. Codes with a count of 0 are left out. */
export function topCounts(counts: Uint32Array, codes: number, max: number): number[] {
  // The frequency of each count, so that only codes that can be among the first are sorted.
  let highest = 0
  for (let code = 0; code < codes; code++) highest = Math.max(highest, counts[code] as number)
  const frequencies = new Uint32Array(highest + 1)
  for (let code = 0; code < codes; code++) (frequencies[counts[code] as number] as number)++
  let least = highest
  for (let sum = frequencies[least] as number; sum < max && least > 1; ) sum += frequencies[--least] as number
  const first: number[] = []
  let equal = 0
  for (let code = 0; code < codes; code++) {
    const count = counts[code] as number
    if (count === 0 || count < least || (count === least && equal++ >= max)) continue
    first.push(code)
  }
  return first.sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b).slice(0, max)
}
