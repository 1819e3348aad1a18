import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { limitSlowClients } from '../../../src/http/plugins/slow-clients.js'
import { startApp } from '../../helpers/app.js'
import { mascara } from '../../helpers/products.js'
import { sendRaw } from '../../helpers/raw.js'

const TIME = 300

async function start(t: Test) {
  const app = Fastify({ connectionTimeout: TIME, keepAliveTimeout: 10_000 })
  await app.register(limitSlowClients, { longWork: 10 * TIME })
  const url = async () => {
    t.teardown(() => app.close())
    return await app.listen({ port: 0, host: '127.0.0.1' })
  }
  return { app, url }
}

/** Returns the milliseconds until the other side closes. */
function closed(socket: Socket): Promise<number> {
  const before = performance.now()
  return new Promise((resolve) => {
    socket.on('error', () => {})
    socket.on('close', () => resolve(performance.now() - before))
  })
}

const get = (path: string, connection = 'keep-alive') =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\n\r\n`

t.test(
  'pipelined requests of one connection run one at a time, while other connections run concurrently',
  async (t) => {
    const { app, url } = await start(t)
    const running = new Map<unknown, number>()
    const most = { each: 0, all: 0 }
    app.get('/:n', async ({ params, raw }) => {
      const own = (running.get(raw.socket) ?? 0) + 1
      running.set(raw.socket, own)
      most.each = Math.max(most.each, own)
      most.all = Math.max(most.all, [...running.values()].filter((n) => n > 0).length)
      await sleep(10)
      running.set(raw.socket, own - 1)
      return `(${(params as { n: string }).n})`
    })
    const address = await url()
    const numbers = Array.from({ length: 20 }, (_, i) => i)
    const bytes = numbers.map((n) => get(`/${n}`, n === 19 ? 'close' : undefined)).join('')

    const responses = await Promise.all([sendRaw(address, bytes), sendRaw(address, bytes)])

    for (const response of responses) t.equal(response.match(/\(\d+\)/g)?.join(), numbers.map((n) => `(${n})`).join())
    t.strictSame(most, { each: 1, all: 2 })
  }
)

t.test('a client that disconnects with queued requests affects no other', async (t) => {
  const { app, url } = await start(t)
  const handled: string[] = []
  app.get('/:n', async ({ url, raw }) => {
    handled.push(url)
    if (url === '/1') await once(raw.socket, 'close')
    return url
  })
  const address = await url()

  const socket = connect(Number(new URL(address).port), '127.0.0.1', () => socket.write(get('/1') + get('/2')))
  while (handled.length === 0) await setImmediate()
  socket.destroy()

  t.equal(await (await fetch(`${address}/3`)).text(), '/3')
  t.strictSame(handled, ['/1', '/3'], 'the queued request of a closed connection does not run')
})

t.test('a client that reads nothing for a while is cut off, but a slow reader is not', async (t) => {
  const { app, url } = await start(t)
  app.get('/', async () => Buffer.alloc(30_000_000))
  const address = await url()
  const ask = (): Socket => {
    const socket = connect(Number(new URL(address).port), '127.0.0.1', () => socket.write(get('/', 'close')))
    return socket.pause()
  }

  const idle = new Promise<number>((resolve) => app.server.once('connection', (socket) => closed(socket).then(resolve)))
  const first = ask()
  t.ok((await idle) >= TIME, 'not before the timeout')
  first.destroy()

  const slow = ask()
  let length = 0
  slow.on('data', ({ length: more }) => {
    length += more
    slow.pause()
    setTimeout(() => slow.resume(), 1)
  })
  slow.resume()
  await closed(slow)
  t.ok(length > 30_000_000)
})

t.test('a route for long work allows a longer silence on its connection', async (t) => {
  const { app, url } = await start(t)
  const handler = async () => {
    await sleep(2 * TIME)
    return 'done'
  }
  app.get('/', handler)
  app.get('/long', { onRequest: app.allowLongWork }, handler)
  const address = await url()
  const socket = connect(Number(new URL(address).port), '127.0.0.1', () => socket.write(get('/long')))
  let response = ''
  socket.on('data', (chunk) => {
    response += chunk
    if (response.endsWith('done')) socket.write(get('/'))
  })

  await closed(socket)

  t.match(response, /^HTTP\/1\.1 200 .*done$/s)
  t.equal(response.match(/HTTP/g)?.length, 1, 'the next request of another route is cut off')
})

t.test('the service sets all of these timeouts', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { server } = app.app
  t.match(server, { timeout: 40_000, keepAliveTimeout: 72_000, headersTimeout: 30_000, requestTimeout: 600_000 })

  const token = await app.token()
  const times: (number | undefined)[] = []
  server.once('connection', (socket: Socket) => {
    const watch = setInterval(() => times.push(socket.timeout))
    socket.once('close', () => clearInterval(watch))
  })
  const patch = (n: number) => {
    const body = `{"stock":${n}}`
    const head = `PATCH /products/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nIf-Match: *\r\nConnection: ${n < 100 ? 'keep-alive' : 'close'}`
    return `${head}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  }
  const response = await sendRaw(app.url, Array.from({ length: 101 }, (_, n) => patch(n)).join(''))
  t.equal(response.match(/HTTP\/1\.1 200/g)?.length, 101)
  t.ok(times.includes(600_000), 'a write may have to wait for an import')
})

t.test('headers that arrive too slowly get 408 soon after their timeout', async (t) => {
  const app = await startApp(t)
  app.app.server.headersTimeout = TIME
  const before = performance.now()

  const response = await sendRaw(app.url, 'GET /livez HTTP/1.1\r\nHost: x\r\n')

  t.match(response, /^HTTP\/1\.1 408 .*request-timeout/s)
  // The default of Node.js would be to check every 30 seconds.
  t.ok(performance.now() - before < 20_000)
})
