import { readFile } from 'node:fs/promises'
import t from 'tap'
import { readSample } from '../../src/sync/sample.js'
import { mapProduct } from '../../src/sync/sources/dummyjson-mapping.js'
import { makeSample, renderSample } from '../../tools/sample/make-sample.js'

t.test('the sample is what its script makes', async (t) => {
  const file = 'data/sample-products.json'
  t.equal(await readFile(file, 'utf8'), renderSample(), 'run `npm run sample`')
  t.strictSame(await readSample(), JSON.parse(JSON.stringify(makeSample())))
})

t.test('it is a shop: 200 products in 20 categories, all of them valid, all of them different', async (t) => {
  const mapped = (await readSample()).map(mapProduct)
  t.strictSame(
    mapped.filter((product) => 'refused' in product),
    []
  )
  const products = mapped.flatMap((one) => ('row' in one ? [one.row.fields] : []))

  t.equal(products.length, 200)
  t.equal(new Set(products.map((product) => product.category)).size, 20)
  for (const field of ['id', 'sku', 'title', 'barcode'] as const) {
    t.equal(new Set(products.map((product) => product[field])).size, 200, field)
  }
  t.ok(products.some((product) => product.brand === undefined))
  t.strictSame(new Set(products.map((product) => product.availability)).size, 3)
})
