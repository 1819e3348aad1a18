import type { FastifyBaseLogger } from 'fastify'
import t from 'tap'
import { SaleSchedule } from '../../src/changes/sale-schedule.js'
import { openDatabase } from '../../src/store/open-database.js'
import type { SaleStore } from '../../src/store/sales.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { onEachEngine, onOneEngine } from '../helpers/engines.js'
import { EventReader } from '../helpers/events.js'
import { mug } from '../helpers/local-products.js'
import { mascara, palette, sourceProduct } from '../helpers/products.js'

const ANY = { 'if-match': '*' }
const inFuture = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString()
const patch = (app: TestApp, id: number, json: object) =>
  app.request(`/products/${id}`, { method: 'PATCH', json, headers: ANY })
const list = async (app: TestApp, query: string) => (await app.request(`/products?${query}`)).body

onEachEngine('a sale starts and ends by itself, as changes that followers, lists and caches see', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const { revision } = (await app.request('/')).body.catalog
  const events = await EventReader.open(app, `/changes?after=${revision}`)
  t.teardown(() => events.cut())
  const edited = await patch(app, 1, { salePrice: 4.99, salePriceFrom: inFuture(1500), salePriceUntil: inFuture(4000) })
  t.match(edited, { status: 200, body: { salePrice: 4.99, onSale: false, discountPercentage: 0 } })
  t.match(await list(app, 'onSale=true&facets=price'), { total: 0 })
  t.match(await list(app, 'sort=price&maxPrice=5'), { total: 0 })

  await events.received(2)
  t.match(events.changes[1], { kind: 'updated', productId: 1, fields: ['discountPercentage', 'onSale'] })
  const during = await app.request('/products/1', {
    headers: { 'if-none-match': edited.headers.get('etag') as string }
  })
  t.match(during, { status: 200, body: { price: 9.99, onSale: true, discountPercentage: 50.05 } })
  t.match(await list(app, 'onSale=true&maxPrice=4.99&facets=price&sort=-discount'), {
    total: 1,
    products: [{ id: 1, onSale: true }],
    facets: { price: [{ minPrice: 0, maxPrice: 9.99, count: 2 }].map((range) => ({ ...range, count: 1 })) }
  })

  await events.received(3)
  t.match(events.changes[2], { fields: ['discountPercentage', 'onSale'] })
  t.match(await list(app, 'onSale=false'), { total: 2 })
  const { history } = (await app.request('/products/1/history')).body
  t.match(history.slice(0, 2), [
    { by: 'schedule' },
    { by: 'schedule', changes: [{ field: 'discountPercentage' }, { field: 'onSale', after: true }] }
  ])
})

onEachEngine('a sale that started while the service was stopped applies from its start', async (t) => {
  const before = await startApp(t, { products: [mascara] })
  await patch(before, 1, { salePrice: 4.99, salePriceFrom: inFuture(60_000) })
  await before.app.close()
  // The clock cannot be moved, so the sale is.
  const database = openDatabase(before.config.databaseUrl)
  t.teardown(() => database.close())
  const row = await database.read.selectFrom('product_edit').select('edits').executeTakeFirstOrThrow()
  const edits = JSON.stringify({ ...JSON.parse(row.edits), salePriceFrom: inFuture(-1000) })
  await database.write.updateTable('product_edit').set({ edits }).execute()
  await database.write
    .updateTable('product')
    .set({ sale_change: inFuture(-1000) })
    .execute()

  const app = await startApp(t, { source: before.source, config: { databaseUrl: before.config.databaseUrl } })

  t.match(await list(app, 'onSale=true'), { total: 1, products: [{ id: 1, discountPercentage: 50.05 }] })
  const due = await database.read.selectFrom('product').select('sale_change').executeTakeFirstOrThrow()
  t.equal(due.sale_change, null)
})

onOneEngine('a local product has a sale, and loses its discount with the sale', async (t) => {
  const app = await startApp(t)
  const sale = { salePrice: 10.004, salePriceUntil: '2100-01-01T01:00:00+01:00' }
  const { body } = await app.request('/products', { method: 'POST', json: { ...mug, ...sale } })
  t.match(body, {
    price: 12.5,
    salePrice: 10,
    salePriceUntil: '2100-01-01T00:00:00.000Z',
    onSale: true,
    discountPercentage: 20
  })
  t.match((await patch(app, body.id, { price: 9 })).body, { onSale: false, discountPercentage: 0 })
  t.match((await patch(app, body.id, { price: 20 })).body, { onSale: true, discountPercentage: 50 })

  const after = await patch(app, body.id, { salePrice: null, salePriceUntil: null })

  t.match(after.body, { price: 20, discountPercentage: 0 })
  t.notOk('onSale' in after.body || 'salePrice' in after.body || 'salePriceUntil' in after.body)
})

onOneEngine('a sale must end after its start', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const period = { salePriceFrom: '2026-02-01T00:00:00Z', salePriceUntil: '2026-01-01T00:00:00Z' }
  const detail = 'must be later than salePriceFrom, 2026-02-01T00:00:00.000Z (got 2026-01-01T00:00:00.000Z)'
  const errors = [{ in: 'body', pointer: '/salePriceUntil', detail }]
  for (const { status, body } of [
    await app.request('/products', { method: 'POST', json: { ...mug, ...period } }),
    await patch(app, 1, period)
  ]) {
    t.equal(status, 422)
    t.strictSame(body.errors, errors)
  }
  const { body } = await app.request('/products/import', {
    method: 'POST',
    body: `${JSON.stringify({ id: 1, ...period })}\n${JSON.stringify({ ...mug, ...period })}\n`,
    headers: { 'content-type': 'application/x-ndjson' }
  })
  const refusal = { field: 'salePriceUntil', reason: detail }
  t.strictSame(body.report.refusals, [
    { line: 1, ...refusal },
    { line: 2, ...refusal }
  ])
  const leap = await patch(app, 1, { salePriceFrom: '2016-12-31T23:59:60Z' })
  t.match(leap, { status: 200, body: { salePriceFrom: '2016-12-31T23:59:59.000Z' } })
})

onOneEngine('a sale that an editor added follows the price of the source', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  await patch(app, 1, { salePrice: 5 })
  app.source.products = [sourceProduct(1, { price: 4 })]
  await app.app.services.synchronizer.run()
  t.match((await app.request('/products/1')).body, { price: 4, salePrice: 5, onSale: false, discountPercentage: 0 })

  const reverted = await app.request('/products/1/edits', { method: 'DELETE', headers: ANY })
  t.match(reverted.body, { price: 4, discountPercentage: 10.5 })
  t.notOk('onSale' in reverted.body)
})

onEachEngine('many sales that start at once are stored in several transactions', async (t) => {
  const products = Array.from({ length: 250 }, (_, i) => sourceProduct(i + 1))
  const app = await startApp(t, { products })
  const sale = { salePrice: 5, salePriceUntil: inFuture(100_000_000) }
  await app.request('/products/import', {
    method: 'POST',
    body: products.map(({ id }) => `${JSON.stringify({ id, ...sale })}\n`).join(''),
    headers: { 'content-type': 'application/x-ndjson' }
  })
  t.equal((await list(app, 'onSale=true')).total, 250)
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  // The clock cannot be moved, so the sales are.
  const rows = await database.read.selectFrom('product_edit').select(['id', 'edits']).execute()
  for (const { id, edits } of rows) {
    const ended = JSON.stringify({ ...JSON.parse(edits), salePriceUntil: inFuture(-1000) })
    await database.write.updateTable('product_edit').set({ edits: ended }).where('id', '=', id).execute()
  }
  const { revision } = (await app.request('/')).body.catalog
  const events = await EventReader.open(app, `/changes?after=${revision}`)
  t.teardown(() => events.cut())

  await database.write
    .updateTable('product')
    .set({ sale_change: inFuture(-1000) })
    .execute()

  await events.received(250)
  t.equal((await list(app, 'onSale=true')).total, 0)
  t.equal(new Set(events.changes.map(({ at }) => at)).size, 2)
})

onOneEngine('a row that was exported during a sale can be imported after it', async (t) => {
  const app = await startApp(t)
  const row = { ...mug, salePrice: 5, salePriceUntil: inFuture(-1000), onSale: true }
  const { status, body } = await app.request('/products/import', {
    method: 'POST',
    body: `${JSON.stringify(row)}\n`,
    headers: { 'content-type': 'application/x-ndjson' }
  })
  t.equal(status, 200)
  t.match(body, { created: 1 })
  t.match(await list(app, 'onSale=false'), { total: 1 })
})

t.test('failures are logged once until the next success', async (t) => {
  const errors: string[] = []
  const log = { error: (_: Error, message: string) => errors.push(message) } as unknown as FastifyBaseLogger
  let fails = true
  const hasDue = async () => {
    if (fails) throw new Error('the database is gone')
    return false
  }
  const schedule = new SaleSchedule({ hasDue } as unknown as SaleStore, log)
  for (const fail of [true, true, false, true]) {
    fails = fail
    await schedule.run()
  }
  t.strictSame(errors, Array(2).fill('recording the start or end of sales failed'))
})
