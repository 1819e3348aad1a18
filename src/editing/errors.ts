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

/** Thrown if there is no such category. */
export class CategoryNotFoundError extends DomainError {
  constructor(readonly slug: string) {
    super(`There is no category ${slug}.`)
  }
}

/** Thrown if the parent of a category does not exist. */
export class UnknownParentError extends DomainError {
  constructor(readonly parent: string) {
    super(`There is no category ${parent}.`)
  }
}

/** Maximum number of categories that the description of a cycle names. */
const CYCLE_MAX = 5

/** Thrown if a category would become its own ancestor. */
export class CategoryCycleError extends DomainError {
  /** The slugs of the cycle, each before its parent, such as `a > b > a`. A long cycle is shortened. */
  readonly cycle: string

  /** @param slugs The slugs of the cycle, each before its parent. The first one is the parent of the last one. */
  constructor(slugs: readonly string[]) {
    const named = slugs.length > CYCLE_MAX ? [...slugs.slice(0, CYCLE_MAX), '…'] : slugs
    const cycle = [...named, slugs[0]].join(' > ')
    super(`The categories would form a cycle: ${cycle}.`)
    this.cycle = cycle
  }
}
