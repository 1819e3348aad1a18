import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { limitConnections } from '../../../src/http/plugins/connection-limit.js'
import { startApp } from '../../helpers/app.js'

/** Starts a server with few connections. A request for `/held` is pending until `release` is called. */
async function start(t: Test, max: number, trustedProxies: string[] = []) {
  const log: { client: string; held: number; connections: number; msg: string }[] = []
  const stream = new Writable({
    write(line, _encoding, done) {
      log.push(JSON.parse(String(line)))
      done()
    }
  })
  const app = Fastify({ logger: { level: 'warn', stream } })
  await app.register(limitConnections, { max, trustedProxies })
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  app.get('/', async ({ ip }) => ip)
  app.get('/held', async () => await released.then(() => 'released'))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as { port: number }
  t.teardown(() => app.close())

  /** Opens a connection from an address and waits until the server has accepted or rejected it. */
  async function open(localAddress: string): Promise<Connection> {
    const arrived = once(app.server, 'connection')
    const connection = new Connection(connect({ port, host: '127.0.0.1', localAddress }))
    t.teardown(() => connection.socket.destroy())
    await arrived
    return connection
  }
  /** Opens several connections one after the other. */
  async function openAll(localAddress: string, count: number): Promise<Connection[]> {
    const opened: Connection[] = []
    while (opened.length < count) opened.push(await open(localAddress))
    return opened
  }
  return { app, log, open, openAll, release }
}

class Connection {
  readonly closed: Promise<void>
  isClosed = false
  #text = ''

  constructor(readonly socket: Socket) {
    socket.setEncoding('utf8').on('data', (text) => {
      this.#text += text
    })
    // The server may close the connection while the client sends.
    socket.on('error', () => {})
    this.closed = new Promise((resolve) =>
      socket.on('close', () => {
        this.isClosed = true
        resolve()
      })
    )
  }

  send(path: string): void {
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
  }

  /** Waits until the received text ends with `end` or the server closes. */
  async received(end: string): Promise<boolean> {
    while (!this.#text.endsWith(end) && !this.isClosed) await setImmediate()
    return this.#text.endsWith(end)
  }

  /** Sends a request and checks that the server responds. */
  async isServed(): Promise<boolean> {
    this.#text = ''
    this.send('/')
    return await this.received(`\r\n\r\n${this.socket.localAddress}`)
  }
}

const isOpen = ({ isClosed }: Connection) => !isClosed

t.test('an address that holds all connections does not block other addresses', async (t) => {
  const { open, openAll } = await start(t, 4)
  const [oldest, ...others] = (await openAll('127.0.0.2', 4)) as [Connection, ...Connection[]]

  const first = await open('127.0.0.3')

  await oldest.closed
  t.ok(await first.isServed())
  for (const more of await openAll('127.0.0.2', 3)) await more.closed
  t.ok(await first.isServed(), 'despite more connections of the first address')
  t.ok(await (await open('127.0.0.3')).isServed())
  await others[0]?.closed
  await (await open('127.0.0.3')).closed
  t.ok(await first.isServed(), 'both addresses hold the same number')
  for (const one of others.slice(1)) t.ok(await one.isServed())
})

t.test('addresses share the connections evenly, and new clients get free ones', async (t) => {
  const { openAll } = await start(t, 9)
  const all = new Map<string, Connection[]>()
  for (const address of ['127.0.0.2', '127.0.0.3', '127.0.0.4']) all.set(address, await openAll(address, 20))
  const counts = () => [...all.values()].map((connections) => connections.filter(isOpen).length)

  while (counts().reduce((sum, count) => sum + count) > 9) await setImmediate()
  t.strictSame(counts(), [3, 3, 3])

  const closed = all.get('127.0.0.2')?.filter(isOpen) ?? []
  for (const connection of closed) connection.socket.end()
  await Promise.all(closed.map((connection) => connection.closed))
  const taken = await openAll('127.0.0.5', 3)
  for (const connection of taken) t.ok(await connection.isServed())
  t.strictSame(counts(), [0, 3, 3])
})

t.test('simultaneous connections evict one connection each', async (t) => {
  const { app, openAll } = await start(t, 4)
  const old = await openAll('127.0.0.2', 4)
  // New releases of Node.js accept one connection per turn of the event loop. Old releases and other systems accept several.
  const listener = createServer().listen(0, '127.0.0.1')
  t.teardown(() => listener.close())
  await once(listener, 'listening')
  const { port } = listener.address() as { port: number }
  const accepted: Socket[] = []
  const taken: Connection[] = []
  for (const localAddress of ['127.0.0.3', '127.0.0.4']) {
    const arrived = once(listener, 'connection')
    taken.push(new Connection(connect({ port, host: '127.0.0.1', localAddress })))
    accepted.push(...(await arrived))
  }

  for (const socket of accepted) app.server.emit('connection', socket)

  for (const connection of taken) t.ok(await connection.isServed())
  await Promise.all([old[0]?.closed, old[1]?.closed])
  t.strictSame(old.map(isOpen), [false, false, true, true])
  for (const { socket } of taken) socket.destroy()
})

t.test('the oldest connection without a pending request is closed first', async (t) => {
  const { app, open, openAll, release } = await start(t, 4)
  const [busy, begun, idle, last] = (await openAll('127.0.0.2', 4)) as [Connection, Connection, Connection, Connection]
  t.ok(await idle.isServed())
  busy.send('/held')
  begun.socket.write('GET / HTTP/1.1\r\nHost: ')
  last.send('/held')
  await receiveRequests(app, 2)

  await open('127.0.0.3')
  await begun.closed
  await open('127.0.0.4')
  await idle.closed

  release()
  for (const connection of [busy, last]) t.ok(await connection.received('released'))
})

t.test('if every connection has a pending request, the oldest is closed', async (t) => {
  const { app, open, openAll, release } = await start(t, 2)
  const [older, newer] = (await openAll('127.0.0.2', 2)) as [Connection, Connection]
  for (const connection of [older, newer]) connection.send('/held')
  await receiveRequests(app, 2)

  t.ok(await (await open('127.0.0.3')).isServed())

  await older.closed
  release()
  t.ok(await newer.received('released'))
})

t.test('a trusted proxy may hold any number of connections and loses none', async (t) => {
  const { open, openAll } = await start(t, 4, ['192.0.2.1', '2001:db8::1', '2001:db8:1::/48', '127.0.0.128/25'])
  const proxied = [...(await openAll('127.0.0.129', 1)), ...(await openAll('127.0.0.200', 1))]
  const [oldest, newest] = (await openAll('127.0.0.2', 2)) as [Connection, Connection]

  proxied.push(await open('127.0.0.129'))
  await oldest.closed
  await (await open('127.0.0.129')).closed
  await (await open('127.0.0.3')).closed

  for (const connection of [...proxied, newest]) t.ok(await connection.isServed())
})

t.test('if trusted proxies hold all connections, new ones are rejected', async (t) => {
  const { open } = await start(t, 1, ['127.0.0.2'])
  const proxied = await open('127.0.0.2')

  for (const address of ['127.0.0.2', '127.0.0.3']) await (await open(address)).closed

  t.ok(await proxied.isServed())
})

t.test('the log names the affected client once a minute', async (t) => {
  const rejecting = await start(t, 1)
  await rejecting.open('127.0.0.2')
  for (const address of ['127.0.0.3', '127.0.0.4']) await (await rejecting.open(address)).closed
  t.match(rejecting.log, [{ client: '127.0.0.3', held: 0, connections: 1, msg: /refused/ }])
  t.equal(rejecting.log.length, 1)

  const evicting = await start(t, 2)
  const [oldest] = await evicting.openAll('127.0.0.2', 2)
  await evicting.open('127.0.0.3')
  await oldest?.closed
  t.match(evicting.log, [{ client: '127.0.0.2', held: 2, connections: 2, msg: /closed/ }])
})

t.test('the service limits its connections', async (t) => {
  const { app } = await startApp(t)
  t.equal(app.server.maxConnections, 5001, 'one more than the limit, to be rejected')
})

/** Waits for the next `count` requests. */
async function receiveRequests(app: { server: NodeJS.EventEmitter }, count: number): Promise<void> {
  let left = count
  await new Promise<void>((resolve) => {
    app.server.on('request', () => {
      if (--left === 0) resolve()
    })
  })
}
