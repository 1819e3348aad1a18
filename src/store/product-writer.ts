import type { Transaction } from 'kysely'
import type { Product } from '../../schemas/product.js'
import { type Edits, findDifferences, type ProductFields, toProductFields, toSummary } from '../products/overlay.js'
import {
  isPublic,
  LOCAL,
  type StoredProduct,
  type UnsavedProduct,
  visibleProduct,
  withSaleState
} from '../products/stored-product.js'
import { TimeSlice } from '../support/time-slice.js'
import type { ChangeLog, NewChange } from './change-log.js'
import { CHUNK, chunks } from './chunks.js'
import type { Database } from './database.js'
import { deleteSearchRows, insertSearchRows, type SearchableProduct } from './search-rows.js'
import type { Tables } from './tables.js'

/** A product before and after a write. */
export interface ProductChange {
  id: number
  before: StoredProduct | undefined
  after: UnsavedProduct
}

/** Reads and writes products inside a transaction that has locked the catalog. */
export class ProductWriter {
  readonly log: ChangeLog
  readonly #db: Transaction<Tables>
  readonly #fullText: Database['fullText']
  /** Words that the transaction has already added to the vocabulary. */
  readonly #vocabulary = new Set<string>()

  /** @param servedSource The source whose products are served; undefined if none is. */
  constructor(
    db: Transaction<Tables>,
    fullText: Database['fullText'],
    log: ChangeLog,
    readonly servedSource: number | undefined
  ) {
    this.#db = db
    this.#fullText = fullText
    this.log = log
  }

  /** Loads products of a source, by default the served source, and locally created products. Omits unknown ids. */
  async load(ids: readonly number[], source = this.servedSource): Promise<Map<number, StoredProduct>> {
    const sources = [LOCAL, source ?? LOCAL]
    const stored = new Map<number, StoredProduct>()
    const slice = new TimeSlice()
    for (const chunk of chunks(ids, CHUNK)) {
      const visible = await this.#db
        .selectFrom('product_text')
        .innerJoin('product', 'product.id', 'product_text.id')
        .select(['product.id', 'source', 'product_json', 'source_hash', 'product.revision'])
        .where('product.id', 'in', chunk)
        .where('source', 'in', sources)
        .execute()
      for (const { id, source, product_json, source_hash: hash, revision } of visible) {
        const base = toProductFields(JSON.parse(product_json) as Product)
        stored.set(id, { source, base, hash, edits: {}, isHidden: false, revision })
        await slice.turn()
      }
      const edited = await this.#db
        .selectFrom('product_edit')
        .selectAll()
        .where('id', 'in', chunk)
        .where('source', 'in', sources)
        .execute()
      for (const { id, source, base_json, source_hash: hash, edits, hidden, revision } of edited) {
        const base = base_json === null ? undefined : (JSON.parse(base_json) as ProductFields)
        stored.set(id, { source, base, hash, edits: JSON.parse(edits) as Edits, isHidden: hidden === 1, revision })
        await slice.turn()
      }
    }
    return stored
  }

  /** Stores changed products. @returns The products as stored, in the same order. */
  async apply(writes: readonly ProductChange[]): Promise<StoredProduct[]> {
    const stored: StoredProduct[] = []
    for (const chunk of chunks(writes, CHUNK)) {
      const { at } = this.log
      const settled = chunk.map((write) => ({ ...write, after: withSaleState(write.after, at) }))
      const revisions = await this.#apply(settled)
      stored.push(...settled.map(({ after }, i) => ({ ...after, revision: revisions[i] as number })))
    }
    return stored
  }

  /** Returns the ids of visible products by stock keeping unit (SKU). Several products can have the same SKU. */
  async findBySku(skus: readonly string[]): Promise<Map<string, number[]>> {
    const found = new Map<string, number[]>()
    for (const chunk of chunks(skus, CHUNK)) {
      const rows = await this.#db.selectFrom('product').select(['id', 'sku']).where('sku', 'in', chunk).execute()
      for (const { id, sku } of rows) {
        const ids = found.get(sku) ?? []
        ids.push(id)
        found.set(sku, ids)
      }
    }
    return found
  }

  async #apply(writes: readonly ProductChange[]): Promise<number[]> {
    const changes: NewChange[] = []
    /** For each write that readers notice, the position of its change in `changes`. */
    const changePositions = new Map<number, number>()
    const inserted: { product: Product; source: number; hash: string; position: number }[] = []
    const deletedIds: number[] = []
    const rehashed: ProductChange[] = []
    const slice = new TimeSlice()
    for (const [position, write] of writes.entries()) {
      await slice.turn()
      const { id, before, after } = write
      const old = visibleProduct(before)
      const product = visibleProduct(after)
      const differences = old && product ? findDifferences(old, product) : []
      if (old === product || (old && product && differences.length === 0)) {
        // Readers see no difference, but the hash may differ.
        if (product && before?.hash !== after.hash) rehashed.push(write)
        continue
      }
      changes.push({
        source: after.source,
        productId: id,
        ...toKind(old, product),
        differences
      })
      changePositions.set(position, changes.length - 1)
      if (old) deletedIds.push(id)
      if (product) inserted.push({ product, source: after.source, hash: after.hash, position })
    }
    const changeRevisions = await this.log.append(changes)
    const revisions = writes.map(({ before }, position) => {
      const change = changePositions.get(position)
      return change === undefined ? (before as StoredProduct).revision : (changeRevisions[change] as number)
    })
    if (deletedIds.length > 0) {
      await this.#db.deleteFrom('product_text').where('id', 'in', deletedIds).execute()
      await deleteSearchRows(this.#db, this.#fullText, deletedIds)
    }
    if (inserted.length > 0) {
      await this.insertVisible(
        inserted.map(({ position, ...row }) => ({ ...row, revision: revisions[position] as number })),
        this.#vocabulary
      )
    }
    for (const { id, after } of rehashed) {
      await this.#db.updateTable('product').set({ source_hash: after.hash }).where('id', '=', id).execute()
    }
    await this.#storeEdits(writes, revisions)
    return revisions
  }

  /**
   * Inserts the rows of visible products.
   * @param vocabulary The words that the transaction has already stored. The method adds the words of the products.
   */
  async insertVisible(rows: readonly SearchableProduct[], vocabulary: Set<string>): Promise<void> {
    const slice = new TimeSlice()
    const texts: Tables['product_text'][] = []
    for (const { product, revision } of rows) {
      const summary_json = JSON.stringify(toSummary(product))
      const is_public = isPublic(product) ? 1 : 0
      texts.push({ id: product.id, revision, is_public, summary_json, product_json: JSON.stringify(product) })
      await slice.turn()
    }
    await this.#db.insertInto('product_text').values(texts).execute()
    await insertSearchRows(this.#db, this.#fullText, rows, vocabulary, this.log.at)
  }

  /** Replaces the rows in `product_edit`: the edits and hidden products, which the visible product does not contain. */
  async #storeEdits(writes: readonly ProductChange[], revisions: readonly number[]): Promise<void> {
    const edited = writes.filter(({ before, after }) => before && before !== after && isEdited(before))
    for (const source of new Set(edited.map(({ after }) => after.source))) {
      const ids = edited.filter(({ after }) => after.source === source).map(({ id }) => id)
      await this.#db.deleteFrom('product_edit').where('source', '=', source).where('id', 'in', ids).execute()
    }
    const rows = writes.flatMap(({ id, before, after }, position) =>
      before !== after && isEdited(after)
        ? [
            {
              source: after.source,
              id,
              base_json: after.base ? JSON.stringify(after.base) : null,
              source_hash: after.hash,
              edits: JSON.stringify(after.edits),
              hidden: after.isHidden ? 1 : 0,
              revision: revisions[position] as number
            }
          ]
        : []
    )
    if (rows.length > 0) await this.#db.insertInto('product_edit').values(rows).execute()
  }
}

/** Returns the kind of a change as readers see it. If they see the product neither before nor after, as editors see it. */
function toKind(before: Product | undefined, after: Product | undefined): Pick<NewChange, 'kind' | 'isPublic'> {
  const isVisible = isPublic(before) || isPublic(after) ? isPublic : Boolean
  const kind = !isVisible(before) ? 'created' : isVisible(after) ? 'updated' : 'deleted'
  return { kind, isPublic: isVisible === isPublic }
}

const isEdited = ({ edits, isHidden }: UnsavedProduct) => isHidden || Object.keys(edits).length > 0
