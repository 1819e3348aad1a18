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
  fetched.startPage(1)
  await fetched.addBatch(batchOf(sourceProduct(3)))
  fetched.endPage()

  fetched.settleCurrency()
  t.match(fetched.categories.list(), [{ slug: 'make-up', name: 'Make up' }])
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
  t.strictSame(fetched.endPage(), { isRepeated: true })
  fetched.startPage(4)
  await fetched.addBatch({
    records: 2,
    rows: [],
    quarantined: [
      { id: undefined, position: 0, problem: missingId },
      { id: '9', position: 1, problem: missingId }
    ],
    reports: []
  })
  t.strictSame(fetched.endPage(), { isRepeated: false }, 'a new record, although it is in quarantine')
  fetched.startPage(5)
  await fetched.addBatch({
    records: 1,
    rows: [],
    quarantined: [{ id: '9', position: 0, problem: missingId }],
    reports: []
  })
  t.strictSame(fetched.endPage(), { isRepeated: true }, 'products in quarantine are remembered')
  t.equal(fetched.quarantined, 5, 'the repeated page does not count')
})

onOneEngine('products in another currency than most, or than the configured one, are in quarantine', async (t) => {
  const app = await startApp(t)
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const store = new SourceProductStore(database, new ProductStore(database))
  const rows = [inCurrency(1, 'EUR'), inCurrency(2, 'JPY'), inCurrency(3, 'JPY')]

  for (const [configured, expected, rejected] of [
    [undefined, 'JPY', ['1']],
    ['EUR', 'EUR', ['2', '3']]
  ] as const) {
    for (const order of [rows, rows.toReversed()]) {
      const fetched = new FetchedCatalog(store, SOURCE, configured)
      await fetched.addBatch({ records: 3, rows: order, quarantined: [], reports: [] })
      fetched.endPage()
      fetched.settleCurrency()

      t.equal(fetched.currency, expected)
      t.equal(fetched.externalIds.size, 3 - rejected.length)
      t.equal(fetched.quarantined, rejected.length)
      t.strictSame([...fetched.reasons.keys()].sort(), rejected)
      t.match(fetched.reasons.get(rejected[0]), { problem: `must be in ${expected}`, value: /"(EUR|JPY)"/ })
      const changed = []
      for await (const batch of fetched.changed()) changed.push(...batch)
      t.equal(changed.length, 3 - rejected.length)
      t.strictSame(
        fetched.categories.list().map(({ slug }) => slug),
        [...new Set(changed.flatMap(({ categoryPath = [] }) => categoryPath.map(({ slug }) => slug)))]
      )
    }
  }
})

onOneEngine('a page without any id that is the same as the previous one ends the reading', async (t) => {
  const app = await startApp(t)
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const fetched = new FetchedCatalog(new SourceProductStore(database, new ProductStore(database)), SOURCE, undefined)
  const pageOf = (digest: string): MappedBatch => ({
    records: 1,
    rows: [],
    quarantined: [{ id: undefined, position: 0, problem: missingId, digest }],
    reports: []
  })
  for (const [number, [digest, isRepeated]] of (
    [
      ['a', false],
      ['b', false],
      ['b', true]
    ] as const
  ).entries()) {
    fetched.startPage(number)
    await fetched.addBatch(pageOf(digest))
    t.strictSame(fetched.endPage(), { isRepeated })
  }
  t.equal(fetched.quarantined, 2, 'the repeated page does not count')
  t.ok(fetched.isEndRepeated)
  t.notOk(fetched.isShifting)
})

onOneEngine('of two currencies with equally many products, the first by the alphabet counts', async (t) => {
  const app = await startApp(t)
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const store = new SourceProductStore(database, new ProductStore(database))
  const rows = [inCurrency(1, 'JPY'), inCurrency(2, 'EUR')]
  for (const order of [rows, rows.toReversed()]) {
    const fetched = new FetchedCatalog(store, SOURCE, undefined)
    await fetched.addBatch({ records: 2, rows: order, quarantined: [], reports: [] })
    fetched.endPage()
    fetched.settleCurrency()
    t.equal(fetched.currency, 'EUR')
  }
})

/** A product of a currency, in a category of its own. */
function inCurrency(id: number, currency: string) {
  const row = mappedRow(sourceProduct(id, { category: `In ${currency}` }))
  return { ...row, fields: { ...row.fields, currency } }
}

onOneEngine('removed products count once, and do not make a page a repeated one', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const fetched = new FetchedCatalog(new SourceProductStore(database, new ProductStore(database)), SOURCE, undefined)
  const removal: MappedBatch = { records: 0, rows: [], quarantined: [], reports: [], removed: ['2', '3'] }

  fetched.startPage(0)
  await fetched.addBatch({ ...removal, removed: ['4'] })
  fetched.startPage(0)
  await fetched.addBatch(removal)

  t.strictSame(fetched.endPage(), { isRepeated: false })
  t.strictSame([...fetched.removedIds], ['2', '3'])
})
