import { DomainError } from '../support/domain-error.js'

/** Thrown if an account does not exist or its password is another one. The two look the same, so that nobody can search for names. */
export class WrongCredentialsError extends DomainError {
  constructor() {
    super('The username or the password is wrong.')
  }
}

/** Thrown if a username is locked for the client after failed sign-ins. The right password is refused too. */
export class SignInLockedError extends DomainError {
  /** @param retryAfterSeconds Whole seconds until the lock ends. */
  constructor(readonly retryAfterSeconds: number) {
    super(`Too many sign-ins failed. Try again in ${retryAfterSeconds} seconds.`)
  }
}

/** Thrown if too many passwords are being checked at the same time. */
export class TooManySignInsError extends DomainError {
  constructor() {
    super('Too many sign-ins are in progress. Try again later.')
  }
}
