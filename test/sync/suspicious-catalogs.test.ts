/* Catalogs that a sync must not accept blindly: bad products, too few products, shifting pages. */
import { startApp, type TestApp } from '../helpers/app.js'
import { onOneEngine } from '../helpers/engines.js'
import { mug } from '../helpers/local-products.js'
import { mascara, palette, sourceProduct } from '../helpers/products.js'
import { TestSource } from '../helpers/source.js'

onOneEngine('an invalid product is quarantined and affects no other', async (t) => {
  const bad = sourceProduct(3, { price: 'free' })
  const app = await startApp(t, { products: [mascara, bad, { no: 'id' }, palette] })

  t.match(await status(app), { products: 2, quarantined: 2, state: 'fresh' })
  t.equal((await app.request('/products/3')).status, 404)

  app.source.products = [mascara, sourceProduct(3), palette]
  await app.sync()
  t.match(await status(app), { products: 3, quarantined: 0 })
})

onOneEngine('a source with only invalid products leaves the catalog unchanged', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })

  app.source.products = [
    { ...mascara, price: undefined },
    { ...palette, price: undefined }
  ]
  await app.sync()

  t.match(await status(app), { products: 2, quarantined: 2, reason: 'all-quarantined', revision: 2 })
  t.equal((await app.request('/products/1')).status, 200)
})

onOneEngine('of two products with the same id, the last one wins', async (t) => {
  const app = await startApp(t, { products: [mascara, palette, { ...mascara, title: 'Again' }] })

  t.equal((await app.request('/products')).body.total, 2)
  t.equal((await app.request('/products/1')).body.title, 'Again')
})

onOneEngine('a sync that would remove too many products fails until an admin accepts the loss', async (t) => {
  const products = Array.from({ length: 30 }, (_, i) => sourceProduct(i + 1))
  const app = await startApp(t, { products, config: { syncMaxLoss: 0.3, syncGrace: 0 } })
  const bad = products.map((product, i) => (i < 10 ? { ...product, price: 'free' } : product))

  for (const [what, fewer] of [
    ['half of the products', products.slice(0, 15)],
    ['no products', []],
    ['a third invalid', bad]
  ] as [string, unknown[]][]) {
    app.source.products = fewer
    t.match(await app.sync(), { failed: 'shrunk' }, what)
    t.match(await status(app), { products: 30, revision: 30, state: 'fresh', reason: 'shrunk' }, what)
  }

  app.source.products = products.slice(0, 21)
  t.match(await app.sync(), { deleted: 9 }, 'the allowed loss')
  t.notOk('reason' in (await status(app)))

  app.source.products = []
  t.match(await app.sync({ acceptLoss: true }), { deleted: 21 }, 'an accepted loss')
  t.match(await status(app), { products: 0, revision: 60 })
})

onOneEngine(
  'edited products, local products and products lost before do not count towards the loss of a sync',
  async (t) => {
    const products = Array.from({ length: 24 }, (_, i) => sourceProduct(i + 1))
    const app = await startApp(t, { products, config: { syncMaxLoss: 0.3 } })
    const write = { headers: { 'if-match': '*' } }
    for (const id of [1, 2, 3, 4])
      await app.request(`/products/${id}`, { method: 'PATCH', json: { stock: 1 }, ...write })
    for (const id of [5, 6]) await app.request(`/products/${id}`, { method: 'DELETE', ...write })
    await app.request('/products', { method: 'POST', json: mug })

    app.source.products = products.slice(4)
    t.match(await app.sync(), { deleted: 4 }, 'edited products')
    app.source.products = products.slice(12)
    t.match(await app.sync(), { failed: 'shrunk' }, '8 of 20 products, two of them hidden')
    app.source.products = products.slice(10)
    t.match(await app.sync(), { deleted: 4 }, '6 of 20 products')
    t.match(await status(app), { products: 15 })
  }
)

onOneEngine('a sync that accepts a loss runs after the current one', async (t) => {
  const products = Array.from({ length: 20 }, (_, i) => sourceProduct(i + 1))
  const app = await startApp(t, { products })
  app.source.products = []

  const [first, second] = await Promise.all([app.sync(), app.sync({ acceptLoss: true })])

  t.match(first, { failed: 'shrunk' })
  t.match(second, { deleted: 20 })
})

onOneEngine('a product that moves to another page during the sync is not deleted', async (t) => {
  const products = Array.from({ length: 10 }, (_, i) => sourceProduct(i + 1))
  const app = await startApp(t, { products })
  app.source.most = 4
  app.source.etags = false
  await app.sync()
  /** Replaces the products of the source after it has sent its first page. */
  const replaceAfterFirstPage = (later: unknown[]) => {
    app.source.answer = (request, response) => {
      app.source.serve(request, response)
      app.source.answer = undefined
      app.source.products = later
    }
  }

  replaceAfterFirstPage(products.slice(1))
  t.match(await app.sync(), { deleted: 0 }, 'product 5 is on neither of the first two pages')
  t.equal((await status(app)).products, 10)

  app.source.products = products.slice(1)
  t.match(await app.sync(), { deleted: 1 }, 'product 1 is really gone')
  t.equal((await app.request('/products/5')).status, 200)

  replaceAfterFirstPage([sourceProduct(11), ...products.slice(1)])
  t.match(await app.sync(), { created: 0, deleted: 0 }, 'product 5 is on both pages')
  t.match(await app.sync(), { created: 1, deleted: 0 })

  // The pages shift during each sync: a product that is missing twice in a row is deleted.
  app.source.products = products.slice(1)
  replaceAfterFirstPage([sourceProduct(12), ...products.slice(1)])
  t.match(await app.sync(), { deleted: 0 })
  app.source.products = products.slice(1)
  replaceAfterFirstPage([sourceProduct(12), ...products.slice(1)])
  t.match(await app.sync(), { deleted: 1 }, 'product 11')
  t.equal((await app.request('/products/11')).status, 404)
})

onOneEngine('a sync fails if the source repeats the same page', async (t) => {
  const products = Array.from({ length: 10 }, (_, i) => sourceProduct(i + 1))
  const app = await startApp(t, { products })
  app.source.answer = (_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ products: products.slice(0, 5), total: 10 }))

  t.match(await app.sync(), { failed: 'invalid', message: 'sync failed: the source sent the same page again' })
  t.equal((await status(app)).products, 10)
})

onOneEngine('memory and log stay bounded with any number of invalid products', async (t) => {
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

onOneEngine('the first sync removes the sample even if the source changes meanwhile', async (t) => {
  const products = Array.from({ length: 10 }, (_, i) => sourceProduct(i + 1))
  const source = new TestSource(products)
  await source.listen()
  t.teardown(() => source.close())
  source.answer = (_request, response) => response.writeHead(503).end()
  const app = await startApp(t, { source, config: { sampleCatalog: true } })
  t.match(await status(app), { state: 'sample', products: 200 })

  source.most = 4
  source.answer = (request, response) => {
    source.serve(request, response)
    source.answer = undefined
    source.products = products.slice(1)
  }
  t.match(await app.sync(), { quarantined: 0 })
  t.match(await status(app), { state: 'fresh', products: 9 }, 'all but product 5, which moved between two pages')

  t.match(await app.sync(), { created: 1, deleted: 1 })
  t.match(await status(app), { products: 9 })
})

const status = async (app: TestApp) => (await app.request('/', { token: null })).body.catalog
