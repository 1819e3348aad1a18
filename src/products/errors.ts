import { DomainError } from '../support/domain-error.js'

/** Thrown if the sale of a product ends before it starts. */
export class InvalidSalePeriodError extends DomainError {
  constructor(from: string, until: string) {
    super(`must be later than salePriceFrom, ${from} (got ${until})`)
  }
}
