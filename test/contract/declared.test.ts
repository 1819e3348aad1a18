/* Responses that every operation declares: rate limits, body size and media type. */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { startApp, type TestApp } from '../helpers/app.js'
import { checkResponse } from '../helpers/contract.js'
import { type Operation, operations } from '../helpers/operations.js'
import { mascara } from '../helpers/products.js'
import { sendRaw } from '../helpers/raw.js'

const LARGE = 'x'.repeat(1_100_000)
/** The operation that accepts files, and their maximum size in bytes: more than a test should send. */
const UPLOAD = 'importProducts'
const UPLOAD_MAX = 200_000_000

/** Sends a Content-Length without the body. */
async function announce(app: TestApp, { method, path, mediaTypes }: Operation): Promise<number> {
  const outgoing = request(`${app.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await app.token()}`,
      'content-type': mediaTypes[0],
      'content-length': UPLOAD_MAX + 1
    }
  })
  outgoing.flushHeaders()
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  const status = response.statusCode as number
  const headers = new Headers(response.headers as Record<string, string>)
  checkResponse({ method, url: path, status, headers, text: await text(response) })
  outgoing.destroy()
  return status
}

const at = ({ path }: Operation) => path.replace('{id}', '1').replace('{slug}', 'beauty')
/** The precondition of a write, so that only the tested check rejects it. */
const whole = { 'if-match': '*' }

t.test('every operation responds to too many requests with 429', async (t) => {
  for (const operation of operations) {
    const app = await startApp(t, { products: [mascara], config: { rateLimit: 1 } })
    const token = operation.security ? null : await app.token()
    const options = { method: operation.method, token, ...(operation.body && { json: {} }) }
    // The service allows ten sign-ins and one request of each other operation.
    let status = 0
    for (let tries = 0; tries < 12 && status !== 429; tries++)
      status = (await app.request(at(operation), options)).status
    t.equal(status, 429, operation.operationId)
    await app.app.close()
  }
})

t.test('a body that is too large is rejected', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  await app.token()
  for (const operation of operations.filter(({ responses }) => '413' in responses)) {
    if (operation.operationId === UPLOAD) {
      t.equal(await announce(app, operation), 413)
      continue
    }
    const { method, mediaTypes } = operation
    const headers = { ...whole, 'content-type': mediaTypes[0] ?? 'application/json' }
    t.equal((await app.request(at(operation), { method, headers, body: LARGE })).status, 413, operation.operationId)
  }
})

t.test('a body of another media type is rejected', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  for (const operation of operations.filter(({ responses }) => '415' in responses)) {
    const headers = { ...whole, 'content-type': 'application/xml' }
    const { status } = await app.request(at(operation), { method: operation.method, headers, body: '<x/>' })
    t.equal(status, 415, operation.operationId)
  }
})

t.test('a request that is rejected before routing gets a response that every operation declares', async (t) => {
  const app = await startApp(t)
  app.app.server.headersTimeout = 100
  const head = 'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
  for (const [status, name, bytes] of [
    [408, 'request-timeout', head],
    [417, 'expectation-failed', `${head}Expect: miracles\r\n\r\n`],
    [431, 'headers-too-large', `${head}X: ${'x'.repeat(20_000)}\r\n\r\n`]
  ] as const) {
    const [lines = '', body = ''] = (await sendRaw(app.url, bytes)).split('\r\n\r\n')
    const [line, ...fields] = lines.split('\r\n')
    t.match(line, `HTTP/1.1 ${status} `)
    const headers = new Headers(fields.map((field) => field.split(/: (.*)/).slice(0, 2) as [string, string]))
    checkResponse({ method: 'GET', url: '/livez', status, headers, text: body })
    t.match(JSON.parse(body), { status, type: `urn:problem-type:product-catalog:${name}` })
  }
})
