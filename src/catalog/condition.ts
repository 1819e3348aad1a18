/** Places of values among those that occur: from the first of each pair on, up to but without the second. */
export type Span = readonly [from: number, to: number]

/** Where those that satisfy a condition are when all rows are in the order of a column: from the first up to the second. */
export interface Stretch {
  /** The column. */
  of: object
  from: number
  to: number
}

/** Something that products may satisfy. They are named by their rows. */
export interface Condition {
  /** How many satisfy it, or a few more where a product counts twice. */
  count: number
  /** Where they are in the order of a column, where they all are in one place. */
  stretch?: Stretch | undefined
  /**
   * Those that do, each once. Not to be written to.
   * @param to Where they may be put.
   */
  rows(to: Uint32Array): Uint32Array
  /**
   * Those of the rows that do, in the same order.
   * @param to Where they are put. It may be where they are.
   */
  keep(rows: Uint32Array, to: Uint32Array): Uint32Array
}

/** The condition to be one of these rows, each of which is given once. */
export function amongRows(wanted: Uint32Array, marks: Marks): Condition {
  let mark = 0
  return {
    count: wanted.length,
    rows: () => wanted,
    keep: (rows, to) => {
      if (mark === 0 || mark !== marks.last) mark = marks.set(wanted)
      const { of } = marks
      let kept = 0
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i] as number
        if (of[row] === mark) to[kept++] = row
      }
      return to.subarray(0, kept)
    }
  }
}

/** Marks rows, to tell them from others, for a moment. */
export class Marks {
  /** The mark of each row. */
  readonly of: Uint8Array
  #last = 0

  /** What was last marked with, above 0; 0 where nothing was. */
  get last(): number {
    return this.#last
  }

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

/** Which codes are in spans: 1 for those. */
export function mask(spans: readonly Span[], size: number): Uint8Array {
  const marks = new Uint8Array(size)
  for (const [from, to] of spans) marks.fill(1, from, to)
  return marks
}

/**
 * Several arrays as one; it is the only one itself, where there is only one.
 * @param to Where they are put else.
 */
export function concat(parts: readonly Uint32Array[], to: Uint32Array): Uint32Array {
  if (parts.length === 1) return parts[0] as Uint32Array
  let end = 0
  for (const part of parts) {
    to.set(part, end)
    end += part.length
  }
  return to.subarray(0, end)
}
