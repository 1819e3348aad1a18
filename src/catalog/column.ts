import { type Codes, countingOrder, sortRows } from './sorting.js'

export type Value = number | string

/** Places of values among those that occur: from the first of each pair on, up to but without the second. */
export type Span = readonly [from: number, to: number]

/** Something that products may satisfy. They are named by their rows. */
export interface Condition {
  /** How many satisfy it, or a few more where a product counts twice. */
  count: number
  /** Those that do, each once. Not to be written to. */
  rows(): Uint32Array
  /**
   * Those of the rows that do, in the same order.
   * @param to Where they are put. It may be where they are.
   */
  keep(rows: Uint32Array, to: Uint32Array): Uint32Array
}

interface Coded {
  values: readonly Value[]
  codes: Codes
}

const none: Coded = { values: [], codes: new Uint32Array() }

/**
 * One field of all products, each value as a code: its place among the values that occur, in their order. So values of any
 * kind are compared as numbers, and counted in arrays. It never changes: another state of the catalog has another column.
 */
export class Column {
  static readonly empty = new Column([])

  /** The value of each row, until the codes are first asked for: many columns never are, and to make them takes a while. */
  #plain: readonly (Value | null)[] | undefined
  #coded: Coded = none
  #order: { rows: Uint32Array; starts: Uint32Array } | undefined

  private constructor(from: readonly (Value | null)[] | Coded) {
    if ('codes' in from) this.#coded = from
    else this.#plain = from
  }

  /** The values that occur, ascending. Text is compared by UTF-16 code units. */
  get values(): readonly Value[] {
    return this.#code().values
  }

  /** The code of each row; that of one without a value is the number of values. */
  get codes(): Codes {
    return this.#code().codes
  }

  /**
   * The column of other rows.
   * @param from Which row of this one each of them was; -1 for those that get the next of the fresh values.
   */
  replace(from: Int32Array, fresh: readonly (Value | null)[]): Column {
    if (!this.#plain) return new Column(recode(this.#coded, from, fresh))
    const plain = new Array<Value | null>(from.length)
    let next = 0
    for (let row = 0; row < from.length; row++) {
      const before = from[row] as number
      plain[row] = (before >= 0 ? this.#plain[before] : fresh[next++]) as Value | null
    }
    return new Column(plain)
  }

  /** The code of a value; where it does not occur, half of one less than that of the next. */
  codeOf(value: Value): number {
    const place = firstFrom(this.values, value)
    return this.values[place] === value ? place : place - 0.5
  }

  /** The products that have one of these values. */
  among(values: readonly Value[]): Condition {
    return this.within(this.spansOf(values))
  }

  /** Those of the values that occur. */
  spansOf(values: readonly Value[]): Span[] {
    const codes = values.map((value) => this.codeOf(value)).filter(Number.isInteger)
    return codes.map((code) => [code, code + 1])
  }

  /** The products whose value is within bounds, which are included. */
  between(least: Value | undefined, most: Value | undefined): Condition {
    const from = least === undefined ? 0 : Math.ceil(this.codeOf(least))
    const to = most === undefined ? this.values.length : Math.floor(this.codeOf(most)) + 1
    return this.within(from < to ? [[from, to]] : [])
  }

  within(spans: readonly Span[]): Condition {
    const { rows, starts } = this.order()
    const start = (code: number) => starts[code] as number
    return {
      count: spans.reduce((sum, [from, to]) => sum + start(to) - start(from), 0),
      rows: () => concat(spans.map(([from, to]) => rows.subarray(start(from), start(to)))),
      keep: (rows, to) => {
        const { codes, values } = this.#code()
        const isWanted = mask(spans, values.length + 1)
        let kept = 0
        for (let i = 0; i < rows.length; i++) {
          const row = rows[i] as number
          // Without a condition, which the processor would guess wrong again and again.
          to[kept] = row
          kept += isWanted[codes[row] as number] as number
        }
        return to.subarray(0, kept)
      }
    }
  }

  /** How many of the rows have each value, by its code. */
  tally(rows: Uint32Array): Uint32Array {
    const { codes, values } = this.#code()
    const counts = new Uint32Array(values.length + 1)
    for (let i = 0; i < rows.length; i++) (counts[codes[rows[i] as number] as number] as number)++
    return counts
  }

  /** All rows in the order of their values, and where each code starts there. Ties are in the order of the rows. */
  order(): { rows: Uint32Array; starts: Uint32Array } {
    this.#order ??= countingOrder(this.codes, this.values.length + 1)
    return this.#order
  }

  #code(): Coded {
    if (this.#plain) {
      this.#coded = recode(none, new Int32Array(this.#plain.length).fill(-1), this.#plain)
      this.#plain = undefined
    }
    return this.#coded
  }
}

/** Codes for other rows, as for Column.replace: values that are not used any more are left out, and new ones put in. */
function recode(before: Coded, from: Int32Array, fresh: readonly (Value | null)[]): Coded {
  const missing = before.values.length
  const isUsed = new Uint8Array(missing + 1)
  /** The codes that new values have until all are put in order. */
  const added = new Map<Value, number>()
  const provisional = (value: Value | null): number => {
    if (value === null) return missing
    const known = added.get(value)
    if (known !== undefined) return known
    const place = firstFrom(before.values, value)
    if (before.values[place] === value) return place
    added.set(value, missing + 1 + added.size)
    return missing + added.size
  }
  const codes = new Uint32Array(from.length)
  let next = 0
  for (let row = 0; row < from.length; row++) {
    const old = from[row] as number
    const code = old >= 0 ? (before.codes[old] as number) : provisional(fresh[next++] as Value | null)
    codes[row] = code
    if (code < missing) isUsed[code] = 1
  }
  const extra = [...added.keys()].sort(ascending)
  const places = extra.map((value) => firstFrom(before.values, value))
  const values: Value[] = []
  const final = new Uint32Array(missing + 1 + extra.length)
  for (let code = 0, i = 0; code <= missing; code++) {
    for (; places[i] === code; i++) {
      final[added.get(extra[i] as Value) as number] = values.length
      values.push(extra[i] as Value)
    }
    final[code] = values.length
    if (isUsed[code]) values.push(before.values[code] as Value)
  }
  const narrow: Codes =
    values.length < 256 ? new Uint8Array(codes.length) : values.length < 65_536 ? new Uint16Array(codes.length) : codes
  for (let row = 0; row < codes.length; row++) narrow[row] = final[codes[row] as number] as number
  return { values, codes: narrow }
}

/** The place of the first of sorted values that is not less than this one. */
function firstFrom(values: readonly Value[], value: Value): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] as Value) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** A field of which a product has any number of values, each once. */
export class ListColumn {
  static readonly empty = new ListColumn(Column.empty, new Uint32Array(1))

  /** The values of all rows, one after the other. */
  readonly #entries: Column
  /** Where those of each row start, and where the last ones end. */
  readonly #starts: Uint32Array
  #ordered: { rows: Uint32Array; starts: Uint32Array } | undefined

  private constructor(entries: Column, starts: Uint32Array) {
    this.#entries = entries
    this.#starts = starts
  }

  get values(): readonly Value[] {
    return this.#entries.values
  }

  /** As that of a column. */
  replace(from: Int32Array, fresh: readonly (readonly Value[])[]): ListColumn {
    const starts = new Uint32Array(from.length + 1)
    let next = 0
    for (let row = 0; row < from.length; row++) {
      const before = from[row] as number
      const length = before >= 0 ? this.#start(before + 1) - this.#start(before) : (fresh[next++]?.length as number)
      starts[row + 1] = (starts[row] as number) + length
    }
    const entriesFrom = new Int32Array(starts.at(-1) as number).fill(-1)
    for (let row = 0; row < from.length; row++) {
      const before = from[row] as number
      if (before < 0) continue
      const start = starts[row] as number
      const length = (starts[row + 1] as number) - start
      for (let i = 0; i < length; i++) entriesFrom[start + i] = this.#start(before) + i
    }
    return new ListColumn(this.#entries.replace(entriesFrom, fresh.flat()), starts)
  }

  /** The products that have one of these values. */
  among(values: readonly Value[]): Condition {
    const spans = this.#entries.spansOf(values)
    const { rows, starts } = this.#order()
    const start = (code: number) => starts[code] as number
    const parts = spans.map(([from, to]) => rows.subarray(start(from), start(to)))
    return {
      count: parts.reduce((sum, part) => sum + part.length, 0),
      // A product can have several of them.
      rows: () =>
        parts.length === 1 ? concat(parts) : sortRows(concat(parts)).filter((row, i, all) => row !== all[i - 1]),
      keep: (rows, to) => {
        const { codes, values } = this.#entries
        const starts = this.#starts
        const isWanted = mask(spans, values.length)
        let kept = 0
        for (let i = 0; i < rows.length; i++) {
          const row = rows[i] as number
          const end = starts[row + 1] as number
          let entry = starts[row] as number
          while (entry < end && !isWanted[codes[entry] as number]) entry++
          if (entry < end) to[kept++] = row
        }
        return to.subarray(0, kept)
      }
    }
  }

  /** As that of a column. */
  tally(rows: Uint32Array): Uint32Array {
    const { codes } = this.#entries
    const counts = new Uint32Array(this.values.length + 1)
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number
      for (let entry = this.#start(row); entry < this.#start(row + 1); entry++) {
        ;(counts[codes[entry] as number] as number)++
      }
    }
    return counts
  }

  #start(row: number): number {
    return this.#starts[row] as number
  }

  /** The rows that have each value, in the order of the values, and where those of each code start. */
  #order(): { rows: Uint32Array; starts: Uint32Array } {
    if (!this.#ordered) {
      const owners = new Uint32Array(this.#entries.codes.length)
      for (let row = 0; row < this.#starts.length - 1; row++) owners.fill(row, this.#start(row), this.#start(row + 1))
      const { rows: entries, starts } = this.#entries.order()
      this.#ordered = { rows: entries.map((entry) => owners[entry] as number), starts }
    }
    return this.#ordered
  }
}

/** The condition to be one of these rows, each of which is given once. */
export const amongRows = (wanted: Uint32Array, marks: Marks): Condition => ({
  count: wanted.length,
  rows: () => wanted,
  keep: (rows, to) => {
    const mark = marks.set(wanted)
    const { of } = marks
    let kept = 0
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number
      if (of[row] === mark) to[kept++] = row
    }
    return to.subarray(0, kept)
  }
})

/** Marks rows, to tell them from others, for a moment. */
export class Marks {
  /** The mark of each row. */
  readonly of: Uint8Array
  #last = 0

  /** @param size How many rows there are. */
  constructor(size: number) {
    this.of = new Uint8Array(size)
  }

  /** Marks these rows and no others, and tells with what: another mark each time, so that nothing has to be wiped out. */
  set(rows: Uint32Array): number {
    if (this.#last === 255) this.of.fill(0)
    const mark = (this.#last % 255) + 1
    for (let i = 0; i < rows.length; i++) this.of[rows[i] as number] = mark
    this.#last = mark
    return mark
  }
}

function mask(spans: readonly Span[], size: number): Uint8Array {
  const marks = new Uint8Array(size)
  for (const [from, to] of spans) marks.fill(1, from, to)
  return marks
}

/** Several arrays as one; it is the only one itself, where there is only one. */
function concat(parts: readonly Uint32Array[]): Uint32Array {
  if (parts.length === 1) return parts[0] as Uint32Array
  const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let end = 0
  for (const part of parts) {
    all.set(part, end)
    end += part.length
  }
  return all
}

const ascending = (a: Value, b: Value) => (a < b ? -1 : 1)
