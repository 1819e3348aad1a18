import { DomainError } from '../support/domain-error.js'

/** Thrown if the changes after a revision are not available: they were removed, the revision does not exist yet, or its epoch differs. */
export class RevisionGoneError extends DomainError {
  constructor() {
    super(
      'The changes after this revision are not available. Read all products again, then follow the changes after the revision of that read.'
    )
  }
}
