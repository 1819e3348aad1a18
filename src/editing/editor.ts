import { hash } from 'node:crypto'
import type { Product } from '../../schemas/product.js'
import type { ProductInput, ProductPatch } from '../../schemas/product-input.js'
import type { Json } from '../../schemas/responses.js'
import { applyPatch, createProduct, type UnsavedProduct } from '../products/edits.js'
import { matchesIfMatch, matchesIfNoneMatch, toEntityTag, toVersionTag } from '../products/entity-tags.js'
import { findDifferences } from '../products/overlay.js'
import type { ChangeAuthor } from '../store/change-log.js'
import { findResponse, storeResponse } from '../store/idempotency.js'
import { type ProductWriter, type StoredProduct, visibleProduct } from '../store/product-writer.js'
import type { ProductStore } from '../store/products.js'
import { LOCAL } from '../store/sources.js'
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
  /** Undefined if readers see what they saw before. */
  change: AppendedChange | undefined
}

/** A product after its removal. */
export interface RemovedProduct {
  id: number
  /** Of the hidden product; undefined if the product is gone. */
  etag: string | undefined
  change: AppendedChange | undefined
}

/** The change that a write appended to the change log. */
export interface AppendedChange {
  revision: number
  /** Names of the fields that differ since. Empty if the product appeared or disappeared. */
  fields: (keyof Product)[]
}

/** Identifies a write that is carried out once, however often it is requested. */
export interface IdempotencyKey {
  account: string
  key: string
}

/** The values of the headers that a write depends on (RFC 9110, sections 13.1.1 and 13.1.2). */
export interface WriteConditions {
  ifMatch: string
  ifNoneMatch: string | undefined
}

/** Creates, changes and removes products, one at a time. Each write names the versions of the product that it may replace. */
export class Editor {
  readonly #products: ProductStore

  constructor(products: ProductStore) {
    this.#products = products
  }

  /**
   * Creates a product.
   * @throws {DuplicateSkuError}
   * @throws {IdempotencyKeyReusedError}
   */
  async create(input: ProductInput, writer: ChangeAuthor, once?: IdempotencyKey): Promise<WrittenProduct> {
    return await this.#products.write(writer, async (writing, db) => {
      const { log } = writing
      const fields = createProduct(0, input, '')
      const request = hash('sha256', JSON.stringify(fields), 'base64url')
      const answer = once && (await findResponse(db, once, log.at))
      if (answer) {
        if (answer.request !== request) throw new IdempotencyKeyReusedError(once.key)
        const etag = toEntityTag(toVersionTag(log.epoch, answer.revision))
        return { id: answer.id, etag, json: answer.json as Json<Product>, change: undefined }
      }
      await requireUnusedSku(writing, fields.base?.sku as string)
      const id = log.nextId
      log.reserveId(id)
      const after = createProduct(id, input, log.at)
      const [revision = 0] = await writing.apply([{ id, before: undefined, after }])
      const written = toWritten(id, undefined, after, revision, log.epoch)
      if (once) await storeResponse(db, once, { id, revision, request, json: String(written.json) }, log.at)
      return written
    })
  }

  /**
   * Changes the fields of a product that a patch contains.
   * @throws {ProductNotFoundError}
   * @throws {VersionMismatchError}
   * @throws {DuplicateSkuError}
   */
  async change(
    id: number,
    patch: ProductPatch,
    conditions: WriteConditions,
    writer: ChangeAuthor
  ): Promise<WrittenProduct> {
    return await this.#products.write(writer, async (writing) => {
      const before = await this.#find(writing, id, conditions)
      const after = applyPatch(before, patch, writing.log.at)
      const sku = visibleProduct(after)?.sku as string
      if (sku !== visibleProduct(before)?.sku) await requireUnusedSku(writing, sku)
      const [revision = 0] = await writing.apply([{ id, before, after }])
      return toWritten(id, before, after, revision, writing.log.epoch)
    })
  }

  /**
   * Removes a product that was made here, and hides one of the source.
   * @throws {ProductNotFoundError}
   * @throws {VersionMismatchError}
   */
  async remove(id: number, conditions: WriteConditions, writer: ChangeAuthor): Promise<RemovedProduct> {
    return await this.#products.write(writer, async (writing) => {
      const before = await this.#find(writing, id, conditions)
      const after = before.source !== LOCAL ? { ...before, isHidden: true } : { ...before, base: undefined }
      const [revision = 0] = await writing.apply([{ id, before, after }])
      const etag = after.isHidden ? toEntityTag(toVersionTag(writing.log.epoch, revision)) : undefined
      return { id, etag, change: toChange(before, after, revision) }
    })
  }

  /**
   * Drops the edits of a product, so that it has the values of its source again, and shows it if it was hidden.
   * @throws {ProductNotFoundError} if the source does not have the product either.
   * @throws {VersionMismatchError}
   * @throws {NoSourceError} if the product was made here.
   * @throws {DuplicateSkuError} if another product has its SKU by now.
   */
  async revert(id: number, conditions: WriteConditions, writer: ChangeAuthor): Promise<WrittenProduct> {
    return await this.#products.write(writer, async (writing) => {
      const before = (await writing.load([id])).get(id)
      if (!before?.base) throw new ProductNotFoundError(id)
      requireConditions(id, before, conditions, writing.log.epoch)
      if (before.source === LOCAL) throw new NoSourceError(id)
      const after = { ...before, edits: {}, isHidden: false }
      const { sku } = before.base
      const owner = sku === visibleProduct(before)?.sku ? undefined : await findOwner(writing, sku)
      if (owner !== undefined) throw new DuplicateSkuError(sku, owner, 'source')
      const [revision = 0] = await writing.apply([{ id, before, after }])
      return toWritten(id, before, after, revision, writing.log.epoch)
    })
  }

  /**
   * Returns a product that readers see.
   * @throws {ProductNotFoundError}
   * @throws {VersionMismatchError}
   */
  async #find(writing: ProductWriter, id: number, conditions: WriteConditions): Promise<StoredProduct> {
    const stored = (await writing.load([id])).get(id)
    if (!visibleProduct(stored)) throw new ProductNotFoundError(id, stored?.base !== undefined)
    requireConditions(id, stored as StoredProduct, conditions, writing.log.epoch)
    return stored as StoredProduct
  }
}

/** @throws {VersionMismatchError} unless both conditions hold. */
function requireConditions(
  id: number,
  { revision }: StoredProduct,
  { ifMatch, ifNoneMatch }: WriteConditions,
  epoch: string
): void {
  const tag = toVersionTag(epoch, revision)
  const isExcluded = ifNoneMatch !== undefined && matchesIfNoneMatch(ifNoneMatch, tag)
  if (matchesIfMatch(ifMatch, tag) && !isExcluded) return
  throw new VersionMismatchError(id, tag, isExcluded ? 'ifNoneMatch' : 'ifMatch')
}

/** Returns the id of the product that readers see with this SKU; undefined if there is none. */
const findOwner = async (writing: ProductWriter, sku: string) => (await writing.findBySku([sku])).get(sku)?.[0]

/** @throws {DuplicateSkuError} if readers see a product with this SKU. */
async function requireUnusedSku(writing: ProductWriter, sku: string): Promise<void> {
  const owner = await findOwner(writing, sku)
  if (owner !== undefined) throw new DuplicateSkuError(sku, owner, 'editor')
}

function toWritten(
  id: number,
  before: StoredProduct | undefined,
  after: UnsavedProduct,
  revision: number,
  epoch: string
): WrittenProduct {
  const json = JSON.stringify(visibleProduct(after)) as Json<Product>
  return { id, etag: toEntityTag(toVersionTag(epoch, revision)), json, change: toChange(before, after, revision) }
}

/** @param revision The change that last touched the product: that of `before` if nothing has changed. */
function toChange(
  before: StoredProduct | undefined,
  after: UnsavedProduct,
  revision: number
): AppendedChange | undefined {
  if (revision === before?.revision) return undefined
  const old = visibleProduct(before)
  const product = visibleProduct(after)
  return { revision, fields: old && product ? findDifferences(old, product).map(({ field }) => field) : [] }
}
