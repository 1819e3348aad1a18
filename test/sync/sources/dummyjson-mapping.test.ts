import fc from 'fast-check'
import t from 'tap'
import { Product, ProductSummary } from '../../../schemas/product.js'
import { applyEdits, toSummary } from '../../../src/products/overlay.js'
import { createValidator } from '../../../src/support/validation.js'
import { mapProduct } from '../../../src/sync/sources/dummyjson-mapping.js'
import { sourceProduct } from '../../helpers/products.js'

const ajv = createValidator()
const isProduct = ajv.getSchema('Product') as (value: unknown) => boolean
const isSummary = ajv.getSchema('ProductSummary') as (value: unknown) => boolean

/** Maps a product with these changes. Throws if it is rejected. */
function accept(changes: Record<string, unknown>) {
  const mapped = mapProduct(sourceProduct(1, changes))
  if (!('row' in mapped)) throw new Error(mapped.refused)
  return { product: applyEdits(mapped.row.fields, {}), hash: mapped.row.hash }
}

const rejectionReason = (changes: Record<string, unknown>) => {
  const mapped = mapProduct(sourceProduct(1, changes))
  return 'refused' in mapped ? mapped.refused : undefined
}

t.test('text is normalized, and invalid characters are removed or replaced', async (t) => {
  const { product } = accept({
    title: '  Red\u0000\u00a0 shoe \n',
    description: 'a\ud800b\tc\u0007\r\nd\u200b',
    sku: ' S\u2060\u00a01 ',
    brand: 'Caf\u200be\u0301',
    warrantyInformation: '\ufeff1 year\u0085',
    shippingInformation: 'a\u00adb',
    returnPolicy: '\u3000',
    meta: { ...(sourceProduct(1).meta as object), barcode: '\u202d4006381333931\u202c' },
    reviews: [{ rating: 5, comment: ' Good.\u200b', date: '2026-01-02T03:04:05.678Z', reviewerName: 'Ada  E\u0301.' }]
  })
  t.match(product, {
    title: 'Red shoe',
    description: 'a\ufffdb\tc\nd',
    sku: 'S 1',
    brand: 'Café',
    warranty: '1 year',
    shipping: 'ab',
    returnPolicy: '',
    barcode: '4006381333931',
    reviews: [{ comment: 'Good.', reviewer: 'Ada É.' }]
  })
})

t.test('empty and repeated tags are left out', async (t) => {
  t.strictSame(accept({ tags: ['red', '', ' ', '\u200b', 'red ', 'blue', 'red'] }).product.tags, ['red', 'blue'])
})

t.test('the limits apply to the normalized text', async (t) => {
  const sku = 'x'.repeat(100)
  t.equal(accept({ sku: ` ${sku}\u200b` }).product.sku, sku)
  t.equal(accept({ title: 'e\u0301'.repeat(300) }).product.title, 'é'.repeat(300))
  t.equal(rejectionReason({ sku: `${sku}x` }), 'mapped /sku must have at most 100 characters (got 101)')
})

t.test('a price is rounded to two decimal places', async (t) => {
  for (const [price, rounded] of [
    [19.99, 19.99],
    [0.29, 0.29],
    [1.005, 1.01],
    [2.675, 2.68],
    [9.999, 10],
    [0, 0],
    [36_999.99, 36_999.99]
  ] as const) {
    t.equal(accept({ price }).product.price, rounded, `${price}`)
  }
})

t.test('a brand that is absent, null or blank is left out', async (t) => {
  for (const brand of [undefined, null, '', '  ', '\u200b\u3000']) {
    const { product } = accept({ brand })
    t.notOk('brand' in product)
    t.notOk('brand' in toSummary(product))
  }
  t.equal(accept({ brand: ' Essence ' }).product.brand, 'Essence')
})

t.test('a category becomes a slug', async (t) => {
  for (const [category, slug] of [
    ['beauty', 'beauty'],
    ['Home Decoration', 'home-decoration'],
    [' mens--shirts! ', 'mens-shirts'],
    ['Möbel', 'moebel'],
    ['家具', 'jiaju-x62bd927c']
  ] as const) {
    t.equal(accept({ category }).product.category, slug)
  }
})

t.test('each availability is mapped', async (t) => {
  for (const [from, to] of [
    ['In Stock', 'in-stock'],
    ['Low Stock', 'low-stock'],
    ['Out of Stock', 'out-of-stock']
  ]) {
    t.equal(accept({ availabilityStatus: from }).product.availability, to)
  }
})

t.test('times are converted to UTC', async (t) => {
  const meta = { barcode: '1', createdAt: '2026-01-01T02:00:00+02:00', updatedAt: '2026-01-01T00:00:00Z' }
  t.equal(accept({ meta }).product.createdAt, '2026-01-01T00:00:00.000Z')
})

t.test('an invalid product is rejected with a reason and its id', async (t) => {
  const meta = { barcode: '1', createdAt: '2016-12-31T23:59:60Z', updatedAt: '2026-01-01T00:00:00Z' }
  for (const [changes, reason] of [
    [{ title: ' \u200b' }, 'mapped /title must not be empty'],
    [{ title: '\u0001' }, 'mapped /title must not be empty'],
    [{ price: -0.01 }, '/price must be at least 0 (got -0.01)'],
    [{ price: '9.99' }, '/price must be a number (got "9.99")'],
    [{ price: undefined }, '/price is missing'],
    [{ rating: 5.1 }, '/rating must be at most 5 (got 5.1)'],
    [{ stock: 1.5 }, '/stock must be an integer (got 1.5)'],
    [{ discountPercentage: 101 }, '/discountPercentage must be at most 100 (got 101)'],
    [
      { availabilityStatus: 'Maybe' },
      '/availabilityStatus must be one of In Stock, Low Stock, Out of Stock (got "Maybe")'
    ],
    [{ category: '!!!' }, '/category must contain a letter, a digit or a symbol (got "!!!")'],
    [
      { thumbnail: 'javascript:alert(1)' },
      '/thumbnail must start with http:// or https:// (got "javascript:alert(1)")'
    ],
    [
      { images: ['ftp://images.example/1'] },
      '/images/0 must start with http:// or https:// (got "ftp://images.example/1")'
    ],
    [{ reviews: [{ rating: 9 }] }, '/reviews/0/comment is missing'],
    [{ meta }, '/meta/createdAt must be a date and time without a leap second (got "2016-12-31T23:59:60Z")']
  ] as const) {
    t.equal(rejectionReason(changes), reason)
  }
  t.match(mapProduct(sourceProduct(7, { price: -1 })), { id: '7' })
  t.match(mapProduct({ id: 'x' }), { id: undefined })
  t.match(mapProduct(null), { refused: 'product must be an object (got null)', id: undefined })
})

t.test('the hash depends on the mapped fields only', async (t) => {
  t.equal(accept({}).hash, accept({ unknown: 'fields are not read' }).hash)
  t.not(accept({}).hash, accept({ stock: 8 }).hash)
})

t.test('any JSON value maps to a valid product or a reason', async (t) => {
  const anyJson = fc.jsonValue({ noUnicodeString: false })
  const nearlyValid = fc
    .tuple(
      fc.constantFrom(...Object.keys(sourceProduct(1))),
      anyJson,
      fc.constantFrom('', 'reviews', 'meta', 'dimensions')
    )
    .map(([field, value, inside]) => {
      const product = sourceProduct(1)
      if (inside === '') return { ...product, [field]: value }
      const part = inside === 'reviews' ? (product.reviews as object[])[0] : product[inside]
      const key = Object.keys(part as object)[field.length % Object.keys(part as object).length] as string
      const changed = { ...(part as object), [key]: value }
      return { ...product, [inside]: inside === 'reviews' ? [changed] : changed }
    })
  const url = fc.webUrl({ withFragments: true, withQueryParameters: true })
  const text = fc.string({ unit: 'binary', maxLength: 400 })
  const plausible = fc.record({
    title: text,
    description: text,
    category: text,
    brand: fc.option(text),
    price: fc.double({ min: -1, max: 10_000_001, noNaN: true }),
    rating: fc.double({ min: 0, max: 5, noNaN: true }),
    tags: fc.array(text),
    thumbnail: fc.oneof(
      url,
      text.map((rest) => `https://${rest}`)
    ),
    images: fc.array(url)
  })

  for (const arbitrary of [anyJson, nearlyValid, plausible.map((changes) => sourceProduct(1, changes))]) {
    fc.assert(
      fc.property(arbitrary, (from) => {
        const mapped = mapProduct(from)
        if ('refused' in mapped) return mapped.refused.length > 0
        const product = applyEdits(mapped.row.fields, {})
        return (
          isProduct(product) &&
          isProduct(JSON.parse(JSON.stringify(product))) &&
          isSummary(toSummary(product)) &&
          Math.round(product.price * 100) / 100 === product.price &&
          !('reviewerEmail' in (product.reviews[0] ?? {}))
        )
      }),
      { numRuns: 1000 }
    )
  }
  t.ok(isProduct(accept({}).product), 'the validator accepts a valid product')
  t.notOk(isProduct({ ...accept({}).product, price: -1 }))
})

t.test('summaries and products have exactly the fields of their schemas', async (t) => {
  const { product } = accept({})
  t.strictSame(Object.keys(toSummary(product)).sort(), Object.keys(ProductSummary.properties).sort())
  t.strictSame(Object.keys(product).sort(), Object.keys(Product.properties).sort())
})
