import { NO_CATEGORIES } from '../../src/store/categories.js'
import { openDatabase } from '../../src/store/open-database.js'
import { ProductStore } from '../../src/store/products.js'
import { startApp } from '../helpers/app.js'
import { onEachEngine } from '../helpers/engines.js'
import { mappedRow, mascara, palette } from '../helpers/products.js'

onEachEngine('products that another process has already written are not written again', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const store = new ProductStore(database)
  const mapped = [mascara, palette].map(mappedRow)

  const difference = await store.replaceSourceProducts(
    2,
    [mapped],
    [],
    'USD',
    NO_CATEGORIES,
    'source',
    async () => true
  )

  t.match(difference, { created: 0, updated: 0, deleted: 0, revision: 2 })
})
