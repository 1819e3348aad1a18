import { DomainError } from '../support/domain-error.js'

/** Thrown if as many exports or imports are in progress as are allowed. */
export class TooManyTransfersError extends DomainError {
  constructor() {
    super('Too many exports or imports are in progress. Try again later.')
  }
}

/** Thrown if a file cannot be read past a line. No row of the file is imported. */
export class UnreadableFileError extends DomainError {
  /**
   * @param line Number of the line, from 1.
   * @param reason What is wrong with it, without a period.
   */
  constructor(
    readonly line: number,
    readonly reason: string
  ) {
    super(`Line ${line}: ${reason}. Nothing was written.`)
  }
}
