import t from 'tap'
import { CSV, NDJSON } from '../../schemas/transfer.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { onOneEngine } from '../helpers/engines.js'
import { mug, tee } from '../helpers/local-products.js'
import { sourceProduct } from '../helpers/products.js'

const exportRows = async (app: TestApp) =>
  (await app.request('/products/export', { headers: { accept: NDJSON } })).text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
const importFile = (app: TestApp, body: string, query = '', type = NDJSON) =>
  app.request(`/products/import${query}`, { method: 'POST', body, headers: { 'content-type': type } })
const importRows = (app: TestApp, rows: readonly object[], query = '') =>
  importFile(app, rows.map((row) => `${JSON.stringify(row)}\n`).join(''), query)
const patch = async (app: TestApp, id: number, json: object) => {
  const { status } = await app.request(`/products/${id}`, { method: 'PATCH', json, headers: { 'if-match': '*' } })
  t.equal(status, 200)
}
const read = async (app: TestApp, id: number) => (await app.request(`/products/${id}`)).body
const create = async (app: TestApp, changes: object = {}): Promise<number> =>
  (await app.request('/products', { method: 'POST', json: { ...mug, ...changes } })).body.id

onOneEngine('an old export does not undo what the source has changed since', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1), sourceProduct(2)] })
  const csv = (await app.request('/products/export', { headers: { accept: CSV } })).text
  const rows = await exportRows(app)
  app.source.products = [
    sourceProduct(1, { price: 12, stock: 3, dimensions: { width: 9, height: 2.5, depth: 3.5 } }),
    sourceProduct(2, {
      title: 'Renamed',
      rating: 1.5,
      brand: undefined,
      meta: { ...meta, updatedAt: '2026-03-01T00:00:00.000Z' }
    })
  ]
  await app.sync()
  const after = await exportRows(app)
  t.match(await importRows(app, rows), { status: 200, body: { updated: 0, unchanged: 2 } })
  t.match(await importFile(app, csv, '', CSV), { status: 200, body: { updated: 0, unchanged: 2 } })
  t.strictSame(await exportRows(app), after)
  t.match(after, [
    { price: 12, edited: [] },
    { title: 'Renamed', edited: [] }
  ])
})

const meta = sourceProduct(1).meta as object

onOneEngine("an old export does not undo a colleague's changes", async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  const id = await create(app)
  const rows = await exportRows(app)
  await patch(app, 1, { price: 5 })
  await patch(app, 1, { price: 6, tags: ['sale'] })
  await patch(app, id, { title: 'Stoneware Cup' })
  t.match(await importRows(app, rows), { status: 200, body: { updated: 0, unchanged: 2 } })
  t.match(await read(app, 1), { price: 6, tags: ['sale'], edited: ['price', 'tags'] })
  t.match(await read(app, id), { title: 'Stoneware Cup' })
})

onOneEngine('only the fields that differ from the export are applied', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  const [row] = await exportRows(app)
  await patch(app, 1, { price: 5, dimensions: { width: 7 } })
  const dimensions = { ...(row?.dimensions as object), height: 8 }
  t.match(await importRows(app, [{ ...row, stock: 99, dimensions }]), { status: 200, body: { updated: 1 } })
  t.match(await read(app, 1), {
    price: 5,
    stock: 99,
    dimensions: { width: 7, height: 8, depth: 3.5 },
    edited: ['price', 'stock', 'dimensions']
  })
})

onOneEngine('a row whose field was changed after the export is a conflict', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  const [row] = await exportRows(app)
  await patch(app, 1, { price: 5, brand: null, dimensions: { width: 7 }, description: 'x'.repeat(9000) })
  const wayOut = 'Export the product again, or use force to overwrite it'
  const dimensions = { width: 8, height: 2.5, depth: 3.5 }
  const conflicts: [object, string, string][] = [
    [{ price: 4 }, 'price', `was changed from 9.99 to 5 after the export, and the row has 4. ${wayOut}`],
    [{ brand: 'Own' }, 'brand', 'was changed from "Brand" to no value after the export, and the row has "Own"'],
    [{ dimensions }, 'dimensions', 'width was changed from 1.5 to 7 after the export, and the row has 8'],
    [{ stock: 1, price: 4 }, 'price', 'was changed from 9.99 to 5']
  ]
  for (const [changes, field, reason] of conflicts) {
    const { status, body } = await importRows(app, [{ ...row, ...changes }])
    t.equal(status, 422)
    t.match(body.report, { updated: 0, refused: 1, refusals: [{ line: 1, field }] })
    t.ok(body.report.refusals[0].reason.includes(reason), body.report.refusals[0].reason)
  }
  const { body } = await importRows(app, [{ ...row, description: 'y'.repeat(9000) }], '?mode=each')
  t.ok(body.refusals[0].reason.length < 1000, 'long values are shortened')
  t.ok(body.refusals[0].reason.endsWith(wayOut))
})

onOneEngine('the same change in the file and in the catalog is no conflict', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  const [row] = await exportRows(app)
  await patch(app, 1, { price: 5 })
  t.match(await importRows(app, [{ ...row, price: 5 }]), { body: { unchanged: 1, refused: 0 } })
  t.match(await importRows(app, [{ ...row, price: 5, stock: 1 }]), { body: { updated: 1, refused: 0 } })
  t.match(await read(app, 1), { price: 5, stock: 1 })
})

onOneEngine('a forced import overwrites changes, and ignores versions and read-only fields', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  const [row] = await exportRows(app)
  await patch(app, 1, { price: 5, stock: 1 })
  const forced = { ...row, price: 4, rating: 1, updatedAt: '2020-01-01T00:00:00.000Z', version: 'AAAAAAAA.1.1' }
  t.match(await importRows(app, [forced], '?force=true&dryRun=true'), { body: { updated: 1, dryRun: true } })
  t.match(await read(app, 1), { price: 5, stock: 1 })
  t.match(await importRows(app, [forced], '?force=true'), { status: 200, body: { updated: 1 } })
  t.match(await read(app, 1), { price: 4, stock: 7, rating: 4.2 })
  const unknown = await importRows(app, [{ ...row, colour: 'red' }], '?force=true')
  t.match(unknown.body.report.refusals, [{ field: 'colour', reason: /is unknown/ }])
})

onOneEngine('a row of another catalog does not overwrite a product', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  const [row] = await exportRows(app)
  const version = 'AAAAAAAA.1.1'
  t.match(await importRows(app, [{ ...row, version, updatedAt: '2020-01-01T00:00:00.000Z' }]), {
    body: { unchanged: 1 }
  })
  const { body } = await importRows(app, [{ ...row, version, dimensions: { width: 2 } }])
  t.match(body.report.refusals, [
    {
      field: 'dimensions',
      reason: /^width is 1.5 in the catalog and 2 in the row, and .* exported from another catalog/
    }
  ])
  t.match(await importRows(app, [{ ...mug, id: 1_000_000_077, version }]), { body: { created: 1 } })
})

onOneEngine('a product that was deleted after the export is not created again', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  const id = await create(app)
  const [, row] = await exportRows(app)
  await app.request(`/products/${id}`, { method: 'DELETE', headers: { 'if-match': '*' } })
  const { body } = await importRows(app, [row as object])
  t.match(body.report.refusals, [{ field: 'id', reason: /belongs to a product that was deleted after the export/ }])
  t.match(await importRows(app, [row as object], '?force=true'), { body: { created: 1 } })
  t.match(await read(app, id), mug)
})

onOneEngine('a copied row without an id creates a product', async (t) => {
  const app = await startApp(t, { products: [] })
  await create(app)
  const [row] = await exportRows(app)
  t.match(await importRows(app, [row as object, { ...row, id: undefined, sku: 'MUG-002' }]), {
    body: { created: 1, unchanged: 1 }
  })
})

onOneEngine('a product that has left and returned since the export is not overwritten', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1), sourceProduct(2)] })
  const [, row] = await exportRows(app)
  app.source.products = [sourceProduct(1)]
  await app.sync()
  app.source.products = [sourceProduct(1), sourceProduct(2, { price: 1 })]
  await app.sync()
  const { body } = await importRows(app, [row as object])
  t.match(body.report.refusals, [
    { field: 'price', reason: /^is 1 in the catalog and 9.99 in the row, and the change log no longer has its value/ }
  ])
  t.match(await importRows(app, [{ ...row, price: 1 }]), { body: { unchanged: 1 } })
})

onOneEngine('two rows of one product are both applied, unless they contradict each other', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  const [row] = await exportRows(app)
  t.match(await importRows(app, [{ ...row, price: 5 }, { ...row, stock: 2 }, row as object]), {
    body: { updated: 2, unchanged: 1 }
  })
  t.match(await read(app, 1), { price: 5, stock: 2 })
  const [next] = await exportRows(app)
  const { body } = await importRows(app, [
    { ...next, price: 6 },
    { ...next, price: 7 }
  ])
  t.match(body.report.refusals, [
    { line: 2, field: 'price', reason: /from 5 to 6 after the export, and the row has 7/ }
  ])
})

onOneEngine('a row without a version is compared with the current product', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  const [{ version: _, ...row } = {}] = await exportRows(app)
  await patch(app, 1, { price: 5 })
  t.match(await importRows(app, [{ id: 1, price: 9.99, version: null }]), { body: { updated: 1 } })
  t.match(await importRows(app, [{ id: 1, price: 8, version: '' }]), { body: { updated: 1 } })
  t.match(await read(app, 1), { price: 8 })
  const { body } = await importRows(app, [row])
  t.match(body.report.refusals, [{ field: 'edited', reason: /is read-only/ }])
})

onOneEngine('an invalid version is refused', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  for (const version of ['x', '"AAAAAAAA.1.1"', 5, ['AAAAAAAA.1.1']]) {
    const { body } = await importRows(app, [{ id: 1, version }])
    t.match(body.report.refusals, [{ field: 'version', reason: /must be the version of an exported row/ }])
  }
})

onOneEngine('a read-only field that differs from the export is refused', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  const [row] = await exportRows(app)
  app.source.products = [sourceProduct(1, { rating: 2 })]
  await app.sync()
  const { body } = await importRows(app, [{ ...row, rating: 5 }])
  t.match(body.report.refusals, [{ field: 'rating', reason: /is read-only/ }])
})

onOneEngine('numbers that a spreadsheet has shortened to 15 digits are unchanged', async (t) => {
  const app = await startApp(t, {
    products: [sourceProduct(1, { rating: 4.333333333333333, weight: 13.850000000000001 })]
  })
  const [row] = await exportRows(app)
  t.match(await importRows(app, [{ ...row, rating: 4.33333333333333, weight: 13.85 }]), { body: { unchanged: 1 } })
})

onOneEngine('NDJSON has the line ends of Unicode only in escaped form', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1, { description: 'a\u2028b\u2029c' })] })
  const { text } = await app.request('/products/export', { headers: { accept: NDJSON } })
  t.notMatch(text, /[\u2028\u2029]/)
  t.match(text, /a\\u2028b\\u2029c/)
  t.match(await importFile(app, text), { body: { unchanged: 1 } })
})

onOneEngine('attributes, options and variants survive an export and an import in each format', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  const id = await create(app, tee)
  const product = await read(app, id)
  for (const type of [CSV, NDJSON]) {
    const { text } = await app.request('/products/export', { headers: { accept: type } })
    t.match(await importFile(app, text, '', type), { body: { unchanged: 2 } }, type)
    await app.request(`/products/${id}`, { method: 'DELETE', headers: { 'if-match': '*' } })
    t.match(await importFile(app, text, '?force=true', type), { body: { created: 1, unchanged: 1 } }, type)
    t.match(await read(app, id), product, type)
  }
})

onOneEngine('a row with variants that contradict its other fields is refused with the place', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  const row = { id: 1, options: tee.options, variants: tee.variants }
  t.match(
    await importRows(app, [
      { ...row, price: 1 },
      { ...tee, options: [] },
      { ...row, variants: [{ options: [] }] }
    ]),
    {
      status: 422,
      body: {
        report: {
          refusals: [
            { line: 1, field: 'price', reason: 'must be 15, which follows from the variants, or be left out (got 1)' },
            { line: 2, field: 'variants', reason: '/0/options/0/name must be the name of an option (got "Size")' },
            { line: 3, field: 'variants', reason: '/0/price is missing' }
          ]
        }
      }
    }
  )
  const [exported] = await exportRows(app)
  t.match(await importRows(app, [{ ...exported, ...row }]), { body: { updated: 1 } }, 'an unchanged price is no edit')
  t.match(await read(app, 1), { price: 15, edited: ['options', 'variants'] })
})
