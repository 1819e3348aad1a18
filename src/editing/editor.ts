import { hash } from 'node:crypto'
import type { Product } from '../../schemas/product.js'
import type { ProductInput } from '../../schemas/product-input.js'
import type { Json } from '../../schemas/responses.js'
import { applyPatch, createProduct, type Patch } from '../products/edits.js'
import { matchesCondition, toEntityTag, toVersionTag } from '../products/entity-tags.js'
import { findDifferences } from '../products/overlay.js'
import { LOCAL, type StoredProduct, visibleProduct } from '../products/stored-product.js'
import type { ChangeAuthor } from '../store/change-log.js'
import { findResponse, storeResponse } from '../store/idempotency.js'
import type { ProductChange, ProductWriter } from '../store/product-writer.js'
import type { ProductStore } from '../store/products.js'
import {
  DuplicateSkuError,
  IdempotencyKeyReusedError,
  NoSourceError,
  ProductNotFoundError,
  VersionMismatchError
} from './errors.js'

/** A product after a write. */
export interface WrittenProduct {
  id: number
  etag: string
  json: Json<Product>
  /** Undefined if the write has not changed the visible product. */
  change: AppendedChange | undefined
}

/** A product after its removal. */
export interface RemovedProduct {
  id: number
  /** Entity tag of the hidden product; undefined if the product was deleted. */
  etag: string | undefined
  change: AppendedChange | undefined
}

/** The change that a write appended to the change log. */
export interface AppendedChange {
  revision: number
  /** Names of the changed fields. Empty if the product appeared or disappeared. */
  fields: (keyof Product)[]
}

/** Identifies a write that is carried out once, even if clients repeat the request. Keys are unique within an account. */
export interface IdempotencyKey {
  account: string
  key: string
}

/** The precondition headers of a write (RFC 9110, sections 13.1.1 and 13.1.2). */
export interface WriteConditions {
  ifMatch: string
  ifNoneMatch: string | undefined
}

/** Creates, changes and removes single products. A write names the versions of the product that it may replace. */
export class Editor {
  readonly #products: ProductStore

  constructor(products: ProductStore) {
    this.#products = products
  }

  /**
   * Creates a product. With an idempotency key that was used for the same product, returns the product that was created then.
   * @throws {DuplicateSkuError}
   * @throws {IdempotencyKeyReusedError}
   */
  async create(input: ProductInput, author: ChangeAuthor, idempotencyKey?: IdempotencyKey): Promise<WrittenProduct> {
    return await this.#products.write(author, async (writer, db) => {
      const { log } = writer
      const fields = createProduct(0, input, log.currency, '')
      const requestHash = hash('sha256', JSON.stringify(fields), 'base64url')
      const earlier = idempotencyKey && (await findResponse(db, idempotencyKey, log.at))
      if (earlier) {
        if (earlier.request !== requestHash) throw new IdempotencyKeyReusedError(idempotencyKey.key)
        const etag = toEntityTag(toVersionTag(log.epoch, earlier.revision))
        return { id: earlier.id, etag, json: earlier.json as Json<Product>, change: undefined }
      }
      await requireUnusedSku(writer, fields.base?.sku as string)
      const id = log.nextId
      log.reserveId(id)
      const after = createProduct(id, input, log.currency, log.at)
      const stored = await store(writer, { id, before: undefined, after })
      const written = toWritten(id, undefined, stored, log.epoch)
      if (idempotencyKey) {
        const response = { id, revision: stored.revision, request: requestHash, json: String(written.json) }
        await storeResponse(db, idempotencyKey, response, log.at)
      }
      return written
    })
  }

  /**
   * Changes the fields that a patch contains.
   * @throws {ProductNotFoundError}
   * @throws {VersionMismatchError}
   * @throws {DuplicateSkuError}
   */
  async change(id: number, patch: Patch, conditions: WriteConditions, author: ChangeAuthor): Promise<WrittenProduct> {
    return await this.#products.write(author, async (writer) => {
      const before = await this.#find(writer, id, conditions)
      const after = applyPatch(before, patch, writer.log.at)
      const sku = visibleProduct(after)?.sku as string
      if (sku !== visibleProduct(before)?.sku) await requireUnusedSku(writer, sku)
      return toWritten(id, before, await store(writer, { id, before, after }), writer.log.epoch)
    })
  }

  /**
   * Deletes a product that was created locally, or hides a product of the source.
   * @throws {ProductNotFoundError}
   * @throws {VersionMismatchError}
   */
  async remove(id: number, conditions: WriteConditions, author: ChangeAuthor): Promise<RemovedProduct> {
    return await this.#products.write(author, async (writer) => {
      const before = await this.#find(writer, id, conditions)
      const after = before.source !== LOCAL ? { ...before, isHidden: true } : { ...before, base: undefined }
      const stored = await store(writer, { id, before, after })
      const etag = after.isHidden ? toEntityTag(toVersionTag(writer.log.epoch, stored.revision)) : undefined
      return { id, etag, change: toChange(before, stored) }
    })
  }

  /**
   * Removes the edits of a product, which then has the values of its source again. A hidden product becomes visible.
   * @throws {ProductNotFoundError} if the source does not have the product.
   * @throws {VersionMismatchError}
   * @throws {NoSourceError} if the product was created locally.
   * @throws {DuplicateSkuError} if another product now has the SKU that the source gives this one.
   */
  async revert(id: number, conditions: WriteConditions, author: ChangeAuthor): Promise<WrittenProduct> {
    return await this.#products.write(author, async (writer) => {
      const before = (await writer.load([id])).get(id)
      if (!before?.base) throw new ProductNotFoundError(id)
      requireConditions(id, before, conditions, writer.log.epoch)
      if (before.source === LOCAL) throw new NoSourceError(id)
      const after = { ...before, edits: {}, isHidden: false }
      const { sku } = before.base
      const owner = sku === visibleProduct(before)?.sku ? undefined : await findOwner(writer, sku)
      if (owner !== undefined) throw new DuplicateSkuError(sku, owner, 'source')
      return toWritten(id, before, await store(writer, { id, before, after }), writer.log.epoch)
    })
  }

  /**
   * Returns a visible product.
   * @throws {ProductNotFoundError}
   * @throws {VersionMismatchError}
   */
  async #find(writer: ProductWriter, id: number, conditions: WriteConditions): Promise<StoredProduct> {
    const stored = (await writer.load([id])).get(id)
    if (!visibleProduct(stored)) throw new ProductNotFoundError(id, stored?.base !== undefined)
    requireConditions(id, stored as StoredProduct, conditions, writer.log.epoch)
    return stored as StoredProduct
  }
}

/** @throws {VersionMismatchError} if a condition does not hold. */
function requireConditions(
  id: number,
  { revision }: StoredProduct,
  { ifMatch, ifNoneMatch }: WriteConditions,
  epoch: string
): void {
  const tag = toVersionTag(epoch, revision)
  const isExcluded = ifNoneMatch !== undefined && matchesCondition(ifNoneMatch, tag)
  if (matchesCondition(ifMatch, tag) && !isExcluded) return
  throw new VersionMismatchError(id, tag, isExcluded ? 'ifNoneMatch' : 'ifMatch')
}

/** Returns the id of the visible product that has an SKU; undefined if there is none. */
const findOwner = async (writer: ProductWriter, sku: string) => (await writer.findBySku([sku])).get(sku)?.[0]

/** @throws {DuplicateSkuError} if a visible product has the SKU. */
async function requireUnusedSku(writer: ProductWriter, sku: string): Promise<void> {
  const owner = await findOwner(writer, sku)
  if (owner !== undefined) throw new DuplicateSkuError(sku, owner, 'editor')
}

/** Stores a changed product. @returns The product as stored. */
const store = async (writer: ProductWriter, change: ProductChange): Promise<StoredProduct> =>
  (await writer.apply([change]))[0] as StoredProduct

function toWritten(id: number, before: StoredProduct | undefined, after: StoredProduct, epoch: string): WrittenProduct {
  const json = JSON.stringify(visibleProduct(after)) as Json<Product>
  return { id, etag: toEntityTag(toVersionTag(epoch, after.revision)), json, change: toChange(before, after) }
}

/** Returns the change that a write appended; undefined if it has not changed the product. */
function toChange(before: StoredProduct | undefined, after: StoredProduct): AppendedChange | undefined {
  const { revision } = after
  if (revision === before?.revision) return undefined
  const oldProduct = visibleProduct(before)
  const newProduct = visibleProduct(after)
  const differences = oldProduct && newProduct ? findDifferences(oldProduct, newProduct) : []
  return { revision, fields: differences.map(({ field }) => field) }
}
