import { hash } from 'node:crypto'
import type { Product } from '../../schemas/product.js'
import type { ProductInput, ProductPatch } from '../../schemas/product-input.js'
import type { Json } from '../../schemas/responses.js'
import { ProblemError } from '../http/problems.js'
import { applyPatch, createProduct } from '../products/edits.js'
import { matchesIfMatch, matchesIfNoneMatch, toEntityTag, toVersionTag } from '../products/entity-tags.js'
import { findDifferences } from '../products/overlay.js'
import { LOCAL, type StoredProduct, type UnsavedProduct, visibleProduct } from '../products/stored-product.js'
import type { ChangeAuthor } from '../store/change-log.js'
import { findResponse, storeResponse } from '../store/idempotency.js'
import type { ProductWriter } from '../store/product-writer.js'
import type { ProductStore } from '../store/products.js'

/** A product after a write. */
export interface WrittenProduct {
  id: number
  etag: string
  json: Json<Product>
  /** Undefined if readers see what they saw before. */
  change: AppendedChange | undefined
}

/** A product after it was removed. */
export interface RemovedProduct {
  id: number
  /** Names the hidden product; undefined if it is gone. */
  etag: string | undefined
  change: AppendedChange | undefined
}

/** The change that a write appended to the change log. */
export interface AppendedChange {
  revision: number
  /** Names of the fields that differ since. Empty if the product appeared or disappeared. */
  fields: (keyof Product)[]
}

/** A write that is carried out once, however often it is asked for. */
export interface IdempotencyKey {
  account: string
  key: string
}

/** The values of the headers that a write depends on (RFC 9110, sections 13.1.1 and 13.1.2). */
export interface WriteConditions {
  ifMatch: string
  ifNoneMatch: string | undefined
}

/** Makes and changes products, one at a time. A write of what there is already is made on condition that it is still what the writer has seen of it. */
export class Editor {
  readonly #products: ProductStore

  constructor(products: ProductStore) {
    this.#products = products
  }

  /** @throws {ProblemError} where another product has the SKU, or the key was used for another product. */
  async create(input: ProductInput, writer: ChangeAuthor, once?: IdempotencyKey): Promise<WrittenProduct> {
    return await this.#products.write(writer, async (writing, db) => {
      const { log } = writing
      const fields = createProduct(0, input, '')
      const request = hash('sha256', JSON.stringify(fields), 'base64url')
      const answer = once && (await findResponse(db, once, log.at))
      if (answer) {
        if (answer.request !== request) throw new ProblemError('idempotency-key-reused', KEY_REUSED)
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

  /** @throws {ProblemError} where readers see no such product, it is not what the writer has seen, or its SKU is taken. */
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
   * @throws {ProblemError} where readers see no such product, or it is not what the writer has seen.
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
   * Has a product follow its source in all fields again, and shows it where it was hidden.
   * @throws {ProblemError} where its source has no such product, it is not what the writer has seen, or another has its SKU by now.
   */
  async revert(id: number, conditions: WriteConditions, writer: ChangeAuthor): Promise<WrittenProduct> {
    return await this.#products.write(writer, async (writing) => {
      const before = (await writing.load([id])).get(id)
      if (!before?.base) throw notFound(id)
      requireConditions(before, conditions, writing.log.epoch)
      if (before.source === LOCAL) throw new ProblemError('no-source', `Product ${id} was made here.`)
      const after = { ...before, edits: {}, isHidden: false }
      const { sku } = before.base
      const owner = sku === visibleProduct(before)?.sku ? undefined : await findOwner(writing, sku)
      if (owner !== undefined)
        throw new ProblemError('duplicate-sku', `Its source gives it ${sku}, the SKU of product ${owner}.`)
      const [revision = 0] = await writing.apply([{ id, before, after }])
      return toWritten(id, before, after, revision, writing.log.epoch)
    })
  }

  /** A product that readers see, if it is what the writer has seen of it. */
  async #find(writing: ProductWriter, id: number, conditions: WriteConditions): Promise<StoredProduct> {
    const stored = (await writing.load([id])).get(id)
    if (!visibleProduct(stored))
      throw notFound(id, stored?.base && 'It is hidden: DELETE /products/{id}/edits shows it again.')
    requireConditions(stored as StoredProduct, conditions, writing.log.epoch)
    return stored as StoredProduct
  }
}

const KEY_REUSED = 'This Idempotency-Key came with another product before. Take a new key for a new product.'

const notFound = (id: number, hint = '') =>
  new ProblemError('product-not-found', [`There is no product ${id}.`, hint].join(' ').trim())

/** @throws {ProblemError} `precondition-failed`, with the present entity tag, unless both conditions hold. */
function requireConditions(
  { revision }: StoredProduct,
  { ifMatch, ifNoneMatch }: WriteConditions,
  epoch: string
): void {
  const tag = toVersionTag(epoch, revision)
  const isExcluded = ifNoneMatch !== undefined && matchesIfNoneMatch(ifNoneMatch, tag)
  if (matchesIfMatch(ifMatch, tag) && !isExcluded) return
  const detail = isExcluded
    ? 'If-None-Match names what the product is now.'
    : 'Read the product again, and see whether your change still applies.'
  throw new ProblemError('precondition-failed', detail, { headers: { etag: toEntityTag(tag) } })
}

/** The product that readers see with this SKU. */
const findOwner = async (writing: ProductWriter, sku: string) => (await writing.findBySku([sku])).get(sku)?.[0]

/** Two products with one SKU could not be told apart where orders are packed. */
async function requireUnusedSku(writing: ProductWriter, sku: string): Promise<void> {
  const owner = await findOwner(writing, sku)
  if (owner === undefined) return
  const detail = `is the SKU of product ${owner} already`
  throw new ProblemError('duplicate-sku', `/sku ${detail}`, { errors: [{ in: 'body', pointer: '/sku', detail }] })
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
