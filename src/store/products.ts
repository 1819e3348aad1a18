import type { Kysely, Transaction } from 'kysely'
import type { Product } from '../../schemas/product.js'
import type { Json } from '../../schemas/responses.js'
import type { ProductFields } from '../products/overlay.js'
import { WorkQueue } from '../support/work-queue.js'
import { type ChangeAuthor, type ChangeCounts, ChangeLog } from './change-log.js'
import type { CatalogVersion, Database, Tables } from './database.js'
import { BusyError } from './failures.js'
import { type ProductChange, ProductWriter, type StoredProduct } from './product-writer.js'
import { allRows, CHUNK, chunks } from './search-rows.js'
import { assignIds, findIds } from './sources.js'

/** What the source says of a product, ready to be stored. */
export interface SourceProductRow {
  /** What the source calls it. */
  externalId: string
  /** The id in them is another one if a product of another source has it. */
  fields: ProductFields
  /** Of the fields, so that a release that maps otherwise writes them anew. */
  hash: string
}

/** What was read, and the revision that it was read at. */
export type AtRevision<T> = T & { revision: number }

/**
 * Maximum number of transactions that change products: one writes, and one waits for its lock in the database. Further ones wait in the
 * queue, so that they do not take all connections from the readers.
 */
const WRITERS_MAX = 2
/** Maximum number of transactions in the queue, and milliseconds that each waits at most. */
const QUEUED_MAX = 1000
const WAIT_MAX = 10_000
/** Rows of which only the id is read at once. */
const IDS = 2000

/** The products, and what changes them. */
export class ProductStore {
  readonly #db: Database
  readonly #writers = new WorkQueue({
    concurrency: WRITERS_MAX,
    maxQueued: QUEUED_MAX,
    maxWaitMs: WAIT_MAX,
    createError: () => new BusyError()
  })

  constructor(db: Database) {
    this.#db = db
  }

  /** The product in full, with the change that last touched it; no JSON where there is no such product. */
  async product(id: number): Promise<AtRevision<{ json: Json<Product> | undefined; changed: number }>> {
    return await readAtRevision(this.#db, async (db) => {
      const row = await db
        .selectFrom('product_text')
        .select(['product_json', 'revision'])
        .where('id', '=', id)
        .executeTakeFirst()
      return { json: row?.product_json as Json<Product> | undefined, changed: row?.revision ?? 0 }
    })
  }

  /** Returns those of the rows that say something else of products of a source than what is stored. */
  async findChanged(source: number, rows: readonly SourceProductRow[]): Promise<SourceProductRow[]> {
    return await findChanged(this.#db.read, source, rows)
  }

  /**
   * Changes products in one transaction, which is rolled back if the work throws.
   * @throws {BusyError} if other writers take too long. An import of a large file can.
   */
  async write<T>(
    writer: ChangeAuthor,
    work: (writing: ProductWriter, db: Transaction<Tables>) => Promise<T>
  ): Promise<T> {
    return await this.#writers.run(() =>
      this.#db.write.transaction().execute(async (db) => {
        const log = await ChangeLog.open(this.#db, db, writer)
        const { served } = await db.selectFrom('source_state').select('source as served').executeTakeFirstOrThrow()
        const result = await work(new ProductWriter(db, this.#db.fullText, log, served ?? undefined), db)
        await log.close()
        return result
      })
    )
  }

  /**
   * Serves the products of a source, in one transaction. What was edited or made here stays as it is; each product that readers see
   * appear, differ or disappear appends a change. If another source was served, its products disappear; what was edited of them is
   * kept, and applies again when that source is served again.
   * @param source Undefined to serve none.
   * @param changed Those that may differ from what is stored.
   * @param gone The ids of those that it does not have any more.
   * @param alongside What else is to be written in that transaction. If it returns false, nothing is changed.
   * @returns How much has changed, and the version of the catalog after it.
   */
  async replaceSourceProducts(
    source: number | undefined,
    changed: AsyncIterable<SourceProductRow[]> | Iterable<SourceProductRow[]>,
    gone: readonly number[],
    by: 'source' | 'sample',
    alongside: (db: Transaction<Tables>) => Promise<boolean>
  ): Promise<ChangeCounts & CatalogVersion> {
    return await this.write({ by }, async (writing, db) => {
      const { log, servedSource: served } = writing
      if (!(await alongside(db))) return { ...log.counts, epoch: log.epoch, revision: log.revision }
      if (served !== source) {
        await db
          .updateTable('source_state')
          .set({ source: source ?? null })
          .execute()
        if (served !== undefined)
          await removeSourceProducts(writing, served, (await this.findMissing(served, new Set(), db)).missing)
      }
      if (source !== undefined) {
        for await (const rows of changed) {
          for (const chunk of chunks(rows, CHUNK))
            await storeSourceProducts(writing, db, source, await findChanged(db, source, chunk))
        }
        await removeSourceProducts(writing, source, gone)
      }
      return { ...log.counts, epoch: log.epoch, revision: log.revision }
    })
  }

  /** Returns whether the source's products may be others than at a version of the catalog: written by anybody, or restored. */
  async hasReplacedSince({ epoch, revision }: CatalogVersion): Promise<boolean> {
    const now = await this.#db.read.selectFrom('catalog').select('epoch').executeTakeFirstOrThrow()
    if (now.epoch !== epoch) return true
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
   * Returns how many products a source had last, and the ids of those that are not among these, in order.
   * @param from What the source calls them.
   */
  async findMissing(
    source: number,
    from: ReadonlySet<string>,
    db: Kysely<Tables> = this.#db.read
  ): Promise<{ known: number; missing: number[] }> {
    const known = new Map<number, string>()
    const shown = db
      .selectFrom('product')
      .innerJoin('source_product', (join) =>
        join.onRef('source_product.source', '=', 'product.source').onRef('source_product.id', '=', 'product.id')
      )
      .select(['product.id', 'external_id'])
      .where('product.source', '=', source)
      .orderBy('product.id')
    // Readers may see nothing of a product that the source has.
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
      (after: number) => shown.where('product.id', '>', after).limit(IDS).execute(),
      (after: number) => edited.where('product_edit.id', '>', after).limit(IDS).execute()
    ]) {
      for await (const rows of allRows(page)) for (const { id, external_id } of rows) known.set(id, external_id)
    }
    const missing = [...known].flatMap(([id, externalId]) => (from.has(externalId) ? [] : [id]))
    return { known: known.size, missing: missing.sort((a, b) => a - b) }
  }
}

/** Stores what a source says of its products. */
async function storeSourceProducts(
  writing: ProductWriter,
  db: Transaction<Tables>,
  source: number,
  rows: readonly SourceProductRow[]
): Promise<void> {
  const externalIds = rows.map(({ externalId }) => externalId)
  const ids = await assignIds(db, writing.log, source, externalIds)
  const stored = await writing.load([...ids.values()], source)
  const writes = rows.map(({ externalId, fields, hash }): ProductChange => {
    const id = ids.get(externalId) as number
    const before = stored.get(id)
    const { edits, isHidden } = before ?? { edits: {}, isHidden: false }
    return { id, before, after: { source, base: { ...fields, id }, hash, edits, isHidden } }
  })
  await writing.apply(writes)
}

/** Stores that a source does not have products any more. */
async function removeSourceProducts(writing: ProductWriter, source: number, ids: readonly number[]): Promise<void> {
  for (const chunk of chunks(ids, CHUNK)) {
    // Unless another process has stored it already.
    const stored = [...(await writing.load(chunk, source))].sort(([a], [b]) => a - b)
    await writing.apply(stored.map(([id, before]): ProductChange => ({ id, before, after: withoutSource(before) })))
  }
}

const withoutSource = ({ source, edits, isHidden }: StoredProduct) => ({
  source,
  base: undefined,
  hash: '',
  edits,
  isHidden
})

/** Reads several things of the same moment. */
export async function readAtRevision<T extends object>(
  { read }: Database,
  query: (db: Transaction<Tables>, at: CatalogVersion) => Promise<T>
): Promise<AtRevision<T>> {
  const ask = async (db: Transaction<Tables>) => {
    const at = await db.selectFrom('catalog').select(['revision', 'epoch']).executeTakeFirstOrThrow()
    return { revision: at.revision, ...(await query(db, at)) }
  }
  if (read.isTransaction) return await ask(read as Transaction<Tables>)
  return await read.transaction().setIsolationLevel('repeatable read').execute(ask)
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
  // A product that is hidden is in `product_edit` only.
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
