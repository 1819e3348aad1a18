/* The service with a WooCommerce shop as its source. */
import t, { type Test } from 'tap'
import type { Config } from '../../../../src/config.js'
import { parseSourceAuth } from '../../../../src/sync/source-auth.js'
import { woocommerce } from '../../../../src/sync/sources/woocommerce/woocommerce.js'
import { startApp, type TestApp } from '../../../helpers/app.js'
import { onEachEngine, onOneEngine } from '../../../helpers/engines.js'
import { readPages } from '../../../helpers/read-pages.js'
import {
  KEYS,
  KEYS_IN_QUERY,
  readShop,
  restProducts,
  storeProduct,
  storeProducts,
  WooCommerceShop
} from '../../../helpers/woocommerce-shop.js'

const many = (count: number) => Array.from({ length: count }, (_, i) => storeProduct(i + 1))
const status = async (app: TestApp) => (await app.request('/')).body.catalog

const start = async (t: Test, shop: WooCommerceShop, path = '', config: Partial<Config> = {}) =>
  await startApp(t, { config: { sourceUrl: `${shop.url}${path}`, sourceKind: 'woocommerce', ...config } })

onEachEngine('a shop is read by its address alone, with the currency that it names', async (t) => {
  const [pennant, shirt] = storeProducts
  const shop = await WooCommerceShop.start(t, [pennant, { ...shirt, prices: pennant.prices }])
  shop.variations = [
    { ...pennant, id: 192, sku: 'shirt-s', type: 'variation' },
    { ...pennant, id: 193, sku: 'shirt', type: 'variation', is_in_stock: false }
  ]
  const app = await start(t, shop)

  const { body } = await app.request('/products?sort=title')

  t.match(body, {
    total: 2,
    products: [
      { title: 'T\u2011Shirt', sku: 'tshirt', price: 13.05, salePrice: 11.05, availability: 'low-stock' },
      { title: 'WordPress Pennant', price: 13.05, salePrice: 11.05, currency: 'GBP', onSale: true, stock: 3 }
    ]
  })
  t.match((await app.request(`/products/${body.products[0].id}`)).body, {
    externalId: '36',
    url: 'https://shop.example/product/tshirt/',
    options: [{ name: 'Size', values: ['S'] }],
    variants: [
      { sku: 'shirt-s', options: [{ name: 'Size', value: 'S' }] },
      { sku: 'shirt', options: [] }
    ]
  })
  t.match((await app.request('/categories')).body.categories, [{ slug: 'decor', name: 'Decor' }, {}])
  t.match(await status(app), { state: 'fresh', quarantined: 0 })
  t.strictSame((await app.request('/sync')).body.report.fields, [])
  t.strictSame(shop.requests, [
    '/wp-json/wc/store/v1/products?per_page=100&orderby=id&order=asc&page=1',
    '/wp-json/wc/store/v1/products?type=variation&per_page=100&include=192,193'
  ])

  shop.products = shop.products.slice(1)
  t.match(await app.sync(), { created: 0, updated: 0, deleted: 1 })
})

onEachEngine('the REST API of a shop is read with keys, and only published products are public', async (t) => {
  const [premium, booking] = restProducts
  const shirt = {
    ...premium,
    id: 800,
    name: 'Shirt',
    attributes: [{ name: 'Size', variation: true, options: ['S', 'M'] }],
    variations: [801, 802]
  }
  const variation = (id: number, option: string) => ({ ...premium, id, attributes: [{ name: 'Size', option }] })
  const shop = await WooCommerceShop.start(t, [premium, booking, shirt])
  shop.variations = [variation(801, 'S'), variation(802, 'M')]
  const sourceAuth = parseSourceAuth(`Basic ${KEYS.username}:${KEYS.password}`)
  const app = await start(t, shop, '', { sourceAuth, currency: 'EUR' })

  const { body } = await app.request('/products?sort=title', { token: await app.tokenOf('reader') })

  t.match(body, {
    total: 2,
    products: [
      { title: 'Premium Quality', price: 21.99, salePrice: 17.5, currency: 'EUR', stock: 16 },
      { title: 'Shirt', stock: 32 }
    ]
  })
  t.match((await app.request('/products?status=draft')).body.products, [{ title: 'Book the Green Room' }])
  t.equal((await app.request(`/products/${body.products[1].id}`)).body.variants.length, 2)
  t.match(shop.requests[1], /^\/wp-json\/wc\/v3\/variations\?.*&include=801,802$/)
})

onOneEngine('the keys may be in the address, and if they expire, the catalog stays', async (t) => {
  const shop = await WooCommerceShop.start(t, restProducts)
  const app = await start(t, shop, `/wp-json/wc/v3/products?${KEYS_IN_QUERY}`)
  t.match(await status(app), { state: 'fresh', products: 1 })

  shop.answer = (request, response) => {
    request.url = request.url?.replace(KEYS.username, 'ck_old')
    shop.serve(request, response)
  }
  t.match(await app.sync(), {
    failed: 'http-401',
    message: /\(woocommerce_rest_cannot_view: Sorry, .*\). Check SOURCE_AUTH$/
  })
  t.match(await status(app), { products: 1, reason: 'http-401' })
})

onOneEngine('a shop that sends fewer products than it counts loses none', async (t) => {
  const shop = await WooCommerceShop.start(t, many(3))
  const app = await start(t, shop)
  shop.products = [storeProduct(1), storeProduct(9)]
  shop.uncounted = 1

  t.match(await app.sync(), { created: 1, deleted: 0, incomplete: 'the source sent 2 of 3 products' })

  t.match(await status(app), { products: 4, reason: 'incomplete' })
})

onOneEngine('a message that repeats a key is not logged', async (t) => {
  const shop = await WooCommerceShop.start(t, restProducts)
  const sourceAuth = parseSourceAuth('Bearer abcdefghij')
  const app = await start(t, shop, `/wp-json/wc/v3/products?${KEYS_IN_QUERY}`, { sourceAuth })
  for (const secret of [KEYS.password, 'abcdefghij', 'hidden']) {
    shop.answer = (_request, response) =>
      response.writeHead(401).end(JSON.stringify({ message: `${secret} is unknown` }))
    const shown = secret === 'hidden' ? ' (hidden is unknown)' : ''
    t.match(await app.sync(), { message: `sync failed: http-401${shown}. Check SOURCE_AUTH` })
  }
})

onOneEngine('without totals, an empty page is the end', async (t) => {
  const shop = await WooCommerceShop.start(t, many(120))
  shop.hasTotals = false

  const { summary, products } = await readShop(t, shop)

  t.equal(products.length, 120)
  t.match(summary, { incomplete: undefined })
  t.strictSame(
    shop.requests.map((path) => path.at(-1)),
    ['1', '2', '3']
  )
})

onOneEngine('a maintenance page, an error and another API leave the catalog unchanged', async (t) => {
  const shop = await WooCommerceShop.start(t, many(2))
  const app = await start(t, shop)

  shop.answer = (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Soon</h1>')
  t.match(await app.sync(), { failed: 'invalid', message: /content type text\/html/ })
  shop.answer = (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":1}')
  t.match(await app.sync(), { failed: 'invalid', message: /no list of products/ })
  for (const code of [403, 404]) {
    shop.answer = (_request, response) => response.writeHead(code).end(`<h1>Blocked</h1>${' '.repeat(100_000)}`)
    t.match(await app.sync(), { failed: `http-${code}`, message: `sync failed: http-${code}` })
  }
  t.match(await status(app), { products: 2 })
  shop.answer = undefined
  t.match(await app.sync(), { created: 0, deleted: 0 }, 'the connection is free again')
})

t.test('the last page is known by the headers', async (t) => {
  const settings = { url: 'https://shop.example', currency: 'USD' }
  const next = (number: number, records: number, recordsSoFar: number, end: object, isShifting = false) => {
    const request = { url: `https://shop.example/wp-json/wc/store/v1/products?page=${number}` }
    return woocommerce.next({ request, records, recordsSoFar, isShifting, end }, settings)
  }
  const page = (number: number) => ({ url: `https://shop.example/wp-json/wc/store/v1/products?page=${number}` })

  t.strictSame(next(1, 100, 100, { total: 150, pages: 2 }), page(2))
  t.equal(next(2, 50, 150, { total: 150, pages: 2 }), 'whole')
  t.equal(next(2, 50, 150, { total: 150 }), 'whole')
  t.strictSame(next(1, 50, 50, { total: 150, pages: 3 }), page(2), 'a plugin may limit the size of pages')
  t.match(next(2, 50, 149, { total: 150, pages: 2 }), { incomplete: /149 of 150/ })
  t.match(next(2, 0, 100, { total: 150 }), { incomplete: /100 of 150/ })
  t.equal(next(2, 49, 149, { total: 150, pages: 2 }, true), 'whole', 'some products have moved')
  t.equal(next(1, 0, 0, { total: 0, pages: 0 }), 'whole')
})

t.test('pages with variations continue in other responses', async (t) => {
  const [pennant, shirt] = storeProducts
  const shop = await WooCommerceShop.start(t, [pennant, shirt])
  shop.variations = [192, 193].map((id) => ({ ...pennant, id, sku: `shirt-${id}`, type: 'variation' }))
  const settings = { url: shop.url, currency: 'EUR', hasAuth: false }
  const records = (await readPages(woocommerce, settings)) as { id: number; variations: { sku: string }[] }[]
  t.strictSame(records.map(({ id }) => id).sort(), [pennant.id, shirt.id].sort())
  t.strictSame(
    records.find(({ id }) => id === shirt.id)?.variations.map(({ sku }) => sku),
    ['shirt-192', 'shirt-193']
  )
  for (const record of records)
    t.match(await woocommerce.map(record, settings), { row: { externalId: String(record.id) } })
})
