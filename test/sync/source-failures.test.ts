/* Failing syncs: what the service serves and logs meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { SAMPLE } from '../../src/products/stored-product.js'
import { openDatabase } from '../../src/store/open-database.js'
import { ProductStore } from '../../src/store/products.js'
import { SourceProductStore } from '../../src/store/source-products.js'
import { SourceStateStore } from '../../src/store/source-state.js'
import { prepareCatalog } from '../../src/sync/prepare-catalog.js'
import { toPauseSeconds } from '../../src/sync/synchronizer.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { createDatabase, onOneEngine } from '../helpers/engines.js'
import { mascara, palette, sourceProduct } from '../helpers/products.js'
import { TestSource } from '../helpers/source.js'

onOneEngine('the log reports each event of the catalog once', async (t) => {
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
  t.match(lines[0], 'warn product in quarantine {"product":"2","reason":"/price must be at least 0 (got -1)"}')

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

onOneEngine('the sample never replaces a catalog that another process synced meanwhile', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const state = new SourceStateStore(database)
  let reads = 0
  const get = state.get.bind(state)
  // The first read sees the state before the sync of the other process.
  state.get = async (db) =>
    reads++ === 0 ? { ...(await get()), lastSuccess: undefined, source: SAMPLE } : await get(db)
  const products = new SourceProductStore(database, new ProductStore(database))

  await prepareCatalog({ hasSource: true, sample: true, products, state, log: app.app.log })

  t.match(await status(app), { state: 'fresh', products: 2, revision: 2 })
})

onOneEngine('the catalog stays available while the source fails', async (t) => {
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

onOneEngine('after a database failure, the next sync tries again', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  await database.write.schema.alterTable('product').renameTo('renamed').execute()
  app.source.products = [palette]
  await app.sync()
  await database.write.schema.alterTable('renamed').renameTo('product').execute()

  await app.sync()

  t.equal((await app.request('/products/2')).status, 200)
})

onOneEngine('database failures do not slow down the requests to the source', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { syncInterval: 1 } })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  await database.write.schema.alterTable('product').renameTo('renamed').execute()
  app.source.products = [mascara, palette]
  for (let i = 0; i < 12; i++) t.match(await app.sync(), { failed: 'error' })
  // Waits for the next scheduled sync.
  const before = app.source.requests.length
  while (app.source.requests.length === before) await sleep(20)
  await app.sync()
  await database.write.schema.alterTable('renamed').renameTo('product').execute()

  const end = performance.now() + 10_000
  const count = async () => (await app.request('/products')).body.total
  while ((await count()) !== 2 && performance.now() < end) await sleep(100)
  t.equal(await count(), 2)
})

onOneEngine('the service serves the sample until the first sync, and marks it as such', async (t) => {
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

onOneEngine('a start without the sample removes the sample of an earlier start', async (t) => {
  const config = { sourceUrl: 'http://127.0.0.1:1', databaseUrl: await createDatabase(t) }
  const first = await startApp(t, { config: { ...config, sampleCatalog: true } })
  t.equal((await status(first)).products, 200)
  await first.app.close()

  const second = await startApp(t, { config: { ...config, sampleCatalog: false } })
  t.match(await status(second), { state: 'empty', products: 0 })
})

t.test('failing syncs back off with jitter, up to 15 minutes', async (t) => {
  for (const [failures, interval, least, most] of [
    [0, 60, 60, 60],
    [1, 60, 60, 60],
    [2, 60, 60, 120],
    [3, 60, 60, 240],
    [10, 60, 60, 900],
    [2000, 1, 1, 900],
    [10, 3600, 3600, 3600]
  ] as const) {
    const pauses = Array.from({ length: 500 }, () => toPauseSeconds(failures, interval))
    t.ok(Math.min(...pauses) >= least && Math.max(...pauses) <= most, `${failures} failures, every ${interval} s`)
    t.ok(Math.max(...pauses) - Math.min(...pauses) >= (most - least) * 0.9, 'spread over the whole range')
  }
})

onOneEngine('the synchronizer honors a long Retry-After, and a forced sync still works', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { syncInterval: 1 } })
  app.source.answer = (_request, response) => response.writeHead(503, { 'retry-after': '86400' }).end()
  await app.sync()
  // Waits for the next scheduled sync.
  const before = app.source.requests.length
  while (app.source.requests.length === before) await sleep(20)

  await sleep(2500)

  t.ok(app.source.requests.length <= before + 1, 'not every second')
  app.source.answer = undefined
  app.source.products = [mascara, palette]
  t.match(await app.sync(), { created: 1 })
})

onOneEngine('the log reports when the catalog becomes stale and fresh again', async (t) => {
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

onOneEngine('a failure that cannot be stored is logged, and the next sync tries again', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const lines: string[] = []
  app.app.log.error = (what: object | string, message?: string) => lines.push(message ?? String(what))
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  await database.write.schema.alterTable('source_state').renameTo('renamed').execute()

  t.match(await app.sync(), { failed: 'error' })
  t.match(await app.sync(), { failed: 'error' })
  t.strictSame(lines, ['sync failed'], 'logged once, although storing the failure fails too')
  app.source.answer = (_request, response) => response.writeHead(500).end()
  t.match(await app.sync(), { failed: 'error' })
  app.source.answer = undefined
  await database.write.schema.alterTable('renamed').renameTo('source_state').execute()
  app.source.products = [palette]
  t.match(await app.sync(), { created: 1, deleted: 1 })
})

const status = async (app: TestApp) => (await app.request('/', { token: null })).body.catalog
