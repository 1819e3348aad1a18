import t from 'tap'
import { ProblemError, ProductCatalog } from '../../../clients/typescript/src/index.js'
import { ADMIN, startApp } from '../../helpers/app.js'
import { failure } from '../../helpers/failure.js'
import { answer, Gateway } from '../../helpers/gateway.js'
import { mascara, palette } from '../../helpers/products.js'

const app = await startApp(t, { products: [mascara, palette] })
const open = async (t: Parameters<typeof Gateway.open>[0]) => {
  const gateway = await Gateway.open(t, app.url)
  return { gateway, catalog: new ProductCatalog({ url: gateway.url, ...ADMIN }) }
}
const lastToken = ({ requests }: Gateway) => String(requests.at(-1)?.headers.authorization)
const signIns = (lines: string[]) => lines.filter((line) => line === 'POST /auth').length

t.test('the client signs in when that is first needed, once for all who need it', async (t) => {
  const { gateway, catalog } = await open(t)
  t.match(await catalog.getServiceInfo(), { name: 'product-catalog' })
  t.strictSame(gateway.take(), ['GET /'], 'what is for everybody needs no token')

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

t.test('a token that was revoked is renewed, once for all, and their requests are repeated', async (t) => {
  const { gateway, catalog } = await open(t)
  await catalog.getProduct({ id: 1 })
  const authorization = lastToken(gateway)
  await app.request('/auth', { method: 'DELETE', headers: { authorization }, token: null })
  gateway.take()

  const products = await Promise.all([1, 2, 1].map((id) => catalog.getProduct({ id })))

  t.equal(products.length, 3)
  t.equal(signIns(gateway.take()), 1)
})

t.test('a token is not given up for the sake of the one before it', async (t) => {
  const { gateway, catalog } = await open(t)
  await catalog.getProduct({ id: 1 })
  gateway.take()
  let refuse = () => {}
  gateway.answers.push((_request, response) => {
    refuse = () => response.writeHead(401).end()
  })
  const late = catalog.getProduct({ id: 1 })
  while (gateway.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  gateway.answers.push(answer(401))
  await catalog.getProduct({ id: 2 })

  refuse()

  t.match(await late, { id: 1 })
  t.equal(signIns(gateway.take()), 1)
})

t.test('a token that is refused as soon as it was made is not renewed again', async (t) => {
  const { gateway, catalog } = await open(t)
  gateway.answers.push(...[200, 401, 200, 401].map((status) => answer(status, {}, '{"token":"a","expiresIn":60}')))

  t.match(await failure(catalog.getProduct({ id: 1 })), { status: 401, problem: 'about:blank', requestId: '' })

  t.strictSame(gateway.take(), ['POST /auth', 'GET /products/1', 'POST /auth', 'GET /products/1'])
})

t.test('a token whose time is over is renewed before it is refused', async (t) => {
  const brief = await startApp(t, { products: [mascara], config: { tokenTtl: 1 } })
  const gateway = await Gateway.open(t, brief.url)
  const catalog = new ProductCatalog({ url: gateway.url, ...ADMIN })
  await catalog.listCategories()
  await new Promise((resolve) => setTimeout(resolve, 1100))

  await catalog.listCategories()

  t.strictSame(gateway.take(), ['POST /auth', 'GET /categories', 'POST /auth', 'GET /categories'])
})

t.test('wrong credentials are a problem, and are not tried again', async (t) => {
  const { gateway } = await open(t)
  const catalog = new ProductCatalog({ url: gateway.url, username: 'nobody', password: 'a password' })

  const error = await failure(catalog.listProducts())

  t.type(error, ProblemError)
  t.match(error, { problem: 'wrong-credentials', status: 401, title: 'Wrong username or password' })
  t.strictSame(gateway.take(), ['POST /auth'])
})

t.test('a token that was given is used as it is', async (t) => {
  const { gateway } = await open(t)
  const catalog = new ProductCatalog({ url: gateway.url, token: await app.token() })
  t.match(await catalog.getProduct({ id: 1 }), { title: 'Mascara' })

  const other = new ProductCatalog({ url: gateway.url, token: 'ey.none.ours' })
  t.match(await failure(other.getProduct({ id: 1 })), { problem: 'invalid-token' })

  t.strictSame(gateway.take(), ['GET /products/1', 'GET /products/1'])
})

t.test('without an account and a token nothing is sent that would tell who asks', async (t) => {
  const { gateway } = await open(t)
  const catalog = new ProductCatalog({ url: new URL(gateway.url) })

  for (const answered of [catalog.getProduct({ id: 1 }), catalog.signOut()]) {
    const error = await failure(answered)
    t.match(error, { problem: 'not-signed-in' })
  }

  t.equal(gateway.requests[0]?.headers.authorization, undefined)
})

t.test('after signing out the token is worth nothing, and the client signs in when it has to', async (t) => {
  const { gateway, catalog } = await open(t)
  await catalog.signOut()
  t.strictSame(gateway.take(), [], 'who has not signed in has nothing to sign out of')
  await catalog.getProduct({ id: 1 })
  const authorization = lastToken(gateway)

  await catalog.signOut()

  t.equal((await app.request('/products/1', { headers: { authorization }, token: null })).status, 401)
  gateway.take()
  await catalog.getProduct({ id: 1 })
  t.strictSame(gateway.take(), ['POST /auth', 'GET /products/1'])
})

t.test('neither the token nor the password follows to another address', async (t) => {
  const { gateway, catalog } = await open(t)
  const elsewhere = await Gateway.open(t, app.url)
  const away = (path: string) => answer(307, { location: `${elsewhere.url}${path}` })
  gateway.answers.push(away('/auth'))
  await t.rejects(catalog.getProduct({ id: 1 }), TypeError)
  await catalog.getProduct({ id: 1 })
  gateway.answers.push(away('/products/2'))
  await t.rejects(catalog.getProduct({ id: 2 }), TypeError)

  t.strictSame(elsewhere.take(), [])
})

t.test('the address may have a path, and a slash at its end', async (t) => {
  const gateway = await Gateway.open(t, app.url)
  gateway.answers.push(answer(200, { 'content-type': 'application/json' }, '{"status":"ok"}'))

  await new ProductCatalog({ url: `${gateway.url}/shop/catalog/` }).checkLiveness()

  t.strictSame(gateway.take(), ['GET /shop/catalog/livez'])
  t.throws(() => new ProductCatalog({ url: 'catalog' }), TypeError)
})
