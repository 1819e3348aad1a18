/**
 * Base of the errors that refuse what a caller asks for. They carry values and know nothing of HTTP: `http/domain-problems.ts` maps
 * each class to a problem. The command line prints the message, so it contains nothing that a caller must not know.
 */
export abstract class DomainError extends Error {
  override readonly name: string = this.constructor.name
}
