import type { Test } from 'tap'
import { Listings } from '../../src/catalog/listings.js'
import { ProductMemory } from '../../src/catalog/product-memory.js'
import { parseQuery } from '../../src/catalog/query.js'
import type { Database } from '../../src/store/database.js'
import { IndexStore } from '../../src/store/index-store.js'
import { openDatabase } from '../../src/store/open-database.js'
import { SearchStore } from '../../src/store/search.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { onOneEngine } from '../helpers/engines.js'
import { mascara, palette, sourceProduct } from '../helpers/products.js'

onOneEngine('a page shows a single revision, even if another process writes while it is built', async (t) => {
  const { app, page } = await prepare(t, [mascara, palette])
  t.match(await page({ limit: 1 }), { total: 2, revision: 2 })

  app.source.products = [mascara, { ...(palette as object), title: 'Palette anew' }]
  await app.sync()
  // The revision passed in is the old one, so the index is not updated.
  t.match(await page({ limit: 1 }, 2), { total: 2, revision: 2 }, 'texts in memory belong to the old revision')
  const both = await page({}, 2)
  t.equal(both.revision, 3, 'reading one text from the database moves the whole page to the new revision')
  t.match(String(both.json), /Palette anew/)

  app.source.products = [mascara, { ...(palette as object), title: 'Palette once more' }]
  await app.sync()
  t.match(await page({ q: 'more' }, 3), { total: 1, revision: 4 }, 'so does a search in the database')
})

onOneEngine(
  'a cursor keeps the corrected spelling of its first page, even if no product has that word any more',
  async (t) => {
    const { app, page } = await prepare(t, [mascara, sourceProduct(8, { title: 'Another mascara' }), palette])
    const { total, nextCursor } = await page({ q: 'mascarra', limit: 1 })
    t.equal(total, 2)
    app.source.products = [palette, sourceProduct(9, { title: 'Massarra' })]
    await app.sync()

    t.match(await page({ q: 'mascarra', limit: 1, cursor: nextCursor as string }), { total: 0, nextCursor: undefined })
    t.equal((await page({ q: 'mascarra' })).total, 1, 'a new search corrects to another word')
  }
)

onOneEngine('a product that was deleted before its text is read is not on the page', async (t) => {
  const { app, memory, page } = await prepare(t, [mascara, palette])
  await memory.index(2)
  app.source.products = [palette]
  await app.sync()

  t.match(await page({}, 2), { total: 1, revision: 3 })
})

onOneEngine('the index applies a few changes and is rebuilt after many', async (t) => {
  const { app, memory, page } = await prepare(t, [mascara, palette])
  t.equal((await page({})).total, 2)
  app.source.products = Array.from({ length: 2500 }, (_, i) => sourceProduct(i + 1, { price: i }))
  await app.sync()

  // Concurrent calls: the second needs a newer revision than the one that the first started to build.
  const [one, other] = await Promise.all([memory.index(3), memory.index(2500)])
  t.equal(one.size, 2500)
  t.ok(other.revision >= 2500)
  t.equal((await page({ sort: '-price', limit: 1 })).total, 2500)
})

onOneEngine('a caller that needs a newer revision than the one being built waits for the next build', async (t) => {
  const { app, indexStore, memory } = await prepare(t, [mascara])
  const read = indexStore.changes.bind(indexStore)
  let waiting: Promise<unknown[]> | undefined
  indexStore.changes = async (since) => {
    indexStore.changes = read
    const changes = await read(since)
    app.source.products = [mascara, palette]
    await app.sync()
    waiting = Promise.all([memory.index(2), memory.index(2), memory.index(1)])
    return changes
  }

  t.match(await memory.index(1), { revision: 1, size: 1 })
  t.match(await waiting, [
    { revision: 2, size: 2 },
    { revision: 2, size: 2 },
    { revision: 1, size: 1 }
  ])
})

onOneEngine('preloading caches texts, except those of products that changed meanwhile', async (t) => {
  const { app, database, memory, listings } = await prepare(
    t,
    Array.from({ length: 2100 }, (_, i) => sourceProduct(i + 1))
  )
  const index = await memory.index(2100)
  app.source.products = [sourceProduct(1, { title: 'Another first' }), ...app.source.products.slice(1)]
  await app.sync()
  await memory.preload(new AbortController().signal)
  t.equal(index.textOffsets[0], 0)
  t.ok(index.textOffsets.subarray(1).every((position) => position > 0))

  await database.close()
  const page = await listings.page(parseQuery({ offset: 2050, limit: 100 }, 'key'), 'key', 2100)
  t.match(String(page.json), /"id":2100/, 'preloaded texts need no database')
})

onOneEngine('aborting stops the preloading', async (t) => {
  const { memory } = await prepare(
    t,
    Array.from({ length: 1100 }, (_, i) => sourceProduct(i + 1))
  )
  const index = await memory.index(1100)
  await memory.preload(AbortSignal.abort())
  t.ok(index.textOffsets[0])
  t.notOk(index.textOffsets[1099])
})

onOneEngine('a text that is missing in the database is an error, not an endless retry', async (t) => {
  const { database, page } = await prepare(t, [mascara, palette])
  await database.write.deleteFrom('product_text').where('id', '=', 2).execute()

  await t.rejects(page({}), /has changed to revision/)
  t.match(await page({ ids: [1] }), { total: 1 })
})

/** Simulates a second process beside the service: its memory learns of changes only from the database. */
async function prepare(t: Test, products: unknown[]) {
  const app: TestApp = await startApp(t, { products })
  const database: Database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const indexStore = new IndexStore(database)
  const memory = new ProductMemory(indexStore)
  const listings = new Listings(memory, new SearchStore(database))
  const page = async (from: Parameters<typeof parseQuery>[0], revision?: number) => {
    const known = revision ?? (await indexStore.version()).revision
    return await listings.page(parseQuery(from, 'key'), 'key', known)
  }
  return { app, database, indexStore, memory, listings, page }
}
