import { hash } from 'node:crypto'
import { LOCAL_ID_MIN, type Product } from '../../schemas/product.js'
import type { ProductInput, ProductPatch } from '../../schemas/product-input.js'
import type { Json } from '../../schemas/responses.js'
import { isMatched, toEtag, toTag } from '../etag.js'
import { ProblemError } from '../problems.js'
import type { Writer } from '../store/change-log.js'
import { findAnswer, keepAnswer } from '../store/idempotency.js'
import type { ProductStore } from '../store/products.js'
import { type Stored, visible, type Writing } from '../store/writing.js'
import { type Edited, made, patched } from './edit.js'

/** A product after a write. */
export interface Written {
  id: number
  etag: string
  json: Json<Product>
}

/** A write that is carried out once, however often it is asked for. */
export interface Once {
  account: string
  key: string
}

/**
 * Makes and changes products, one at a time. A write of what there is already is made on condition that it is still what
 * the writer has seen of it: `ifMatch` is the value of the header (RFC 9110, section 13.1.1).
 */
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
        return { id: answer.id, etag, json: answer.json as Json<Product> }
      }
      await requireFree(writing, fields.base?.sku as string)
      const id = log.nextId
      log.useId(id)
      const after = made(id, input, log.at)
      const [revision = 0] = await writing.apply([{ id, before: undefined, after }])
      const written = toWritten(id, after, revision, log.epoch)
      if (once) await keepAnswer(db, once, { id, revision, request, json: String(written.json) }, log.at)
      return written
    })
  }

  /** @throws {ProblemError} where readers see no such product, it is not what the writer has seen, or its SKU is taken. */
  async change(id: number, patch: ProductPatch, ifMatch: string, writer: Writer): Promise<Written> {
    return await this.#products.write(writer, async (writing) => {
      const before = await this.#find(writing, id, ifMatch)
      const after = patched(before, patch, writing.log.at)
      const sku = visible(after)?.sku as string
      if (sku !== visible(before)?.sku) await requireFree(writing, sku)
      const [revision = 0] = await writing.apply([{ id, before, after }])
      return toWritten(id, after, revision, writing.log.epoch)
    })
  }

  /**
   * Removes a product that was made here, and hides one of the source.
   * @returns The entity tag that stands for it being hidden; undefined where it is gone.
   * @throws {ProblemError} where readers see no such product, or it is not what the writer has seen.
   */
  async remove(id: number, ifMatch: string, writer: Writer): Promise<string | undefined> {
    return await this.#products.write(writer, async (writing) => {
      const before = await this.#find(writing, id, ifMatch)
      const after = id < LOCAL_ID_MIN ? { ...before, isHidden: true } : { ...before, base: undefined }
      const [revision = 0] = await writing.apply([{ id, before, after }])
      return after.isHidden ? toEtag(toTag(writing.log.epoch, revision)) : undefined
    })
  }

  /**
   * Has a product follow its source in all fields again, and shows it where it was hidden.
   * @throws {ProblemError} where its source has no such product, it is not what the writer has seen, or another has its SKU by now.
   */
  async revert(id: number, ifMatch: string, writer: Writer): Promise<Written> {
    return await this.#products.write(writer, async (writing) => {
      const before = (await writing.load([id])).get(id)
      if (!before?.base) throw notFound(id)
      requireMatch(before, ifMatch, writing.log.epoch)
      if (id >= LOCAL_ID_MIN) throw new ProblemError('no-source', `Product ${id} was made here.`)
      const after = { ...before, edits: {}, isHidden: false }
      const { sku } = before.base
      const owner = sku === visible(before)?.sku ? undefined : await ownerOf(writing, sku)
      if (owner !== undefined)
        throw new ProblemError('duplicate-sku', `Its source gives it ${sku}, the SKU of product ${owner}.`)
      const [revision = 0] = await writing.apply([{ id, before, after }])
      return toWritten(id, after, revision, writing.log.epoch)
    })
  }

  /** A product that readers see, if it is what the writer has seen of it. */
  async #find(writing: Writing, id: number, ifMatch: string): Promise<Stored> {
    const stored = (await writing.load([id])).get(id)
    if (!visible(stored))
      throw notFound(id, stored?.base && 'It is hidden: DELETE /products/{id}/edits shows it again.')
    requireMatch(stored as Stored, ifMatch, writing.log.epoch)
    return stored as Stored
  }
}

const KEY_REUSED = 'This Idempotency-Key came with another product before. Take a new key for a new product.'

const notFound = (id: number, hint = '') =>
  new ProblemError('product-not-found', [`There is no product ${id}.`, hint].join(' ').trim())

function requireMatch({ revision }: Stored, ifMatch: string, epoch: string): void {
  const tag = toTag(epoch, revision)
  if (isMatched(ifMatch, tag)) return
  throw new ProblemError('precondition-failed', 'Read the product again, and see whether your change still applies.', {
    headers: { etag: toEtag(tag) }
  })
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

function toWritten(id: number, after: Edited, revision: number, epoch: string): Written {
  return { id, etag: toEtag(toTag(epoch, revision)), json: JSON.stringify(visible(after)) as Json<Product> }
}
