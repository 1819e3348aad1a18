/* Two instances of the service: gaps, restores, refused credentials, and other states in which the second cannot simply follow. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { openDatabase } from '../../../../src/store/open-database.js'
import { parseSourceAuth } from '../../../../src/sync/source-auth.js'
import { startApp, type TestApp } from '../../../helpers/app.js'
import { backUp, onEachEngine, onOneEngine, restore } from '../../../helpers/engines.js'
import { EventReader } from '../../../helpers/events.js'
import { Gateway, respondWith } from '../../../helpers/gateway.js'
import { Log } from '../../../helpers/log.js'
import { mascara, palette, sourceProduct } from '../../../helpers/products.js'
import { ADMIN_AUTH, readAll, startReader, syncAll } from '../../../helpers/reader.js'

/** After all changes. */
const LATER = '2999-01-01T00:00:00.000Z'
const ANY = { 'if-match': '*' }
const patch = (app: TestApp, id: number, json: object) =>
  app.request(`/products/${id}`, { method: 'PATCH', json, headers: ANY })
const remove = (app: TestApp, id: number) => app.request(`/products/${id}`, { method: 'DELETE', headers: ANY })
const portOf = ({ url }: TestApp) => Number(new URL(url).port)
const many = (count: number) => Array.from({ length: count }, (_, i) => sourceProduct(i + 1))

/** Starts an instance again, at the same address. */
const restart = (t: Test, app: TestApp, port = portOf(app)) =>
  startApp(t, { source: app.source, config: { ...app.config, port } })

/** Starts the second instance behind a gateway, and waits until it follows the first one. */
async function startFollower(t: Test, first: TestApp) {
  const gateway = await Gateway.open(t, first.url)
  const second = await startReader(t, gateway)
  await gateway.arrived(({ headers }) => headers.accept === 'text/event-stream')
  return { gateway, second }
}

onEachEngine(
  'after a gap, the second instance reads the changes or, if there are none any more, everything',
  async (t) => {
    for (const hasChanges of [true, false]) {
      const before = await startApp(t, { products: [mascara, palette, sourceProduct(3)] })
      const port = portOf(before)
      const { gateway, second } = await startFollower(t, before)
      const { revision } = (await second.request('/')).body.catalog
      await before.app.close()
      t.match(await second.sync(), { failed: 'refused' })
      const elsewhere = await restart(t, before, 0)
      await patch(elsewhere, 1, { price: 7.77 })
      await remove(elsewhere, 2)
      const { changes } = elsewhere.app.services
      if (!hasChanges) t.equal(await changes.prune(LATER, LATER), 5)
      await elsewhere.app.close()
      const events = await EventReader.open(second, `/changes?after=${revision}`)
      gateway.take()

      const first = await restart(t, before, port)

      await events.received(2)
      t.match(events.changes, [
        { kind: 'updated', productId: 1, fields: ['price'] },
        { kind: 'deleted', productId: 2 }
      ])
      await events.cut()
      t.strictSame(await readAll(second), await readAll(first))
      const requests = gateway.take().filter((line) => line.startsWith('GET /products'))
      t.strictSame(requests, [hasChanges ? 'GET /products/1' : 'GET /products/export'])
    }
  }
)

onEachEngine('after a restore of the first instance, the second reads everything', async (t) => {
  const before = await startApp(t, { products: [mascara, palette] })
  const port = portOf(before)
  await before.app.close()
  const backup = await backUp(t, before.config.databaseUrl)
  const changed = await restart(t, before, port)
  await remove(changed, 2)
  await patch(changed, 1, { price: 7.77 })
  const second = await startReader(t, changed)
  t.match(await readAll(second), { products: [{ price: 7.77 }] })
  const events = await EventReader.open(second, `/changes?after=${(await second.request('/')).body.catalog.revision}`)
  await changed.app.close()
  await restore(backup, before.config.databaseUrl)

  const first = await restart(t, before, port)

  await events.received(2)
  await events.cut()
  t.strictSame(await readAll(second), await readAll(first))
})

onOneEngine(
  'after an outage, the second instance syncs when the first one returns, not when its own pause ends',
  async (t) => {
    const before = await startApp(t, { products: [mascara, palette] })
    const port = portOf(before)
    const { second } = await startFollower(t, before)
    await before.app.close()
    for (let i = 0; i < 3; i++) t.match(await second.sync(), { failed: 'refused' })
    const log = new Log(second)

    await restart(t, before, port)

    await log.logged(/sync works again/)
    t.match((await second.request('/')).body.catalog, { state: 'fresh', products: 2, reason: undefined })
  }
)

onOneEngine('a refused token is replaced, once per sync', async (t) => {
  const first = await startApp(t, { products: [mascara] })
  const { gateway, second } = await startFollower(t, first)
  const { authorization } = gateway.requests.at(-1)?.headers ?? {}
  await first.request('/auth', { method: 'DELETE', token: String(authorization).slice('Bearer '.length) })
  gateway.take()

  await patch(first, 1, { price: 7.77 })
  await syncAll(second)

  const lines = gateway.take()
  t.equal(lines.filter((line) => line === 'POST /auth').length, 1)
  t.match(await readAll(second), { products: [{ price: 7.77 }] })
})

onOneEngine('wrong credentials are not sent again and again', async (t) => {
  const first = await startApp(t, { products: [mascara] })
  const gateway = await Gateway.open(t, first.url)
  const second = await startReader(t, gateway, { sourceAuth: parseSourceAuth('Basic admin:not the password') })
  const { lines } = new Log(second)

  for (let i = 0; i < 10; i++)
    t.match(await second.sync(), {
      failed: 'http-401',
      message: /rejected the user name or the password of SOURCE_AUTH/
    })

  t.strictSame(gateway.take(), ['POST /auth'])
  t.match((await second.request('/')).body.catalog, { state: 'empty', reason: 'http-401' })
  t.notMatch(JSON.stringify(lines), 'not the password')
  t.equal((await first.signIn()).status, 200, 'the account is not locked')
})

onOneEngine('an instance that serves the sample is no source yet', async (t) => {
  const first = await startApp(t, { config: { sourceUrl: 'http://127.0.0.1:1', sampleCatalog: true } })

  const second = await startReader(t, first)

  t.match(await second.sync(), { failed: 'invalid', message: /its state is `sample`/ })
  t.match((await second.request('/')).body.catalog, { state: 'empty', products: 0 })
})

onOneEngine('a stale instance is still a source', async (t) => {
  const first = await startApp(t, { products: [mascara] })
  const database = openDatabase(first.config.databaseUrl)
  t.teardown(() => database.close())
  await database.write.updateTable('source_state').set({ last_success: '2026-01-01T00:00:00.000Z' }).execute()
  t.match((await first.request('/')).body.catalog, { state: 'stale' })

  const second = await startReader(t, first)

  t.match((await second.request('/')).body.catalog, { state: 'fresh', products: 1 })
})

onOneEngine('instances that read each other notice it, and change nothing', async (t) => {
  const before = await startApp(t, { products: [mascara] })
  await before.request('/products', { method: 'POST', json: { sku: 'OWN', title: 'Own', category: 'own', price: 1 } })
  const port = portOf(before)
  const second = await startReader(t, before)
  const { revision } = (await second.request('/')).body.catalog
  await before.app.close()

  const config = {
    ...before.config,
    port,
    sourceUrl: second.url,
    sourceKind: 'catalog' as const,
    sourceAuth: ADMIN_AUTH
  }
  const first = await startApp(t, { source: before.source, config })

  t.match(await first.sync(), { failed: 'invalid', message: /the source reads this catalog/ })
  t.match((await first.request('/')).body.catalog, { products: 2 })
  await second.sync()
  t.match((await second.request('/')).body.catalog, { products: 2, revision })
})

onOneEngine('SYNC_MAX_LOSS limits the removals of a difference too', async (t) => {
  const first = await startApp(t, { products: many(25) })
  const second = await startReader(t, first)
  const log = new Log(second)
  first.source.products = many(5)

  await first.sync({ acceptLoss: true })

  await log.logged(/20 of 25 products would disappear/)
  t.match((await second.request('/')).body.catalog, { products: 25, reason: 'shrunk' })
  t.match(await second.sync({ acceptLoss: true }), { deleted: 20 })
})

onOneEngine('if very many products have changed, the second instance reads everything', async (t) => {
  const first = await startApp(t, { products: many(2100) })
  const { gateway, second } = await startFollower(t, first)
  first.source.products = many(2100).map((product) => ({ ...product, price: 5 }))
  gateway.take()

  await first.sync()
  await second.sync()

  const { catalog } = (await second.request('/')).body
  t.match(catalog, { products: 2100 })
  while ((await second.request('/products?maxPrice=5')).body.total < 2100) await second.sync()
  t.ok(gateway.take().includes('GET /products/export'))
})

onOneEngine('several changed products are read with one request', async (t) => {
  const first = await startApp(t, { products: many(10) })
  const { gateway, second } = await startFollower(t, first)
  const events = await EventReader.open(second, `/changes?after=${(await second.request('/')).body.catalog.revision}`)
  first.source.products = many(9).map((product) => ({ ...product, price: 5 }))
  gateway.take()

  await first.sync()

  await events.received(10)
  await events.cut()
  t.strictSame(await readAll(second), await readAll(first))
  const ids = Array.from({ length: 9 }, (_, i) => `ids=${i + 1}`).join('&')
  t.ok(gateway.take().includes(`GET /products/export?${ids}`))
})

onOneEngine('an older release without some fields is a source too', async (t) => {
  const bodies: Record<string, [type: string, body: string]> = {
    '/': ['application/json', '{"catalog":{"state":"fresh","epoch":"abcdefgh","revision":7}}'],
    '/categories': ['application/json', '{"categories":[{"slug":"mugs","name":"Mugs"},{"slug":"Not a slug"},{}]}'],
    '/products/export': [
      'application/x-ndjson',
      '{"id":7,"title":"Mug","price":3.5,"category":"mugs","stock":0}\n{"id":8}\n'
    ]
  }
  const server = createServer((request, response) => {
    const [type, body] = bodies[request.url as string] ?? ['text/plain', '']
    response.writeHead(body ? 200 : 404, { 'content-type': type }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const second = await startReader(t, { url }, { sourceAuth: undefined })

  t.match((await second.request('/products/7')).body, {
    sku: '7',
    availability: 'out-of-stock',
    variants: [],
    rating: 0
  })
  t.match((await second.request('/')).body.catalog, { products: 1, quarantined: 1 })
  t.match((await second.request('/categories')).body.categories, [{ slug: 'mugs', name: 'Mugs' }])
  bodies['/products/export'] = ['text/html', '<h1>Sign in</h1>']
  t.match(await second.sync(), { failed: 'invalid', message: /content type text\/html/ })
  bodies['/'] = ['application/json', '{"products":[]}']
  t.match(await second.sync(), { failed: 'invalid', message: /not the address of an instance/ })
})

onOneEngine('an address with a query is rejected', async (t) => {
  const first = await startApp(t, { products: [mascara] })
  const second = await startReader(t, { url: `${first.url}/products?category=beauty` })
  t.match(await second.sync(), { failed: 'invalid', message: /must not have a query/ })
  await second.app.close()
  const third = await startReader(t, { url: `${first.url}/products` })
  t.match((await third.request('/')).body.catalog, { products: 1 })
})

onOneEngine('a 404 that does not come from the first instance removes no product', async (t) => {
  const first = await startApp(t, { products: [mascara, palette] })
  const { gateway, second } = await startFollower(t, first)
  gateway.override = (line) =>
    line.startsWith('GET /products/1')
      ? respondWith(404, { 'content-type': 'text/plain' }, 'default backend')
      : undefined

  await patch(first, 1, { price: 7.77 })
  await gateway.arrived(({ line }) => line.startsWith('GET /products/1'))
  t.match(await second.sync(), { failed: 'invalid', message: /does not come from an instance of this service/ })
  t.match((await second.request('/products/1')).body, { price: mascara.price })

  gateway.override = undefined
  await syncAll(second)
  t.match((await second.request('/products/1')).body, { price: 7.77 })
})

onOneEngine('a changed product in another currency leads to a reading of all products', async (t) => {
  const first = await startApp(t, { products: [mascara, palette] })
  const { gateway, second } = await startFollower(t, first)
  const product = { ...(await first.request('/products/1')).body, currency: 'EUR', price: 6 }
  gateway.override = (line) =>
    line.startsWith('GET /products/1')
      ? respondWith(200, { 'content-type': 'application/json' }, JSON.stringify(product))
      : undefined
  gateway.take()

  await patch(first, 1, { price: 7.77 })
  await gateway.arrived(({ line }) => line === 'GET /products/export')
  await syncAll(second)

  for (const id of [1, 2]) t.match((await second.request(`/products/${id}`)).body, { currency: 'USD' })
  t.match((await second.request('/products/1')).body, { price: 7.77 })
})
