import type { IndexedValue } from '../../products/indexed-values.js'
import { type Column, ColumnBuilder } from './column.js'
import type { Condition } from './condition.js'
import type { Postings } from './postings.js'

/** A field with any number of distinct values per product, such as its tags. Members not documented here work as in `Column`. */
export class ListColumn {
  /** The values of all rows, concatenated. */
  readonly #entries: Column
  /** The start of each row's values, and the end of the last row's. */
  readonly #starts: Uint32Array
  #postings: Postings | undefined

  constructor(entries: Column, starts: Uint32Array) {
    this.#entries = entries
    this.#starts = starts
  }

  get isReady(): boolean {
    return this.#entries.isReady
  }

  async prepare(): Promise<void> {
    await this.#entries.prepare()
  }

  get values(): readonly IndexedValue[] {
    return this.#entries.values
  }

  rearrange(from: Int32Array, fresh: readonly (readonly IndexedValue[])[]): ListColumn {
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
    return new ListColumn(this.#entries.rearrange(entriesFrom, fresh.flat()), starts)
  }

  whereIn(values: readonly IndexedValue[]): Condition {
    return this.#productPostings.whereIn(this.#entries.codesOf(values))
  }

  /** Returns the codes of the values that begin with a text, `to` excluded. The text must not be empty. */
  rangeOfPrefix(prefix: string): { from: number; to: number } {
    // The first text that comes after all texts with the prefix.
    const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
    return { from: Math.ceil(this.#entries.codeOf(prefix)), to: Math.ceil(this.#entries.codeOf(end)) }
  }

  countValues(rows: Uint32Array): Uint32Array {
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

  /** The inverted index by product instead of by entry. */
  get #productPostings(): Postings {
    if (!this.#postings) {
      const size = this.#starts.length - 1
      const owners = new Uint32Array(this.#entries.codes.length)
      for (let row = 0; row < size; row++) owners.fill(row, this.#start(row), this.#start(row + 1))
      this.#postings = this.#entries.postings.mapRows(owners, size)
    }
    return this.#postings
  }
}

/** Builds a list column from products that are added row by row. */
export class ListColumnBuilder {
  readonly #entries = new ColumnBuilder()
  readonly #starts = [0]

  add(values: readonly IndexedValue[]): void {
    for (const value of values) this.#entries.add(value)
    this.#starts.push((this.#starts.at(-1) as number) + values.length)
  }

  finish(): ListColumn {
    return new ListColumn(this.#entries.finish(), new Uint32Array(this.#starts))
  }
}
