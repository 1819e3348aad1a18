import { readFile } from 'node:fs/promises'
import t from 'tap'
import { readSample } from '../../src/sync/sample.js'
import { makeSample, renderSample } from '../../tools/sample/make-sample.js'
import { mapSource } from '../helpers/products.js'

t.test('the committed sample matches its script', async (t) => {
  const file = 'data/sample-products.json'
  t.equal(await readFile(file, 'utf8'), renderSample(), 'run `npm run sample`')
  t.strictSame(await readSample(), JSON.parse(JSON.stringify(makeSample())))
})

t.test('the sample has 200 valid and distinct products in 20 categories', async (t) => {
  const mapped = (await readSample()).map(mapSource)
  t.strictSame(
    mapped.filter((product) => 'problem' in product),
    []
  )
  const products = mapped.flatMap((result) => ('row' in result ? [result.row.fields] : []))

  t.equal(products.length, 200)
  t.equal(new Set(products.map((product) => product.category)).size, 20)
  for (const field of ['id', 'sku', 'title', 'barcode'] as const) {
    t.equal(new Set(products.map((product) => product[field])).size, 200, field)
  }
  t.ok(products.some((product) => product.brand === undefined))
  t.strictSame(new Set(products.map((product) => product.availability)).size, 3)
})
