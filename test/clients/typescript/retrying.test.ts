import { json } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { type ClientOptions, ProblemError, ProductCatalog } from '../../../clients/typescript/src/index.js'
import { startApp } from '../../helpers/app.js'
import { failure } from '../../helpers/failure.js'
import { Gateway, respondWith } from '../../helpers/gateway.js'
import { mug } from '../../helpers/local-products.js'
import { mascara } from '../../helpers/products.js'

const app = await startApp(t, { products: [mascara] })
const token = await app.token()
const open = async (t: Test, options: Partial<ClientOptions> = {}) => {
  const gateway = await Gateway.open(t, app.url)
  return { gateway, catalog: new ProductCatalog({ url: gateway.url, token, ...options }) }
}
const busy = (status: number, retryAfter: string) => respondWith(status, { 'retry-after': retryAfter })

t.test('the client repeats a request with status 429 or 503 after its Retry-After', async (t) => {
  const { gateway, catalog } = await open(t)
  gateway.nextResponses.push(busy(503, '1'), busy(429, new Date(Date.now() - 5000).toUTCString()))
  const start = performance.now()

  t.match(await catalog.getProduct({ id: 1 }), { title: 'Mascara' })

  t.ok(performance.now() - start > 950)
  t.equal(gateway.take().length, 3)
})

t.test('the service sends Retry-After, which the error carries', async (t) => {
  const empty = await startApp(t, { config: { sourceUrl: 'http://127.0.0.1:1', syncInterval: 1 } })
  const catalog = new ProductCatalog({ url: empty.url, token: await empty.token(), retries: 0 })

  const error = await failure(catalog.listProducts())

  t.match(error, { problem: 'catalog-unavailable', status: 503, retryAfter: 1000 })
  const ready = await failure(catalog.checkReadiness())
  t.match(ready, { problem: 'not-ready', retryAfter: 5000, checks: [{ status: 'ok' }, { status: 'failed' }] })
})

t.test('a readiness check is not repeated', async (t) => {
  const empty = await startApp(t, { config: { sourceUrl: 'http://127.0.0.1:1' } })
  const gateway = await Gateway.open(t, empty.url)

  t.match(await failure(new ProductCatalog({ url: gateway.url }).checkReadiness()), { problem: 'not-ready' })

  t.strictSame(gateway.take(), ['GET /readyz'])
})

t.test('the client retries at most `retries` times and for at most `maxWait`', async (t) => {
  const { gateway, catalog } = await open(t, { retries: 2, maxWait: 1500 })
  gateway.nextResponses.push(busy(503, '0'), busy(429, '0'), busy(503, '0'))
  t.match(await failure(catalog.getProduct({ id: 1 })), { status: 503 })
  t.equal(gateway.take().length, 3)

  gateway.nextResponses.push(busy(429, '1'), busy(429, '1'))
  t.match(await failure(catalog.getProduct({ id: 1 })), { status: 429, retryAfter: 1000 })
  t.equal(gateway.take().length, 2, 'a second wait would exceed `maxWait`')

  gateway.nextResponses.push(respondWith(503), busy(503, 'soon'))
  t.match(await failure(catalog.getProduct({ id: 1 })), { status: 503, retryAfter: undefined })
  t.match(await failure(catalog.getProduct({ id: 1 })), { status: 503, retryAfter: undefined })
  t.equal(gateway.take().length, 2, 'no retry without Retry-After')

  gateway.nextResponses.push(respondWith(500, { 'retry-after': '0' }))
  t.match(await failure(catalog.getProduct({ id: 1 })), { status: 500 })
  t.equal(gateway.take().length, 1)
})

t.test('a signal ends the wait for a retry', async (t) => {
  const { gateway, catalog } = await open(t)
  gateway.nextResponses.push(busy(429, '30'))
  const controller = new AbortController()
  const start = performance.now()
  const failing = failure(catalog.getProduct({ id: 1 }, { signal: controller.signal }))
  while (gateway.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  controller.abort()

  t.match(await failing, { name: 'AbortError' })
  t.ok(performance.now() - start < 30_000)
  t.equal(gateway.take().length, 1)
})

t.test('a signal aborts a pending request', async (t) => {
  const { gateway, catalog } = await open(t)
  gateway.nextResponses.push(() => {})

  const controller = new AbortController()
  const failing = failure(catalog.getProduct({ id: 1 }, { signal: controller.signal }))
  while (gateway.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  controller.abort()

  t.match(await failing, { name: 'AbortError' })
})

t.test('a signal ends the wait of one caller for a token, but not the wait of others', async (t) => {
  const gateway = await Gateway.open(t, app.url)
  const catalog = new ProductCatalog({ url: gateway.url, username: 'ada', password: 'a password' })
  let release = () => {}
  gateway.nextResponses.push((_request, response) => {
    release = () => response.end(JSON.stringify({ token, tokenType: 'Bearer', expiresIn: 60, scope: '' }))
  })
  const abort = new AbortController()
  const waiting = catalog.getProduct({ id: 1 })
  const aborted = t.rejects(catalog.getProduct({ id: 1 }, abort), { name: 'AbortError' })
  while (gateway.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  abort.abort()
  await aborted
  await t.rejects(catalog.getProduct({ id: 1 }, abort), { name: 'AbortError' })
  release()

  t.match(await waiting, { id: 1 })
})

t.test('a retried create request creates the product once', async (t) => {
  const { gateway, catalog } = await open(t)
  gateway.nextResponses.push(async (request, response) => {
    const { authorization, 'idempotency-key': key } = request.headers as Record<string, string>
    await app.request('/products', {
      method: 'POST',
      json: await json(request),
      headers: { authorization: String(authorization), 'idempotency-key': String(key) }
    })
    response.writeHead(503, { 'retry-after': '0' }).end()
  })

  const created = await catalog.createProduct({ body: mug })

  const keys = gateway.requests.map(({ headers }) => headers['idempotency-key'])
  t.match(keys[0], /^[0-9a-f]{32}$/)
  t.equal(keys[0], keys[1])
  t.strictSame(
    (await catalog.listProducts({ q: mug.title })).products.map(({ id }) => id),
    [created.id]
  )
  await catalog.createProduct({ body: { ...mug, sku: 'MUG-002' }, idempotencyKey: 'mug-2' })
  t.equal(gateway.requests.at(-1)?.headers['idempotency-key'], 'mug-2', 'the key of the caller')
})

t.test('a sign-in is repeated, and an import only if the service did not start it', async (t) => {
  const { gateway, catalog } = await open(t)
  gateway.nextResponses.push(busy(503, '0'))
  t.match(await failure(catalog.signIn({ body: { username: 'ada', password: 'none' } })), {
    problem: 'wrong-credentials'
  })
  t.strictSame(gateway.take(), ['POST /auth', 'POST /auth'])

  const rows = { body: '{"id":1,"price":2}\n' }
  gateway.nextResponses.push(busy(429, '0'))
  t.match(await catalog.importProducts(rows), { updated: 1 })
  t.equal(gateway.take().length, 2)
  gateway.nextResponses.push(busy(503, '0'))
  t.match(await failure(catalog.importProducts(rows)), { status: 503 })
  t.equal(gateway.take().length, 1)
})

t.test('a streamed body is sent once', async (t) => {
  const { gateway, catalog } = await open(t)
  const rows = () => new Blob(['id,price\n1,3\n']).stream()
  t.match(await catalog.importProducts({ body: rows() }), { updated: 1 })
  gateway.take()

  gateway.nextResponses.push(busy(429, '0'))
  t.match(await failure(catalog.importProducts({ body: rows() })), { status: 429 })
  t.equal(gateway.take().length, 1)

  const account = new ProductCatalog({ url: gateway.url, username: 'ada', password: 'a password' })
  const signedIn = JSON.stringify({ token: 'ey.none.ours', tokenType: 'Bearer', expiresIn: 60, scope: '' })
  gateway.nextResponses.push(respondWith(200, {}, signedIn))
  t.match(await failure(account.importProducts({ body: rows() })), {
    problem: 'invalid-token'
  })
  t.equal(gateway.take().length, 2)
})

t.test('an unreachable service rejects with the error of fetch', async (t) => {
  const { gateway, catalog } = await open(t)
  gateway.nextResponses.push((_request, response) => response.destroy())

  const error = await failure(catalog.getProduct({ id: 1 }))

  t.type(error, TypeError)
  t.notOk(error instanceof ProblemError)
  t.equal(gateway.take().length, 1)
})

t.test('the client can use a custom fetch', async (t) => {
  const seen: string[] = []
  const catalog = new ProductCatalog({
    url: app.url,
    token,
    fetch: (url, init) => {
      seen.push(`${init.method} ${url}`)
      return fetch(url, init)
    }
  })
  await catalog.getProduct({ id: 1 })
  t.strictSame(seen, [`GET ${app.url}/products/1`])
})
