import { openDatabase } from '../../src/store/open-database.js'
import { ProductStore } from '../../src/store/products.js'
import { SourceProductStore } from '../../src/store/source-products.js'
import { FetchedCatalog } from '../../src/sync/fetched-catalog.js'
import type { MappedBatch } from '../../src/sync/mapped-records.js'
import { startApp } from '../helpers/app.js'
import { onOneEngine } from '../helpers/engines.js'
import { mappedRow, mascara, palette, sourceProduct } from '../helpers/products.js'

const SOURCE = 2
const missingId = { pointer: '/id', problem: 'is missing' }

/** Returns a batch with these products, and one in quarantine. */
function batchOf(...products: object[]): MappedBatch {
  const rows = products.map(mappedRow)
  return {
    records: rows.length + 1,
    rows,
    quarantined: [{ id: undefined, position: 0, problem: missingId }],
    reports: [
      {
        outcome: 'repaired',
        pointer: '/stock',
        problem: 'must be at least 0',
        value: '-1',
        count: rows.length,
        product: '1'
      }
    ]
  }
}

onOneEngine('a page that is read again after a broken connection counts once', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const fetched = new FetchedCatalog(new SourceProductStore(database, new ProductStore(database)), SOURCE, undefined)

  fetched.startPage(0)
  await fetched.addBatch(batchOf({ ...mascara, category: 'Make-Up' }, { ...palette, category: 'Make-Up' }))
  fetched.startPage(0)
  await fetched.addBatch(batchOf({ ...mascara, title: 'Later', category: 'Make up' }, palette))
  fetched.endPage()
  t.match(fetched.categories.list(), [{ slug: 'make-up', name: 'Make up' }])
  fetched.startPage(1)
  await fetched.addBatch(batchOf(sourceProduct(3)))
  fetched.endPage()

  t.equal(fetched.externalIds.size, 3)
  t.equal(fetched.quarantined, 2)
  t.notOk(fetched.isShifting, 'no product moved between pages')
  t.match(fetched.reports.counts, [{ pointer: '/stock', count: 3 }])
  t.strictSame(
    [...fetched.reasons],
    [
      ['at position 0', missingId],
      ['at position 3', missingId]
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

onOneEngine('products in another currency than the first one, or the configured one, are in quarantine', async (t) => {
  const app = await startApp(t)
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const store = new SourceProductStore(database, new ProductStore(database))
  const inCurrency = (id: number, currency: string) => {
    const row = mappedRow(sourceProduct(id))
    return { ...row, fields: { ...row.fields, currency } }
  }
  const rows = [inCurrency(1, 'JPY'), inCurrency(2, 'EUR'), inCurrency(3, 'JPY')]

  for (const [configured, accepted, rejected] of [
    [undefined, 2, '2'],
    ['EUR', 1, '1']
  ] as const) {
    const fetched = new FetchedCatalog(store, SOURCE, configured)
    await fetched.addBatch({ records: 3, rows, quarantined: [], reports: [] })
    fetched.endPage()

    t.equal(fetched.currency, configured ?? 'JPY')
    t.equal(fetched.externalIds.size, accepted)
    t.match(fetched.reasons.get(rejected), { problem: /must be in (JPY|EUR)/, value: /"(EUR|JPY)"/ })
  }
})
