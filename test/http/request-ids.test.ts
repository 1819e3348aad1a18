import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import t from 'tap'
import { type Answer, startApp } from '../helpers/app.js'
import { LEVELS, Log } from '../helpers/log.js'
import { mascara } from '../helpers/products.js'
import { sendRaw } from '../helpers/raw.js'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/
const GIVEN = 'shop.example:80/cart~1_A+b=@-'

t.test('responses of every kind have a new request id or the id that the client sent', async (t) => {
  const origin = 'https://shop.example'
  const app = await startApp(t, { products: [mascara], config: { corsOrigins: [origin] } })
  const etag = String((await app.request('/products')).headers.get('etag'))
  await app.request('/products')
  const ask = (path: string, method = 'GET', headers: Record<string, string> = {}) => ({ path, method, headers })
  const seen = new Set<string>()
  for (const [status, { path, method, headers }] of [
    [200, ask('/products')],
    [200, ask('/products', 'HEAD')],
    [200, ask('/products?limit=7')],
    [200, ask('/products/export')],
    [200, ask('/docs/')],
    [200, ask('/docs/json')],
    [200, ask('/livez')],
    [204, ask('/products', 'OPTIONS', { origin, 'access-control-request-method': 'GET' })],
    [302, ask('/', 'GET', { accept: 'text/html' })],
    [304, ask('/products', 'GET', { 'if-none-match': etag })],
    [400, ask('/%zz')],
    [400, ask('/products?limit=0')],
    [401, ask('/products', 'GET', { authorization: 'Bearer x' })],
    [404, ask('/nothing')],
    [404, ask('/docs/static/nothing')],
    [405, ask('/products', 'PUT')],
    [406, ask('/products', 'GET', { 'accept-encoding': 'identity;q=0, *;q=0' })],
    [412, ask('/products', 'GET', { 'if-match': '"x"' })],
    [428, ask('/products/1', 'DELETE')]
  ] as const) {
    const what = `${method} ${path} (${status})`
    const fresh = await app.request(path, { method, headers })
    t.equal(fresh.status, status, what)
    const id = String(fresh.headers.get('x-request-id'))
    t.match(id, UUID, what)
    t.notOk(seen.has(id), `${what}: a new id`)
    seen.add(id)

    const given = await app.request(path, { method, headers: { ...headers, 'x-request-id': GIVEN } })
    t.equal(given.headers.get('x-request-id'), GIVEN, what)
    for (const { body, headers } of [fresh, given]) {
      if (status >= 400) t.equal(body.requestId, headers.get('x-request-id'), what)
    }
  }
})

t.test('event streams and rate-limited responses have a request id', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { rateLimit: 3 } })
  const headers = { authorization: `Bearer ${await app.token()}`, accept: 'text/event-stream', 'x-request-id': GIVEN }
  const stream = await fetch(`${app.url}/changes`, { headers })
  t.equal(stream.headers.get('x-request-id'), GIVEN)
  await stream.body?.cancel()

  let limited: Answer
  do limited = await app.request('/products')
  while (limited.status === 200)
  t.equal(limited.status, 429)
  t.match(limited.headers.get('x-request-id'), UUID)
})

t.test('malformed requests and requests without Host get an id', async (t) => {
  const app = await startApp(t)
  for (const bytes of [
    'this is not HTTP\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
    'GET /livez HTTP/1.1\r\n\r\n'
  ]) {
    const [head = '', body = ''] = (await sendRaw(app.url, bytes)).split('\r\n\r\n')
    const id = String(/^x-request-id: (.*)$/im.exec(head)?.[1])
    t.match(id, UUID, head)
    t.equal(JSON.parse(body).requestId, id)
  }
  t.match(await sendRaw(app.url, 'GET /livez HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 /, 'HTTP/1.0 needs no Host')
})

t.test('the response to a late body has the id of its request', async (t) => {
  const app = await startApp(t)
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1', () =>
    socket.write(
      `POST /auth HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${GIVEN}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n`
    )
  )
  const [, response] = (await once(app.app.server, 'request')) as [unknown, ServerResponse]
  const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
  app.app.server.emit('clientError', error, response.socket)

  const [bytes] = await once(socket, 'data')
  t.match(String(bytes), /^HTTP\/1\.1 408 /)
  t.match(String(bytes), `X-Request-Id: ${GIVEN}\r\n`)
  socket.destroy()
})

t.test('a malformed id is ignored', async (t) => {
  const app = await startApp(t)
  const idOf = async (...lines: string[]) => {
    const head = ['GET /livez HTTP/1.1', 'Host: x', 'Connection: close', ...lines].join('\r\n')
    return /^x-request-id: (.*)\r$/im.exec(await sendRaw(app.url, `${head}\r\n\r\n`))?.[1] as string
  }

  t.equal(await idOf(`X-Request-Id: ${'x'.repeat(128)}`), 'x'.repeat(128))
  for (const lines of [
    [`X-Request-Id: ${'x'.repeat(129)}`],
    ['X-Request-Id: '],
    ['X-Request-Id: a b'],
    ['X-Request-Id: a"b'],
    ['X-Request-Id: ä'],
    ['X-Request-Id: {a}'],
    ['X-Request-Id: a', 'X-Request-Id: b']
  ]) {
    t.match(await idOf(...lines), UUID, lines.join())
  }
})

t.test('the log uses the id that the client sent', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const log = new Log(app)

  await app.request('/products/2', { headers: { 'x-request-id': GIVEN } })

  t.match(await log.logged(/^request refused$/), { level: LEVELS.info, reqId: GIVEN })
})

t.test('allowed origins may send and read the id', async (t) => {
  const app = await startApp(t, { config: { corsOrigins: ['https://shop.example'] } })
  const headers = {
    origin: 'https://shop.example',
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'x-request-id'
  }

  const preflight = await app.request('/livez', { method: 'OPTIONS', headers })

  t.match(preflight.headers.get('access-control-allow-headers'), /x-request-id/i)
  const { headers: exposed } = await app.request('/livez', { headers: { origin: headers.origin } })
  t.match(exposed.get('access-control-expose-headers'), /\bX-Request-Id\b/)
})
