/* What a source sends is believed so far as it can be: bad products, too few of them, pages that shift. */
import { startApp, type TestApp } from '../helpers/app.js'
import { onEachEngine } from '../helpers/engines.js'
import { mug } from '../helpers/mug.js'
import { mascara, palette, sourceProduct } from '../helpers/products.js'
import { TestSource } from '../helpers/source.js'

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

  t.match(await status(app), { products: 2, quarantined: 2, reason: 'all-quarantined', revision: 2 })
  t.equal((await app.request('/products/1')).status, 200)
})

onEachEngine('of two products with one id the last one counts', async (t) => {
  const app = await startApp(t, { products: [mascara, palette, { ...mascara, title: 'Again' }] })

  t.equal((await app.request('/products')).body.total, 2)
  t.equal((await app.request('/products/1')).body.title, 'Again')
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

  t.match(await app.sync(), { failed: 'invalid', message: 'sync failed: the source sent the same page again' })
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

onEachEngine('the sample goes with the first reading, also where the source changes meanwhile', async (t) => {
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
  t.match(await status(app), { state: 'fresh', products: 9 }, 'all but product 5, which slipped away between two pages')

  t.match(await app.sync(), { created: 1, deleted: 1 })
  t.match(await status(app), { products: 9 })
})

const status = async (app: TestApp) => (await app.request('/', { token: null })).body.catalog
