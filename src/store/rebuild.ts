import { normalizeStored } from '../products/product-text.js'
import { RENDERING } from '../products/rendering.js'
import { visibleProduct } from '../products/stored-product.js'
import { ChangeLog } from './change-log.js'
import { allRows, CHUNK } from './chunks.js'
import type { Database } from './database.js'
import { type ProductChange, ProductWriter } from './product-writer.js'
import { deleteSearchRows, type SearchableProduct } from './search-rows.js'

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
    for await (const rows of allRows(page)) {
      const ids = rows.map(({ id }) => id)
      const products = [...(await writer.load(ids))].flatMap(([, stored]): SearchableProduct[] => {
        const product = visibleProduct(stored)
        return product ? [{ product, source: stored.source, hash: stored.hash, revision: stored.revision }] : []
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
