import fc from 'fast-check'
import t from 'tap'
import { Product, ProductSummary } from '../../../../schemas/product.js'
import { PRICE_MAX } from '../../../../schemas/variant.js'
import { applyEdits, toSummary } from '../../../../src/products/overlay.js'
import { createValidator } from '../../../../src/support/validation.js'
import { describeProblem, toSentence } from '../../../../src/sync/field-reports.js'
import { mappedRow, mapSource, sourceProduct } from '../../../helpers/products.js'

const ajv = createValidator()
const isProduct = ajv.getSchema('Product') as (value: unknown) => boolean
const isSummary = ajv.getSchema('ProductSummary') as (value: unknown) => boolean

/** Maps a product with these changes. Throws if it is rejected. */
function accept(changes: Record<string, unknown>) {
  const { fields, hash } = mappedRow(sourceProduct(1, changes))
  return { product: applyEdits(fields, {}), hash }
}

/** Maps a product with these changes, and returns what became of them. */
function repair(changes: Record<string, unknown>) {
  const mapped = mapSource(sourceProduct(1, changes))
  if ('problem' in mapped) throw new Error(JSON.stringify(mapped.problem))
  return { fields: mapped.row.fields, reports: mapped.reports }
}

const rejectionReason = (changes: Record<string, unknown>) => {
  const mapped = mapSource(sourceProduct(1, changes))
  return 'problem' in mapped ? toSentence(describeProblem(mapped.problem)) : undefined
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
  t.equal(accept({ sku: `${sku}x` }).product.sku, '1', 'a part of a code would be another code')
  t.equal(accept({ title: 'é'.repeat(301) }).product.title, 'é'.repeat(300), 'other text is shortened')
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

t.test('a product without a usable id, title or price is rejected with the reason', async (t) => {
  for (const [changes, reason] of [
    [{ id: undefined }, '/id is missing'],
    [{ id: 2 ** 53 }, '/id must be a whole number below 2^53, or a string (got 9007199254740992)'],
    [{ id: { of: 'another type' } }, '/id must be a string or an integer (got an object)'],
    [{ id: 'x'.repeat(201) }, /^\/id must have at most 200 characters/],
    [{ title: ' \u200b' }, /^\/title must not be empty/],
    [{ title: '\u0001' }, /^\/title must not be empty/],
    [{ title: {} }, '/title must be a string (got an object)'],
    [{ price: -0.01 }, '/price must be at least 0 (got -0.01)'],
    [{ price: 'free' }, '/price must be a number (got "free")'],
    [{ price: undefined }, '/price is missing'],
    [{ price: PRICE_MAX + 1 }, /^\/price must be at most \d+/]
  ] as const) {
    t.match(rejectionReason(changes), reason)
  }
  t.match(mapSource(sourceProduct(7, { price: -1 })), { id: '7' })
  t.match(mapSource({ id: 'x' }), { id: 'x' })
  t.match(mapSource(null), { id: undefined, problem: { pointer: '', problem: 'must be an object', value: null } })
})

t.test('ids may be text, and numbers that are no number of a product', async (t) => {
  for (const id of ['a-1', 4_000_000_000, 0]) t.match(repair({ id }).fields, { externalId: String(id), id: 1 })
  t.match(repair({ id: '77' }).fields, { externalId: '77', id: 77 })
})

t.test('all other fields are repaired or dropped, and reported', async (t) => {
  const meta = { barcode: '1', createdAt: '2016-12-31T23:59:60Z', updatedAt: '2024-05-23 08:56:21' }
  for (const [changes, expected, pointer, outcome] of [
    [{ price: '9.99' }, { price: 9.99 }, '/price', 'repaired'],
    [{ rating: 5.1 }, { rating: 0 }, '/rating', 'dropped'],
    [{ rating: '4.5' }, { rating: 4.5 }, '/rating', 'repaired'],
    [{ stock: 1.5 }, { stock: 1 }, '/stock', 'repaired'],
    [{ stock: -3 }, { stock: 0 }, '/stock', 'repaired'],
    [{ stock: 'some' }, { stock: undefined }, '/stock', 'dropped'],
    [{ discountPercentage: 101 }, { discountPercentage: 0 }, '/discountPercentage', 'dropped'],
    [{ availabilityStatus: 'Maybe' }, { availability: 'in-stock' }, '/availabilityStatus', 'dropped'],
    [{ availabilityStatus: 'Maybe', stock: 0 }, { availability: 'out-of-stock' }, '/availabilityStatus', 'dropped'],
    [{ category: '!!!' }, { category: 'uncategorized' }, '/category', 'dropped'],
    [{ sku: 17 }, { sku: '17' }, '/sku', 'repaired'],
    [{ sku: [] }, { sku: '1' }, '/sku', 'dropped'],
    [{ tags: 'red, blue' }, { tags: ['red', 'blue'] }, '/tags', 'repaired'],
    [{ tags: ['red', {}] }, { tags: ['red'] }, '/tags/1', 'dropped'],
    [
      { images: ['ftp://images.example/1', '//images.example/2'] },
      { images: ['https://images.example/2'] },
      '/images/0',
      'dropped'
    ],
    [
      { thumbnail: 'https://images.example/a b.png' },
      { thumbnail: 'https://images.example/a%20b.png' },
      '/thumbnail',
      'repaired'
    ],
    [{ thumbnail: 'javascript:alert(1)' }, { thumbnail: 'https://images.example/1/1.webp' }, '/thumbnail', 'dropped'],
    [{ reviews: [{ rating: 9 }] }, { reviews: [] }, '/reviews/0/rating', 'dropped'],
    [
      { dimensions: { width: -1, height: 2 } },
      { dimensions: { width: 0, height: 2, depth: 0 } },
      '/dimensions/width',
      'repaired'
    ],
    [{ meta }, { createdAt: undefined, updatedAt: '2024-05-23T08:56:21.000Z' }, '/meta/createdAt', 'dropped'],
    [{ meta }, {}, '/meta/updatedAt', 'repaired']
  ] as const) {
    const { fields, reports } = repair(changes)
    t.match(fields, expected)
    t.ok(
      reports.some((report) => report.pointer === pointer && report.outcome === outcome),
      `${pointer} ${outcome}: ${JSON.stringify(reports)}`
    )
  }
})

t.test('missing fields are not reported', async (t) => {
  const { id, title, price } = sourceProduct(7)
  const mapped = mapSource({ id, title, price, brand: null, thumbnail: '', images: null })
  t.match(mapped, {
    reports: [],
    row: { fields: { sku: '7', category: 'uncategorized', reviews: [], description: '' } }
  })
  t.notMatch(mapped, { row: { fields: { stock: Number } } })
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
        const mapped = mapSource(from)
        if ('problem' in mapped) return mapped.problem.problem.length > 0
        const { createdAt = '2026-01-01T00:00:00Z', updatedAt = createdAt, ...fields } = mapped.row.fields
        const product = applyEdits({ ...fields, createdAt, updatedAt }, {})
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

t.test('summaries and products have the required fields of their schemas, and no others', async (t) => {
  const { product } = accept({})
  for (const name of ProductSummary.required as string[]) t.ok(name in toSummary(product), name)
  for (const name of Product.required as string[]) t.ok(name in product, name)
  for (const name of Object.keys(product)) t.ok(name in Product.properties, name)
})
