import { openDatabase } from '../../src/store/open-database.js'
import { ProductStore } from '../../src/store/products.js'
import { SourceProductStore } from '../../src/store/source-products.js'
import { startApp } from '../helpers/app.js'
import { onEachEngine } from '../helpers/engines.js'
import { mappedRow, mascara, palette } from '../helpers/products.js'

onEachEngine('products that another process has already written are not written again', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const store = new SourceProductStore(database, new ProductStore(database))
  const mapped = [mascara, palette].map(mappedRow)

  const difference = await store.replace({ source: 2, changed: [mapped], currency: 'USD' }, 'source')

  t.match(difference, { created: 0, updated: 0, deleted: 0, revision: 2 })
})
