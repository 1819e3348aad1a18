import { DomainError } from '../support/domain-error.js'

/** Thrown if the fields of a product contradict each other. */
export class InconsistentProductError extends DomainError {
  /**
   * @param pointer JSON Pointer (RFC 6901) to the value that contradicts another.
   * @param reason What is wrong with it, without a period at the end.
   */
  constructor(
    readonly pointer: string,
    readonly reason: string
  ) {
    super(`${pointer} ${reason}.`)
  }
}
