import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import t from 'tap'
import { limitBodyTimes } from '../../src/plugins/body-timeout.js'
import { answerClientError } from '../../src/problems.js'
import { sendRaw } from '../helpers/raw.js'

const TIME = 200

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
