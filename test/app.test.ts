import t from 'tap'
import { startApp } from './helpers/app.js'
import { mascara } from './helpers/products.js'
import { sendRaw } from './helpers/raw.js'

t.test('pages of other origins may call the service only if their origin is allowed', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { corsOrigins: ['https://shop.example'] } })
  const from = (origin: string, method = 'GET') =>
    app.request('/products', { method, headers: { origin, 'access-control-request-method': 'GET' } })

  const allowed = await from('https://shop.example')
  t.equal(allowed.status, 200)
  t.equal(allowed.headers.get('access-control-allow-origin'), 'https://shop.example')
  t.equal(allowed.headers.get('access-control-allow-credentials'), 'true')
  t.match(allowed.headers.get('access-control-expose-headers'), /\bLink\b.*\bX-Request-Id\b/)
  t.equal(allowed.headers.get('vary'), 'Origin, Accept-Encoding')
  const preflight = await from('https://shop.example', 'OPTIONS')
  t.equal(preflight.status, 204)
  t.match(preflight.headers.get('access-control-allow-methods'), /PUT.*DELETE/)
  t.equal(preflight.headers.get('access-control-max-age'), '600')

  const other = await from('https://evil.example')
  t.equal(other.headers.get('access-control-allow-origin'), null)
})

t.test('by default, no other origin may call the service', async (t) => {
  const app = await startApp(t, { products: [mascara] })

  const { headers } = await app.request('/products', { headers: { origin: 'https://shop.example' } })

  t.equal(headers.get('access-control-allow-origin'), null)
})

t.test('every response forbids content sniffing, and no problem may be cached', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { headers } = await app.request('/products')
  const responses = {
    computed: await app.request('/categories'),
    cached: await app.request('/products'),
    'not modified': await app.request('/products', { headers: { 'if-none-match': headers.get('etag') as string } }),
    'signed in': await app.signIn(),
    alive: await app.request('/livez', { token: null }),
    redirected: await app.request('/', { headers: { accept: 'text/html' } }),
    unauthorized: await app.request('/products', { token: null }),
    'not found': await app.request('/nothing'),
    'no such product': await app.request('/products/2'),
    'malformed path': await app.request('/%zz')
  }

  for (const [name, { status, headers }] of Object.entries(responses)) {
    t.equal(headers.get('x-content-type-options'), 'nosniff', name)
    if (status >= 400) t.equal(headers.get('cache-control'), 'no-store', name)
  }
  const garbage = await sendRaw(app.url, 'this is not HTTP\r\n\r\n')
  t.match(garbage, /^cache-control: no-store\r$/im)
  t.match(garbage, /^x-content-type-options: nosniff\r$/im)
})

t.test('plugins have no timeout, because migrating a large database may take long', async (t) => {
  const { app } = await startApp(t, { products: [mascara] })

  t.equal(app.initialConfig.pluginTimeout, 0)
})
