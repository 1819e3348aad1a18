import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { buildApp } from '../../src/app.js'
import { openDatabase } from '../../src/store/open-database.js'
import { ProductStore } from '../../src/store/products.js'
import { SourceProductStore } from '../../src/store/source-products.js'
import { startApp, type TestApp, testConfig } from '../helpers/app.js'
import { createDatabase, onOneEngine } from '../helpers/engines.js'
import { mascara, palette, sourceProduct } from '../helpers/products.js'
import { TestSource } from '../helpers/source.js'

onOneEngine('a product that the source no longer sends disappears, and the revision grows', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  t.equal((await status(app)).revision, 2)
  app.source.products = [palette]

  await app.sync()

  t.equal((await app.request('/products')).body.total, 1)
  t.equal((await app.request('/products/1')).status, 404)
  t.equal((await status(app)).revision, 3)
})

onOneEngine('the change log has the kind and fields of each change, without gaps in its numbers', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  app.source.products = [{ ...mascara, price: 1.5, stock: 3 }, sourceProduct(3)]

  await app.sync()

  const changes = await readChanges(t, app)
  t.match(
    changes.map(({ revision, product_id, kind, fields, origin }) => [revision, product_id, kind, fields, origin]),
    [
      [1, 1, 'created', '[]', 'source'],
      [2, 2, 'created', '[]', 'source'],
      [3, 1, 'updated', '["price","stock"]', 'source'],
      [4, 3, 'created', '[]', 'source'],
      [5, 2, 'deleted', '[]', 'source']
    ]
  )
  t.ok(changes.every(({ at }) => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at)))
})

onOneEngine('a sync writes nothing for unchanged products', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  app.source.etags = false

  await app.sync()
  await app.sync()

  t.equal((await status(app)).revision, 2)
  t.equal((await readChanges(t, app)).length, 2)
})

onOneEngine('a sync with ETags reads no products if nothing changed', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { lastSync } = await status(app)
  await sleep(5)

  await app.sync()

  t.ok(app.source.requests.at(-1)?.condition)
  t.ok((await status(app)).lastSync > lastSync, 'counts as a successful sync')
})

onOneEngine('the next sync repairs the write of a process that read an older catalog', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  await app.sync()
  t.ok(app.source.requests.at(-1)?.condition, 'a conditional request')

  const products = new SourceProductStore(database, new ProductStore(database))
  await products.replace({ source: 2, removedIds: [2] }, 'source')
  t.match(await app.sync(), { created: 1 })
  t.equal((await app.request('/products/2')).status, 200)
  await app.sync()
  t.ok(app.source.requests.at(-1)?.condition, 'a conditional request again')
})

onOneEngine('the first sync after a start reads everything, as a new release may map differently', async (t) => {
  const databaseUrl = await createDatabase(t)
  const first = await startApp(t, { products: [mascara], config: { databaseUrl } })
  await first.app.close()
  const database = openDatabase(databaseUrl)
  t.teardown(() => database.close())
  await database.write.updateTable('product').set({ source_hash: 'of another release' }).execute()
  await database.write.updateTable('product_text').set({ product_json: '{"id":1}' }).execute()

  const second = await startApp(t, { source: first.source, config: { databaseUrl } })

  t.equal((await second.request('/products/1')).body.title, 'Mascara')
})

onOneEngine('concurrent requests for a sync share one run', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  app.source.requests.length = 0

  await Promise.all(Array.from({ length: 20 }, () => app.sync()))

  t.equal(app.source.requests.length, 1)
})

onOneEngine('syncs run at the configured interval', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { syncInterval: 1 } })
  app.source.products = [mascara, palette]

  const before = app.source.requests.length
  while ((await app.request('/products')).body.total !== 2) await sleep(50)
  t.ok(app.source.requests.length > before)
})

onOneEngine('stopping aborts a hanging sync', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const requested = new Promise<void>((resolve) => {
    app.source.answer = () => resolve()
  })
  const sync = app.sync()
  await requested

  const before = Date.now()
  await app.app.close()
  await sync
  t.ok(Date.now() - before < 5000)
})

onOneEngine('stopping aborts the first sync too and leaves no partial write', async (t) => {
  const source = new TestSource(Array.from({ length: 2000 }, (_, i) => sourceProduct(i + 1)))
  await source.listen()
  t.teardown(() => source.close())
  const config = await testConfig(t, { sourceUrl: source.url })
  const app = await buildApp(config, () => {})
  await app.listen({ port: 0 })
  while (source.requests.at(-1)?.url !== '/products?limit=1000&skip=1000') await sleep(1)

  await app.close()

  const database = openDatabase(config.databaseUrl)
  t.teardown(() => database.close())
  const products = await database.read.selectFrom('product').select('id').execute()
  t.ok([0, 2000].includes(products.length), `${products.length} products`)
})

onOneEngine('the catalog survives a restart without the source', async (t) => {
  const databaseUrl = await createDatabase(t)
  const first = await startApp(t, { products: [mascara, palette], config: { databaseUrl } })
  const before = (await first.request('/products')).body
  const { revision } = await status(first)
  await first.app.close()

  const second = await startApp(t, {
    config: { databaseUrl, sourceUrl: 'http://127.0.0.1:1', sampleCatalog: true }
  })
  t.strictSame((await second.request('/products')).body, before)
  t.match(await status(second), { revision, state: 'fresh', products: 2 })
})

const status = async (app: TestApp) => (await app.request('/', { token: null })).body.catalog

async function readChanges(t: Test, app: TestApp) {
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  return await database.read.selectFrom('change').selectAll().orderBy('revision').execute()
}
