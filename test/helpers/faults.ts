import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Test } from 'tap'
import { sourceProduct } from './products.js'
import type { TestSource } from './source.js'

/** Products of the healthy source: enough for a sync that removes too many of them to be rejected. */
export const goodProducts = Array.from({ length: 40 }, (_, i) => sourceProduct(i + 1))

/** A fault of a source. */
export interface Fault {
  name: string
  /** Starts the fault. Returns a function that ends it, if restoring the responses is not enough. */
  begin: (source: TestSource, t: Test) => Promise<(() => Promise<void>) | undefined> | undefined
  /** Reason that the service reports during the fault. Undefined if some syncs succeed. */
  reason: string | undefined
  /** Whether a first sync accepts the faulty catalog, because it has nothing to compare it with. */
  isAcceptedByFirstSync?: boolean
  /** Whether the fault tries to exhaust memory. */
  triesToExhaustMemory?: boolean
}

const responseFault = (
  name: string,
  reason: string | undefined,
  answer: RequestListener,
  more: Pick<Fault, 'isAcceptedByFirstSync' | 'triesToExhaustMemory'> = {}
): Fault => ({
  name,
  reason,
  ...more,
  begin(source) {
    source.answer = answer
    return undefined
  }
})

const JSON_TYPE = { 'content-type': 'application/json' }

/** Sends a complete, correct HTTP response. */
const sends =
  (body: unknown, headers: Record<string, string> = JSON_TYPE, status = 200): RequestListener =>
  (_request, response) =>
    response
      .writeHead(status, headers)
      .end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body))

const page = (products: unknown[], total: unknown = products.length) => ({
  products,
  total,
  skip: 0,
  limit: products.length
})
const good = JSON.stringify(page(goodProducts))

/** Sends endless bytes as fast as the client reads them. */
const floods =
  (headers: Record<string, string | number>): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { ...JSON_TYPE, ...headers })
    const chunk = Buffer.alloc(1_000_000, ' ')
    const more = () => {
      if (!response.destroyed) response.write(chunk, () => setImmediate(more))
    }
    more()
  }

/** The fields without which a product cannot be used. */
const fields = ['id', 'title', 'price']
let field = 0

export const faults: Fault[] = [
  {
    name: 'refuses connections',
    reason: 'refused',
    async begin(source) {
      await source.close()
      return () => source.listen()
    }
  },
  responseFault('resets the connection midway', 'refused', (request, response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': good.length })
    response.write(good.slice(0, 5000), () => request.socket.resetAndDestroy())
  }),
  responseFault('closes the connection at once', 'refused', (request) => request.socket.destroy()),
  responseFault('responds with a protocol other than HTTP', 'refused', ({ socket }) =>
    socket.end('SSH-2.0-OpenSSH_9.2\r\n')
  ),
  responseFault('sends a megabyte of headers', 'refused', ({ socket }) => {
    socket.write(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(1_000_000)}\r\n\r\n`)
  }),
  responseFault('hangs before the headers', 'timeout', () => {}),
  responseFault('sends one byte per second', 'timeout', (_request, response) => {
    response.writeHead(200, JSON_TYPE).write(' ')
    const timer = setInterval(() => response.write(' '), 1000)
    response.on('close', () => clearInterval(timer))
  }),
  responseFault('sends an incomplete body and keeps the connection open', 'timeout', (_request, response) => {
    response.writeHead(200, JSON_TYPE).write(good.slice(0, -1))
  }),
  responseFault('sends 10 GB', 'too-large', floods({ 'content-length': 10_000_000_000 }), {
    triesToExhaustMemory: true
  }),
  responseFault('sends an endless body', 'too-large', floods({}), { triesToExhaustMemory: true }),
  responseFault(
    'sends a gzip bomb',
    'too-large',
    sends(gzipSync(Buffer.alloc(50_000_000)), { ...JSON_TYPE, 'content-encoding': 'gzip' }),
    { triesToExhaustMemory: true }
  ),
  responseFault('sends gzip that is cut off', 'invalid', sends(gzipSync(good).subarray(0, -100))),
  responseFault('sends JSON as text/html', 'invalid', sends(good, { 'content-type': 'text/html' })),
  responseFault('sends JSON that is cut off', 'invalid', sends(good.slice(0, -100))),
  responseFault('sends duplicate keys', 'shrunk', sends(good.replace(/}$/, ',"products":[],"total":0}')), {
    isAcceptedByFirstSync: true
  }),
  responseFault('nests fifteen million arrays', 'invalid', sends('['.repeat(15_000_000)), {
    triesToExhaustMemory: true
  }),
  responseFault('sends five million empty objects', 'invalid', sends(`[${Array(5_000_000).fill('{}').join()}]`), {
    triesToExhaustMemory: true
  }),
  responseFault(
    'sends Latin-1 instead of UTF-8',
    'invalid',
    sends(Buffer.from(good.replace('Product', 'Pr\xf6duct'), 'latin1'))
  ),
  responseFault(
    'sends another required field of a wrong type in each response',
    'all-quarantined',
    (request, response) => {
      const name = fields[field++ % fields.length] as string
      const value = typeof goodProducts[0]?.[name] === 'object' ? 'text' : { of: 'another type' }
      sends(page(goodProducts.map((product) => ({ ...product, [name]: value }))))(request, response)
    }
  ),
  responseFault('sends products that are not objects', 'all-quarantined', sends(page([1, null, [], 'x', true]))),
  responseFault('responds with an error and status 200', 'invalid', sends({ message: 'Something went wrong' })),
  responseFault(
    'responds with an HTML page',
    'invalid',
    sends('<!doctype html><title>Sorry</title>', { 'content-type': 'text/html' })
  ),
  {
    name: 'redirects to a private address',
    reason: 'http-301',
    async begin(source, t) {
      const inside = createServer((_request, response) => {
        t.fail('the redirect was followed')
        response.end(good)
      })
      await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve))
      t.teardown(() => inside.close())
      const location = `http://127.0.0.1:${(inside.address() as AddressInfo).port}/products`
      source.answer = sends('', { location }, 301)
      return undefined
    }
  },
  ...[401, 404, 500, 502, 503, 504].map((code) =>
    responseFault(`responds with ${code}`, `http-${code}`, sends({ message: 'No.' }, JSON_TYPE, code))
  ),
  responseFault('responds with 429 and a Retry-After of a day', 'http-429', sends('', { 'retry-after': '86400' }, 429)),
  responseFault('sends half of the catalog', 'shrunk', sends(page(goodProducts.slice(0, 20))), {
    isAcceptedByFirstSync: true
  }),
  responseFault('sends an empty list', 'shrunk', sends(page([])), { isAcceptedByFirstSync: true }),
  responseFault('sends a total that is too high', 'invalid', (request, response) => {
    const isFirst = request.url?.endsWith('skip=0')
    sends(page(isFirst ? goodProducts : [], 1000))(request, response)
  }),
  responseFault('sends a total that is too low', 'invalid', sends(page(goodProducts, 3))),
  responseFault('sends a total that is not a number', 'invalid', sends(page(goodProducts, 'many'))),
  responseFault('sends the same page for each request', 'invalid', sends(page(goodProducts.slice(0, 20), 40))),
  {
    name: 'is slow, then fast, then slow',
    reason: undefined,
    begin(source) {
      let requests = 0
      source.answer = (request, response) => {
        if (requests++ % 3 === 0) setTimeout(() => source.serve(request, response), 3000)
        else source.serve(request, response)
      }
      return undefined
    }
  },
  {
    name: 'fails two of four requests',
    reason: undefined,
    begin(source) {
      let requests = 0
      source.answer = (request, response) => {
        const turn = requests++ % 4
        if (turn === 0) response.writeHead(500).end()
        else if (turn === 1) request.socket.destroy()
        else source.serve(request, response)
      }
      return undefined
    }
  },
  {
    name: 'accepts connections but reads nothing',
    reason: 'timeout',
    async begin(source) {
      const pause = (socket: Socket) => socket.pause()
      source.server.prependListener('connection', pause)
      source.server.closeAllConnections()
      source.answer = () => {}
      return async () => {
        source.server.off('connection', pause)
        source.server.closeAllConnections()
      }
    }
  }
]
