import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startApp } from '../../helpers/app.js'
import { mascara, palette, sourceProduct } from '../../helpers/products.js'

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
  t.equal(headers.get('location'), '/')
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

t.test('other roles and other bodies are rejected', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const before = app.source.requests.length

  for (const [expected, options] of [
    [401, { token: null, json: {} }],
    [403, { token: await app.tokenOf('editor'), json: {} }],
    [400, { json: { acceptLoss: 'yes' } }],
    [400, { json: { force: true } }],
    [400, { headers: { 'content-type': 'application/json' } }],
    [415, { body: 'acceptLoss=true', headers: { 'content-type': 'application/x-www-form-urlencoded' } }]
  ] as const) {
    t.equal((await app.request('/sync', { method: 'POST', ...options })).status, expected, JSON.stringify(options))
  }
  t.equal(app.source.requests.length, before)
})
