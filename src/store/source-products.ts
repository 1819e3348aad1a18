import type { Kysely, Transaction } from 'kysely'
import type { PlannedChange } from '../../schemas/sync.js'
import type { CatalogVersion } from '../products/catalog-version.js'
import type { CategoryStep } from '../products/categories.js'
import type { ProductFields } from '../products/overlay.js'
import type { StoredProduct } from '../products/stored-product.js'
import { NO_CATEGORIES, type ReadCategories, storeSourceCategories } from './categories.js'
import type { ChangeCounts } from './change-log.js'
import { allRows, CHUNK, chunks } from './chunks.js'
import { changeCurrency } from './currency.js'
import type { Database } from './database.js'
import { listPlannedChanges } from './planned-changes.js'
import type { ProductChange, ProductWriter } from './product-writer.js'
import { type ProductStore, Rollback } from './products.js'
import { assignIds, findIds } from './sources.js'
import type { Tables } from './tables.js'
import { findUnusable, storeUnusable } from './unusable-products.js'

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

/** The products and categories that a source has, compared with the stored ones. */
export interface SourceContent {
  /** The number of the source; undefined to serve no source. */
  source: number | undefined
  /** The products that may differ from the stored ones. Unchanged products may be included. */
  changed?: AsyncIterable<SourceProductRow[]> | Iterable<SourceProductRow[]>
  /** The ids of the products that the source does not have any more. */
  removedIds?: readonly number[]
  /** Since when the source sends products in a form that cannot be used, by id. These products stay as they are. */
  unusableSince?: ReadonlyMap<number, string>
  /** The currency of the products. If it is new, the prices of local products keep their numbers. */
  currency?: string | undefined
  /** They replace those of the source that was served before. */
  categories?: ReadCategories
}

/** A stored product of a source. */
export interface KnownProduct {
  id: number
  externalId: string
}

/** What a replacement of the products of a source would change. */
export interface SourcePreview extends ChangeCounts {
  /** The first changes of each kind. */
  changes: PlannedChange[]
}

/** Number of ids that one query reads. */
const IDS_PER_QUERY = 2000

/** Compares the products of sources with the stored ones, and stores them. */
export class SourceProductStore {
  readonly #db: Database
  readonly #products: ProductStore

  constructor(db: Database, products: ProductStore) {
    this.#db = db
    this.#products = products
  }

  /** Returns the rows whose hash differs from the stored one, including new products. */
  async findChanged(source: number, rows: readonly SourceProductRow[]): Promise<SourceProductRow[]> {
    return await findChanged(this.#db.read, source, rows)
  }

  /**
   * Stores the products of a source and serves them, in one transaction. Edits and locally created products stay. Each visible difference
   * appends a change to the change log. If another source was served, its products disappear. Their edits stay stored, and apply again
   * when that source is served again.
   * @param begin Called first in the transaction, in which it may write too. If it returns false, no product is changed.
   * @returns The number of changes by kind, and the version of the catalog after them.
   */
  async replace(
    content: SourceContent,
    by: 'source' | 'sample',
    begin: (db: Transaction<Tables>) => Promise<boolean> = async () => true
  ): Promise<ChangeCounts & CatalogVersion> {
    return await this.#products.write({ by }, async (writer, db) => {
      const { log } = writer
      if (await begin(db)) await this.#replace(writer, db, content)
      return { ...log.counts, epoch: log.epoch, revision: log.revision }
    })
  }

  /**
   * Finds out what `replace` would change, without changing anything: the transaction is rolled back.
   * @param begin Called first in the transaction.
   * @param listed Maximum number of listed changes of each kind.
   */
  async preview(
    content: SourceContent,
    begin: (db: Transaction<Tables>) => Promise<unknown>,
    listed: number
  ): Promise<SourcePreview> {
    return await this.#products.write({ by: 'source' }, async (writer, db): Promise<SourcePreview> => {
      const { log } = writer
      const { revision } = log
      await begin(db)
      await this.#replace(writer, db, content)
      throw new Rollback({ ...log.counts, changes: await listPlannedChanges(db, revision, listed) })
    })
  }

  async #replace(
    writer: ProductWriter,
    db: Transaction<Tables>,
    { source, changed = [], removedIds = [], unusableSince, currency, categories = NO_CATEGORIES }: SourceContent
  ): Promise<void> {
    const { log, servedSource: served } = writer
    if (served !== source) {
      await db
        .updateTable('source_state')
        .set({ source: source ?? null })
        .execute()
      if (served !== undefined) {
        const { missing } = await this.findMissing(served, new Set(), db)
        await removeProducts(writer, served, toIds(missing))
      }
    }
    if (currency !== undefined) await changeCurrency(writer, db, currency)
    if (source !== undefined) {
      for await (const rows of changed) {
        for (const chunk of chunks(rows, CHUNK))
          await storeProducts(writer, db, source, await findChanged(db, source, chunk))
      }
      await removeProducts(writer, source, removedIds)
      await storeUnusable(db, source, unusableSince)
    }
    const isComplete = categories.isComplete || served !== source
    await storeSourceCategories(db, log, { ...categories, isComplete })
  }

  /** Returns the time since which each unusable product of a source has been unusable (ISO 8601), by id. */
  async unusableSince(source: number): Promise<Map<number, string>> {
    return await findUnusable(this.#db.read, source)
  }

  /** Returns the currency of the catalog. */
  async currency(): Promise<string> {
    return (await this.#db.read.selectFrom('catalog').select('currency').executeTakeFirstOrThrow()).currency
  }

  /** Returns the epoch of the catalog. */
  async epoch(): Promise<string> {
    return (await this.#db.read.selectFrom('catalog').select('epoch').executeTakeFirstOrThrow()).epoch
  }

  /** Returns whether, since a version of the catalog, any process has stored products of a source or a backup was restored. */
  async hasReplacedSince({ epoch, revision }: CatalogVersion): Promise<boolean> {
    if ((await this.epoch()) !== epoch) return true
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
   * @returns `count`: the number of stored products of the source. `missing`: those that it does not have, by ascending id.
   */
  async findMissing(
    source: number,
    externalIds: Pick<ReadonlySet<string>, 'has'>,
    db: Kysely<Tables> = this.#db.read
  ): Promise<{ count: number; missing: KnownProduct[] }> {
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
    const missing = [...stored].flatMap(([id, externalId]) => (externalIds.has(externalId) ? [] : [{ id, externalId }]))
    return { count: stored.size, missing: missing.sort((a, b) => a.id - b.id) }
  }
}

/** Returns the ids of products. */
export const toIds = (products: readonly KnownProduct[]): number[] => products.map(({ id }) => id)

/** Stores products of a source, with their existing edits. */
async function storeProducts(
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
async function removeProducts(writer: ProductWriter, source: number, ids: readonly number[]): Promise<void> {
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
