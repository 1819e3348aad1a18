import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import t from 'tap'
import { RENDERING } from '../../src/products/rendering.js'
import { toSearchDocument } from '../../src/store/full-text.js'
import { openDatabase } from '../../src/store/open-database.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { createDatabase, onOneEngine } from '../helpers/engines.js'
import { mug, tee } from '../helpers/local-products.js'
import { sourceProduct } from '../helpers/products.js'

/** Hash of everything that this version renders from the products below. */
const rendered = { version: 7, hash: 'VfUvbM9n0Gweb-S0YUXazXP9o2H0DStzqIxrmjFb-n0' }

const products = [
  sourceProduct(1, { title: 'Crème brûlée Nº 5', price: 1234.5, tags: ['sweet', 'café-au-lait'], reviews: [] }),
  sourceProduct(2, { brand: null, stock: 0, availabilityStatus: 'Out of Stock', category: 'Home & Garden' }),
  sourceProduct(3, { title: 'Straße 日本語 ﬁne', discountPercentage: 0, rating: 5, price: 0.1 })
]
const paths = [
  '/products?sort=title&facets=category&facets=brand&facets=price&facets=attribute.Size',
  '/products?q=creme',
  '/products/1',
  '/products/2',
  '/products/1000000000',
  '/categories'
]

t.test('a changed rendering needs a new RENDERING version', async (t) => {
  const app = await startApp(t, { products })
  await app.request('/products', { method: 'POST', json: tee })
  await app.request('/products/2', { method: 'PATCH', json: { stock: 5, brand: 'Ours' }, headers: { 'if-match': '*' } })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const facts = await database.read.selectFrom('product').select(['id', 'sku', 'facts']).orderBy('id').execute()
  const texts = await Promise.all(paths.map(async (path) => (await app.request(path)).text))
  const documents = texts.slice(2, 5).map((text) => toSearchDocument(JSON.parse(text)))
  // Masks the timestamps of the product created above.
  const stable = JSON.stringify([facts, documents, texts]).replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (time) =>
    time.startsWith('2026-01') ? time : 'now'
  )
  const hash = createHash('sha256').update(stable).digest('base64url')
  t.strictSame(
    { version: RENDERING, hash },
    rendered,
    'To change the rendering, increase RENDERING in src/products/rendering.ts and copy the new hash into this test.'
  )
})

onOneEngine(
  'the first start after an upgrade renders stored products again and invalidates old entity tags',
  async (t) => {
    const databaseUrl = await createDatabase(t)
    const before = await startApp(t, { products, config: { databaseUrl } })
    await before.request('/products', { method: 'POST', json: mug })
    await before.request('/products/2', { method: 'PATCH', json: { stock: 5 }, headers: { 'if-match': '*' } })
    const read = async (app: TestApp) =>
      await Promise.all([...paths, '/products?q=brulee'].map(async (path) => (await app.request(path)).text))
    const texts = await read(before)
    const { headers } = await before.request('/products/1')
    await before.app.close()

    // The state that an older release with another rendering left behind.
    const database = openDatabase(databaseUrl)
    t.teardown(() => database.close())
    await sql`update product_text set summary_json = '{"old":true}',
    product_json = replace(product_json, '"availability":', '"old":true,"availability":')`.execute(database.write)
    await database.write.updateTable('product').set({ facts: '["old"]' }).execute()
    await database.write.updateTable('catalog').set({ rendering: 1 }).execute()

    const app = await startApp(t, { source: before.source, config: { databaseUrl } })
    const again = await read(app)
    t.strictSame(again, texts)
    const etag = headers.get('etag') as string
    t.match(etag, new RegExp(`\\.${RENDERING}"$`))
    const old = etag.replace(/\.\d+"$/, '.1"')
    t.equal((await app.request('/products/1', { headers: { 'if-none-match': etag } })).status, 304)
    t.equal((await app.request('/products/1', { headers: { 'if-none-match': old } })).status, 200)
    const edit = { method: 'PATCH', json: { stock: 1 } }
    t.equal((await app.request('/products/1', { ...edit, headers: { 'if-match': old } })).status, 412)
  }
)
