/**
 * Base class of the errors that reject a request of a caller. They carry values and do not depend on HTTP: `http/domain-problems.ts` maps
 * each class to a problem. The command line prints the message, so it must not contain secrets.
 */
export abstract class DomainError extends Error {
  override readonly name: string = this.constructor.name
}
