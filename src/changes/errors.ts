import { DomainError } from '../support/domain-error.js'

/** Thrown if the changes after a revision are not available: they were removed, are yet to come, or belong to another epoch. */
export class RevisionGoneError extends DomainError {
  constructor() {
    super('The changes after this revision are not available. Read all products again.')
  }
}
