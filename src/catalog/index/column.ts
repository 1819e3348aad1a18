import type { IndexedValue } from '../../products/indexed-values.js'
import type { Condition, SortedRange } from './condition.js'
import { Postings } from './postings.js'
import { type Codes, countingOrder, sortInSteps } from './sorting.js'

interface EncodedValues {
  values: readonly IndexedValue[]
  codes: Codes
}

/** Values numbered in order of arrival. Columns of later revisions share the map and add to it. */
interface UnsortedValues {
  numbers: Map<IndexedValue, number>
  /** The number of the value of each row. */
  codes: Uint32Array
}

/** Number of a missing value. */
const MISSING = 0xffffffff

/**
 * One field of all products, dictionary-encoded: a value's code is its position among the sorted distinct values. Values of any type
 * compare as numbers and are counted in arrays. A column is immutable; each revision of the catalog has its own.
 */
export class Column {
  /** Sorted on first use: some columns are never used, and sorting many values takes long. */
  #content: EncodedValues | UnsortedValues
  #preparing: Promise<void> | undefined
  #postings: Postings | undefined

  constructor(content: EncodedValues | UnsortedValues) {
    this.#content = content
  }

  /** Whether the values are sorted. */
  get isReady(): boolean {
    return !('numbers' in this.#content)
  }

  /** Sorts the values in small steps: 100,000 titles take about 100 ms. */
  async prepare(): Promise<void> {
    if (!('numbers' in this.#content)) return
    this.#preparing ??= this.#sort(this.#content)
    await this.#preparing
  }

  /** The distinct values, ascending. Text is compared by UTF-16 code units. */
  get values(): readonly IndexedValue[] {
    return this.#ensureEncoded().values
  }

  /** The code of each row. A missing value has the highest code, the number of values. */
  get codes(): Codes {
    return this.#ensureEncoded().codes
  }

  /**
   * Creates a column for another set of rows.
   * @param from For each new row, its row in this column; -1 for a row that takes the next of the `fresh` values.
   */
  rearrange(from: Int32Array, fresh: readonly (IndexedValue | null)[]): Column {
    const content = this.#content
    if (!('numbers' in content)) return new Column(recode(content, from, fresh))
    const { numbers } = content
    const codes = new Uint32Array(from.length)
    let next = 0
    for (let row = 0; row < from.length; row++) {
      const before = from[row] as number
      codes[row] =
        before >= 0 ? (content.codes[before] as number) : numberOf(numbers, fresh[next++] as IndexedValue | null)
    }
    return new Column({ numbers, codes })
  }

  /**
   * Returns the code of a value. For a value that does not occur: the code of the next greater value, minus 0.5. Null is the missing value.
   */
  codeOf(value: IndexedValue | null): number {
    if (value === null) return this.values.length
    const position = lowerBound(this.values, value)
    return this.values[position] === value ? position : position - 0.5
  }

  /** Returns the value of a code; null for that of a missing value. */
  valueOf(code: number): IndexedValue | null {
    return this.values[code] ?? null
  }

  /** Returns the condition that a product has one of the values. */
  whereIn(values: readonly IndexedValue[]): Condition {
    return this.postings.whereIn(this.codesOf(values))
  }

  /** Returns the codes of the values, without those that do not occur. */
  codesOf(values: readonly IndexedValue[]): number[] {
    return values.map((value) => this.codeOf(value)).filter(Number.isInteger)
  }

  /** Returns the condition that the value is within bounds, included; undefined for no bound. */
  whereBetween(min: IndexedValue | undefined, max: IndexedValue | undefined): Condition {
    const from = min === undefined ? 0 : Math.ceil(this.codeOf(min))
    const to = max === undefined ? this.values.length : Math.floor(this.codeOf(max)) + 1
    return this.postings.whereBetween(from, to)
  }

  /** Counts the given rows by the code of their value. */
  countValues(rows: Uint32Array): Uint32Array {
    const { codes, values } = this.#ensureEncoded()
    const counts = new Uint32Array(values.length + 1)
    for (let i = 0; i < rows.length; i++) (counts[codes[rows[i] as number] as number] as number)++
    return counts
  }

  /** Number of rows that have a value. */
  get knownCount(): number {
    return this.postings.start(this.values.length)
  }

  /** The inverted index of the column, built on first use. */
  get postings(): Postings {
    if (!this.#postings) {
      const { rows, starts } = countingOrder(this.codes, this.values.length + 1)
      this.#postings = new Postings(rows, starts, rows.length)
    }
    return this.#postings
  }

  /** Whether a range refers to the order of this column. */
  ownsRange({ postings }: SortedRange): boolean {
    return postings === this.#postings
  }

  #ensureEncoded(): EncodedValues {
    if ('numbers' in this.#content) {
      const { numbers, compare } = toSort(this.#content)
      this.#content = encode(this.#content, numbers.sort(compare))
    }
    return this.#content
  }

  async #sort(content: UnsortedValues): Promise<void> {
    const { numbers, compare } = toSort(content)
    this.#content = encode(content, await sortInSteps(numbers, compare))
  }
}

/** Builds a column from values that are added row by row. */
export class ColumnBuilder {
  readonly #numbers = new Map<IndexedValue, number>()
  readonly #codes: number[] = []

  add(value: IndexedValue | null): void {
    this.#codes.push(numberOf(this.#numbers, value))
  }

  finish(): Column {
    return new Column({ numbers: this.#numbers, codes: new Uint32Array(this.#codes) })
  }
}

/** Returns the number of a value; assigns one to a new value. */
function numberOf(numbers: Map<IndexedValue, number>, value: IndexedValue | null): number {
  if (value === null) return MISSING
  let number = numbers.get(value)
  if (number === undefined) {
    number = numbers.size
    numbers.set(value, number)
  }
  return number
}

/** Returns the numbers in use and a comparison of their values. Sorting numbers avoids a lookup of each value afterwards. */
function toSort({ numbers, codes }: UnsortedValues): { numbers: number[]; compare: (a: number, b: number) => number } {
  const isUsed = new Uint8Array(numbers.size)
  for (let row = 0; row < codes.length; row++) {
    const number = codes[row] as number
    if (number !== MISSING) isUsed[number] = 1
  }
  const used: number[] = []
  for (let number = 0; number < isUsed.length; number++) if (isUsed[number]) used.push(number)
  // A map iterates in insertion order, which is the order of the numbers.
  const values = [...numbers.keys()]
  return { numbers: used, compare: (a, b) => ascending(values[a] as IndexedValue, values[b] as IndexedValue) }
}

/** Converts numbers to codes. @param sorted The numbers in use, in the order of their values. */
function encode({ numbers, codes }: UnsortedValues, sorted: readonly number[]): EncodedValues {
  const all = [...numbers.keys()]
  const final = new Uint32Array(numbers.size)
  for (let code = 0; code < sorted.length; code++) final[sorted[code] as number] = code
  const encoded = createCodes(codes.length, sorted.length)
  for (let row = 0; row < codes.length; row++) {
    encoded[row] = codes[row] === MISSING ? sorted.length : (final[codes[row] as number] as number)
  }
  return { values: sorted.map((number) => all[number] as IndexedValue), codes: encoded }
}

/** Creates an array for codes, with as few bytes per code as possible. */
function createCodes(rows: number, highest: number): Codes {
  if (highest < 256) return new Uint8Array(rows)
  return highest < 65_536 ? new Uint16Array(rows) : new Uint32Array(rows)
}

/** Encodes another set of rows, as `Column.rearrange` does: drops values that are no longer used, and inserts new ones. */
function recode(before: EncodedValues, from: Int32Array, fresh: readonly (IndexedValue | null)[]): EncodedValues {
  const missing = before.values.length
  const isUsed = new Uint8Array(missing + 1)
  /** Provisional codes of new values, until all values are sorted. */
  const added = new Map<IndexedValue, number>()
  const provisional = (value: IndexedValue | null): number => {
    if (value === null) return missing
    const known = added.get(value)
    if (known !== undefined) return known
    const position = lowerBound(before.values, value)
    if (before.values[position] === value) return position
    added.set(value, missing + 1 + added.size)
    return missing + added.size
  }
  const codes = new Uint32Array(from.length)
  let next = 0
  for (let row = 0; row < from.length; row++) {
    const old = from[row] as number
    const code = old >= 0 ? (before.codes[old] as number) : provisional(fresh[next++] as IndexedValue | null)
    codes[row] = code
    if (code < missing) isUsed[code] = 1
  }
  const extra = [...added.keys()].sort(ascending)
  const positions = extra.map((value) => lowerBound(before.values, value))
  const values: IndexedValue[] = []
  const final = new Uint32Array(missing + 1 + extra.length)
  for (let code = 0, i = 0; code <= missing; code++) {
    for (; positions[i] === code; i++) {
      final[added.get(extra[i] as IndexedValue) as number] = values.length
      values.push(extra[i] as IndexedValue)
    }
    final[code] = values.length
    if (isUsed[code]) values.push(before.values[code] as IndexedValue)
  }
  const narrow = createCodes(codes.length, values.length)
  for (let row = 0; row < codes.length; row++) narrow[row] = final[codes[row] as number] as number
  return { values, codes: narrow }
}

/** Returns the position of the first sorted value that is not less than the given one. */
function lowerBound(values: readonly IndexedValue[], value: IndexedValue): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] as IndexedValue) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Compares values that are all different. */
const ascending = (a: IndexedValue, b: IndexedValue) => (a < b ? -1 : 1)
