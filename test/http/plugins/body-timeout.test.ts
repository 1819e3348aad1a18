import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { mock } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import t from 'tap'
import { answerClientError } from '../../../src/http/client-errors.js'
import { answerFrameworkError } from '../../../src/http/error-handler.js'
import { limitBodyTimes } from '../../../src/http/plugins/body-timeout.js'
import { startApp } from '../../helpers/app.js'
import { exchange, sendRaw } from '../../helpers/raw.js'

const TIME = 200
/** Of a request that goes on for as long as the connection does. */
const ENDLESS = 'Content-Length: 1000000'

async function* answer() {
  yield 'begun'
  await sleep(3 * TIME)
  yield 'ended'
}

t.test('a body that does not arrive in time is answered with 408, unless it is a file', async (t) => {
  const app = Fastify({ clientErrorHandler: answerClientError })
  await app.register(limitBodyTimes, { time: TIME })
  app.post('/', async () => 'quick')
  app.get('/long', async () => Readable.from(answer(), { objectMode: false }))
  app.post('/file', { config: { isUpload: true } }, async () => 'a file')
  const url = await app.listen({ port: 0 })
  t.teardown(() => app.close())
  const head = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json'

  const cut = await sendRaw(url, `${head}\r\nContent-Length: 10\r\n\r\n{`)
  t.match(cut, /^HTTP\/1\.1 408 .*request-timeout/s)
  const chunked = await sendRaw(url, `${head}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`)
  t.match(chunked, /^HTTP\/1\.1 408 /)
  t.match(await sendRaw(url, `${head}\r\nContent-Length: 2\r\n\r\n{}`), /^HTTP\/1\.1 200 /)

  const long = 'GET /long HTTP/1.1\r\nHost: x\r\nConnection: close'
  for (const body of ['Content-Length: 0\r\n\r\n', 'Content-Length: 2\r\n\r\n{}']) {
    t.match(await sendRaw(url, `${long}\r\n${body}`), /^HTTP\/1\.1 200 .*begun.*ended/s, 'nobody reads that body')
  }
  const cutOff = await sendRaw(url, `${long}\r\nContent-Length: 10\r\n\r\n{`)
  t.match(cutOff, /^HTTP\/1\.1 200 .*begun/s)
  t.notMatch(cutOff, /408|ended/, 'nothing is written into an answer that has begun')

  async function* slowly() {
    yield Buffer.from('{')
    await sleep(2 * TIME)
    yield Buffer.from('}')
  }
  const send = (path: string) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: slowly(),
      duplex: 'half'
    } as RequestInit)
  t.equal((await send('/file')).status, 200)
  t.equal(
    await send('/').then(
      ({ status }) => status,
      () => 408
    ),
    408
  )
})

t.test('a client that goes on sending after a 408 is cut off, and its request is not carried out', async (t) => {
  const app = Fastify({
    clientErrorHandler: answerClientError,
    http: { headersTimeout: TIME, connectionsCheckingInterval: TIME }
  })
  await app.register(limitBodyTimes, { time: TIME })
  let handled = 0
  app.post('/', async () => handled++)
  const url = await app.listen({ port: 0 })
  t.teardown(() => app.close())
  const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
  for (const [bytes, rest] of [
    [`${head}Content-Length: 2\r\n\r\n{`, '}'],
    [head, 'X: y\r\n']
  ] as const) {
    const socket = connect({ port: Number(new URL(url).port), allowHalfOpen: true })
    socket.on('error', () => {})
    socket.write(bytes)
    const [answer] = await once(socket.setEncoding('utf8'), 'data')
    t.match(answer, /^HTTP\/1\.1 408 /)
    const drip = setInterval(() => socket.write(rest), TIME / 4)
    await new Promise((resolve) => socket.once('close', resolve))
    clearInterval(drip)
  }
  t.equal(handled, 0)
})

t.test('the rest of a body whose response was sent gets no longer, and no second response', async (t) => {
  const app = Fastify({ clientErrorHandler: answerClientError, frameworkErrors: answerFrameworkError })
  await app.register(limitBodyTimes, { time: TIME })
  app.addHook('onRequest', async ({ url }, reply) => (url === '/refused' ? reply.code(401).send() : undefined))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.post('/', async () => 'answered')
  app.post('/file', { config: { isUpload: true } }, async () => 'a file')
  app.post('/long', { config: { isUpload: true } }, async () => {
    await sleep(2 * TIME)
    return 'a long one'
  })
  const url = await app.listen({ port: 0 })
  t.teardown(() => app.close())

  for (const [path, status] of [
    ['/', 200],
    ['/file', 200],
    ['/long', 200],
    ['/refused', 401],
    ['/nothing', 404],
    ['/%zz', 400]
  ] as const) {
    const bytes = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n${ENDLESS}\r\n\r\n{`
    const { statuses, isClosed } = await exchange(url, bytes)
    t.strictSame(statuses, [status], path)
    t.ok(isClosed, path)
  }
})

t.test('a request that came with others has its time when its turn comes', async (t) => {
  const app = Fastify({ clientErrorHandler: answerClientError })
  await app.register(limitBodyTimes, { time: TIME })
  app.get('/long', async () => {
    await sleep(3 * TIME)
    return 'long'
  })
  app.post('/', async () => 'answered')
  const url = await app.listen({ port: 0 })
  t.teardown(() => app.close())
  const post = `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n${ENDLESS}\r\n\r\n{`

  const { statuses, isClosed } = await exchange(url, `GET /long HTTP/1.1\r\nHost: x\r\n\r\n${post}`)

  t.strictSame(statuses, [200, 408])
  t.ok(isClosed)
})

t.test('the service gives a body 30 seconds, whatever becomes of its request', async (t) => {
  const app = await startApp(t, { config: { rateLimit: 6 } })
  const port = Number(new URL(app.url).port)
  const token = await app.token()
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  for (const [line, status] of [
    ['POST /products', 401],
    ['POST /nothing', 404],
    ['PUT /products', 405],
    ['POST /%zz', 400],
    ['POST /livez?x=y', 405],
    ['DELETE /products/1', 428],
    ['GET /products', 200],
    ['GET /products', 429]
  ] as const) {
    const authorization = status === 401 ? '' : `Authorization: Bearer ${token}\r\n`
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`${line} HTTP/1.1\r\nHost: x\r\n${authorization}Content-Type: text/csv\r\n${ENDLESS}\r\n\r\n{`)
    )
    socket.on('error', () => {})
    const [answer] = await once(socket.setEncoding('utf8'), 'data')
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `), line)
    socket.write('x')
    mock.timers.tick(29_999)
    t.notOk(socket.readableEnded)
    mock.timers.tick(1)
    await new Promise((resolve) => socket.resume().once('close', resolve))
  }
})
