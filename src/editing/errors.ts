import { DomainError } from '../support/domain-error.js'

/** Thrown if readers see no product with an id. */
export class ProductNotFoundError extends DomainError {
  /** @param isHidden Whether the product exists, but an editor has hidden it. */
  constructor(
    readonly id: number,
    readonly isHidden = false
  ) {
    super(`There is no product ${id}.${isHidden ? ' It is hidden.' : ''}`)
  }
}

/** Thrown if another product that readers see has the SKU: the two could not be told apart where orders are packed. */
export class DuplicateSkuError extends DomainError {
  /**
   * @param owner Id of the product that has the SKU.
   * @param origin Who gives the SKU to the second product.
   */
  constructor(
    readonly sku: string,
    readonly owner: number,
    readonly origin: 'editor' | 'source'
  ) {
    super(`The SKU "${sku}" belongs to product ${owner}.`)
  }
}

/** Thrown if a product is not at a version that the writer names, or is at one that the writer excludes. */
export class VersionMismatchError extends DomainError {
  /**
   * @param version Version tag of the product as it is now.
   * @param condition The condition that is not met.
   */
  constructor(
    readonly id: number,
    readonly version: string,
    readonly condition: 'ifMatch' | 'ifNoneMatch'
  ) {
    super(`Product ${id} is at version ${version}, which the write does not allow. Read it again.`)
  }
}

/** Thrown if a product has no source whose values it could return to. */
export class NoSourceError extends DomainError {
  constructor(readonly id: number) {
    super(`Product ${id} is local, so it has no source to revert to.`)
  }
}

/** Thrown if an idempotency key was used for another product before. */
export class IdempotencyKeyReusedError extends DomainError {
  constructor(readonly key: string) {
    super(`The idempotency key "${key}" was used for another product. Use a new key for a new product.`)
  }
}
