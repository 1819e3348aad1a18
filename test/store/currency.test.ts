import { openDatabase } from '../../src/store/open-database.js'
import { ProductStore } from '../../src/store/products.js'
import { SourceProductStore } from '../../src/store/source-products.js'
import { startApp } from '../helpers/app.js'
import { onEachEngine, onOneEngine } from '../helpers/engines.js'
import { mug } from '../helpers/local-products.js'
import { mappedRow, mascara } from '../helpers/products.js'

onEachEngine('a new currency applies to local products, whose prices keep their numbers', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  await app.request('/products', { method: 'POST', json: { ...mug, salePrice: 9.75 } })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const mapped = mappedRow(mascara)
  const row = { ...mapped, fields: { ...mapped.fields, currency: 'JPY', price: 1500 }, hash: 'yen' }

  const counts = await new SourceProductStore(database, new ProductStore(database)).replace(
    { source: 2, changed: [[row]], currency: 'JPY' },
    'source'
  )

  t.match(counts, { updated: 2 })
  const { body } = await app.request('/products?facets=price&sort=-price')
  t.match(body, {
    products: [
      { id: 1, price: 1500, currency: 'JPY' },
      { id: 1_000_000_000, price: 13, salePrice: 10, currency: 'JPY' }
    ],
    facets: {
      price: [
        { minPrice: 10, maxPrice: 24, count: 1 },
        { minPrice: 1000, maxPrice: 2499, count: 1 }
      ]
    }
  })
  const created = await app.request('/products', { method: 'POST', json: { ...mug, sku: 'MUG-2', price: 1999.5 } })
  t.match(created.body, { price: 2000, currency: 'JPY' })
  const patched = await app.request('/products/1', {
    method: 'PATCH',
    json: { price: 99.4 },
    headers: { 'if-match': '*' }
  })
  t.match(patched.body, { price: 99, currency: 'JPY' })
})

onOneEngine('SOURCE_CURRENCY sets the currency of a catalog without a source', async (t) => {
  const app = await startApp(t, { config: { sourceUrl: undefined, currency: 'KWD' } })
  const { body } = await app.request('/products', { method: 'POST', json: { ...mug, price: 1.2345 } })
  t.match(body, { price: 1.235, currency: 'KWD' })
  await app.app.close()

  const again = await startApp(t, { config: { ...app.config, currency: 'EUR' } })

  t.match((await again.request('/products')).body, { products: [{ price: 1.24, currency: 'EUR' }] })
})
