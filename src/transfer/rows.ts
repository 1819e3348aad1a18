import { UnreadableFileError } from './errors.js'

/** A row of a file, as it was read; or why it could not be, and of which field. Lines count from 1. */
export type ReadRow =
  | { line: number; value: Record<string, unknown> }
  | { line: number; field?: string; refused: string }

/** The maximum size of one row, in bytes: more than the largest product has in either format. */
export const ROW_MAX = 1_048_576
/** The size of a batch: rows, and bytes of the file. */
const BATCH_ROWS = 200
const BATCH_BYTES = 250_000

/** The most rows of one file that may be unreadable. More of them mean another format, or an attack. */
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
        `more than ${UNREADABLE_MAX} rows cannot be read; the last one ${row.refused}`
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
