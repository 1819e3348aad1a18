import t from 'tap'
import { startApp } from './helpers/app.js'
import { mascara } from './helpers/products.js'

t.test('pages of other origins may call the service where their origin is allowed, and only there', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { corsOrigins: ['https://shop.example'] } })
  const from = (origin: string, method = 'GET') =>
    app.request('/products', { method, headers: { origin, 'access-control-request-method': 'GET' } })

  const allowed = await from('https://shop.example')
  t.equal(allowed.status, 200)
  t.equal(allowed.headers.get('access-control-allow-origin'), 'https://shop.example')
  t.equal(allowed.headers.get('access-control-allow-credentials'), 'true')
  t.match(allowed.headers.get('access-control-expose-headers'), 'Link')
  t.equal(allowed.headers.get('vary'), 'Origin, Accept-Encoding')
  const preflight = await from('https://shop.example', 'OPTIONS')
  t.equal(preflight.status, 204)
  t.match(preflight.headers.get('access-control-allow-methods'), 'DELETE')

  const other = await from('https://evil.example')
  t.equal(other.headers.get('access-control-allow-origin'), null)
})

t.test('by default no other origin may', async (t) => {
  const app = await startApp(t, { products: [mascara] })

  const { headers } = await app.request('/products', { headers: { origin: 'https://shop.example' } })

  t.equal(headers.get('access-control-allow-origin'), null)
})
