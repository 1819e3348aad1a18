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

/** Which codes are in spans: 1 for those. */
export function mask(spans: readonly Span[], size: number): Uint8Array {
  const marks = new Uint8Array(size)
  for (const [from, to] of spans) marks.fill(1, from, to)
  return marks
}

/** Several arrays as one; it is the only one itself, where there is only one. */
export function concat(parts: readonly Uint32Array[]): Uint32Array {
  if (parts.length === 1) return parts[0] as Uint32Array
  const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let end = 0
  for (const part of parts) {
    all.set(part, end)
    end += part.length
  }
  return all
}
