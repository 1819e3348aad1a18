/** A row of a file, as it was read; or why it could not be, and of which field. Lines count from 1. */
export type ReadRow =
  | { line: number; value: Record<string, unknown> }
  | { line: number; field?: string; refused: string }

/** A file that cannot be read on from some line, so that nothing of it is taken. */
export class UnreadableError extends Error {
  override name = 'UnreadableError'

  constructor(
    readonly line: number,
    message: string
  ) {
    super(message)
  }
}

/** The most bytes that one row may have: more than the largest product has in either format. */
export const ROW_MAX = 1_048_576
/** Rows that are read before others get their turn. */
export const ROWS_AT_ONCE = 200
