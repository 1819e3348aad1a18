import { setTimeout as sleep } from 'node:timers/promises'
import { type StartOptions, startApp, type TestApp } from '../helpers/app.js'
import { createDatabase, onOneEngine } from '../helpers/engines.js'
import { mug } from '../helpers/local-products.js'
import { command, TestProcess } from '../helpers/process.js'
import { mascara } from '../helpers/products.js'

const NONE = { sourceUrl: undefined, syncInterval: 1 } as const
const status = async (app: TestApp) => (await app.request('/', { token: null })).body.catalog
const createProduct = (app: TestApp, sku: string) => app.request('/products', { method: 'POST', json: { ...mug, sku } })

onOneEngine('without a source, the catalog holds local products only and never becomes stale', async (t) => {
  const app = await startApp(t, { config: NONE })
  t.match((await app.request('/products')).body, { total: 0, products: [] })
  t.strictSame((await app.request('/categories')).body, { categories: [] })
  t.equal((await app.request('/readyz')).status, 200)
  const created = await createProduct(app, 'a')
  t.equal(created.status, 201)
  const id = created.body.id as number
  const rows = 'sku,title,category,price,thumbnail\nb,Bowl,kitchen,3,https://images.example/bowl.webp\n'
  const imported = await app.request('/products/import', {
    method: 'POST',
    body: rows,
    headers: { 'content-type': 'text/csv' }
  })
  t.match(imported.body, { created: 1 })
  t.equal(
    (await app.request(`/products/${id}`, { method: 'PATCH', json: { price: 5 }, headers: { 'if-match': '*' } }))
      .status,
    200
  )
  t.match((await app.request('/products?q=bowl')).body, { total: 1 })
  t.equal((await app.request('/changes?after=0')).body.changes.length, 3)
  // More than three intervals, after which a catalog with an unreachable source would be stale.
  await sleep(3500)
  const { headers, body } = await app.request('/products')
  t.equal(body.total, 2)
  t.equal(headers.get('cache-status'), 'catalog; hit')
  t.equal(headers.get('age'), null)
  t.strictSame(Object.keys(await status(app)).sort(), ['epoch', 'products', 'quarantined', 'revision', 'state'])
  t.match(await status(app), { state: 'fresh', products: 2, quarantined: 0 })
  t.match((await app.request('/readyz')).body, { status: 'ok' })
  t.match(await app.request('/sync', { method: 'POST', json: {} }), {
    status: 409,
    body: { type: 'urn:problem-type:product-catalog:no-source', detail: /SOURCE_URL is `none`/ }
  })
  const env = { DATABASE_URL: app.config.databaseUrl, SOURCE_URL: 'none' }
  const sync = (...args: string[]) => new TestProcess(t, command('src/cli/catalog.js', 'sync', ...args), env).finished
  t.match(await sync(), { code: 1, stderr: /^SOURCE_URL is none, so there is no source to sync with\./ })
  t.match(await sync('--status'), { code: 0, stdout: /^Source: none yet\n/ })
})

onOneEngine('removing the source keeps local products, and restoring it restores its edits', async (t) => {
  const databaseUrl = await createDatabase(t)
  const first = await startApp(t, { products: [mascara], config: { databaseUrl } })
  await createProduct(first, 'a')
  await first.request('/products/1', { method: 'PATCH', json: { price: 1 }, headers: { 'if-match': '*' } })
  await first.app.close()

  const options: StartOptions = { config: { databaseUrl, ...NONE } }
  const second = await startApp(t, options)
  t.match((await second.request('/products')).body, { total: 1, products: [{ sku: 'a' }] })
  t.match(await status(second), { state: 'fresh', lastSync: undefined })
  const { revision } = await status(second)
  await second.app.close()
  const again = await startApp(t, options)
  t.equal((await status(again)).revision, revision)
  await again.app.close()

  const third = await startApp(t, { source: first.source, config: { databaseUrl } })
  t.match((await third.request('/products/1')).body, { price: 1, edited: ['price'] })
  t.equal((await third.request('/products')).body.total, 2)
})

onOneEngine('before the first sync, the catalog is available only if it has local products', async (t) => {
  const app = await startApp(t, { config: { sourceUrl: 'http://127.0.0.1:1' } })
  t.equal((await app.request('/products')).status, 503)
  t.equal((await createProduct(app, 'a')).status, 201)
  const { status: code, headers, body } = await app.request('/products')
  t.equal(code, 200)
  t.equal(body.total, 1)
  t.equal(headers.get('cache-status'), 'catalog; hit; detail=refused')
  t.match(await status(app), { state: 'stale', products: 1, reason: 'refused' })
  t.match((await app.request('/readyz')).body, { status: 'degraded' })
})
