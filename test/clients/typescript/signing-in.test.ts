import { mock } from 'node:test'
import t from 'tap'
import { ProblemError, ProductCatalog } from '../../../clients/typescript/src/index.js'
import { ADMIN, startApp } from '../../helpers/app.js'
import { failure } from '../../helpers/failure.js'
import { Gateway, respondWith } from '../../helpers/gateway.js'
import { mascara, palette } from '../../helpers/products.js'

const app = await startApp(t, { products: [mascara, palette] })
const open = async (t: Parameters<typeof Gateway.open>[0]) => {
  const gateway = await Gateway.open(t, app.url)
  return { gateway, catalog: new ProductCatalog({ url: gateway.url, ...ADMIN }) }
}
const lastToken = ({ requests }: Gateway) => String(requests.at(-1)?.headers.authorization)
const signIns = (lines: string[]) => lines.filter((line) => line === 'POST /auth').length

t.test('the client signs in on the first guarded request, once for concurrent requests', async (t) => {
  const { gateway, catalog } = await open(t)
  t.match(await catalog.getServiceInfo(), { name: 'product-catalog' })
  t.strictSame(gateway.take(), ['GET /'], 'a public operation needs no token')

  const products = await Promise.all([1, 2, 1, 2, 1].map((id) => catalog.getProduct({ id })))

  t.strictSame(
    products.map(({ id }) => id),
    [1, 2, 1, 2, 1]
  )
  const tokens = gateway.requests.map(({ headers }) => headers.authorization)
  t.equal(tokens.shift(), undefined)
  t.equal(new Set(tokens).size, 1)
  t.equal(signIns(gateway.take()), 1)
})

t.test('a revoked token is renewed once, and the concurrent requests are repeated', async (t) => {
  const { gateway, catalog } = await open(t)
  await catalog.getProduct({ id: 1 })
  const authorization = lastToken(gateway)
  await app.request('/auth', { method: 'DELETE', headers: { authorization }, token: null })
  gateway.take()

  const products = await Promise.all([1, 2, 1].map((id) => catalog.getProduct({ id })))

  t.equal(products.length, 3)
  t.equal(signIns(gateway.take()), 1)
})

t.test('a late 401 for an old token does not discard the new token', async (t) => {
  const { gateway, catalog } = await open(t)
  await catalog.getProduct({ id: 1 })
  gateway.take()
  let reject = () => {}
  gateway.nextResponses.push((_request, response) => {
    reject = () => response.writeHead(401).end()
  })
  const late = catalog.getProduct({ id: 1 })
  while (gateway.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  gateway.nextResponses.push(respondWith(401))
  await catalog.getProduct({ id: 2 })

  reject()

  t.match(await late, { id: 1 })
  t.equal(signIns(gateway.take()), 1)
})

t.test('a new token that is rejected at once is not renewed again', async (t) => {
  const { gateway, catalog } = await open(t)
  gateway.nextResponses.push(
    ...[200, 401, 200, 401].map((status) => respondWith(status, {}, '{"token":"a","expiresIn":60}'))
  )

  t.match(await failure(catalog.getProduct({ id: 1 })), { status: 401, problem: 'about:blank', requestId: '' })

  t.strictSame(gateway.take(), ['POST /auth', 'GET /products/1', 'POST /auth', 'GET /products/1'])
})

t.test('an expired token is renewed before it is used', async (t) => {
  const own = await startApp(t, { products: [mascara] })
  const gateway = await Gateway.open(t, own.url)
  const catalog = new ProductCatalog({ url: gateway.url, ...ADMIN })
  mock.timers.enable({ apis: ['Date'], now: Date.now() })
  t.teardown(() => mock.timers.reset())
  await catalog.listCategories()
  mock.timers.tick(own.config.tokenTtl * 1000)

  await catalog.listCategories()

  t.strictSame(gateway.take(), ['POST /auth', 'GET /categories', 'POST /auth', 'GET /categories'])
})

t.test('wrong credentials are a problem and are not retried', async (t) => {
  const { gateway } = await open(t)
  const catalog = new ProductCatalog({ url: gateway.url, username: 'nobody', password: 'a password' })

  const error = await failure(catalog.listProducts())

  t.type(error, ProblemError)
  t.match(error, { problem: 'wrong-credentials', status: 401, title: 'Wrong username or password' })
  t.strictSame(gateway.take(), ['POST /auth'])
})

t.test('a given token is used and never renewed', async (t) => {
  const { gateway } = await open(t)
  const catalog = new ProductCatalog({ url: gateway.url, token: await app.token() })
  t.match(await catalog.getProduct({ id: 1 }), { title: 'Mascara' })

  const other = new ProductCatalog({ url: gateway.url, token: 'ey.none.ours' })
  t.match(await failure(other.getProduct({ id: 1 })), { problem: 'invalid-token' })

  t.strictSame(gateway.take(), ['GET /products/1', 'GET /products/1'])
})

t.test('without an account or token, the client sends no credentials', async (t) => {
  const { gateway } = await open(t)
  const catalog = new ProductCatalog({ url: new URL(gateway.url) })

  for (const request of [catalog.getProduct({ id: 1 }), catalog.signOut()]) {
    const error = await failure(request)
    t.match(error, { problem: 'not-signed-in' })
  }

  t.equal(gateway.requests[0]?.headers.authorization, undefined)
})

t.test('signing out revokes the token, and the next request signs in again', async (t) => {
  const { gateway, catalog } = await open(t)
  await catalog.signOut()
  t.strictSame(gateway.take(), [], 'no request without a token')
  await catalog.getProduct({ id: 1 })
  const authorization = lastToken(gateway)

  await catalog.signOut()

  t.equal((await app.request('/products/1', { headers: { authorization }, token: null })).status, 401)
  gateway.take()
  await catalog.getProduct({ id: 1 })
  t.strictSame(gateway.take(), ['POST /auth', 'GET /products/1'])
})

t.test('redirects get neither the token nor the password', async (t) => {
  const { gateway, catalog } = await open(t)
  const elsewhere = await Gateway.open(t, app.url)
  const redirect = (path: string) => respondWith(307, { location: `${elsewhere.url}${path}` })
  gateway.nextResponses.push(redirect('/auth'))
  await t.rejects(catalog.getProduct({ id: 1 }), TypeError)
  await catalog.getProduct({ id: 1 })
  gateway.nextResponses.push(redirect('/products/2'))
  await t.rejects(catalog.getProduct({ id: 2 }), TypeError)

  t.strictSame(elsewhere.take(), [])
})

t.test('the URL may have a path and a trailing slash', async (t) => {
  const gateway = await Gateway.open(t, app.url)
  gateway.nextResponses.push(respondWith(200, { 'content-type': 'application/json' }, '{"status":"ok"}'))

  await new ProductCatalog({ url: `${gateway.url}/shop/catalog/` }).checkLiveness()

  t.strictSame(gateway.take(), ['GET /shop/catalog/livez'])
  t.throws(() => new ProductCatalog({ url: 'catalog' }), TypeError)
})
