import type { Kysely, Transaction } from 'kysely'
import type { Product } from '../../schemas/product.js'
import type { Json } from '../../schemas/responses.js'
import type { CatalogVersion } from '../products/catalog-version.js'
import type { CategoryStep } from '../products/categories.js'
import type { ProductFields } from '../products/overlay.js'
import { LOCAL, type StoredProduct } from '../products/stored-product.js'
import { roundPrices } from '../products/variants.js'
import { WorkQueue } from '../support/work-queue.js'
import { type ReadCategories, storeSourceCategories } from './categories.js'
import { type ChangeAuthor, type ChangeCounts, ChangeLog } from './change-log.js'
import { allRows, CHUNK, chunks } from './chunks.js'
import { type Database, now } from './database.js'
import { BusyError } from './errors.js'
import { type ProductChange, ProductWriter } from './product-writer.js'
import { assignIds, findIds } from './sources.js'
import type { Tables } from './tables.js'

/** The fields of a product of a source. A source may not have the times; then those of the catalog count. */
export type SourceFields = Omit<ProductFields, SourceTime> & Partial<Pick<ProductFields, SourceTime>>
type SourceTime = 'createdAt' | 'updatedAt'

/** A product as its source sent it, converted to the fields of the catalog. */
export interface SourceProductRow {
  /** The source's own id of the product. */
  externalId: string
  /** The fields. If a product of another source has their id, the catalog assigns a different one. */
  fields: SourceFields
  /** Hash of the fields. If a new release maps them differently, the hash changes and the product is stored again. */
  hash: string
  /**
   * The category with its ancestors, the root first, as the source names them. The last one is the category in `fields`. Undefined if the
   * source gives a slug only; the name of the category is then made from the slug.
   */
  categoryPath?: readonly CategoryStep[]
}

/** A product as stored. */
export interface ReadProduct {
  /** Undefined if there is no such product. */
  json: Json<Product> | undefined
  /** The change that last touched it. */
  changed: number
  /** Whether readers see it. */
  isPublic: boolean
}

/** A result and the revision of the catalog that it belongs to. */
export type AtRevision<T> = T & { revision: number }

/**
 * Maximum number of concurrent transactions that change products: one writes, and one waits for the lock of the catalog. The others wait
 * in the queue, so that they do not take all connections from readers.
 */
const WRITERS_MAX = 2
/** Maximum number of transactions in the queue. */
const QUEUED_MAX = 1000
/** Milliseconds that a transaction waits in the queue before it fails. */
const MAX_WAIT_MS = 10_000
/** Number of ids that one query reads. */
const IDS_PER_QUERY = 2000

/** Reads single products, and changes products in transactions. */
export class ProductStore {
  readonly #db: Database
  readonly #writers = new WorkQueue({
    concurrency: WRITERS_MAX,
    maxQueued: QUEUED_MAX,
    maxWaitMs: MAX_WAIT_MS,
    createError: () => new BusyError()
  })

  constructor(db: Database) {
    this.#db = db
  }

  /** Returns the JSON of a product and the change that last touched it. If there is no such product, `json` is undefined. */
  async product(id: number): Promise<AtRevision<ReadProduct>> {
    return await readAtRevision(this.#db, async (db) => {
      const row = await db
        .selectFrom('product_text')
        .select(['product_json', 'revision', 'is_public'])
        .where('id', '=', id)
        .executeTakeFirst()
      return {
        json: row?.product_json as Json<Product> | undefined,
        changed: row?.revision ?? 0,
        isPublic: row?.is_public === 1
      }
    })
  }

  /** Returns the rows whose hash differs from the stored one, including new products. */
  async findChanged(source: number, rows: readonly SourceProductRow[]): Promise<SourceProductRow[]> {
    return await findChanged(this.#db.read, source, rows)
  }

  /**
   * Changes products in one transaction. If `work` throws, the transaction is rolled back.
   * @throws {BusyError} if other writes take longer than 10 seconds, for example the import of a large file.
   */
  async write<T>(
    author: ChangeAuthor,
    work: (writer: ProductWriter, db: Transaction<Tables>) => Promise<T>
  ): Promise<T> {
    return await this.#writers.run(() =>
      this.#db.write.transaction().execute(async (db) => {
        const log = await ChangeLog.open(this.#db, db, author)
        const { served } = await db.selectFrom('source_state').select('source as served').executeTakeFirstOrThrow()
        const result = await work(new ProductWriter(db, this.#db.fullText, log, served ?? undefined), db)
        await log.close()
        return result
      })
    )
  }

  /**
   * Stores the products of a source and serves them, in one transaction. Edits and locally created products stay. Each visible difference
   * appends a change to the change log. If another source was served, its products disappear. Their edits stay stored, and apply again
   * when that source is served again.
   * @param source The number of the source; undefined to serve no source.
   * @param changed The products that may differ from the stored ones. Unchanged products may be included.
   * @param removedIds The ids of the products that the source does not have any more.
   * @param currency The currency of the products. If it is new, the prices of local products keep their numbers.
   * @param categories The categories of the source. They replace those of the source that was served before.
   * @param begin Called first in the transaction, in which it may write too. If it returns false, no product is changed.
   * @returns The number of changes by kind, and the version of the catalog after them.
   */
  async replaceSourceProducts(
    source: number | undefined,
    changed: AsyncIterable<SourceProductRow[]> | Iterable<SourceProductRow[]>,
    removedIds: readonly number[],
    currency: string | undefined,
    categories: ReadCategories,
    by: 'source' | 'sample',
    begin: (db: Transaction<Tables>) => Promise<boolean>
  ): Promise<ChangeCounts & CatalogVersion> {
    return await this.write({ by }, async (writer, db) => {
      const { log, servedSource: served } = writer
      if (!(await begin(db))) return { ...log.counts, epoch: log.epoch, revision: log.revision }
      if (served !== source) {
        await db
          .updateTable('source_state')
          .set({ source: source ?? null })
          .execute()
        if (served !== undefined)
          await removeSourceProducts(writer, served, (await this.findMissing(served, new Set(), db)).missing)
      }
      if (currency !== undefined) await changeCurrency(writer, db, currency)
      if (source !== undefined) {
        for await (const rows of changed) {
          for (const chunk of chunks(rows, CHUNK))
            await storeSourceProducts(writer, db, source, await findChanged(db, source, chunk))
        }
        await removeSourceProducts(writer, source, removedIds)
      }
      const isComplete = categories.isComplete || served !== source
      await storeSourceCategories(db, log, { ...categories, isComplete })
      return { ...log.counts, epoch: log.epoch, revision: log.revision }
    })
  }

  /** Sets the currency of a catalog that has local products only. Their prices keep their numbers. */
  async setCurrency(currency: string): Promise<void> {
    const stored = await this.#db.read.selectFrom('catalog').select('currency').executeTakeFirstOrThrow()
    if (stored.currency === currency) return
    await this.write({ by: 'shell' }, (writer, db) => changeCurrency(writer, db, currency))
  }

  /** Returns whether a sale has started or ended since the products were stored. */
  async hasDueSales(): Promise<boolean> {
    const { next } = await this.#db.read
      .selectFrom('product')
      .select((eb) => eb.fn.min('sale_change').as('next'))
      .where('sale_change', 'is not', null)
      .executeTakeFirstOrThrow()
    return next !== null && next <= now()
  }

  /** Stores the state of the sales that have started or ended. @returns The number of changed products. */
  async applyDueSales(): Promise<number> {
    return await this.write({ by: 'schedule' }, async (writer, db) => {
      const { log } = writer
      const page = (after: number) =>
        db
          .selectFrom('product')
          .select('id')
          .where('sale_change', '<=', log.at)
          .where('id', '>', after)
          .orderBy('id')
          .limit(CHUNK)
          .execute()
      for await (const rows of allRows(page)) {
        const ids = rows.map(({ id }) => id)
        const stored = await writer.load(ids)
        await writer.apply([...stored].map(([id, product]): ProductChange => ({ id, before: product, after: product })))
        // A sale that started and ended since then has changed nothing.
        await db
          .updateTable('product')
          .set({ sale_change: null })
          .where('id', 'in', ids)
          .where('sale_change', '<=', log.at)
          .execute()
      }
      return log.counts.updated
    })
  }

  /** Returns whether, since a version of the catalog, any process has stored products of a source or a backup was restored. */
  async hasReplacedSince({ epoch, revision }: CatalogVersion): Promise<boolean> {
    const current = await this.#db.read.selectFrom('catalog').select('epoch').executeTakeFirstOrThrow()
    if (current.epoch !== epoch) return true
    const row = await this.#db.read
      .selectFrom('change')
      .select('revision')
      .where('revision', '>', revision)
      .where('origin', '=', 'source')
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /**
   * Finds the stored products of a source that the source does not have any more.
   * @param externalIds The external ids of the products that the source has.
   * @returns `count`: the number of stored products of the source. `missing`: the ids of the products to remove, ascending.
   */
  async findMissing(
    source: number,
    externalIds: Pick<ReadonlySet<string>, 'has'>,
    db: Kysely<Tables> = this.#db.read
  ): Promise<{ count: number; missing: number[] }> {
    const stored = new Map<number, string>()
    const visible = db
      .selectFrom('product')
      .innerJoin('source_product', (join) =>
        join.onRef('source_product.source', '=', 'product.source').onRef('source_product.id', '=', 'product.id')
      )
      .select(['product.id', 'external_id'])
      .where('product.source', '=', source)
      .orderBy('product.id')
    // A hidden product is in `product_edit` only, although the source has it.
    const edited = db
      .selectFrom('product_edit')
      .innerJoin('source_product', (join) =>
        join
          .onRef('source_product.source', '=', 'product_edit.source')
          .onRef('source_product.id', '=', 'product_edit.id')
      )
      .select(['product_edit.id', 'external_id'])
      .where('product_edit.source', '=', source)
      .where('base_json', 'is not', null)
      .orderBy('product_edit.id')
    for (const page of [
      (after: number) => visible.where('product.id', '>', after).limit(IDS_PER_QUERY).execute(),
      (after: number) => edited.where('product_edit.id', '>', after).limit(IDS_PER_QUERY).execute()
    ]) {
      for await (const rows of allRows(page)) for (const { id, external_id } of rows) stored.set(id, external_id)
    }
    const missing = [...stored].flatMap(([id, externalId]) => (externalIds.has(externalId) ? [] : [id]))
    return { count: stored.size, missing: missing.sort((a, b) => a - b) }
  }
}

/** Changes the currency of the catalog and of its local products. Their prices are rounded to its decimal places. */
async function changeCurrency(writer: ProductWriter, db: Transaction<Tables>, currency: string): Promise<void> {
  const { log } = writer
  if (log.currency === currency) return
  log.currency = currency
  const page = (after: number) =>
    db
      .selectFrom('product')
      .select('id')
      .where('source', '=', LOCAL)
      .where('id', '>', after)
      .orderBy('id')
      .limit(CHUNK)
      .execute()
  for await (const rows of allRows(page)) {
    const stored = [...(await writer.load(rows.map(({ id }) => id)))].sort(([a], [b]) => a - b)
    await writer.apply(
      stored.map(([id, before]): ProductChange => {
        const base = before.base as ProductFields
        const variants = base.variants.map((variant) => roundPrices(variant, currency))
        return { id, before, after: { ...before, base: { ...roundPrices(base, currency), currency, variants } } }
      })
    )
  }
}

/** Stores products of a source, with their existing edits. */
async function storeSourceProducts(
  writer: ProductWriter,
  db: Transaction<Tables>,
  source: number,
  rows: readonly SourceProductRow[]
): Promise<void> {
  const externalIds = rows.map(({ externalId }) => externalId)
  const ids = await assignIds(db, writer.log, source, externalIds)
  const stored = await writer.load([...ids.values()], source)
  const writes = rows.map(({ externalId, fields, hash }): ProductChange => {
    const id = ids.get(externalId) as number
    const before = stored.get(id)
    const { edits, isHidden } = before ?? { edits: {}, isHidden: false }
    return {
      id,
      before,
      after: { source, base: toBase(id, fields, before?.base, writer.log.at), hash, edits, isHidden }
    }
  })
  await writer.apply(writes)
}

/** Completes the fields of a product with its id, and with the times that its source does not have. */
function toBase(id: number, fields: SourceFields, before: ProductFields | undefined, at: string): ProductFields {
  const { createdAt = before?.createdAt ?? at, updatedAt = at } = fields
  return { ...fields, id, createdAt, updatedAt }
}

/** Removes products that a source does not have any more. Their edits stay stored. */
async function removeSourceProducts(writer: ProductWriter, source: number, ids: readonly number[]): Promise<void> {
  for (const chunk of chunks(ids, CHUNK)) {
    // Another process may have removed some of them already.
    const stored = [...(await writer.load(chunk, source))].sort(([a], [b]) => a - b)
    await writer.apply(stored.map(([id, before]): ProductChange => ({ id, before, after: withoutSource(before) })))
  }
}

const withoutSource = ({ source, edits, isHidden }: StoredProduct) => ({
  source,
  base: undefined,
  hash: '',
  edits,
  isHidden
})

/** Runs queries in one transaction, so that all of them see the same revision. */
export async function readAtRevision<T extends object>(
  { read }: Database,
  query: (db: Transaction<Tables>, at: CatalogVersion) => Promise<T>
): Promise<AtRevision<T>> {
  const run = async (db: Transaction<Tables>) => {
    const at = await db.selectFrom('catalog').select(['revision', 'epoch']).executeTakeFirstOrThrow()
    return { revision: at.revision, ...(await query(db, at)) }
  }
  if (read.isTransaction) return await run(read as Transaction<Tables>)
  return await read.transaction().setIsolationLevel('repeatable read').execute(run)
}

async function findChanged(
  db: Kysely<Tables>,
  source: number,
  rows: readonly SourceProductRow[]
): Promise<SourceProductRow[]> {
  if (rows.length === 0) return []
  const externalIds = rows.map(({ externalId }) => externalId)
  const ids = await findIds(db, source, externalIds)
  const hashes = new Map<number, string>()
  // A hidden product is in `product_edit` only.
  for (const table of ['product', 'product_edit'] as const) {
    if (ids.size === 0) continue
    const stored = await db
      .selectFrom(table)
      .select(['id', 'source_hash'])
      .where('id', 'in', [...ids.values()])
      .where('source', '=', source)
      .execute()
    for (const { id, source_hash } of stored) hashes.set(id, source_hash)
  }
  return rows.filter(({ externalId, hash }) => hashes.get(ids.get(externalId) ?? 0) !== hash)
}
