import { DomainError } from '../support/domain-error.js'

/**
 * Thrown if the account does not exist or the password is wrong. Both cases have the same error, so that clients cannot discover usernames.
 */
export class WrongCredentialsError extends DomainError {
  constructor() {
    super('The username or the password is wrong.')
  }
}

/** Thrown if a username is locked for the client after failed sign-ins. The right password is rejected too. */
export class SignInLockedError extends DomainError {
  /** @param retryAfterSeconds Whole seconds until the lock ends. */
  constructor(readonly retryAfterSeconds: number) {
    super(`Too many sign-ins failed. Try again in ${retryAfterSeconds} seconds.`)
  }
}

/** Thrown if too many sign-ins wait, or if a sign-in has waited too long. */
export class TooManySignInsError extends DomainError {
  constructor() {
    super('Too many sign-ins are in progress. Try again later.')
  }
}
