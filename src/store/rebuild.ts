import type { Transaction } from 'kysely'
import type { ProductFields } from '../products/overlay.js'
import { normalizeStored } from '../products/product-text.js'
import { RENDERING } from '../products/rendering.js'
import { LOCAL, visibleProduct } from '../products/stored-product.js'
import { ChangeLog } from './change-log.js'
import { allRows, CHUNK } from './chunks.js'
import type { Database } from './database.js'
import { type ProductChange, ProductWriter } from './product-writer.js'
import { deleteSearchRows, type SearchableProduct } from './search-rows.js'
import { findExternalIds } from './sources.js'
import type { Tables } from './tables.js'

/** An SKU that several products have. */
export interface SharedSku {
  sku: string
  ids: number[]
}

/**
 * Rebuilds the stored JSON, indexed values and search documents of all products if a release with another `RENDERING` wrote them. Their
 * revisions stay the same, because entity tags contain `RENDERING`. Text that is not normalized is a change of the product, so that followers
 * of the change log see it.
 * @returns The SKUs that several products have since they were normalized.
 */
export async function rebuildStoredForms(database: Database): Promise<SharedSku[]> {
  const { fullText } = database
  const stored = await database.read.selectFrom('catalog').select('rendering').executeTakeFirstOrThrow()
  if (stored.rendering === RENDERING) return []
  return await database.write.transaction().execute(async (db) => {
    // The lock ensures that only one of several starting processes rebuilds.
    const log = await ChangeLog.open(database, db, { by: 'shell' })
    const { rendering } = await db.selectFrom('catalog').select('rendering').executeTakeFirstOrThrow()
    if (rendering === RENDERING) return []
    const { served } = await db.selectFrom('source_state').select('source as served').executeTakeFirstOrThrow()
    const writer = new ProductWriter(db, fullText, log, served ?? undefined)
    const vocabulary = new Set<string>()
    const changedSkus = new Set<string>()
    const page = (after: number) =>
      db.selectFrom('product').select('id').where('id', '>', after).orderBy('id').limit(CHUNK).execute()
    await addExternalIdsToEdited(db)
    for await (const rows of allRows(page)) {
      const ids = rows.map(({ id }) => id)
      const externalIds = await findExternalIds(db, served ?? LOCAL, ids)
      const products = [...(await writer.load(ids))].flatMap(([id, stored]): SearchableProduct[] => {
        const { source, base, hash, revision } = stored
        const product = visibleProduct({ ...stored, base: base && withExternalId(base, source, externalIds.get(id)) })
        return product ? [{ product, source, hash, revision }] : []
      })
      await deleteSearchRows(db, fullText, ids)
      await db.deleteFrom('product_text').where('id', 'in', ids).execute()
      await writer.insertVisible(products, vocabulary)
      for (const sku of await normalizeProducts(writer, ids)) changedSkus.add(sku)
    }
    // Hidden products, and edits of products that their source does not have or whose source is not served.
    const sources = await db.selectFrom('product_edit').select('source').distinct().execute()
    for (const { source } of sources) {
      const page = (after: number) =>
        db
          .selectFrom('product_edit')
          .select('id')
          .where('source', '=', source)
          .where('id', '>', after)
          .orderBy('id')
          .limit(CHUNK)
          .execute()
      for await (const rows of allRows(page)) {
        await normalizeProducts(
          writer,
          rows.map(({ id }) => id),
          source
        )
      }
    }
    await db.updateTable('catalog').set({ rendering: RENDERING }).execute()
    await log.close()
    const owners = await writer.findBySku([...changedSkus])
    return [...owners]
      .filter(([, ids]) => ids.length > 1)
      .map(([sku, ids]) => ({ sku, ids: ids.sort((a, b) => a - b) }))
  })
}

/** Adds the external ids that releases up to 0.2 did not store with the fields. They are new to readers, but no change of the products. */
async function addExternalIdsToEdited(db: Transaction<Tables>): Promise<void> {
  const sources = await db.selectFrom('product_edit').select('source').distinct().execute()
  for (const { source } of sources) {
    const page = (after: number) =>
      db
        .selectFrom('product_edit')
        .select(['id', 'base_json'])
        .where('source', '=', source)
        .where('base_json', 'is not', null)
        .where('id', '>', after)
        .orderBy('id')
        .limit(CHUNK)
        .execute()
    for await (const rows of allRows(page)) {
      const externalIds = await findExternalIds(
        db,
        source,
        rows.map(({ id }) => id)
      )
      for (const { id, base_json } of rows) {
        const base = JSON.parse(base_json as string) as ProductFields
        if (base.externalId !== undefined) continue
        await db
          .updateTable('product_edit')
          .set({ base_json: JSON.stringify(withExternalId(base, source, externalIds.get(id))) })
          .where('source', '=', source)
          .where('id', '=', id)
          .execute()
      }
    }
  }
}

const withExternalId = (base: ProductFields, source: number, externalId: string | undefined): ProductFields =>
  source === LOCAL || externalId === undefined ? base : { ...base, externalId }

/** Normalizes the text of products of a source, by default the served source, and of local products. @returns The new SKUs. */
async function normalizeProducts(writer: ProductWriter, ids: readonly number[], source?: number): Promise<string[]> {
  const stored = [...(await writer.load(ids, source))].sort(([a], [b]) => a - b)
  const writes = stored.flatMap(([id, before]): ProductChange[] => {
    const after = normalizeStored(before)
    return after === before ? [] : [{ id, before, after }]
  })
  await writer.apply(writes)
  return writes.flatMap(({ before, after }) => {
    const sku = visibleProduct(after)?.sku
    return sku === undefined || sku === visibleProduct(before)?.sku ? [] : [sku]
  })
}
