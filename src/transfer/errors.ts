import { DomainError } from '../support/domain-error.js'

/** Thrown if the maximum number of exports or imports is in progress. */
export class TooManyTransfersError extends DomainError {
  constructor() {
    super('Too many exports or imports are in progress. Try again later.')
  }
}

/** Thrown if a file cannot be read past a line. No row of the file is imported. */
export class UnreadableFileError extends DomainError {
  /**
   * @param line Number of the line, starting at 1.
   * @param reason Description of the error, without a period at the end.
   */
  constructor(
    readonly line: number,
    readonly reason: string
  ) {
    super(`Line ${line}: ${reason}. Nothing was written.`)
  }
}
