import t, { type Test } from 'tap'
import { openDatabase } from '../../src/store/open-database.js'
import { toSourceName } from '../../src/store/sources.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { createDatabase, onEachEngine } from '../helpers/engines.js'
import { command, TestProcess } from '../helpers/process.js'
import { sourceProduct } from '../helpers/products.js'
import { TestSource } from '../helpers/source.js'

const ANY = { 'if-match': '*' }
const product = async (app: TestApp, id: number) => (await app.request(`/products/${id}`)).body
const titles = async (app: TestApp) =>
  ((await app.request('/products?limit=100')).body.products as { id: number; title: string }[]).map(
    ({ title }) => title
  )

async function listen(t: Test, products: unknown[]): Promise<TestSource> {
  const source = new TestSource(products)
  await source.listen()
  t.teardown(() => source.close())
  return source
}

/** Ten products with titles and SKUs of this source. */
const productsOf = (name: string) =>
  Array.from({ length: 10 }, (_, i) => sourceProduct(i + 1, { title: `${name} ${i + 1}`, sku: `${name}-${i + 1}` }))

onEachEngine('edits of the sample do not apply to a real source, but are kept for the sample', async (t) => {
  const databaseUrl = await createDatabase(t)
  const unreachable = { databaseUrl, sourceUrl: 'http://127.0.0.1:1', sampleCatalog: true }
  const before = await startApp(t, { config: unreachable })
  const ofSample = await product(before, 7)
  const edit = { method: 'PATCH', json: { title: 'Edited' }, headers: ANY }
  t.equal((await before.request('/products/5', edit)).status, 200)
  t.equal((await before.request('/products/6', { method: 'DELETE', headers: ANY })).status, 204)
  t.equal((await before.request('/products/7', { method: 'PATCH', json: { stock: 3 }, headers: ANY })).status, 200)
  await before.app.close()

  const source = await listen(t, productsOf('Real'))
  const app = await startApp(t, { source, config: { databaseUrl } })
  t.strictSame(
    await titles(app),
    productsOf('Real').map(({ title }) => title)
  )
  t.match(await product(app, 5), { title: 'Real 5', edited: [] })
  t.match(await product(app, 6), { title: 'Real 6', edited: [] })
  const { history } = (await app.request('/products/5/history')).body
  t.match(history, [{ kind: 'created', by: 'sync' }])
  t.equal(history.length, 1, 'no history of the sample')
  const { changes } = (await app.request('/changes?after=0&limit=1000')).body
  const of5 = changes.filter(({ productId }: { productId: number }) => productId === 5)
  t.strictSame(
    of5.map(({ kind }: { kind: string }) => kind),
    ['created', 'updated', 'deleted', 'created']
  )

  t.match(await product(app, 7), { title: 'Real 7', edited: [] })
  t.not((await product(app, 7)).title, ofSample.title)
  const env = { DATABASE_URL: databaseUrl, SOURCE_URL: source.url }
  const { code, stdout } = await new TestProcess(t, command('src/cli/catalog.js', 'sync', '--status'), env).finished
  t.equal(code, 0)
  t.match(stdout, new RegExp(`^Source: ${source.url}\nLast successful sync: \\S+Z\nIn quarantine: 0\n`))
  t.match(stdout, /\nEdits of sample:\n {2}5 \(product 5\): edited: title\n {2}6 \(product 6\): deleted\n/)
})

onEachEngine('each source keeps its own ids and edits when sources alternate', async (t) => {
  const databaseUrl = await createDatabase(t)
  const one = await listen(t, productsOf('One'))
  const other = await listen(t, productsOf('Other'))
  const first = await startApp(t, { source: one, config: { databaseUrl } })
  const created = await first.request('/products', {
    method: 'POST',
    json: { sku: 'OWN', title: 'Own', category: 'own', price: 1, thumbnail: 'https://example.com/a.jpg' }
  })
  t.equal(
    (await first.request('/products/5', { method: 'PATCH', json: { title: 'Edited' }, headers: ANY })).status,
    200
  )
  t.equal((await first.request('/products/6', { method: 'DELETE', headers: ANY })).status, 204)
  const etag = (await first.request('/products/5')).headers.get('etag') as string
  await first.app.close()

  const second = await startApp(t, { source: other, config: { databaseUrl } })
  t.strictSame(
    (await titles(second)).sort(),
    [...productsOf('Other').map(({ title }) => title), 'Own'].sort(),
    'local products stay'
  )
  for (let id = 1; id <= 10; id++) t.equal((await second.request(`/products/${id}`)).status, 404)
  const { products } = (await second.request('/products?q=Other%205')).body
  const [{ id }] = products
  t.ok(id > created.body.id, 'a new id')
  t.match(await product(second, id), { origin: 'source', edited: [] })
  t.equal((await second.request(`/products/${id}`, { method: 'DELETE', headers: ANY })).status, 204, 'hidden')
  const revert = await second.request(`/products/${id}/edits`, { method: 'DELETE', headers: ANY })
  t.match(revert.body, { id, title: 'Other 5' })
  t.equal((await second.request(`/products/${id}`, { method: 'PATCH', json: { stock: 99 }, headers: ANY })).status, 200)
  t.equal((await second.request('/products/6/edits', { method: 'DELETE', headers: ANY })).status, 404)
  await second.app.close()

  const third = await startApp(t, { source: one, config: { databaseUrl } })
  t.match(await product(third, 5), { title: 'Edited', edited: ['title'] })
  t.equal((await third.request('/products/6')).status, 404)
  t.equal((await third.request(`/products/${id}`)).status, 404)
  t.equal((await third.request('/products/5', { headers: { 'if-none-match': etag } })).status, 200)
  await third.app.close()

  const fourth = await startApp(t, { source: other, config: { databaseUrl } })
  t.match(await product(fourth, id), { title: 'Other 5', stock: 99, edited: ['stock'] })
})

onEachEngine('until a new source answers, the service serves the products of the previous one', async (t) => {
  const databaseUrl = await createDatabase(t)
  const first = await startApp(t, { products: productsOf('One'), config: { databaseUrl } })
  await first.app.close()
  const other = await listen(
    t,
    Array.from({ length: 30 }, (_, i) => sourceProduct(i + 100, { sku: `other-${i}` }))
  )
  other.answer = (_request, response) => response.writeHead(404).end()
  const second = await startApp(t, { source: other, config: { databaseUrl } })
  t.equal((await titles(second)).length, 10)
  other.answer = undefined
  t.match(await second.sync(), { created: 30, deleted: 10 }, 'the first sync of a source has no loss limit')
  t.match(await product(second, 100), { id: 100 }, 'an external id becomes the id if it is free')
})

onEachEngine('a product that leaves its source and returns keeps its id and edits', async (t) => {
  const databaseUrl = await createDatabase(t)
  const first = await startApp(t, { products: productsOf('One'), config: { databaseUrl } })
  await first.app.close()
  const source = await listen(t, productsOf('Other'))
  const app = await startApp(t, { source, config: { databaseUrl } })
  const [{ id }] = (await app.request('/products?q=Other%205')).body.products
  await app.request(`/products/${id}`, { method: 'PATCH', json: { stock: 99 }, headers: ANY })
  source.products = productsOf('Other').filter(({ title }) => title !== 'Other 5')
  await app.sync()
  t.equal((await app.request(`/products/${id}`)).status, 404)
  source.products = productsOf('Other')
  await app.sync()
  t.match(await product(app, id), { title: 'Other 5', stock: 99 })
})

t.test('the name of a source contains neither credentials nor a query', async (t) => {
  t.equal(toSourceName('https://user:secret@Example.COM:443/shop/?key=secret#x'), 'https://example.com/shop')
  t.equal(toSourceName('http://example.com:8080/'), 'http://example.com:8080')
  t.equal(toSourceName('file:///srv/feed.xml'), 'file:///srv/feed.xml')
})

onEachEngine(
  'a number in the range of local products becomes the id of a product, if no other product had it',
  async (t) => {
    const source = await listen(t, [
      sourceProduct(1_000_000_002),
      sourceProduct(1_000_000_004),
      sourceProduct(2_000_000_000)
    ])
    const app = await startApp(t, { source, config: { databaseUrl: await createDatabase(t) } })
    const idOf = async (externalId: number) => {
      const { products } = (await app.request('/products')).body
      return products.find(({ sku }: { sku: string }) => sku === `SKU-${externalId}`)?.id
    }

    t.equal(await idOf(1_000_000_002), 1_000_000_002)
    t.equal(await idOf(1_000_000_004), 1_000_000_004)
    t.equal(await idOf(2_000_000_000), 1_000_000_005, 'numbers for new products remain')
    const { body } = await app.request('/products', {
      method: 'POST',
      json: { sku: 'OWN', title: 'Own', category: 'own', price: 1 }
    })
    t.equal(body.id, 1_000_000_006)
    source.products = [...source.products, sourceProduct(1_000_000_001), sourceProduct(1_000_000_006)]
    await app.sync()
    t.equal(await idOf(1_000_000_001), 1_000_000_007, 'a product that is gone may have had the number')
    t.equal(await idOf(1_000_000_006), 1_000_000_008)
  }
)

onEachEngine('an import does not take the id of a product that a source no longer has', async (t) => {
  const databaseUrl = await createDatabase(t)
  const [one, other] = [1_000_000_005, 1_000_000_007]
  const source = await listen(t, [sourceProduct(1), sourceProduct(one)])
  const app = await startApp(t, { source, config: { databaseUrl } })
  source.products = [sourceProduct(1)]
  await app.sync()
  const own = (id: number) => ({ id, sku: `OWN-${id}`, title: 'Own', category: 'own', price: 1 })
  const importRows = async (app: TestApp, query: string, ...ids: number[]) => {
    const body = ids.map((id) => `${JSON.stringify(own(id))}\n`).join('')
    const headers = { 'content-type': 'application/x-ndjson' }
    return await app.request(`/products/import?mode=each${query}`, { method: 'POST', body, headers })
  }

  for (const query of ['', '&force=true'])
    t.match(await importRows(app, query, one), {
      body: {
        created: 0,
        refusals: [{ field: 'id', reason: /^belongs to a product that a source had .* leave it out/ }]
      }
    })
  t.match(await importRows(app, '', other), { body: { created: 1, refused: 0 } })
  source.products = [sourceProduct(1), sourceProduct(one), sourceProduct(other)]
  await app.sync()
  t.match(await product(app, one), { sku: `SKU-${one}`, origin: 'source' })
  t.match(await product(app, other), { title: 'Own', origin: 'local' })
  await app.app.close()

  const next = await startApp(t, { products: [sourceProduct(2)], config: { databaseUrl } })
  t.match(await importRows(next, '', one), { body: { created: 0, refused: 1 } }, 'a product of the previous source')
})

onEachEngine('a local product stays, even if it has the id of a product that its source has again', async (t) => {
  const source = await listen(t, [sourceProduct(1), sourceProduct(1_000_000_005), sourceProduct(1_000_000_006)])
  const app = await startApp(t, { source, config: { databaseUrl: await createDatabase(t) } })
  await app.request('/products/1000000005', { method: 'PATCH', json: { title: 'Edited' }, headers: ANY })
  source.products = [sourceProduct(1)]
  await app.sync()
  const { body: own } = await app.request('/products', {
    method: 'POST',
    json: { sku: 'OWN', title: 'Own', category: 'own', price: 1 }
  })
  // Earlier releases let an import create a local product with such an id.
  const database = openDatabase(app.config.databaseUrl)
  for (const table of ['source_product', 'product_edit'] as const)
    await database.write.updateTable(table).set({ id: own.id }).where('id', '=', 1_000_000_005).execute()
  await database.close()

  source.products = [sourceProduct(1), sourceProduct(1_000_000_005), sourceProduct(1_000_000_006)]
  t.match(await app.sync(), { created: 2, updated: 0, deleted: 0 })
  t.match(await product(app, own.id), { sku: 'OWN', title: 'Own', origin: 'local' })
  t.match(await product(app, own.id + 1), { sku: 'SKU-1000000005', title: 'Edited', origin: 'source' })
  t.match(await product(app, 1_000_000_006), { sku: 'SKU-1000000006', origin: 'source' })
  t.match(await app.sync(), { created: 0, updated: 0, deleted: 0 }, 'the new id is permanent')
})
