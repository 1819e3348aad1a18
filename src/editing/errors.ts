import { DomainError } from '../support/domain-error.js'

/** Thrown if no visible product has the id. */
export class ProductNotFoundError extends DomainError {
  /** @param isHidden Whether the product exists, but is hidden. */
  constructor(
    readonly id: number,
    readonly isHidden = false
  ) {
    super(isHidden ? `Product ${id} is hidden.` : `There is no product ${id}.`)
  }
}

/** Thrown if another visible product has the SKU. Warehouses identify products by it. */
export class DuplicateSkuError extends DomainError {
  /**
   * @param owner Id of the product that has the SKU.
   * @param origin Whether the SKU of the second product comes from an editor or from its source.
   */
  constructor(
    readonly sku: string,
    readonly owner: number,
    readonly origin: 'editor' | 'source'
  ) {
    super(`The SKU "${sku}" belongs to product ${owner}. Use another SKU.`)
  }
}

/** Thrown if the version of a product does not satisfy the conditions of a write. */
export class VersionMismatchError extends DomainError {
  /**
   * @param version Version tag of the product.
   * @param condition The condition that does not hold.
   */
  constructor(
    readonly id: number,
    readonly version: string,
    readonly condition: 'ifMatch' | 'ifNoneMatch'
  ) {
    super(`Product ${id} has version ${version}, which the conditions of the write exclude. Read the product again.`)
  }
}

/** Thrown if edits cannot be reverted because the product has no source. */
export class NoSourceError extends DomainError {
  constructor(readonly id: number) {
    super(`Product ${id} is local, so it has no source to revert to.`)
  }
}

/** Thrown if an idempotency key was already used for another product. */
export class IdempotencyKeyReusedError extends DomainError {
  constructor(readonly key: string) {
    super(`The idempotency key "${key}" was already used for another product. Use a new key for each product.`)
  }
}
