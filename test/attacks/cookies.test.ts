/* Cross-site request forgery: requests with the cookie that a page of another site causes. */
import t from 'tap'
import { startApp, type TestApp } from '../helpers/app.js'
import { onOneEngine } from '../helpers/engines.js'
import { mug } from '../helpers/local-products.js'
import { mascara } from '../helpers/products.js'
import { sendRaw } from '../helpers/raw.js'

const PROBLEM = 'urn:problem-type:product-catalog:cross-site-request'

/** Sends a request with the cookie and the headers that name its origin. */
const send = async (app: TestApp, method: string, path: string, headers: Record<string, string>, json?: unknown) =>
  await app.request(path, {
    method,
    token: null,
    headers: {
      cookie: `token=${await app.token()}`,
      'if-match': '*',
      ...(path.startsWith('/products/import') && { 'content-type': 'application/x-ndjson' }),
      ...headers
    },
    ...(json !== undefined && { json })
  })

const writes = [
  ['POST', '/products', mug],
  ['POST', '/products/import?dryRun=true', { ...mug, sku: 'MUG-002' }],
  ['PATCH', '/products/1', { stock: 3 }],
  ['DELETE', '/products/1/edits', undefined],
  ['DELETE', '/products/1', undefined],
  ['POST', '/sync', {}],
  ['DELETE', '/auth', undefined]
] as const

onOneEngine('requests with the cookie from pages of other sites change nothing', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const own = new URL(app.url)
  const revision = async () => (await app.request('/')).body.catalog.revision
  const before = await revision()
  const foreign: Record<string, Record<string, string>> = {
    'a client that sends neither Origin nor Sec-Fetch-Site': {},
    'another site': { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    'another site that claims the origin of the service': { 'sec-fetch-site': 'cross-site', origin: own.origin },
    'another origin of the same site': { 'sec-fetch-site': 'same-site', origin: `http://shop.${own.host}` },
    'the address bar': { 'sec-fetch-site': 'none' },
    'a client with an invalid Sec-Fetch-Site': { 'sec-fetch-site': 'same-origin, same-origin', origin: own.origin },
    'another origin': { origin: 'https://evil.example' },
    'another port': { origin: 'http://127.0.0.1:1' },
    'another scheme': { origin: `https://${own.host}` },
    'another host name of the same address': { origin: `http://localhost:${own.port}` },
    'a host whose name starts with that of the service': { origin: `${own.origin}.evil.example` },
    'a sandboxed frame': { origin: 'null' },
    'an empty origin': { origin: '' }
  }
  for (const [what, headers] of Object.entries(foreign)) {
    for (const [method, path, json] of writes) {
      const { status, body } = await send(app, method, path, headers, json)
      t.equal(status, 403, `${method} ${path} from ${what}`)
      t.equal(body.type, PROBLEM)
    }
    t.equal((await send(app, 'GET', '/products', headers)).status, 200, `reading from ${what}`)
  }
  t.equal(await revision(), before)
  t.equal(
    (await send(app, 'DELETE', '/auth', { authorization: 'Basic YTpi' })).status,
    403,
    'another authentication scheme does not replace the check'
  )
})

onOneEngine('requests with the cookie from the own origin succeed', async (t) => {
  for (const headersOf of [
    () => ({ 'sec-fetch-site': 'same-origin' }),
    ({ url }: TestApp) => ({ 'sec-fetch-site': 'same-origin', origin: url }),
    ({ url }: TestApp) => ({ origin: url })
  ]) {
    const app = await startApp(t, { products: [mascara] })
    const statuses: number[] = []
    for (const [method, path, json] of writes) {
      statuses.push((await send(app, method, path, headersOf(app), json)).status)
    }
    t.strictSame(statuses, [201, 200, 200, 200, 204, 202, 204])
  }
})

t.test('trusted origins may write with the cookie, whatever Sec-Fetch-Site says', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { corsOrigins: ['https://shop.example'] } })
  const from = (origin: string, site: string) =>
    send(app, 'PATCH', '/products/1', { origin, 'sec-fetch-site': site }, { stock: 5 })

  t.equal((await from('https://shop.example', 'cross-site')).status, 200)
  t.equal((await from('https://shop.example.evil.example', 'cross-site')).status, 403)
})

t.test('a request with a bearer token may come from any origin', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const token = await app.token()
  const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example', 'if-match': '*' }

  for (const scheme of ['Bearer', 'bearer']) {
    const authorization = `${scheme} ${token}`
    const { status } = await app.request('/products/1', {
      method: 'PATCH',
      json: { stock: scheme.length },
      token: null,
      headers: { ...headers, authorization, cookie: `token=${token}` }
    })
    t.equal(status, 200, scheme)
  }
})

t.test('the service takes its own origin from Host or from a trusted proxy', async (t) => {
  const plain = await startApp(t)
  const proxied = await startApp(t, { config: { trustProxy: ['127.0.0.1'] } })
  const signOut = async (app: TestApp, host: string, ...lines: string[]) => {
    const { token } = (await app.signIn()).body
    const head = ['DELETE /auth HTTP/1.1', `Host: ${host}`, `Cookie: token=${token}`, 'Connection: close', ...lines]
    return Number((await sendRaw(app.url, `${head.join('\r\n')}\r\n\r\n`)).slice(9, 12))
  }

  t.equal(await signOut(plain, 'Shop.Example', 'Origin: http://shop.example'), 204, 'in whatever case')
  t.equal(await signOut(plain, 'shop.example:80', 'Origin: http://shop.example'), 204, 'with the port of the scheme')
  t.equal(await signOut(plain, 'shop.example:5000', 'Origin: http://shop.example'), 403)
  t.equal(await signOut(plain, 'a b', 'Origin: http://a b'), 403, 'what is no host has no origin')
  const forwarded = ['X-Forwarded-Proto: https', 'X-Forwarded-Host: shop.example', 'Origin: https://shop.example']
  t.equal(await signOut(proxied, 'inside:5000', ...forwarded), 204)
  t.equal(await signOut(plain, 'inside:5000', ...forwarded), 403)
})
