import type { IndexedValue } from '../../products/indexed-values.js'
import type { Condition, SortedRange } from './condition.js'
import { Postings } from './postings.js'
import { type Codes, countingOrder, sortInSteps } from './sorting.js'

interface EncodedValues {
  values: readonly IndexedValue[]
  codes: Codes
}

/** Values numbered as they came. Columns of later states of the catalog add to the same numbers. */
interface UnsortedValues {
  numbers: Map<IndexedValue, number>
  /** The number of the value of each row. */
  codes: Uint32Array
}

/** The number of what has no value. */
const MISSING = 0xffffffff

/**
 * One field of all products, each value as a code: its place among the values that occur, in their order. So values of any
 * kind are compared as numbers, and counted in arrays. It never changes: another state of the catalog has another column.
 */
export class Column {
  /** Sorted when it is first asked for anything: some columns never are, and to sort many values takes a while. */
  #content: EncodedValues | UnsortedValues
  #preparing: Promise<void> | undefined
  #postings: Postings | undefined

  constructor(content: EncodedValues | UnsortedValues) {
    this.#content = content
  }

  /** Whether the values are sorted, so that nothing below takes long. */
  get isReady(): boolean {
    return !('numbers' in this.#content)
  }

  /** Sorts the values in small steps: a hundred thousand titles take a tenth of a second. */
  async prepare(): Promise<void> {
    if (!('numbers' in this.#content)) return
    this.#preparing ??= this.#sort(this.#content)
    await this.#preparing
  }

  /** The values that occur, ascending. Text is compared by UTF-16 code units. */
  get values(): readonly IndexedValue[] {
    return this.#ensureEncoded().values
  }

  /** The code of each row; that of one without a value is the number of values. */
  get codes(): Codes {
    return this.#ensureEncoded().codes
  }

  /**
   * The column of other rows.
   * @param from Which row of this one each of them was; -1 for those that get the next of the fresh values.
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

  /** The code of a value; where it does not occur, half of one less than that of the next. */
  codeOf(value: IndexedValue): number {
    const place = lowerBound(this.values, value)
    return this.values[place] === value ? place : place - 0.5
  }

  /** The products that have one of these values. */
  whereIn(values: readonly IndexedValue[]): Condition {
    return this.postings.whereIn(this.codesOf(values))
  }

  /** The codes of those of the values that occur. */
  codesOf(values: readonly IndexedValue[]): number[] {
    return values.map((value) => this.codeOf(value)).filter(Number.isInteger)
  }

  /** The products whose value is within bounds, which are included. */
  whereBetween(least: IndexedValue | undefined, most: IndexedValue | undefined): Condition {
    const from = least === undefined ? 0 : Math.ceil(this.codeOf(least))
    const to = most === undefined ? this.values.length : Math.floor(this.codeOf(most)) + 1
    return this.postings.whereBetween(from, to)
  }

  /** How many of the rows have each value, by its code. */
  countValues(rows: Uint32Array): Uint32Array {
    const { codes, values } = this.#ensureEncoded()
    const counts = new Uint32Array(values.length + 1)
    for (let i = 0; i < rows.length; i++) (counts[codes[rows[i] as number] as number] as number)++
    return counts
  }

  /** The rows that have each value. */
  get postings(): Postings {
    if (!this.#postings) {
      const { rows, starts } = countingOrder(this.codes, this.values.length + 1)
      this.#postings = new Postings(rows, starts, rows.length)
    }
    return this.#postings
  }

  /** Whether a stretch is one of the order of this column. */
  ownsRange({ postings: of }: SortedRange): boolean {
    return of === this.#postings
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

/** Makes a column of values that come one after the other. */
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

/** The number of a value: a new one where it has none yet. */
function numberOf(numbers: Map<IndexedValue, number>, value: IndexedValue | null): number {
  if (value === null) return MISSING
  let number = numbers.get(value)
  if (number === undefined) {
    number = numbers.size
    numbers.set(value, number)
  }
  return number
}

/** The numbers that rows have, and how they are sorted. Numbers, as to look up the number of each sorted value takes longer. */
function toSort({ numbers, codes }: UnsortedValues): { numbers: number[]; compare: (a: number, b: number) => number } {
  const isUsed = new Uint8Array(numbers.size)
  for (let row = 0; row < codes.length; row++) {
    const number = codes[row] as number
    if (number !== MISSING) isUsed[number] = 1
  }
  const used: number[] = []
  for (let number = 0; number < isUsed.length; number++) if (isUsed[number]) used.push(number)
  // A map keeps the order in which its values got their numbers.
  const values = [...numbers.keys()]
  return { numbers: used, compare: (a, b) => ascending(values[a] as IndexedValue, values[b] as IndexedValue) }
}

/** Makes codes of numbers. @param sorted The numbers that rows have, in the order of their values. */
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

/** Room for codes: as many bytes for each as they need. */
function createCodes(rows: number, highest: number): Codes {
  if (highest < 256) return new Uint8Array(rows)
  return highest < 65_536 ? new Uint16Array(rows) : new Uint32Array(rows)
}

/** Codes for other rows, as for Column.replace: values that are not used any more are left out, and new ones put in. */
function recode(before: EncodedValues, from: Int32Array, fresh: readonly (IndexedValue | null)[]): EncodedValues {
  const missing = before.values.length
  const isUsed = new Uint8Array(missing + 1)
  /** The codes that new values have until all are put in order. */
  const added = new Map<IndexedValue, number>()
  const provisional = (value: IndexedValue | null): number => {
    if (value === null) return missing
    const known = added.get(value)
    if (known !== undefined) return known
    const place = lowerBound(before.values, value)
    if (before.values[place] === value) return place
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
  const places = extra.map((value) => lowerBound(before.values, value))
  const values: IndexedValue[] = []
  const final = new Uint32Array(missing + 1 + extra.length)
  for (let code = 0, i = 0; code <= missing; code++) {
    for (; places[i] === code; i++) {
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

/** The place of the first of sorted values that is not less than this one. */
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

/** For values that are all different. */
const ascending = (a: IndexedValue, b: IndexedValue) => (a < b ? -1 : 1)
