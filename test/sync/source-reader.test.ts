import type { OutgoingHttpHeaders, RequestListener } from 'node:http'
import t, { type Test } from 'tap'
import type { SourceFields } from '../../src/store/source-products.js'
import { SourceError } from '../../src/sync/source-error.js'
import type { SourceLimits } from '../../src/sync/source-limits.js'
import { SourceReader, type Validator } from '../../src/sync/source-reader.js'
import { sourceProduct } from '../helpers/products.js'
import { startSelfSignedServer, TestSource } from '../helpers/source.js'

const { signal } = new AbortController()

const openSource = (url: string, limits?: Partial<SourceLimits>) =>
  new SourceReader({ kind: 'dummyjson', url, currency: 'USD', ...(limits && { limits }) })

async function startSource(t: Test, products: unknown[] = []) {
  const server = new TestSource(products)
  await server.listen()
  t.teardown(() => server.close())
  const source = openSource(server.url)
  t.teardown(() => source.close())
  return { server, source }
}

/** Reads the whole source and returns its products and validators. */
async function readAll(source: SourceReader, known: readonly Validator[] = [], stop = signal) {
  const products: SourceFields[] = []
  let page: SourceFields[] = []
  const read = await source.read(known, stop, {
    startPage() {
      page = []
    },
    async addBatch({ rows }) {
      page.push(...rows.map(({ fields }) => fields))
    },
    endPage() {
      products.push(...page)
      return { isRepeated: false }
    }
  })
  return { products, read, validators: read?.validators }
}

const idsOf = (products: readonly object[]) => products.map((product) => (product as { id: number }).id)

/** Creates a listener that responds with JSON. */
const json =
  (body: string | Buffer | object, headers: OutgoingHttpHeaders = {}): RequestListener =>
  (_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body))

const many = Array.from({ length: 2500 }, (_, i) => sourceProduct(i + 1))

t.test('each page is read once', async (t) => {
  const { server, source } = await startSource(t, many)

  const { products, validators } = await readAll(source)

  t.strictSame(idsOf(products), idsOf(many))
  t.equal(validators?.length, 3)
  t.strictSame(
    server.requests.map(({ url }) => url),
    ['/products?limit=1000&skip=0', '/products?limit=1000&skip=1000', '/products?limit=1000&skip=2000']
  )
})

t.test('a reading waits for the one before, without losing time for the source', async (t) => {
  const { server } = await startSource(t, [sourceProduct(1)])
  const source = openSource(server.url, { response: 1500, rate: 1 })
  t.teardown(() => source.close())
  server.answer = (request, response) => {
    server.answer = undefined
    response.writeHead(200, { 'content-type': 'application/json' })
    let spaces = 0
    const timer = setInterval(() => {
      response.write(' ')
      if (++spaces < 20) return
      clearInterval(timer)
      response.end(JSON.stringify({ products: [sourceProduct(2)], total: 1 }))
    }, 100)
    request.resume()
  }
  const [slow, other] = await Promise.all([readAll(source), readAll(source)])
  t.strictSame([idsOf(slow.products), idsOf(other.products)], [[2], [1]])
})

t.test('requests to the source identify the service and nothing else', async (t) => {
  const { server, source } = await startSource(t)

  await readAll(source)

  const { host, connection, ...headers } = server.requests[0]?.headers ?? {}
  t.strictSame(Object.keys(headers).sort(), ['accept', 'accept-encoding', 'user-agent'])
  t.match(headers['user-agent'], /^product-catalog\/\d/)
})

t.test('credentials are sent with each request', async (t) => {
  const { server } = await startSource(t, many)
  const auth = { name: 'authorization', value: 'Bearer secret' }
  const source = new SourceReader({ kind: 'dummyjson', url: server.url, currency: 'USD', auth })
  t.teardown(() => source.close())

  const { validators } = await readAll(source)
  await readAll(source, validators)

  t.equal(server.requests.length, 6)
  for (const { headers } of server.requests) t.equal(headers.authorization, 'Bearer secret')
})

t.test('an unchanged catalog is not read again', async (t) => {
  const { server, source } = await startSource(t, many)
  const { validators } = await readAll(source)
  server.requests.length = 0

  t.strictSame(await readAll(source, validators), { products: [], read: undefined, validators: undefined })
  t.equal(server.requests.filter(({ condition }) => condition !== undefined).length, 3)

  server.products = many.with(2400, sourceProduct(2401, { stock: 1 }))
  const read = await readAll(source, validators)
  t.match(read.products[2400], { stock: 1 }, 'a change on the last page')
})

t.test('without ETags, every sync reads the catalog', async (t) => {
  const { server, source } = await startSource(t, many)
  server.etags = false

  t.strictSame((await readAll(source)).validators, [])
})

t.test('the path of the source URL prefixes the requests', async (t) => {
  const { server } = await startSource(t, many.slice(0, 1))
  const source = openSource(`${server.url}/shop/api`)
  t.teardown(() => source.close())

  await readAll(source)

  t.equal(server.requests[0]?.url, '/shop/api/products?limit=1000&skip=0')
})

t.test('an unreadable source is an error with a reason, never an empty catalog', async (t) => {
  const status =
    (code: number): RequestListener =>
    (_request, response) =>
      response.writeHead(code, { location: 'http://127.0.0.1:1/', 'content-type': 'application/json' }).end('{}')

  for (const [reason, answer] of [
    ['http-500', status(500)],
    ['http-404', status(404)],
    ['http-429', status(429)],
    ['http-301', status(301)],
    ['http-304', status(304)],
    ['invalid', json('{}', { 'content-type': 'text/html' })],
    ['invalid', json('{}', { 'content-encoding': 'gzip' })],
    ['invalid', json(Buffer.from('{"products":[],"total":0,"\xff":0}', 'latin1'))],
    ['invalid', json('<html>')],
    ['invalid', json('{"products":[')],
    ['invalid', json('{"message":"sorry"}')],
    ['invalid', json('{"products":{},"total":1}')],
    ['invalid', json('{"products":[],"total":-1}')],
    ['refused', (request) => request.socket.destroy()],
    [
      'too-large',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        const chunk = Buffer.alloc(1024 * 1024, ' ')
        const more = () => {
          if (!response.destroyed) response.write(chunk, () => setImmediate(more))
        }
        more()
      }
    ]
  ] as [string, RequestListener][]) {
    const { server, source } = await startSource(t)
    server.answer = answer
    await t.rejects(readAll(source), { name: 'SourceError', reason }, reason)
  }
})

t.test('a refused connection and a stop end the read', async (t) => {
  const unreachable = openSource('http://127.0.0.1:1')
  t.teardown(() => unreachable.close())
  await t.rejects(readAll(unreachable), { name: 'SourceError', reason: 'refused' })

  const { server, source } = await startSource(t)
  const stop = new AbortController()
  server.answer = () => stop.abort()
  await t.rejects(readAll(source, [], stop.signal), SourceError)
})

t.test('time is limited per page and in total, and size in total', async (t) => {
  const respondSlowly: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const timer = setInterval(() => response.write(' '), 20)
    response.on('close', () => clearInterval(timer))
  }
  const page = (products: unknown[], size = 0): RequestListener => {
    const body = `${JSON.stringify({ products, total: 1000 })}${' '.repeat(size)}`
    return (request, response) => setTimeout(() => json(body)(request, response), 30)
  }
  const limits = { connect: 1000, response: 1000, total: 1000, bytes: 100_000 }

  for (const [what, reason, answer, changes] of [
    ['a page that arrives too slowly', 'timeout', respondSlowly, { response: 200 }],
    ['a page that never begins', 'timeout', () => {}, { response: 200 }],
    ['many pages, each within its time', 'timeout', page([1]), { total: 300 }],
    ['many pages, each within its size', 'too-large', page([1], 30_000), {}]
  ] as [string, string, RequestListener, object][]) {
    const server = new TestSource([])
    await server.listen()
    t.teardown(() => server.close())
    server.answer = answer
    const source = openSource(server.url, { ...limits, ...changes })
    t.teardown(() => source.close())

    const before = Date.now()
    await t.rejects(readAll(source), { name: 'SourceError', reason }, what)
    t.ok(Date.now() - before < 5000, what)
  }
})

t.test('an incomplete catalog is an error', async (t) => {
  const { server, source } = await startSource(t)
  const answers =
    (...pages: object[]): RequestListener =>
    (request, response) => {
      const skip = Number(/skip=(\d+)/.exec(request.url as string)?.[1])
      json(pages[Math.min(skip / 1000, pages.length - 1)] as object)(request, response)
    }
  const first = { products: many.slice(0, 1000), total: 1500 }

  for (const [what, answer] of [
    ['a missing page', answers(first, { products: [], total: 1500 })],
    ['no products despite a total', answers({ products: [], total: 1500 })],
    ['more products than the total', answers({ products: many.slice(0, 1000), total: 100 })],
    ['too many products on a page', answers(first, first)]
  ] as [string, RequestListener][]) {
    server.answer = answer
    await t.rejects(readAll(source), { name: 'SourceError', reason: 'invalid' }, what)
  }
})

t.test('pages may be shorter than the requested limit', async (t) => {
  const { server, source } = await startSource(t, many)
  server.most = 700

  const { products, validators } = await readAll(source)

  t.strictSame(idsOf(products), idsOf(many))
  t.strictSame((await readAll(source, validators)).read, undefined)
})

t.test('a read reports shifting pages if the total changes', async (t) => {
  for (const later of [[...many, sourceProduct(2501)], many.slice(1), many.slice(0, 1500)]) {
    const { server, source } = await startSource(t, many)

    const read = await source.read([], signal, {
      startPage() {},
      async addBatch() {},
      endPage() {
        server.products = later
        return { isRepeated: false }
      }
    })

    t.strictSame(read, { validators: [], isShifting: true, incomplete: undefined })
  }
})

t.test('transient failures are retried up to three times in all', async (t) => {
  for (const [what, fail] of [
    ['a closed connection', (request) => request.socket.destroy()],
    ['502', (_, response) => response.writeHead(502).end()],
    ['503', (_, response) => response.writeHead(503).end()],
    ['504', (_, response) => response.writeHead(504).end()],
    ['429', (_, response) => response.writeHead(429, { 'retry-after': '0' }).end()]
  ] as [string, RequestListener][]) {
    const { server, source } = await startSource(t, many)
    let failures = 2
    server.answer = (request, response) => {
      if (failures-- === 1) server.answer = undefined
      fail(request, response)
    }
    t.equal((await readAll(source)).products.length, 2500, what)
    t.equal(server.requests.length, 5, what)
  }

  for (const [attempts, code] of [
    [3, 503],
    [1, 500],
    [1, 404],
    [1, 401]
  ] as const) {
    const { server, source } = await startSource(t, many)
    server.answer = (_request, response) => response.writeHead(code).end()
    await t.rejects(readAll(source), { name: 'SourceError', reason: `http-${code}` })
    t.equal(server.requests.length, attempts, `${code}`)
  }
})

t.test('one read retries at most ten requests in total', async (t) => {
  const { server, source } = await startSource(
    t,
    Array.from({ length: 30 }, (_, i) => sourceProduct(i + 1))
  )
  server.most = 1
  let requests = 0
  server.answer = (request, response) => {
    if (requests++ % 2 === 0) request.socket.destroy()
    else server.serve(request, response)
  }

  await t.rejects(readAll(source), { name: 'SourceError', reason: 'refused' })
  t.equal(requests, 21)
})

t.test('a read honors Retry-After up to a limit', async (t) => {
  const { server, source } = await startSource(t, many)
  const answer = (after: string | undefined): RequestListener => {
    return (_request, response) => {
      server.answer = undefined
      response.writeHead(503, after === undefined ? {} : { 'retry-after': after }).end()
    }
  }

  server.answer = answer('1')
  const before = performance.now()
  await readAll(source)
  t.ok(performance.now() - before >= 990, 'a short wait')

  server.answer = answer(new Date(Date.now() + 86_400_000).toUTCString())
  const error = await readAll(source).catch((error) => error)
  t.match(error, { reason: 'http-503' }, 'no wait of a day')
  t.ok(Math.abs(error.retryAfter - 86_400_000) < 5000)

  for (const nonsense of ['soon', '-1', undefined]) {
    server.answer = answer(nonsense)
    t.equal((await readAll(source)).products.length, 2500, `${nonsense}`)
  }
})

t.test('a stop ends the wait for a retry', async (t) => {
  const { server, source } = await startSource(t)
  const stop = new AbortController()
  server.answer = (_request, response) => {
    response.on('close', () => stop.abort())
    response.writeHead(503, { 'retry-after': '9', connection: 'close' }).end()
  }

  const before = performance.now()
  // The stop may come before the response was read.
  await t.rejects(readAll(source, [], stop.signal), SourceError)
  t.ok(performance.now() - before < 5000)
})

t.test('requests stay within the rate limit of the source', async (t) => {
  const { server } = await startSource(t, many.slice(0, 6))
  server.most = 1
  const source = openSource(server.url, { requests: 3, period: 300 })
  t.teardown(() => source.close())

  const before = performance.now()
  await readAll(source)
  const elapsed = performance.now() - before

  t.ok(elapsed >= 290 && elapsed < 590, `six requests, three at a time, took ${elapsed} ms`)
})

t.test('a read that waits for the rate limit still has a total deadline', async (t) => {
  const { server } = await startSource(t, many.slice(0, 6))
  server.most = 1
  const source = openSource(server.url, { requests: 1, period: 60_000, total: 200 })
  t.teardown(() => source.close())

  await t.rejects(readAll(source), { name: 'SourceError', reason: 'timeout' })
})

t.test('a self-signed certificate is rejected even if the environment allows it', async (t) => {
  const source = openSource(await startSelfSignedServer(t))
  t.teardown(() => source.close())
  const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  t.teardown(() => {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
  })

  const error = await readAll(source).catch((error) => error)

  t.match(error, { reason: 'refused', cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } })
})
