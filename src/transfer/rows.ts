import { findExceededLimit } from '../support/json-limits.js'
import { UnreadableFileError } from './errors.js'

/** A row of a file, or the reason why it cannot be read, with the field if the reason concerns one. Lines count from 1. */
export type ReadRow =
  | { line: number; value: Record<string, unknown> }
  | { line: number; field?: string; refused: string }

/** Maximum size of a row, in bytes. A product with all variants and usual texts has about 100 kB in every format. */
export const ROW_MAX = 1_048_576

/** Maximum nesting depth and number of values of JSON in a row. A product has 5 levels, and a few thousand values if it has all variants. */
const LIMITS = { depthMax: 20, valuesMax: 10_000 }

/** Returns the reason for the rejection of JSON that would take too long to parse. */
export function describeExcess(json: Uint8Array): string | undefined {
  const exceeded = findExceededLimit(json, LIMITS)
  if (exceeded === 'depth') return `must have at most ${LIMITS.depthMax} levels of nesting`
  return exceeded === 'values' ? `must have at most ${LIMITS.valuesMax} values` : undefined
}
/** Rows, and bytes of the file, at which a batch is full. */
const BATCH_ROWS = 200
const BATCH_BYTES = 250_000

/** Maximum number of unreadable rows per file. More of them indicate another format, or an attack. */
const UNREADABLE_MAX = 10_000

/** Collects the rows of a file into batches of bounded size. */
export class RowBatch {
  #rows: ReadRow[] = []
  #bytes = 0
  #unreadable = 0

  /**
   * @param bytes Size of the row in the file.
   * @throws {UnreadableFileError} if too many rows of the file are unreadable.
   */
  add(row: ReadRow, bytes: number): void {
    if ('refused' in row && ++this.#unreadable > UNREADABLE_MAX) {
      throw new UnreadableFileError(
        row.line,
        `more than ${UNREADABLE_MAX} rows cannot be read. Check the format of the file. This row ${row.refused}`
      )
    }
    this.#rows.push(row)
    this.#bytes += bytes
  }

  get isFull(): boolean {
    return this.#rows.length >= BATCH_ROWS || this.#bytes >= BATCH_BYTES
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0
  }

  /** Returns the rows and starts the next batch. */
  take(): ReadRow[] {
    const rows = this.#rows
    this.#rows = []
    this.#bytes = 0
    return rows
  }
}
