import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { buildApp } from '../../src/app.js'
import { openDatabase } from '../../src/store/database.js'
import { ProductStore } from '../../src/store/products.js'
import { SourceStateStore } from '../../src/store/source-state.js'
import { DummyJsonSource } from '../../src/sync/dummyjson.js'
import { pauseAfter, Synchronizer } from '../../src/sync/synchronizer.js'
import { startApp, type TestApp, testConfig } from '../helpers/app.js'
import { createDatabase, onEachEngine } from '../helpers/engines.js'
import { mug } from '../helpers/mug.js'
import { mascara, palette, sourceProduct } from '../helpers/products.js'
import { TestSource } from '../helpers/source.js'

onEachEngine('a product the source no longer sends disappears, and the revision grows', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  t.equal((await status(app)).revision, 2)
  app.source.products = [palette]

  await app.sync()

  t.equal((await app.request('/products')).body.total, 1)
  t.equal((await app.request('/products/1')).status, 404)
  t.equal((await status(app)).revision, 3)
})

onEachEngine('each change is logged with its kind and its fields, and numbered without a gap', async (t) => {
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

onEachEngine('what did not change is not written', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  app.source.etags = false

  await app.sync()
  await app.sync()

  t.equal((await status(app)).revision, 2)
  t.equal((await readChanges(t, app)).length, 2)
})

onEachEngine('with ETags nothing is even read', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { lastSync } = await status(app)
  await sleep(5)

  await app.sync()

  t.ok(app.source.requests.at(-1)?.condition)
  t.ok((await status(app)).lastSync > lastSync, 'but it counts as a success')
})

onEachEngine('a bad product is kept out, and spoils no other', async (t) => {
  const bad = sourceProduct(3, { price: 'free' })
  const app = await startApp(t, { products: [mascara, bad, { no: 'id' }, palette] })

  t.match(await status(app), { products: 2, quarantined: 2, state: 'fresh' })
  t.equal((await app.request('/products/3')).status, 404)

  app.source.products = [mascara, sourceProduct(3), palette]
  await app.sync()
  t.match(await status(app), { products: 3, quarantined: 0 })
})

onEachEngine('a source that sends only nonsense costs freshness, and not the catalog', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })

  app.source.products = [
    { ...mascara, price: undefined },
    { ...palette, price: undefined }
  ]
  await app.sync()

  t.match(await status(app), { products: 2, quarantined: 0, revision: 2 })
  t.equal((await app.request('/products/1')).status, 200)
})

onEachEngine('the log tells what happens to the catalog, once', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const lines: string[] = []
  const { log } = app.app
  for (const level of ['info', 'warn', 'error'] as const) {
    log[level] = (what: object, message?: string) => lines.push(`${level} ${message ?? what} ${JSON.stringify(what)}`)
  }

  app.source.products = [mascara, sourceProduct(2, { price: -1 })]
  await app.sync()
  await app.sync()
  t.equal(lines.length, 1)
  t.match(lines[0], 'warn product in quarantine {"product":"2","reason":"/price must be >= 0"}')

  app.source.answer = (_request, response) => response.writeHead(503).end()
  await app.sync()
  await app.sync()
  t.equal(lines.length, 2)
  t.match(lines[1], /^warn sync failed: http-503 /)

  app.source.answer = undefined
  app.source.products = [mascara, palette]
  await app.sync()
  t.equal(lines.length, 4)
  t.match(lines[2], 'info catalog changed {"created":1,"updated":0,"deleted":0}')
  t.match(lines[3], 'info sync works again')
})

onEachEngine('after a start everything is read anew, as another release may map otherwise', async (t) => {
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

onEachEngine('a sample never takes the place of what another process has read meanwhile', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const state = new SourceStateStore(database)
  let asked = 0
  const get = state.get.bind(state)
  // As it was when the start looked for the first time: not read yet.
  state.get = async (db) => (asked++ === 0 ? { ...(await get()), lastSuccess: undefined } : await get(db))
  const late = new Synchronizer({
    source: new DummyJsonSource('http://127.0.0.1:1'),
    products: new ProductStore(database),
    state,
    log: app.app.log,
    interval: 3600,
    maxLoss: 0.3,
    sample: true
  })

  await late.prepare()
  await late.stop()

  t.match(await status(app), { state: 'fresh', products: 2, revision: 2 })
})

onEachEngine('of two products with one id the last one counts', async (t) => {
  const app = await startApp(t, { products: [mascara, palette, { ...mascara, title: 'Again' }] })

  t.equal((await app.request('/products')).body.total, 2)
  t.equal((await app.request('/products/1')).body.title, 'Again')
})

onEachEngine('a source that fails costs freshness, and nothing else', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  for (const code of [500, 503, 503, 404]) {
    app.source.answer = (_request, response) => response.writeHead(code).end()
    await app.sync()
    t.equal((await app.request('/products')).body.total, 1)
  }

  app.source.answer = undefined
  app.source.products = [mascara, palette]
  await app.sync()
  t.equal((await app.request('/products')).body.total, 2)
})

onEachEngine('runs that are asked for at the same time are one', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  app.source.requests.length = 0

  await Promise.all(Array.from({ length: 20 }, () => app.sync()))

  t.equal(app.source.requests.length, 1)
})

onEachEngine('syncs repeat by themselves', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { syncInterval: 1 } })
  app.source.products = [mascara, palette]

  const before = app.source.requests.length
  while ((await app.request('/products')).body.total !== 2) await sleep(50)
  t.ok(app.source.requests.length > before)
})

onEachEngine('stopping ends a sync that hangs', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  app.source.answer = () => {}
  const sync = app.sync()
  await sleep(50)

  const before = Date.now()
  await app.app.close()
  await sync
  t.ok(Date.now() - before < 5000)
})

onEachEngine('stopping ends the first sync too, and leaves nothing half written', async (t) => {
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

onEachEngine('a fault of the database is logged, and the next sync tries again', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  await database.write.schema.alterTable('product').renameTo('away').execute()
  app.source.products = [palette]
  await app.sync()
  await database.write.schema.alterTable('away').renameTo('product').execute()

  await app.sync()

  t.equal((await app.request('/products/2')).status, 200)
})

onEachEngine('until the source first answers the sample is served, and says so', async (t) => {
  const source = new TestSource([mascara, palette])
  await source.listen()
  t.teardown(() => source.close())
  source.answer = (_request, response) => response.writeHead(503).end()
  const app = await startApp(t, { source, config: { sampleCatalog: true } })

  const { status: code, headers, body } = await app.request('/products')
  t.equal(code, 200)
  t.equal(body.total, 200)
  t.equal(headers.get('cache-status'), 'catalog; hit; detail=sample')
  t.match(await status(app), { state: 'sample', products: 200, lastSync: undefined })

  source.answer = undefined
  await app.sync()
  t.match(await status(app), { state: 'fresh', products: 2 })
  t.match((await app.request('/products')).headers.get('cache-status'), /^catalog; hit; ttl=\d+$/)
})

onEachEngine('a sample from an earlier start goes where it is not wanted any more', async (t) => {
  const config = { sourceUrl: 'http://127.0.0.1:1', databaseUrl: await createDatabase(t) }
  const first = await startApp(t, { config: { ...config, sampleCatalog: true } })
  t.equal((await status(first)).products, 200)
  await first.app.close()

  const second = await startApp(t, { config: { ...config, sampleCatalog: false } })
  t.match(await status(second), { state: 'empty', products: 0 })
})

onEachEngine('a catalog once read survives a restart without the source', async (t) => {
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

onEachEngine('a sync that would take too much away is refused, until an admin accepts it', async (t) => {
  const products = Array.from({ length: 30 }, (_, i) => sourceProduct(i + 1))
  const app = await startApp(t, { products, config: { syncMaxLoss: 0.3 } })
  const bad = products.map((product, i) => (i < 10 ? { ...product, price: 'free' } : product))

  for (const [what, fewer] of [
    ['half of them', products.slice(0, 15)],
    ['none of them', []],
    ['a third of them cannot be used', bad]
  ] as [string, unknown[]][]) {
    app.source.products = fewer
    t.match(await app.sync(), { failed: 'shrunk' }, what)
    t.match(await status(app), { products: 30, revision: 30, state: 'fresh', reason: 'shrunk' }, what)
  }

  app.source.products = products.slice(0, 21)
  t.match(await app.sync(), { deleted: 9 }, 'as much as is allowed')
  t.notOk('reason' in (await status(app)))

  app.source.products = []
  t.match(await app.sync({ acceptLoss: true }), { deleted: 21 }, 'or all of it')
  t.match(await status(app), { products: 0, revision: 60 })
})

onEachEngine(
  'what is edited, hidden or made here is not lost with the source, and what it lost before does not count',
  async (t) => {
    const products = Array.from({ length: 24 }, (_, i) => sourceProduct(i + 1))
    const app = await startApp(t, { products, config: { syncMaxLoss: 0.3 } })
    const write = { headers: { 'if-match': '*' } }
    for (const id of [1, 2, 3, 4])
      await app.request(`/products/${id}`, { method: 'PATCH', json: { stock: 1 }, ...write })
    for (const id of [5, 6]) await app.request(`/products/${id}`, { method: 'DELETE', ...write })
    await app.request('/products', { method: 'POST', json: mug })

    app.source.products = products.slice(4)
    t.match(await app.sync(), { deleted: 4 }, 'the edited ones')
    app.source.products = products.slice(12)
    t.match(await app.sync(), { failed: 'shrunk' }, '8 of 20, two of them hidden')
    app.source.products = products.slice(10)
    t.match(await app.sync(), { deleted: 4 }, '6 of 20')
    t.match(await status(app), { products: 15 })
  }
)

onEachEngine('a run that accepts a loss comes after the one that is running', async (t) => {
  const products = Array.from({ length: 20 }, (_, i) => sourceProduct(i + 1))
  const app = await startApp(t, { products })
  app.source.products = []

  const [first, second] = await Promise.all([app.sync(), app.sync({ acceptLoss: true })])

  t.match(first, { failed: 'shrunk' })
  t.match(second, { deleted: 20 })
})

onEachEngine('a product that slips from one page to another is not taken for one that is gone', async (t) => {
  const products = Array.from({ length: 10 }, (_, i) => sourceProduct(i + 1))
  const app = await startApp(t, { products })
  app.source.most = 4
  app.source.etags = false
  await app.sync()
  /** Changes what the source has after its first page. */
  const meanwhile = (later: unknown[]) => {
    app.source.answer = (request, response) => {
      app.source.serve(request, response)
      app.source.answer = undefined
      app.source.products = later
    }
  }

  meanwhile(products.slice(1))
  t.match(await app.sync(), { deleted: 0 }, 'product 5 is on neither of the first two pages then')
  t.equal((await status(app)).products, 10)

  app.source.products = products.slice(1)
  t.match(await app.sync(), { deleted: 1 }, 'and product 1 is really gone')
  t.equal((await app.request('/products/5')).status, 200)

  meanwhile([sourceProduct(11), ...products.slice(1)])
  t.match(await app.sync(), { created: 0, deleted: 0 }, 'product 5 comes twice')
  t.match(await app.sync(), { created: 1, deleted: 0 })

  // Again and again while it is read: what is missed twice in a row is gone.
  app.source.products = products.slice(1)
  meanwhile([sourceProduct(12), ...products.slice(1)])
  t.match(await app.sync(), { deleted: 0 })
  app.source.products = products.slice(1)
  meanwhile([sourceProduct(12), ...products.slice(1)])
  t.match(await app.sync(), { deleted: 1 }, 'product 11')
  t.equal((await app.request('/products/11')).status, 404)
})

onEachEngine('a source that sends one page for every other is not believed', async (t) => {
  const products = Array.from({ length: 10 }, (_, i) => sourceProduct(i + 1))
  const app = await startApp(t, { products })
  app.source.answer = (_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ products: products.slice(0, 5), total: 10 }))

  t.match(await app.sync(), { failed: 'invalid', message: 'sync failed: it sends the same page again' })
  t.equal((await status(app)).products, 10)
})

onEachEngine('any number of bad products costs bounded memory, and a bounded log', async (t) => {
  const bad = Array.from({ length: 1200 }, () => 0)
  const app = await startApp(t, { products: [mascara] })
  const lines: string[] = []
  app.app.log.warn = (what: object | string, message?: string) => lines.push(message ?? String(what))
  app.source.products = [mascara, ...bad]

  t.match(await app.sync(), { quarantined: 1200 })

  t.equal(lines.length, 101)
  t.equal(lines.at(-1), 'more products in quarantine')
  t.match(await status(app), { products: 1, quarantined: 1200 })
})

t.test('syncs that fail are spaced out, up to a quarter of an hour, and by chance', async (t) => {
  for (const [failures, interval, least, most] of [
    [0, 60, 60, 60],
    [1, 60, 60, 60],
    [2, 60, 60, 120],
    [3, 60, 60, 240],
    [10, 60, 60, 900],
    [2000, 1, 1, 900],
    [10, 3600, 3600, 3600]
  ] as const) {
    const pauses = Array.from({ length: 500 }, () => pauseAfter(failures, interval))
    t.ok(Math.min(...pauses) >= least && Math.max(...pauses) <= most, `${failures} failures, every ${interval} s`)
    t.ok(Math.max(...pauses) - Math.min(...pauses) >= (most - least) * 0.9, 'over all of that')
  }
})

onEachEngine('a source that asks to be left alone is, and after a success all is as before', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { syncInterval: 1 } })
  app.source.answer = (_request, response) => response.writeHead(503, { 'retry-after': '86400' }).end()
  await app.sync()
  // The one that comes by itself.
  const before = app.source.requests.length
  while (app.source.requests.length === before) await sleep(20)

  await sleep(2500)

  t.ok(app.source.requests.length <= before + 1, 'not every second')
  app.source.answer = undefined
  app.source.products = [mascara, palette]
  t.match(await app.sync(), { created: 1 })
})

onEachEngine('the log tells when the catalog stands otherwise than before', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { syncInterval: 1 } })
  const lines: string[] = []
  app.app.log.info = (what: object | string, message?: string) => lines.push(message ?? String(what))
  app.source.answer = (_request, response) => response.writeHead(500).end()

  while ((await status(app)).state !== 'stale') await sleep(50)
  await app.sync()
  await app.sync()
  t.strictSame(lines, ['the catalog is stale'])

  app.source.answer = undefined
  await app.sync()
  t.strictSame(lines.slice(1), ['sync works again', 'the catalog is fresh'])
})

onEachEngine('what cannot even be stored is logged, and the next sync tries again', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const lines: string[] = []
  app.app.log.error = (what: object | string, message?: string) => lines.push(message ?? String(what))
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  await database.write.schema.alterTable('source_state').renameTo('away').execute()

  t.match(await app.sync(), { failed: 'error' })
  t.match(await app.sync(), { failed: 'error' })
  t.strictSame(lines, ['sync failed'], 'once, though the telling of it fails too')
  app.source.answer = (_request, response) => response.writeHead(500).end()
  t.match(await app.sync(), { failed: 'error' })
  app.source.answer = undefined
  await database.write.schema.alterTable('away').renameTo('source_state').execute()
  app.source.products = [palette]
  t.match(await app.sync(), { created: 1, deleted: 1 })
})

const status = async (app: TestApp) => (await app.request('/', { token: null })).body.catalog

async function readChanges(t: Test, app: TestApp) {
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  return await database.read.selectFrom('change').selectAll().orderBy('revision').execute()
}
