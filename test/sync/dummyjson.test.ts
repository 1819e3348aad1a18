import type { RequestListener } from 'node:http'
import t, { type Test } from 'tap'
import { DummyJsonSource, SourceError } from '../../src/sync/dummyjson.js'
import { sourceProduct } from '../helpers/products.js'
import { TestSource } from '../helpers/source.js'

const { signal } = new AbortController()

async function startSource(t: Test, products: unknown[] = []) {
  const server = new TestSource(products)
  await server.listen()
  t.teardown(() => server.close())
  const source = new DummyJsonSource(server.url)
  t.teardown(() => source.close())
  return { server, source }
}

/** All that a reading brings. */
async function readAll(source: DummyJsonSource, known: string[] = [], stop = signal) {
  const products: unknown[] = []
  const validators = await source.read(known, stop, async (page) => {
    products.push(...page)
  })
  return { products, validators }
}

const many = Array.from({ length: 250 }, (_, i) => sourceProduct(i + 1))

t.test('all pages are read, each once', async (t) => {
  const { server, source } = await startSource(t, many)

  const { products, validators } = await readAll(source)

  t.strictSame(products, JSON.parse(JSON.stringify(many)))
  t.equal(validators?.length, 3)
  t.strictSame(
    server.requests.map(({ url }) => url),
    ['/products?limit=100&skip=0', '/products?limit=100&skip=100', '/products?limit=100&skip=200']
  )
})

t.test('what is asked for tells who asks, and nothing else', async (t) => {
  const { server, source } = await startSource(t)

  await readAll(source)

  const { host, connection, ...headers } = server.requests[0]?.headers ?? {}
  t.strictSame(Object.keys(headers).sort(), ['accept', 'user-agent'])
  t.match(headers['user-agent'], /^product-catalog\/\d/)
})

t.test('a catalog that did not change is not read again', async (t) => {
  const { server, source } = await startSource(t, many)
  const { validators } = await readAll(source)
  server.requests.length = 0

  t.strictSame(await readAll(source, validators), { products: [], validators: undefined })
  t.equal(server.requests.filter(({ condition }) => condition !== undefined).length, 3)

  server.products = many.with(240, sourceProduct(241, { stock: 1 }))
  const read = await readAll(source, validators)
  t.match(read.products[240], { stock: 1 }, 'a change on the last page is enough')
})

t.test('without ETags the catalog is read each time', async (t) => {
  const { server, source } = await startSource(t, many)
  server.etags = false

  t.strictSame((await readAll(source)).validators, [])
})

t.test('an address with a path is the base of the requests', async (t) => {
  const { server } = await startSource(t, many.slice(0, 1))
  const source = new DummyJsonSource(`${server.url}/shop/api`)
  t.teardown(() => source.close())

  await readAll(source)

  t.equal(server.requests[0]?.url, '/shop/api/products?limit=100&skip=0')
})

t.test('a source that cannot be read is a reason, never a catalog', async (t) => {
  const json =
    (body: string): RequestListener =>
    (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(body)
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
    ['invalid', json('<html>')],
    ['invalid', json('{"products":[')],
    ['invalid', json('{"message":"sorry"}')],
    ['invalid', json('{"products":{},"total":1}')],
    ['invalid', json('{"products":[],"total":-1}')],
    ['refused', (request) => request.socket.destroy()],
    [
      'too-large',
      (_request, response) => {
        response.writeHead(200)
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

t.test('nobody listening and a stop end the reading', async (t) => {
  const nobody = new DummyJsonSource('http://127.0.0.1:1')
  t.teardown(() => nobody.close())
  await t.rejects(readAll(nobody), { name: 'SourceError', reason: 'refused' })

  const { server, source } = await startSource(t)
  server.answer = () => {}
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 50)
  await t.rejects(readAll(source, [], stop.signal), SourceError)
})

t.test('time and size are bounded, for a page and for all of them', async (t) => {
  const drip: RequestListener = (_request, response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write(' '), 20)
    response.on('close', () => clearInterval(timer))
  }
  const page = (products: unknown[], size = 0): RequestListener => {
    const body = `${JSON.stringify({ products, total: 1000 })}${' '.repeat(size)}`
    return (_request, response) => setTimeout(() => response.end(body), 30)
  }
  const limits = { connect: 1000, page: 1000, total: 1000, bytes: 100_000 }

  for (const [what, reason, answer, changes] of [
    ['a page that drips', 'timeout', drip, { page: 200 }],
    ['a page that never begins', 'timeout', () => {}, { page: 200 }],
    ['many pages, each in time', 'timeout', page([1]), { total: 300 }],
    ['many pages, each of a size', 'too-large', page([1], 30_000), {}]
  ] as [string, string, RequestListener, object][]) {
    const server = new TestSource([])
    await server.listen()
    t.teardown(() => server.close())
    server.answer = answer
    const source = new DummyJsonSource(server.url, { ...limits, ...changes })
    t.teardown(() => source.close())

    const before = Date.now()
    await t.rejects(readAll(source), { name: 'SourceError', reason }, what)
    t.ok(Date.now() - before < 5000, what)
  }
})

t.test('a catalog that is not whole is none', async (t) => {
  const { server, source } = await startSource(t)
  const products = many.slice(0, 150)
  const answers =
    (...pages: object[]): RequestListener =>
    (request, response) =>
      response.end(JSON.stringify(pages[Number(/skip=(\d+)/.exec(request.url as string)?.[1]) / 100]))

  for (const [what, answer] of [
    ['a page that is missing', answers({ products: products.slice(0, 100), total: 150 }, { products: [], total: 150 })],
    ['no products, though there are some', answers({ products: [], total: 150 })],
    ['more than there are', answers({ products, total: 100 })],
    [
      'the first page again and again',
      (_, response) => response.end(JSON.stringify({ products: products.slice(0, 100), total: 150 }))
    ]
  ] as [string, RequestListener][]) {
    server.answer = answer
    await t.rejects(readAll(source), { name: 'SourceError', reason: 'invalid' }, what)
  }
})
