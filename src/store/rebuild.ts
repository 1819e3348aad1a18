import { RENDERING } from '../products/rendering.js'
import { visibleProduct } from '../products/stored-product.js'
import { ChangeLog } from './change-log.js'
import { allRows, CHUNK } from './chunks.js'
import type { Database } from './database.js'
import { ProductWriter } from './product-writer.js'
import { deleteSearchRows, type SearchableProduct } from './search-rows.js'

/**
 * Rebuilds the stored JSON, indexed values and search documents of all products if a release with another `RENDERING` wrote them. The
 * revisions stay the same, because entity tags contain `RENDERING`.
 */
export async function rebuildStoredForms(database: Database): Promise<void> {
  const { fullText } = database
  const stored = await database.read.selectFrom('catalog').select('rendering').executeTakeFirstOrThrow()
  if (stored.rendering === RENDERING) return
  await database.write.transaction().execute(async (db) => {
    // The lock ensures that only one of several starting processes rebuilds.
    const log = await ChangeLog.open(database, db, { by: 'source' })
    const { rendering } = await db.selectFrom('catalog').select('rendering').executeTakeFirstOrThrow()
    if (rendering === RENDERING) return
    const { served } = await db.selectFrom('source_state').select('source as served').executeTakeFirstOrThrow()
    const writer = new ProductWriter(db, fullText, log, served ?? undefined)
    const vocabulary = new Set<string>()
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
    }
    await db.updateTable('catalog').set({ rendering: RENDERING }).execute()
  })
}
