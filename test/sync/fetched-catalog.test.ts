import { openDatabase } from '../../src/store/open-database.js'
import { ProductStore } from '../../src/store/products.js'
import { FetchedCatalog } from '../../src/sync/fetched-catalog.js'
import { mapProduct } from '../../src/sync/sources/dummyjson-mapping.js'
import { startApp } from '../helpers/app.js'
import { onOneEngine } from '../helpers/engines.js'
import { mascara, palette, sourceProduct } from '../helpers/products.js'

const SOURCE = 2

/** Returns a batch with these products, and one in quarantine. */
function batchOf(...products: object[]) {
  const rows = products.map(mapProduct).flatMap((mapped) => ('row' in mapped ? [mapped.row] : []))
  return { records: rows.length + 1, rows, quarantined: [{ id: undefined, position: 0, reason: 'no id' }] }
}

onOneEngine('a page that is read again after a broken connection counts once', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const fetched = new FetchedCatalog(new ProductStore(database), SOURCE)

  fetched.startPage(0)
  await fetched.addBatch(batchOf(mascara))
  fetched.startPage(0)
  await fetched.addBatch(batchOf({ ...mascara, title: 'Later' }, palette))
  fetched.endPage()
  fetched.startPage(1)
  await fetched.addBatch(batchOf(sourceProduct(3)))
  fetched.endPage()

  t.equal(fetched.externalIds.size, 3)
  t.equal(fetched.quarantined, 2)
  t.notOk(fetched.isShifting, 'no product moved between pages')
  t.strictSame(
    [...fetched.reasons],
    [
      ['at position 0', 'no id'],
      ['at position 3', 'no id']
    ]
  )

  fetched.startPage(2)
  await fetched.addBatch(batchOf(palette, sourceProduct(4)))
  fetched.endPage()
  t.ok(fetched.isShifting, 'a product of an earlier page')

  fetched.startPage(3)
  await fetched.addBatch(batchOf(palette, sourceProduct(4)))
  t.throws(() => fetched.endPage(), { message: /same page again/ })
})
