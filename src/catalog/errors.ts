import { DomainError } from '../support/domain-error.js'

/** Thrown if a cursor was not issued by this catalog, or was issued for another query. */
export class InvalidCursorError extends DomainError {
  constructor() {
    super('The cursor is not the nextCursor of a page of this query. Start again without a cursor.')
  }
}
