/* An upgrade normalizes the text that earlier releases stored as it was sent. */
import { sql } from 'kysely'
import type { Test } from 'tap'
import type { Product } from '../../schemas/product.js'
import { openDatabase } from '../../src/store/open-database.js'
import { rebuildStoredForms } from '../../src/store/rebuild.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { createDatabase, onEachEngine, onOneEngine } from '../helpers/engines.js'
import { mug } from '../helpers/local-products.js'
import { command, TestProcess } from '../helpers/process.js'
import { sourceProduct } from '../helpers/products.js'
import { TestSource } from '../helpers/source.js'

const ANY = { 'if-match': '*' }
const products = [1, 2, 3, 4].map((id) => sourceProduct(id, { title: `Title ${id}`, brand: 'Clay', tags: ['red'] }))
const read = async (app: TestApp, id: number): Promise<Product> => (await app.request(`/products/${id}`)).body
const patch = (app: TestApp, id: number, json: object) =>
  app.request(`/products/${id}`, { method: 'PATCH', json, headers: ANY })
const create = (app: TestApp, sku: string) => app.request('/products', { method: 'POST', json: { ...mug, sku } })

/** Replaces text in all stored products and edits, as if the release before had stored it, and makes the next start an upgrade. */
async function downgrade(t: Test, url: string, replacements: [normal: string, stored: string][]): Promise<void> {
  const database = openDatabase(url)
  t.teardown(() => database.close())
  for (const [normal, stored] of replacements) {
    const [from, to] = [normal, stored].map((text) => JSON.stringify(text))
    await sql`update product_text set product_json = replace(product_json, ${from}, ${to})`.execute(database.write)
    await sql`update product_edit set base_json = replace(base_json, ${from}, ${to}),
      edits = replace(edits, ${from}, ${to})`.execute(database.write)
    await sql`update product set sku = ${stored}, source_hash = 'old' where sku = ${normal}`.execute(database.write)
  }
  await database.write.updateTable('catalog').set({ rendering: 3 }).execute()
}

onEachEngine('an upgrade normalizes stored text of products and edits, and followers see the change', async (t) => {
  const databaseUrl = await createDatabase(t)
  const before = await startApp(t, { products, config: { databaseUrl } })
  await create(before, 'UQ-1')
  await patch(before, 2, { description: 'Edited' })
  await patch(before, 3, { description: 'Edited' })
  await before.request('/products/3', { method: 'DELETE', headers: ANY })
  const local = await read(before, 1_000_000_000)
  const { revision } = (await before.request('/')).body.catalog
  await before.app.close()
  await downgrade(t, databaseUrl, [
    ['Clay', 'Cla\u200by '],
    ['Edited', ' Edited\r\n'],
    ['UQ-1', 'UQ-1\u00a0'],
    ['red', 're\u00add']
  ])

  const app = await startApp(t, { source: before.source, config: { databaseUrl } })

  t.strictSame(await read(app, 1_000_000_000), local)
  t.match(await read(app, 2), { brand: 'Clay', description: 'Edited', tags: ['red'], edited: ['description'] })
  t.match((await app.request('/products?facets=brand&facets=tag&brand=Clay&tag=red')).body, {
    total: 3,
    facets: { brand: [{ value: 'Clay', count: 3 }], tag: [{ value: 'red', count: 3 }] }
  })
  t.equal((await create(app, 'UQ-1')).status, 409)
  const { changes } = (await app.request(`/changes?after=${revision}`)).body
  t.strictSame(
    changes.map(({ kind, productId, fields }: { kind: string; productId: number; fields: string[] }) => [
      kind,
      productId,
      ...fields
    ]),
    [
      ['updated', 1, 'brand', 'tags'],
      ['updated', 2, 'description', 'brand', 'tags'],
      ['updated', 4, 'brand', 'tags'],
      ['updated', 1_000_000_000, 'sku']
    ],
    'the sync after the upgrade finds no more differences'
  )
  t.match((await app.request('/products/2/history')).body.history[0], { by: 'shell' })
  await app.request('/products/3/edits', { method: 'DELETE', headers: ANY })
  t.match(await read(app, 3), { brand: 'Clay', tags: ['red'] }, 'also of a hidden product')

  const exported = await app.request('/products/export', { headers: { accept: 'text/csv' } })
  const file = { method: 'POST', body: exported.text, headers: { 'content-type': 'text/csv' } }
  t.match((await app.request('/products/import', file)).body, { unchanged: 5, updated: 0, refused: 0 })
})

onEachEngine('an upgrade normalizes the edits of a source that is not served', async (t) => {
  const databaseUrl = await createDatabase(t)
  const first = await startApp(t, { products, config: { databaseUrl } })
  await patch(first, 1, { title: 'Edited' })
  await first.app.close()
  const other = new TestSource([sourceProduct(1)])
  await other.listen()
  t.teardown(() => other.close())
  await (await startApp(t, { source: other, config: { databaseUrl } })).app.close()
  await downgrade(t, databaseUrl, [['Edited', '\u2060Edited ']])

  await (await startApp(t, { source: other, config: { databaseUrl } })).app.close()

  const app = await startApp(t, { source: first.source, config: { databaseUrl } })
  t.match(await read(app, 1), { title: 'Edited', edited: ['title'] })
})

onEachEngine('products whose SKUs become equal keep working after an upgrade, and are reported once', async (t) => {
  const databaseUrl = await createDatabase(t)
  const before = await startApp(t, { products: [sourceProduct(1)], config: { databaseUrl } })
  for (const sku of ['UQ-1', 'UQ-2', 'UQ-3']) await create(before, sku)
  await before.app.close()
  await downgrade(t, databaseUrl, [
    ['UQ-2', 'UQ-1\u200b'],
    ['UQ-3', 'uq-3 ']
  ])
  const database = openDatabase(databaseUrl)
  t.teardown(() => database.close())

  t.strictSame(await rebuildStoredForms(database), [{ sku: 'UQ-1', ids: [1_000_000_000, 1_000_000_001] }])
  t.strictSame(await rebuildStoredForms(database), [])

  const app = await startApp(t, { source: before.source, config: { databaseUrl } })
  t.match(await read(app, 1_000_000_001), { sku: 'UQ-1' })
  t.equal((await patch(app, 1_000_000_001, { stock: 5 })).status, 200)
  t.match(await read(app, 1_000_000_002), { sku: 'uq-3' })
  t.equal((await patch(app, 1_000_000_001, { sku: 'UQ-9' })).status, 200)
})

onOneEngine('the service logs products whose SKUs an upgrade has made equal, and a command prints them', async (t) => {
  const databaseUrl = await createDatabase(t)
  const app = await startApp(t, { products: [], config: { databaseUrl } })
  for (const sku of ['UQ-1', 'UQ-2']) await create(app, sku)
  await app.app.close()
  const env = { DATABASE_URL: databaseUrl, SOURCE_URL: 'none', PORT: '0' }

  await downgrade(t, databaseUrl, [['UQ-2', 'UQ-1 ']])
  const service = new TestProcess(t, command('src/server.js'), env)
  await service.printed(/"level":40,.*"sku":"UQ-1","ids":\[1000000000,1000000001\],.*have the same SKU/)
  await service.printed(/Server listening/)
  service.child.kill('SIGKILL')
  await service.finished

  await downgrade(t, databaseUrl, [['UQ-1', ' UQ-1']])
  const { code, stderr } = await new TestProcess(t, command('src/cli/catalog.js', 'export'), env).finished
  t.equal(code, 0)
  t.equal(stderr, 'The products 1000000000, 1000000001 have the same SKU "UQ-1".\n')
})
