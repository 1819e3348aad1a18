/* The kind of a source without `SOURCE_KIND`. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { recognizeByAddress } from '../../src/sync/recognize-kind.js'
import { startApp } from '../helpers/app.js'
import { sourceProduct } from '../helpers/products.js'

async function startServer(t: Test, answer: RequestListener): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url as string)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

const page = JSON.stringify({ products: [sourceProduct(1)], total: 1 })

t.test('some addresses tell the kind', async (t) => {
  for (const [url, kind] of [
    ['https://dummyjson.com', 'dummyjson'],
    ['https://shop.example/products.json', 'shopify'],
    ['https://shop.example/collections/all/products.json?currency=EUR', 'shopify'],
    ['https://shop.example/wp-json/wc/v3/products', 'woocommerce'],
    ['https://shop.example/store/wp-json/wc/store/v1/products?category=22', 'woocommerce'],
    ['https://shop.example/wp-json/', undefined],
    ['https://shop.example/feed', undefined],
    ['file:///srv/products.json', undefined]
  ] as const)
    t.equal(recognizeByAddress(url), kind, url)
})

t.test('otherwise the content tells it, once', async (t) => {
  const { url, requests } = await startServer(t, (_, response) =>
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(page)
  )
  const app = await startApp(t, { config: { sourceUrl: `${url}/api/products?key=a` } })
  t.match((await app.request('/products')).body, { total: 1 })
  await app.sync()
  const read = '/api/products?key=a&limit=1000&skip=0'
  t.strictSame(requests, ['/api/products?key=a', read, read])
})

t.test('an address without content can be the base of the API of DummyJSON', async (t) => {
  const { url } = await startServer(t, ({ url }, response) => {
    const isFound = url?.startsWith('/api/products') === true
    response.writeHead(isFound ? 200 : 404, { 'content-type': 'application/json' }).end(isFound ? page : '{}')
  })
  const app = await startApp(t, { config: { sourceUrl: `${url}/api` } })
  t.match((await app.request('/products')).body, { total: 1 })
})

t.test('unknown content is an error that says what to do, and the next sync tries again', async (t) => {
  let html = true
  const { url } = await startServer(t, (_, response) =>
    response
      .writeHead(200, { 'content-type': html ? 'text/html' : 'application/json' })
      .end(html ? ' <h1>Soon</h1>' : page)
  )
  const app = await startApp(t, { config: { sourceUrl: `${url}/api/products` } })
  t.match(await app.sync(), {
    failed: 'invalid',
    message: /type "text\/html" and starts with "<h1>Soon<\/h1>". Set SOURCE_KIND/
  })
  html = false
  t.match(await app.sync(), { created: 1 })
})
