import t, { type Test } from 'tap'
import { operations } from '../../../clients/typescript/src/generated/operations.js'
import { type ClientOptions, ProblemError, ProductCatalog } from '../../../clients/typescript/src/index.js'
import { ResponseCache } from '../../../clients/typescript/src/response-cache.js'
import { startApp } from '../../helpers/app.js'
import { failure } from '../../helpers/failure.js'
import { Gateway, respondWith } from '../../helpers/gateway.js'
import { mug } from '../../helpers/local-products.js'
import { sourceProduct } from '../../helpers/products.js'

const products = Array.from({ length: 250 }, (_, i) => sourceProduct(i + 1, { price: 500 - i, stock: i }))
const app = await startApp(t, { products })
const token = await app.token()
const open = async (t: Test, options: Partial<ClientOptions> = {}) => {
  const gateway = await Gateway.open(t, app.url)
  return { gateway, catalog: new ProductCatalog({ url: gateway.url, token, ...options }) }
}
const all = async <T>(from: AsyncIterable<T>) => {
  const items: T[] = []
  for await (const one of from) items.push(one)
  return items
}

t.test('every operation is a method with its name', async (t) => {
  const { gateway, catalog } = await open(t)
  const methods = catalog as unknown as Record<string, (parameters: object) => Promise<unknown>>
  for (const [name, { method, path }] of Object.entries(operations)) {
    gateway.nextResponses.push(respondWith(418))
    const sent = methods[name]?.({
      ...(path.includes('{id}') && { id: 7 }),
      ...(path.includes('{slug}') && { slug: 'tea' })
    }) as Promise<unknown>
    t.match(await failure(sent), { status: 418 })
    t.strictSame(gateway.take(), [`${method} ${path.replace('{id}', '7').replace('{slug}', 'tea')}`])
  }
})

t.test('the client encodes parameters as the service expects them', async (t) => {
  const { catalog } = await open(t)

  t.strictSame(
    (await catalog.listProducts({ ids: [7, 3, 5] })).products.map(({ id }) => id),
    [7, 3, 5]
  )
  const page = await catalog.listProducts({ category: ['beauty'], minPrice: 499.5, facets: ['price'], q: undefined })
  t.match(page, { total: 1, facets: { price: [{ count: 249 }, { count: 1 }] } })
  t.match(await catalog.importProducts({ body: 'id,stock\n1,9', dryRun: true }), {
    dryRun: true,
    updated: 1
  })
})

t.test('`products` iterates over all pages and returns each product once, in order', async (t) => {
  const { gateway, catalog } = await open(t)

  const items = await all(catalog.products({ sort: 'price', category: ['beauty'] }))

  t.strictSame(
    items.map(({ id }) => id),
    products.map(({ id }) => id).reverse()
  )
  t.equal(gateway.take().length, 3)
  for await (const { id } of catalog.products()) if (id === 3) break
  t.equal(gateway.take().length, 1, 'no request for a page that is not read')
})

t.test('exports are available as products and as files', async (t) => {
  const { catalog } = await open(t)

  const items = await all(catalog.exportedProducts({ limit: 120 }))
  t.equal(items.length, 120)
  t.match(items[119], { id: 120, reviews: [{ reviewer: 'Ada Example' }] })
  const csv = await new Response(await catalog.exportProducts({ accept: 'text/csv', limit: 1 })).text()
  t.match(csv, /^id,sku,.*\r?\n1,SKU-1,/)
  t.match(await new Response(await catalog.exportProducts()).text(), /^\{"id":1,.*\}\n$/s)
})

t.test('an unchanged response is revalidated and served from the cache', async (t) => {
  const { gateway, catalog } = await open(t)
  const seen: (number | null)[] = []
  const recording = new ProductCatalog({
    url: gateway.url,
    token,
    fetch: async (url, init) => {
      const response = await fetch(url, init)
      seen.push(response.status)
      return response
    }
  })
  const first = await recording.getProduct({ id: 2 })
  const { etag } = first
  first.tags.push('a tag that the caller added')

  const second = await recording.getProduct({ id: 2 })
  t.strictSame(second.tags, ['beauty', 'test'], 'each call returns its own object')
  t.equal(second.etag, etag)
  await catalog.updateProduct({ id: 2, ifMatch: etag, body: { stock: 99 } })
  t.equal((await recording.getProduct({ id: 2 })).stock, 99)
  t.strictSame(seen, [200, 304, 200])
})

t.test('without a cache, requests are not conditional', async (t) => {
  const { gateway, catalog } = await open(t, { cacheSize: 0 })
  await catalog.listCategories()
  await catalog.listCategories()

  t.equal(gateway.requests[1]?.headers['if-none-match'], undefined)
})

t.test('the cache evicts the least recently used responses', async (t) => {
  const kept = new ResponseCache(30)
  const put = (url: string, json = '123456') => kept.set(url, { etag: '"e"', json })
  const urls = () => ['a', 'b', 'c', 'd'].filter((url) => kept.get(url) !== undefined)
  for (const url of ['a', 'b', 'c']) put(url)
  t.strictSame(urls(), ['a', 'b', 'c'])
  kept.get('a')

  put('d')
  t.strictSame(urls(), ['a', 'c', 'd'])
  put('a', '1234567')
  t.strictSame(urls(), ['a', 'd'])
  t.match(kept.get('a'), { json: '1234567' })
  put('b', '1'.repeat(30))
  t.equal(kept.get('b'), undefined, 'a response larger than the cache evicts nothing')
  t.strictSame(urls(), ['a', 'd'])
  put('a', '1'.repeat(30))
  t.strictSame(urls(), ['d'], 'the old response is dropped if the new one is too large')
})

t.test('a write with an outdated entity tag fails instead of overwriting', async (t) => {
  const { catalog } = await open(t)
  const read = await catalog.getProduct({ id: 3 })
  t.match(read.etag, /^".+"$/)
  t.notMatch(JSON.stringify(read), 'etag')

  const written = await catalog.updateProduct({ id: 3, ifMatch: read.etag, body: { price: 3 } })
  t.match(written, { price: 3, edited: ['price'] })
  const error = await failure(catalog.updateProduct({ id: 3, ifMatch: read.etag, body: { price: 4 } }))
  t.type(error, ProblemError)
  t.match(error, { problem: 'precondition-failed', status: 412, etag: written.etag })

  const { etag } = await catalog.deleteProduct({ id: 3, ifMatch: written.etag })
  t.match(await failure(catalog.getProduct({ id: 3 })), { problem: 'product-not-found' })
  t.match(await catalog.revertProduct({ id: 3, ifMatch: String(etag) }), { price: 498, edited: [] })
  const created = await catalog.createProduct({ body: mug })
  t.strictSame(
    await catalog.deleteProduct({ id: created.id, ifMatch: created.etag }),
    {},
    'a deleted product has no entity tag'
  )
  t.match((await catalog.listProductHistory({ id: created.id })).history, [{ kind: 'deleted' }, { kind: 'created' }])
})

t.test('a ProblemError carries every field of the problem', async (t) => {
  const { gateway, catalog } = await open(t)

  const unknown = await failure(catalog.getProduct({ id: 4711 }))
  t.type(unknown, ProblemError)
  t.match(unknown, {
    name: 'ProblemError',
    problem: 'product-not-found',
    type: 'urn:problem-type:product-catalog:product-not-found',
    title: 'Product not found',
    status: 404,
    detail: 'There is no product 4711.',
    message: 'Product not found: There is no product 4711.',
    requestId: /^[0-9a-f-]{36}$/
  })
  const invalid = await failure(catalog.listProducts({ limit: 1000, q: 'x'.repeat(300) }))
  t.match(invalid, { problem: 'invalid-request', errors: [{ in: 'query', pointer: /./, detail: /./ }] })
  const body = 'id,price\n1,many\n'
  const rejected = await failure(catalog.importProducts({ body }))
  t.match(rejected, { problem: 'import-refused', report: { refused: 1, refusals: [{ line: 2, field: 'price' }] } })

  const other = { type: 'https://gateway.example/problems/blocked', title: 'Blocked' }
  gateway.nextResponses.push(
    respondWith(502, { 'content-type': 'text/html' }, '<h1>Bad gateway</h1>'),
    respondWith(403, { 'content-type': 'application/problem+json' }, JSON.stringify(other)),
    (_request, response) => response.writeHead(599, '').end()
  )
  t.match(await failure(catalog.getProduct({ id: 1 })), { problem: 'about:blank', message: 'Bad Gateway', status: 502 })
  t.match(await failure(catalog.getProduct({ id: 1 })), {
    problem: other.type,
    message: 'Blocked',
    status: 403,
    requestId: ''
  })
  t.match(await failure(catalog.getProduct({ id: 1 })), { title: 'Status 599' })
})

t.test('public operations need no token', async (t) => {
  const catalog = new ProductCatalog({ url: app.url })

  t.match(await catalog.checkLiveness(), { status: 'ok' })
  t.match(await catalog.checkReadiness(), { status: 'ok' })
  t.match(await catalog.listPublicKeys(), { keys: [{ alg: 'ES256' }] })
  t.match(await catalog.getServiceInfo(), { catalog: { state: 'fresh', products: 250 } })
})
