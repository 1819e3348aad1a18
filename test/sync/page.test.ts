import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import t from 'tap'
import { type PageError, readPage } from '../../src/sync/page.js'
import { readPageInThread } from '../../src/sync/page-reader.js'
import { mascara, palette, sourceProduct } from '../helpers/products.js'

const read = (text: string) => readPage(Buffer.from(text))
const { signal } = new AbortController()

t.test('a page maps its products in batches of a hundred and reports rejected ones', (t) => {
  const products = [
    ...Array.from({ length: 150 }, (_, i) => sourceProduct(i + 1)),
    'nonsense',
    { ...mascara, id: 7, price: -1 }
  ]

  const page = read(JSON.stringify({ products, total: 400 }))

  t.match(page, { products: 152, total: 400, refused: 2 })
  t.strictSame(
    page.rows.map((rows) => rows.length),
    [100, 50]
  )
  t.match(page.reasons, [
    { id: undefined, position: 150, reason: 'product must be an object' },
    { id: 7, position: 151, reason: '/price must be at least 0' }
  ])
  t.equal(page.rows[1]?.[49]?.fields.id, 150)
  t.end()
})

t.test('a page keeps the reasons of the first thousand rejected products', (t) => {
  const page = read(`{"products":[${Array(500_000).fill('0').join()}],"total":500000}`)

  t.equal(page.refused, 500_000)
  t.equal(page.reasons.length, 1000)
  t.end()
})

t.test('an invalid page is rejected, and limits on depth and size apply before parsing', (t) => {
  const deep = (depth: number) => `{"products":[${'['.repeat(depth)}${']'.repeat(depth)}],"total":1}`
  t.equal(read(deep(98)).refused, 1)
  const text = JSON.stringify({ ...palette, title: '[[{{,'.repeat(50), description: `"\\${'[{,"'.repeat(500)}` })
  t.equal(read(`{"products":[${text}],"total":1}`).rows.flat().length, 1, 'brackets within texts do not count')

  for (const [what, message, bytes] of [
    ['deep', /nested/, deep(99)],
    ['deep, and cut off', /nested/, '['.repeat(5_000_000)],
    ['objects in objects', /nested/, '{"a":'.repeat(200)],
    ['wide', /values/, `[${Array(1_000_000).fill('{}').join()}]`],
    ['cut off in a text', /not JSON/, '{"products":["'],
    ['cut off after a backslash', /not JSON/, '{"products":["\\'],
    ['empty', /not JSON/, ''],
    ['no UTF-8', /UTF-8/, Buffer.from([0x22, 0xff, 0x22])],
    ['no page', /form of a product page/, '{"products":{},"total":1}'],
    ['no total', /form of a product page/, '{"products":[]}']
  ] as const) {
    t.throws(() => readPage(Buffer.from(bytes as string)), { name: 'PageError', message } as unknown as PageError, what)
  }
  t.end()
})

t.test('a worker thread reads pages, and a signal aborts a read', async (t) => {
  const page = () => new Uint8Array(Buffer.from(JSON.stringify({ products: [mascara, palette], total: 2 })))

  const pages = await Promise.all([readPageInThread(page(), signal), readPageInThread(page(), signal)])
  t.match(pages, [{ products: 2 }, { products: 2 }])
  await t.rejects(readPageInThread(new Uint8Array(Buffer.from('<html>')), signal), {
    name: 'SourceError',
    reason: 'invalid',
    message: 'sync failed: the page is not JSON'
  })

  const stop = new AbortController()
  const reading = readPageInThread(page(), stop.signal)
  stop.abort()
  await t.rejects(reading, { name: 'AbortError' })
  await t.rejects(readPageInThread(page(), stop.signal), { name: 'AbortError' })
})

t.test('a crash of the worker thread fails its read, and the next read starts another thread', async (t) => {
  const noBytes = { buffer: new ArrayBuffer(8) } as Uint8Array<ArrayBuffer>
  t.throws(() => readPage(noBytes), { code: 'ERR_INVALID_ARG_TYPE' } as unknown as Error)
  await t.rejects(readPageInThread(noBytes, signal), { code: 'ERR_INVALID_ARG_TYPE' })

  t.match(await readPageInThread(new Uint8Array(Buffer.from('{"products":[],"total":0}')), signal), { products: 0 })
})

t.test('an idle worker thread ends, and the next read starts another one', async (t) => {
  const started: Worker[] = []
  const note = (worker: Worker) => started.push(worker)
  process.on('worker', note)
  t.teardown(() => process.off('worker', note))
  const read = () => readPageInThread(new Uint8Array(Buffer.from('{"products":[],"total":0}')), signal)
  // A thread that earlier tests started is not among those noted, so it is replaced first.
  await t.rejects(readPageInThread({ buffer: new ArrayBuffer(8) } as Uint8Array<ArrayBuffer>, signal))
  await read()
  await read()
  t.equal(started.length, 1)

  const [worker] = started as [Worker]
  const exited = once(worker, 'exit')
  // An idle thread does not keep the process alive by itself.
  worker.ref()
  await exited
  await read()
  t.equal(started.length, 2)
})
