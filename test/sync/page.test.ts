import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { type PageError, readPage } from '../../src/sync/page.js'
import { readPageInThread } from '../../src/sync/page-reader.js'
import { mascara, palette, sourceProduct } from '../helpers/products.js'

const read = (text: string) => readPage(Buffer.from(text))
const { signal } = new AbortController()

t.test('the products of a page are mapped, a hundred at a time, and those refused are told', (t) => {
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

t.test('of very many that are refused the first reasons are kept', (t) => {
  const page = read(`{"products":[${Array(500_000).fill('0').join()}],"total":500000}`)

  t.equal(page.refused, 500_000)
  t.equal(page.reasons.length, 1000)
  t.end()
})

t.test('what is no page is refused, and what takes more memory than it should before it is read', (t) => {
  const deep = (depth: number) => `{"products":[${'['.repeat(depth)}${']'.repeat(depth)}],"total":1}`
  t.equal(read(deep(98)).refused, 1)
  const text = JSON.stringify({ ...palette, title: '[[{{,'.repeat(50), description: `"\\${'[{,"'.repeat(500)}` })
  t.equal(read(`{"products":[${text}],"total":1}`).rows.flat().length, 1, 'what is in a text does not count')

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

t.test('pages are read in a thread, which is there as long as it is needed', async (t) => {
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

t.test('a fault of the thread is one of the reading, and the next one has another thread', async (t) => {
  const noBytes = { buffer: new ArrayBuffer(8) } as Uint8Array<ArrayBuffer>
  t.throws(() => readPage(noBytes), { code: 'ERR_INVALID_ARG_TYPE' } as unknown as Error)
  await t.rejects(readPageInThread(noBytes, signal), { code: 'ERR_INVALID_ARG_TYPE' })

  t.match(await readPageInThread(new Uint8Array(Buffer.from('{"products":[],"total":0}')), signal), { products: 0 })
})

t.test('a thread that has nothing to do for a while ends, and another one is there when it is needed', async (t) => {
  let started = 0
  const count = () => {
    started++
  }
  process.on('worker', count)
  t.teardown(() => process.off('worker', count))
  const read = () => readPageInThread(new Uint8Array(Buffer.from('{"products":[],"total":0}')), signal)
  await read()
  const before = started
  await read()
  t.equal(started, before)
  await sleep(6000)
  await read()
  t.equal(started, before + 1)
})
