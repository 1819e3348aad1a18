import { hash } from 'node:crypto'
import type { Product } from '../../schemas/product.js'
import type { ProductInput, ProductPatch } from '../../schemas/product-input.js'
import type { Json } from '../../schemas/responses.js'
import { ProblemError } from '../http/problems.js'
import { type Edited, made, patched } from '../products/edits.js'
import { isMatched, isNoneMatchFalse, toEtag, toTag } from '../products/entity-tags.js'
import { differences } from '../products/overlay.js'
import type { Writer } from '../store/change-log.js'
import { findAnswer, keepAnswer } from '../store/idempotency.js'
import { type Stored, visible, type Writing } from '../store/product-writer.js'
import type { ProductStore } from '../store/products.js'
import { LOCAL } from '../store/sources.js'

/** A product after a write. */
export interface Written {
  id: number
  etag: string
  json: Json<Product>
  /** Undefined if readers see what they saw before. */
  change: AppendedChange | undefined
}

/** A product after it was removed. */
export interface Removed {
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
export interface Once {
  account: string
  key: string
}

/** The values of the headers that a write depends on (RFC 9110, sections 13.1.1 and 13.1.2). */
export interface Conditions {
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
  async create(input: ProductInput, writer: Writer, once?: Once): Promise<Written> {
    return await this.#products.write(writer, async (writing, db) => {
      const { log } = writing
      const fields = made(0, input, '')
      const request = hash('sha256', JSON.stringify(fields), 'base64url')
      const answer = once && (await findAnswer(db, once, log.at))
      if (answer) {
        if (answer.request !== request) throw new ProblemError('idempotency-key-reused', KEY_REUSED)
        const etag = toEtag(toTag(log.epoch, answer.revision))
        return { id: answer.id, etag, json: answer.json as Json<Product>, change: undefined }
      }
      await requireFree(writing, fields.base?.sku as string)
      const id = log.nextId
      log.useId(id)
      const after = made(id, input, log.at)
      const [revision = 0] = await writing.apply([{ id, before: undefined, after }])
      const written = toWritten(id, undefined, after, revision, log.epoch)
      if (once) await keepAnswer(db, once, { id, revision, request, json: String(written.json) }, log.at)
      return written
    })
  }

  /** @throws {ProblemError} where readers see no such product, it is not what the writer has seen, or its SKU is taken. */
  async change(id: number, patch: ProductPatch, conditions: Conditions, writer: Writer): Promise<Written> {
    return await this.#products.write(writer, async (writing) => {
      const before = await this.#find(writing, id, conditions)
      const after = patched(before, patch, writing.log.at)
      const sku = visible(after)?.sku as string
      if (sku !== visible(before)?.sku) await requireFree(writing, sku)
      const [revision = 0] = await writing.apply([{ id, before, after }])
      return toWritten(id, before, after, revision, writing.log.epoch)
    })
  }

  /**
   * Removes a product that was made here, and hides one of the source.
   * @throws {ProblemError} where readers see no such product, or it is not what the writer has seen.
   */
  async remove(id: number, conditions: Conditions, writer: Writer): Promise<Removed> {
    return await this.#products.write(writer, async (writing) => {
      const before = await this.#find(writing, id, conditions)
      const after = before.source !== LOCAL ? { ...before, isHidden: true } : { ...before, base: undefined }
      const [revision = 0] = await writing.apply([{ id, before, after }])
      const etag = after.isHidden ? toEtag(toTag(writing.log.epoch, revision)) : undefined
      return { id, etag, change: toChange(before, after, revision) }
    })
  }

  /**
   * Has a product follow its source in all fields again, and shows it where it was hidden.
   * @throws {ProblemError} where its source has no such product, it is not what the writer has seen, or another has its SKU by now.
   */
  async revert(id: number, conditions: Conditions, writer: Writer): Promise<Written> {
    return await this.#products.write(writer, async (writing) => {
      const before = (await writing.load([id])).get(id)
      if (!before?.base) throw notFound(id)
      requireConditions(before, conditions, writing.log.epoch)
      if (before.source === LOCAL) throw new ProblemError('no-source', `Product ${id} was made here.`)
      const after = { ...before, edits: {}, isHidden: false }
      const { sku } = before.base
      const owner = sku === visible(before)?.sku ? undefined : await ownerOf(writing, sku)
      if (owner !== undefined)
        throw new ProblemError('duplicate-sku', `Its source gives it ${sku}, the SKU of product ${owner}.`)
      const [revision = 0] = await writing.apply([{ id, before, after }])
      return toWritten(id, before, after, revision, writing.log.epoch)
    })
  }

  /** A product that readers see, if it is what the writer has seen of it. */
  async #find(writing: Writing, id: number, conditions: Conditions): Promise<Stored> {
    const stored = (await writing.load([id])).get(id)
    if (!visible(stored))
      throw notFound(id, stored?.base && 'It is hidden: DELETE /products/{id}/edits shows it again.')
    requireConditions(stored as Stored, conditions, writing.log.epoch)
    return stored as Stored
  }
}

const KEY_REUSED = 'This Idempotency-Key came with another product before. Take a new key for a new product.'

const notFound = (id: number, hint = '') =>
  new ProblemError('product-not-found', [`There is no product ${id}.`, hint].join(' ').trim())

/** @throws {ProblemError} `precondition-failed`, with the present entity tag, unless both conditions hold. */
function requireConditions({ revision }: Stored, { ifMatch, ifNoneMatch }: Conditions, epoch: string): void {
  const tag = toTag(epoch, revision)
  const isExcluded = ifNoneMatch !== undefined && isNoneMatchFalse(ifNoneMatch, tag)
  if (isMatched(ifMatch, tag) && !isExcluded) return
  const detail = isExcluded
    ? 'If-None-Match names what the product is now.'
    : 'Read the product again, and see whether your change still applies.'
  throw new ProblemError('precondition-failed', detail, { headers: { etag: toEtag(tag) } })
}

/** The product that readers see with this SKU. */
const ownerOf = async (writing: Writing, sku: string) => (await writing.withSku([sku])).get(sku)?.[0]

/** Two products with one SKU could not be told apart where orders are packed. */
async function requireFree(writing: Writing, sku: string): Promise<void> {
  const owner = await ownerOf(writing, sku)
  if (owner === undefined) return
  const detail = `is the SKU of product ${owner} already`
  throw new ProblemError('duplicate-sku', `/sku ${detail}`, { errors: [{ in: 'body', pointer: '/sku', detail }] })
}

function toWritten(id: number, before: Stored | undefined, after: Edited, revision: number, epoch: string): Written {
  const json = JSON.stringify(visible(after)) as Json<Product>
  return { id, etag: toEtag(toTag(epoch, revision)), json, change: toChange(before, after, revision) }
}

/** @param revision The change that last touched the product: that of `before` if nothing has changed. */
function toChange(before: Stored | undefined, after: Edited, revision: number): AppendedChange | undefined {
  if (revision === before?.revision) return undefined
  const old = visible(before)
  const product = visible(after)
  return { revision, fields: old && product ? differences(old, product).map(({ field }) => field) : [] }
}
