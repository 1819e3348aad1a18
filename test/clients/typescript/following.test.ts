import t, { type Test } from 'tap'
import { type ClientOptions, ProductCatalog } from '../../../clients/typescript/src/index.js'
import { readEvents, readLines } from '../../../clients/typescript/src/streams.js'
import { startApp } from '../../helpers/app.js'
import { failure } from '../../helpers/failure.js'
import { Gateway, respondWith } from '../../helpers/gateway.js'
import { mug } from '../../helpers/local-products.js'
import { mascara, palette } from '../../helpers/products.js'

const app = await startApp(t, { products: [mascara, palette] })
const token = await app.token()
const open = async (t: Test, options: Partial<ClientOptions> = {}) => {
  const gateway = await Gateway.open(t, app.url)
  return { gateway, catalog: new ProductCatalog({ url: gateway.url, token, ...options }) }
}
const ended = (body = '') => respondWith(200, { 'content-type': 'text/event-stream' }, `retry: 20\n\n${body}`)
let createdCount = 0
const createProduct = () => app.request('/products', { method: 'POST', json: { ...mug, sku: `mug ${++createdCount}` } })
/** A response body that arrives in these pieces and then ends, unless it stays open. */
const bodyOf = (pieces: string[], isOpen = false) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece))
      if (!isOpen) controller.close()
    }
  })

t.test('`changes` reports changes as they happen and misses none if the connection breaks', async (t) => {
  const { gateway, catalog } = await open(t)
  const seen: number[] = []
  gateway.nextResponses.push(ended())

  for await (const { revision, kind } of catalog.changes()) {
    t.equal(kind, 'created')
    seen.push(revision)
    if (revision === 2) gateway.cut()
    if (revision < 4) await createProduct()
    if (revision === 5) break
  }

  t.strictSame(seen, [1, 2, 3, 4, 5])
  t.strictSame(
    gateway.requests.map(({ headers }) => headers['last-event-id']),
    [undefined, undefined, `${(await catalog.getServiceInfo()).catalog.epoch}.2`]
  )
  t.equal(gateway.requests[0]?.headers.accept, 'text/event-stream')
})

t.test('`changes` starts after the given revision and ends with a signal', async (t) => {
  const { catalog } = await open(t)
  const { revision } = await catalog.listChanges({ after: 4 })
  const abort = new AbortController()
  const changes = catalog.changes(revision, { signal: abort.signal })
  const next = changes.next()
  await createProduct()
  t.match(await next, { value: { revision: revision + 1 } })

  const last = t.rejects(changes.next(), { name: 'AbortError' })
  abort.abort()
  await last
})

t.test(
  'a stream that breaks before its first change resumes at the revision and in the epoch where it began',
  async (t) => {
    const { gateway, catalog } = await open(t)
    const { epoch, revision } = (await catalog.getServiceInfo()).catalog
    gateway.take()
    gateway.nextResponses.push(ended(`id: ${epoch}.${revision}\n\n`))
    const changes = catalog.changes(revision, { epoch })
    const next = changes.next()
    await createProduct()
    t.match(await next, { value: { revision: revision + 1 } })

    const [first, second] = gateway.requests
    t.match(first, { line: `GET /changes?after=${revision}&epoch=${epoch}`, headers: { 'last-event-id': undefined } })
    t.match(second, { headers: { 'last-event-id': `${epoch}.${revision}` } })
    await changes.return()
  }
)

t.test('following from another epoch fails', async (t) => {
  const { gateway, catalog } = await open(t)
  const expected = { problem: 'revision-gone', status: 410 }
  t.match(await failure(catalog.changes(1, { epoch: 'another0' }).next()), expected)
  t.match(await failure(catalog.listChanges({ after: 1, epoch: 'another0' })), expected)
  gateway.nextResponses.push(ended('id: another0.1\n\n'))
  t.match(await failure(catalog.changes(1).next()), expected, 'also if the epoch changes after the stream began')
})

t.test('a stream that cannot start fails at once', async (t) => {
  const { gateway, catalog } = await open(t)
  t.match(await failure(catalog.changes(1_000_000).next()), { problem: 'revision-gone', status: 410 })
  gateway.nextResponses.push((_request, response) => response.destroy())
  await t.rejects(catalog.changes().next(), TypeError)
  t.equal(gateway.take().length, 2)
})

t.test('a broken stream reconnects until `maxWait` is over', async (t) => {
  const { gateway, catalog } = await open(t, { maxWait: 50 })
  gateway.nextResponses.push(
    ended(),
    (_request, response) => response.destroy(),
    ended(),
    respondWith(502),
    respondWith(502),
    respondWith(502)
  )

  t.match(await failure(catalog.changes().next()), { status: 502 })

  t.equal(gateway.take().length, 6)
})

t.test('an event that is not valid JSON is an error', async (t) => {
  const { gateway, catalog } = await open(t)
  gateway.nextResponses.push(ended('data: {"revision":\n\n'))
  await t.rejects(catalog.changes().next(), SyntaxError)
})

t.test('events are parsed wherever their bytes are split', async (t) => {
  const text = 'retry: 1000\n\n: nothing new\n\nid: 7\nevent: change\ndata: {"title":"Crème"}\n\nid: 8\ndata: cut'
  const bytes = new TextEncoder().encode(text)
  for (const length of [1, 3, 1000]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) =>
      bytes.slice(i * length, (i + 1) * length)
    )
    const events = []
    for await (const event of readEvents(new Blob(pieces).stream(), 1000)) events.push(event)
    t.strictSame(events, [{ retry: '1000' }, {}, { id: '7', event: 'change', data: '{"title":"Crème"}' }])
  }
})

t.test('a silent stream ends after a timeout', async (t) => {
  const events = readEvents(bodyOf(['data: 1\n\n'], true), 50)
  t.match(await events.next(), { value: { data: '1' } })
  t.match(await events.next(), { done: true })
})

t.test('lines are split, and the last one needs no line break', async (t) => {
  const lines = []
  for await (const line of readLines(bodyOf(['one\nt', 'wo\n', '', 'three']))) lines.push(line)
  t.strictSame(lines, ['one', 'two', 'three'])
})

t.test('a text that breaks off is an error, and a reader that stops cancels it', async (t) => {
  const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new TypeError('terminated')) })
  await t.rejects(readLines(broken).next(), TypeError)

  let isCancelled = false
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('line\n')),
    cancel: () => {
      isCancelled = true
    }
  })
  for await (const line of readLines(endless)) {
    t.equal(line, 'line')
    break
  }
  t.ok(isCancelled)
})
