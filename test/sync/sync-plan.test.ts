import { sql } from 'kysely'
import type { Test } from 'tap'
import type { SyncState } from '../../schemas/sync.js'
import { openDatabase } from '../../src/store/open-database.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { onEachEngine, onOneEngine } from '../helpers/engines.js'
import { mug } from '../helpers/local-products.js'
import { mascara, palette, sourceProduct } from '../helpers/products.js'

const unusable = { ...mascara, price: 'free' }
const state = async (app: TestApp) => (await app.request('/sync')).body as SyncState

onEachEngine('a product that becomes unusable keeps its last usable version for the grace period', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  await app.request('/products/1', { method: 'PATCH', json: { stock: 1 }, headers: { 'if-match': '*' } })
  const before = Date.now()
  app.source.products = [unusable, { ...palette, stock: 77 }]

  t.match(await app.sync(), { quarantined: 1, updated: 1, deleted: 0 })
  t.match((await app.request('/products/1')).body, { price: mascara.price, stock: 1 })
  const { report } = await state(app)
  t.match(report?.quarantine, [{ product: '1', pointer: '/price' }])
  const keptUntil = report?.quarantine[0]?.keptUntil as string
  const grace = 86_400_000
  t.ok(Date.parse(keptUntil) >= before + grace && Date.parse(keptUntil) <= Date.now() + grace)

  app.source.products = [unusable, { ...palette, stock: 78 }]
  await app.sync()
  t.equal((await state(app)).report?.quarantine[0]?.keptUntil, keptUntil, 'a second sync does not extend it')

  await becomeUnusableEarlier(t, app)
  app.source.products = [unusable, { ...palette, stock: 79 }]
  t.match(await app.sync(), { quarantined: 1, updated: 1, deleted: 1 })
  t.equal((await app.request('/products/1')).status, 404)
  t.notOk('keptUntil' in ((await state(app)).report?.quarantine[0] ?? { keptUntil: '' }))

  app.source.products = [mascara, palette]
  t.match(await app.sync(), { quarantined: 0, created: 1 })
  t.equal((await app.request('/products/1')).body.stock, 1, 'with its edit')
})

onOneEngine('the grace period starts again after the product was usable', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  app.source.products = [unusable, palette]
  await app.sync()
  await becomeUnusableEarlier(t, app)

  app.source.products = [mascara, palette]
  t.match(await app.sync(), { quarantined: 0, deleted: 0 })
  app.source.products = [unusable, palette]
  t.match(await app.sync(), { quarantined: 1, deleted: 0 })
})

onOneEngine('a product whose grace period is over gets no other one if it stays for a reading', async (t) => {
  const products = Array.from({ length: 10 }, (_, i) => sourceProduct(i + 1))
  const app = await startApp(t, { products })
  app.source.most = 4
  app.source.etags = false
  app.source.products = products.with(0, sourceProduct(1, { price: 'free' }))
  t.match(await app.sync(), { quarantined: 1, deleted: 0 })
  await becomeUnusableEarlier(t, app)

  const later = app.source.products.slice(0, 9)
  app.source.answer = (request, response) => {
    app.source.serve(request, response)
    app.source.answer = undefined
    app.source.products = later
  }
  t.match(await app.sync(), { quarantined: 1, deleted: 0 }, 'products move between pages, so nothing is removed yet')
  t.match(await app.sync(), { quarantined: 1, deleted: 2 }, 'product 1, and the one that the source has removed')
})

onOneEngine('a product disappears after the grace period even if the source does not change', async (t) => {
  const app = await startApp(t, { products: [mascara, palette], config: { syncGrace: 2 } })
  app.source.products = [unusable, palette]
  t.match(await app.sync(), { quarantined: 1, deleted: 0 })
  t.ok(app.source.etags)
  const { keptUntil } = (await state(app)).report?.quarantine[0] ?? {}

  let result = await app.sync()
  while (Date.now() <= Date.parse(keptUntil as string)) result = await app.sync()
  if ('deleted' in result && result.deleted === 0) result = await app.sync()

  t.match(result, { quarantined: 1, deleted: 1 })
})

onOneEngine('without a grace period, an unusable product disappears at once', async (t) => {
  const app = await startApp(t, { products: [mascara, palette], config: { syncGrace: 0 } })
  app.source.products = [unusable, palette]

  t.match(await app.sync(), { quarantined: 1, deleted: 1 })
})

onOneEngine('prices in an earlier currency are not kept', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  await sql`update catalog set currency = 'EUR'`.execute(database.write)
  app.source.products = [unusable, { ...palette, stock: 77 }]

  t.match(await app.sync(), { quarantined: 1, deleted: 1 })
})

onEachEngine('a dry run lists what a sync would change, and writes nothing', async (t) => {
  const products = [mascara, palette, sourceProduct(3), sourceProduct(4)]
  const app = await startApp(t, { products })
  await app.request('/products/3', { method: 'PATCH', json: { stock: 1 }, headers: { 'if-match': '*' } })
  await app.request('/products', { method: 'POST', json: mug })
  const before = await app.request('/products')
  const status = await state(app)
  app.source.products = [
    { ...mascara, price: 1.5, stock: 3 },
    { ...sourceProduct(3), stock: 99 },
    { ...sourceProduct(4), price: 'free' },
    sourceProduct(5)
  ]

  const dryRun = await app.tryRun()

  t.match(dryRun, { created: 1, updated: 1, deleted: 1, report: { products: 3, quarantined: 1 } })
  t.strictSame(dryRun.changes, [
    { kind: 'created', productId: 5, product: '5', fields: [] },
    { kind: 'updated', productId: 1, product: '1', fields: ['price', 'stock'] },
    { kind: 'deleted', productId: 2, product: '2', fields: [] }
  ])
  t.strictSame(
    dryRun.report?.quarantine.map(({ product, pointer }) => [product, pointer]),
    [['4', '/price']]
  )
  t.same(await state(app), { ...status, dryRun })
  const after = await app.request('/products')
  t.equal(after.text, before.text)
  t.equal(after.headers.get('etag'), before.headers.get('etag'))

  t.match(await app.sync(), { created: 1, updated: 1, deleted: 1, quarantined: 1 }, 'the sync after it')
})

onOneEngine('a dry run names the loss that a sync would refuse, and a failure of the source', async (t) => {
  const products = Array.from({ length: 30 }, (_, i) => sourceProduct(i + 1))
  const app = await startApp(t, { products })
  app.source.products = products.slice(0, 3)

  const loss = await app.tryRun()
  t.match(loss, { deleted: 27, failure: /27 of 30 products would disappear/ })
  t.equal(loss.changes.length, 27)
  t.notOk('failure' in (await app.tryRun({ acceptLoss: true })))

  app.source.products = [unusable]
  t.match(await app.tryRun({ acceptLoss: true }), {
    failure: /all 1 products are in quarantine/,
    deleted: 0,
    report: { quarantined: 1 }
  })

  app.source.answer = (_request, response) => response.writeHead(404).end()
  const failed = await app.tryRun()
  t.match(failed, { failure: /http-404/, created: 0, changes: [] })
  t.notOk('report' in failed)
  t.match((await state(app)).catalog, { state: 'fresh', products: 30 })
  t.notOk('reason' in (await state(app)).catalog)
})

/** Moves the start of all grace periods back by more than a day. */
async function becomeUnusableEarlier(t: Test, app: TestApp): Promise<void> {
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const unusable_since = new Date(Date.now() - 90_000_000).toISOString()
  const { numUpdatedRows } = await database.write
    .updateTable('source_product')
    .set({ unusable_since })
    .where('unusable_since', 'is not', null)
    .executeTakeFirstOrThrow()
  t.equal(Number(numUpdatedRows), 1)
}
