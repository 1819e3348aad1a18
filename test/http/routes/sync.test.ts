import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startApp } from '../../helpers/app.js'
import { mascara, palette, sourceProduct } from '../../helpers/products.js'
import { exchange } from '../../helpers/raw.js'

t.test('an admin can start a sync without waiting for the source', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  let release = () => {}
  app.source.answer = (request, response) => {
    release = () => {
      app.source.serve(request, response)
      release = () => {}
    }
  }
  app.source.products = [mascara, palette]

  const { status, headers, body } = await app.request('/sync', { method: 'POST', json: {} })

  t.equal(status, 202)
  t.equal(headers.get('location'), './', 'relative to /sync')
  t.match(body, { state: 'fresh', products: 1, revision: 1 })
  while ((await app.request('/')).body.catalog.products !== 2) {
    release()
    await sleep(10)
  }
})

t.test('an admin can accept a much smaller catalog', async (t) => {
  const app = await startApp(t, { products: Array.from({ length: 20 }, (_, i) => sourceProduct(i + 1)) })
  app.source.products = [mascara]
  await app.sync()
  t.match((await app.request('/')).body.catalog, { products: 20, reason: 'shrunk' })

  await app.request('/sync', { method: 'POST', json: { acceptLoss: true } })

  while ((await app.request('/')).body.catalog.products !== 1) await sleep(10)
  t.notOk('reason' in (await app.request('/')).body.catalog)
})

t.test('the body is optional, whatever the client says about the missing one', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const authorization = `Authorization: Bearer ${await app.token()}`
  const chunked = 'Transfer-Encoding: chunked'
  for (const [status, headers, body] of [
    [202, [], ''],
    [202, ['Content-Length: 0'], ''],
    [202, ['Content-Type: application/json'], ''],
    [202, ['Content-Type: application/json; charset=utf-8', 'Content-Length: 0'], ''],
    [202, ['Content-Type: application/x-www-form-urlencoded', 'Content-Length: 0'], ''],
    [202, ['Content-Type: nonsense'], ''],
    [202, [chunked], '0\r\n\r\n'],
    [202, ['Content-Type: application/json', chunked], '0\r\n\r\n'],
    [400, ['Content-Type: application/json', chunked], '1\r\n{\r\n0\r\n\r\n'],
    [415, [chunked], '2\r\n{}\r\n0\r\n\r\n'],
    [415, ['Content-Length: 2'], '{}'],
    [415, ['Content-Encoding: gzip', chunked], '0\r\n\r\n'],
    [415, ['Content-Type: text/plain', chunked], '0\r\n\r\n']
  ] as const) {
    const head = ['POST /sync HTTP/1.1', 'Host: a', authorization, 'Connection: close', ...headers]
    const { statuses } = await exchange(app.url, `${head.join('\r\n')}\r\n\r\n${body}`)
    t.strictSame(statuses, [status], headers.join(', '))
  }
})

t.test('an admin can ask for a dry run, and reads its result in the state of the sync', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  app.source.products = [mascara, palette]

  t.equal((await app.request('/sync', { method: 'POST', json: { dryRun: true } })).status, 202)

  let { dryRun } = (await app.request('/sync')).body
  while (dryRun === undefined) dryRun = (await app.request('/sync')).body.dryRun
  t.match(dryRun, { created: 1, updated: 0, deleted: 0, report: { products: 2 } })
  t.strictSame(dryRun.changes, [{ kind: 'created', productId: 2, product: '2', fields: [] }])
  t.equal((await app.request('/products')).body.total, 1)
})

t.test('other roles and other bodies are rejected', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const before = app.source.requests.length

  for (const [expected, options] of [
    [401, { token: null, json: {} }],
    [403, { token: await app.tokenOf('editor'), json: {} }],
    [400, { json: { acceptLoss: 'yes' } }],
    [400, { json: { force: true } }],
    [400, { json: { dryRun: 'yes' } }],
    [415, { body: 'acceptLoss=true', headers: { 'content-type': 'application/x-www-form-urlencoded' } }]
  ] as const) {
    t.equal((await app.request('/sync', { method: 'POST', ...options })).status, expected, JSON.stringify(options))
  }
  t.equal(app.source.requests.length, before)
})

t.test('an admin sees which products are in quarantine, and which fields were repaired or dropped', async (t) => {
  const products = [
    mascara,
    sourceProduct(2, { price: 'free' }),
    sourceProduct(3, { stock: -3, rating: 'good' }),
    sourceProduct(4, { stock: -1, images: ['https://images.example/1', 'javascript:alert(1)'] }),
    { title: 'No id' }
  ]
  const app = await startApp(t, { products })

  const { status, headers, body } = await app.request('/sync')

  t.equal(status, 200)
  t.equal(headers.get('cache-control'), 'no-store')
  t.match(body.catalog, { state: 'fresh', products: 3, quarantined: 2 })
  t.match(Date.parse(body.report.readAt), Number)
  t.match(body.report, { products: 3, quarantined: 2 })
  t.strictSame(body.report.quarantine, [
    { product: '2', pointer: '/price', problem: 'must be a number', value: '"free"' },
    { product: 'at position 4', pointer: '/id', problem: 'is missing' }
  ])
  const dropped = { outcome: 'dropped', count: 1 }
  t.strictSame(body.report.fields, [
    { outcome: 'repaired', count: 2, pointer: '/stock', problem: 'must be at least 0', value: '-3', product: '3' },
    { ...dropped, pointer: '/rating', problem: 'must be a number', value: '"good"', product: '3' },
    { ...dropped, pointer: '/images/*', problem: 'must be a web address', value: '"javascript:alert(1)"', product: '4' }
  ])
})

t.test('the report stays while the source does not change, and also describes a rejected catalog', async (t) => {
  const app = await startApp(t, { products: [mascara, sourceProduct(2, { stock: -1 })] })
  const { report } = (await app.request('/sync')).body
  await app.sync()
  t.strictSame((await app.request('/sync')).body.report, report)

  app.source.products = [sourceProduct(1, { price: null })]
  await app.sync()
  const { body } = await app.request('/sync')
  t.match(body, {
    catalog: { products: 2, reason: 'all-quarantined' },
    report: { products: 0, quarantined: 1, quarantine: [{ pointer: '/price', problem: 'is missing' }] }
  })
  t.strictSame(body.report.fields, [])
})

t.test('there is no report before the first sync, and none for other roles', async (t) => {
  const app = await startApp(t, { config: { sourceUrl: undefined } })

  t.strictSame(Object.keys((await app.request('/sync')).body), ['catalog'])
  t.equal((await app.request('/sync', { token: await app.tokenOf('editor') })).status, 403)
})
