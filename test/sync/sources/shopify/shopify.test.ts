/* The service with a Shopify shop as its source. */
import t from 'tap'
import { SourceReader } from '../../../../src/sync/source-reader.js'
import { shopify } from '../../../../src/sync/sources/shopify/shopify.js'
import { startApp, type TestApp } from '../../../helpers/app.js'
import { onEachEngine, onOneEngine } from '../../../helpers/engines.js'
import { fixtureProducts, ShopifyShop, shopifyProduct } from '../../../helpers/shopify-shop.js'

const many = (count: number) => Array.from({ length: count }, (_, i) => shopifyProduct(i + 1))

onEachEngine('a shop is read by its address alone', async (t) => {
  const shop = await ShopifyShop.start(t, fixtureProducts)
  const app = await startApp(t, { config: { sourceUrl: shop.url, currency: 'EUR' } })

  const { body } = await app.request('/products?sort=-price')

  t.match(body, {
    total: 2,
    products: [
      { title: 'Orbit Terrarium', price: 79, currency: 'EUR', availability: 'in-stock' },
      { title: 'Gift card', price: 0, category: 'uncategorized', sku: 'gift-card' }
    ]
  })
  t.notOk('stock' in body.products[0], 'the stock is unknown')
  t.match((await app.request(`/products/${body.products[0].id}`)).body, {
    externalId: '8137960948015',
    url: `${shop.origin}/products/orbit-terrarium`
  })
  t.match(await status(app), { state: 'fresh', quarantined: 0 })
  t.strictSame((await app.request('/sync')).body.report.fields, [], 'numbers as text are usual')

  shop.products = fixtureProducts.slice(1)
  t.match(await app.sync(), { deleted: 1 })
})

onOneEngine('only an empty page is the end, and pages may be short', async (t) => {
  const shop = await ShopifyShop.start(t, many(600))
  shop.hidden = new Set([3, 4, 255])
  const reader = new SourceReader({ kind: 'shopify', url: shop.origin, currency: 'USD', limits: fast })
  t.teardown(() => reader.close())
  let records = 0

  const summary = await reader.read([], new AbortController().signal, {
    startPage() {},
    async addBatch(batch) {
      records += batch.records
    },
    endPage: () => ({ isRepeated: false })
  })

  t.equal(records, 597)
  t.match(summary, { incomplete: undefined, isShifting: false })
  t.strictSame(
    shop.requests,
    [1, 2, 3, 4].map((page) => `/products.json?limit=250&page=${page}`)
  )
})

onOneEngine('a shop that shows only a part of its products loses none, and new ones are stored', async (t) => {
  const shop = await ShopifyShop.start(t, many(3))
  const app = await startApp(t, { config: { sourceUrl: shop.url } })
  // A shop that rejects the second page, as one with more than 25,000 products rejects page 101.
  shop.products = [shopifyProduct(1), shopifyProduct(9)]
  shop.answer = (request, response) => {
    const { products } = shop
    const body = request.url?.endsWith('page=1') ? { products } : { errors: 'Page * Limit exceeds the 25000 limit.' }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  t.match(await app.sync(), { created: 1, deleted: 0, incomplete: /25000 limit/ })

  t.match(await status(app), { products: 4, reason: 'incomplete', state: 'fresh' })
})

onEachEngine('the products of a shop that was never read in full survive a restart', async (t) => {
  const shop = await ShopifyShop.start(t, [])
  shop.answer = (request, response) => {
    const body = request.url?.endsWith('page=1') ? { products: [shopifyProduct(9)] } : { errors: 'limit' }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const before = await startApp(t, { config: { sourceUrl: shop.url } })
  t.match(await status(before), { products: 1, reason: 'incomplete' })
  await before.app.close()
  shop.answer = (_request, response) => response.writeHead(500).end()

  for (const sampleCatalog of [true, false]) {
    const app = await startApp(t, { config: { ...before.config, sampleCatalog } })
    t.match(await status(app), { products: 1, state: 'stale' })
    await app.app.close()
  }
})

onOneEngine('a shop without a usable product does not replace the sample', async (t) => {
  const shop = await ShopifyShop.start(t, [])
  shop.answer = (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"errors":"limit"}')

  const app = await startApp(t, { config: { sourceUrl: shop.url, sampleCatalog: true } })

  t.match(await status(app), { products: 200, state: 'sample' })
})

onOneEngine(
  'an incomplete reading does not replace the products of another source, unless an admin accepts it',
  async (t) => {
    const first = await ShopifyShop.start(t, many(3))
    const before = await startApp(t, { config: { sourceUrl: first.url } })
    await before.app.close()
    const shop = await ShopifyShop.start(t, [])
    shop.answer = (request, response) => {
      const body = request.url?.endsWith('page=1') ? { products: [shopifyProduct(9)] } : { errors: 'limit' }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    const app = await startApp(t, { config: { ...before.config, sourceUrl: shop.url } })

    t.match(await status(app), { products: 3, reason: 'incomplete' })
    t.match(await app.sync({ acceptLoss: true }), { created: 1, deleted: 3 })
  }
)

onOneEngine('a password page, an error and a throttled shop leave the catalog unchanged', async (t) => {
  const shop = await ShopifyShop.start(t, many(2))
  const app = await startApp(t, { config: { sourceUrl: shop.url } })

  shop.answer = (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Password</h1>')
  t.match(await app.sync(), { failed: 'invalid', message: /content type text\/html/ })
  shop.answer = (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"message":"no shop"}')
  t.match(await app.sync(), { failed: 'invalid', message: /no list of products/ })
  for (const code of [401, 430]) {
    shop.answer = (_request, response) => response.writeHead(code, { 'retry-after': '3600' }).end()
    t.match(await app.sync(), { failed: `http-${code}` })
  }
  t.match(await status(app), { products: 2 })

  let rejected = 0
  shop.answer = (_request, response) => {
    if (++rejected === 2) shop.answer = undefined
    response.writeHead(430).end()
  }
  t.match(await app.sync(), { created: 0, deleted: 0 }, 'a throttled request is sent again')
})

t.test('the address may be that of a shop, of its list, or of a collection', async (t) => {
  const currency = 'USD'
  for (const [url, first] of [
    ['https://shop.example', 'https://shop.example/products.json?limit=250&page=1'],
    ['https://shop.example/products.json', 'https://shop.example/products.json?limit=250&page=1'],
    [
      'https://shop.example/collections/a/products.json',
      'https://shop.example/collections/a/products.json?limit=250&page=1'
    ],
    ['https://shop.example/collections/a', 'https://shop.example/collections/a/products.json?limit=250&page=1']
  ] as const)
    t.equal(shopify.first({ url, currency }).url, first)
})

t.test('the service does not request the pages that shops reject', async (t) => {
  const settings = { url: 'https://shop.example', currency: 'USD' }
  const page = { records: 250, recordsSoFar: 25_000, isShifting: false, end: {} }
  const request = (number: number) => ({ url: `https://shop.example/products.json?limit=250&page=${number}` })
  t.strictSame(shopify.next({ ...page, request: request(99) }, settings), request(100))
  t.match(shopify.next({ ...page, request: request(100) }, settings), { incomplete: /25000/ })
  t.equal(shopify.next({ ...page, records: 0, request: request(100) }, settings), 'whole')
})

/** A rate of requests for tests that read several pages. */
const fast = { requests: 1000, period: 1000 }

const status = async (app: TestApp) => (await app.request('/')).body.catalog
