import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t from 'tap'
import { startApp, type TestApp } from '../../helpers/app.js'
import { mascara } from '../../helpers/products.js'

interface StartedRequest {
  socket: Socket
  /** The bytes up to the end of the first response head. */
  response: string
}

/** Sends the head of a request and waits for the first response, before it sends a body. */
async function sendHead(app: TestApp, line: string, fields: Record<string, string>): Promise<StartedRequest> {
  const head = Object.entries({ Host: 'x', Expect: '100-continue', ...fields }).map(
    ([name, value]) => `${name}: ${value}`
  )
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
  socket.setEncoding('utf8').write(`${[`${line} HTTP/1.1`, ...head].join('\r\n')}\r\n\r\n`)
  let response = ''
  while (!response.includes('\r\n\r\n')) response += (await once(socket, 'data'))[0]
  return { socket, response }
}

t.test('a client gets 100 Continue when the service is about to read its body', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const authorization = `Bearer ${await app.token()}`
  for (const [line, type, body, status] of [
    ['POST /auth', 'application/json', '{}', 400],
    ['PATCH /products/1', 'application/json', '{"stock":3}', 200],
    ['DELETE /products/1', 'text/plain', 'no matter', 204],
    ['POST /products/import', 'text/csv', 'sku,stock\n', 200]
  ] as const) {
    const fields = { Authorization: authorization, 'If-Match': '*', 'Content-Type': type }
    const { socket, response } = await sendHead(app, line, { ...fields, 'Content-Length': String(body.length) })
    t.equal(response, 'HTTP/1.1 100 Continue\r\n\r\n', line)
    socket.write(body)
    const [final] = await once(socket, 'data')
    t.match(final, new RegExp(`^HTTP/1\\.1 ${status} `), line)
    t.match(final, /^Connection: keep-alive\r$/m)
    socket.destroy()
  }
})

t.test('a rejected request gets its final response instead, and the connection closes', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { rateLimit: 8 } })
  const token = await app.token()
  const reader = await app.tokenOf('reader')
  const json = { 'Content-Type': 'application/json', 'Content-Length': '20' }
  for (const [line, fields, status] of [
    ['POST /products', json, 401],
    ['POST /products', { ...json, Authorization: 'Bearer x' }, 401],
    ['POST /products', { ...json, Authorization: `Bearer ${reader}` }, 403],
    ['POST /nothing', json, 404],
    ['PUT /products', json, 405],
    ['PATCH /products/1', { ...json, Authorization: `Bearer ${token}` }, 428],
    ['POST /products', { ...json, Authorization: `Bearer ${token}`, 'Content-Length': '2000000' }, 413],
    ['POST /products', { ...json, Authorization: `Bearer ${token}`, 'Content-Type': 'text/csv' }, 415],
    ['POST /products', json, 429],
    ['POST /auth', { ...json, Expect: '100-continue, miracles' }, 417]
  ] as const) {
    const { socket, response } = await sendHead(app, line, fields)
    t.match(response, new RegExp(`^HTTP/1\\.1 ${status} `), line)
    t.match(response, /^Connection: close\r$/im, `${line} ${status}`)
    await new Promise((resolve) => socket.resume().once('close', resolve))
  }
})

t.test('an unknown expectation is rejected', async (t) => {
  const app = await startApp(t)
  const { socket, response } = await sendHead(app, 'GET /livez', { Expect: 'miracles' })
  t.match(response, /^HTTP\/1\.1 417 /)
  socket.destroy()
})
