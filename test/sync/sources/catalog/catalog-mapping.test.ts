import t from 'tap'
import { applyEdits, toProductFields } from '../../../../src/products/overlay.js'
import { mapProduct, mapRecord } from '../../../../src/sync/sources/catalog/catalog-mapping.js'
import type { MappedRecord } from '../../../../src/sync/sources/source-kind.js'

const product = {
  id: 7,
  sku: 'MUG',
  title: 'Mug',
  description: 'Holds 350 ml.\n\nDishwasher-safe.',
  category: 'mugs-x1a2b3c4d',
  brand: 'Kiln',
  price: 12.5,
  currency: 'EUR',
  discountPercentage: 20,
  salePrice: 10,
  salePriceFrom: '2026-01-01T00:00:00.000Z',
  salePriceUntil: '2027-01-01T00:00:00.000Z',
  onSale: true,
  rating: 4.25,
  stock: 3,
  availability: 'low-stock',
  status: 'active',
  tags: ['a, b', 'c'],
  thumbnail: 'https://img.example/0.webp',
  images: ['https://img.example/1.webp', 'https://img.example/1.webp'],
  weight: 0.4,
  dimensions: { width: 1, height: 2, depth: 3 },
  warranty: 'w',
  shipping: 's',
  returnPolicy: 'r',
  minimumOrderQuantity: 2,
  barcode: '0401234567890',
  mpn: 'M-1',
  condition: 'used',
  url: 'https://shop.example/mug',
  externalId: 'shop-7',
  attributes: [{ name: 'Glaze', value: 'matte' }],
  options: [],
  variants: [],
  reviews: [{ rating: 5, comment: 'Good.', date: '2026-01-02T03:04:05.000Z', reviewer: 'Ada' }],
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-02T00:00:00.000Z',
  origin: 'local',
  edited: ['price']
}
const variant = (values: object) => ({
  options: [{ name: 'Size', value: 'S' }],
  price: 12.5,
  availability: 'in-stock',
  ...values
})

function map(changes: object = {}) {
  const mapped = mapProduct({ ...product, ...changes }, { currency: 'USD' })
  if (!('row' in mapped)) throw new Error(JSON.stringify(mapped))
  const { row, reports } = mapped
  const { createdAt, updatedAt } = product
  const fields = toProductFields(applyEdits({ createdAt, updatedAt, ...row.fields, onSale: true }, {}))
  return { row, fields, reports: reports.map(({ pointer, outcome }) => `${outcome} ${pointer}`) }
}

const problemOf = (record: MappedRecord) => ('problem' in record ? record.problem : undefined)

t.test('a product keeps all of its fields, in the same order', async (t) => {
  const { row, fields, reports } = map()
  const { origin: _, edited: __, ...expected } = product
  t.equal(JSON.stringify(fields), JSON.stringify(expected))
  t.strictSame(reports, [])
  t.equal(row.externalId, '7')
  t.equal(row.hash, map({ onSale: false, origin: 'source', edited: [], version: 'x' }).row.hash)
})

t.test('an edit that removes the thumbnail stays, although the product has images', async (t) => {
  t.notOk('thumbnail' in map({ thumbnail: undefined }).fields)
})

t.test('options and variants keep their order and their values', async (t) => {
  const variants = [
    {
      sku: 'M',
      externalId: '1',
      barcode: '2',
      ...variant({ salePrice: 10, stock: 0, image: 'https://img.example/2.webp' })
    },
    variant({ options: [{ name: 'Size', value: 'L' }], availability: 'backorder' })
  ]
  const options = [{ name: 'Size', values: ['XL', 'L', 'S'] }]
  const { fields, reports } = map({ options, variants })
  t.strictSame(fields.options, options)
  t.strictSame(fields.variants, variants)
  t.strictSame(reports, [])
})

t.test('options that do not fit the variants are corrected', async (t) => {
  const { fields, reports } = map({
    options: [{ name: 'Color', values: ['red'] }, { name: '' }],
    variants: [variant({})]
  })
  t.strictSame(fields.options, [{ name: 'Size', values: ['S'] }])
  t.match(reports, ['dropped /options'])
})

t.test('a product of another release may lack fields, and have others', async (t) => {
  const { id, title, price } = product
  const mapped = mapProduct({ id, title, price, stock: 0, colour: 'red' }, { currency: 'CHF' })
  const expected = {
    category: 'uncategorized',
    currency: 'CHF',
    availability: 'out-of-stock',
    externalId: '7',
    sku: '7'
  }
  t.match('row' in mapped && mapped.row.fields, expected)
  const { fields, reports } = map({
    availability: 'discontinued',
    category: 'Not a slug',
    variants: [variant({ price: 'free' }), variant({ availability: 'sold' })],
    options: [{ name: 'Size', values: ['S'] }],
    reviews: [{ comment: 'No rating.' }, { rating: 4, date: '2026-01-02T03:04:05.000Z' }],
    attributes: [{ name: 'Glaze' }]
  })
  t.match(fields, { category: 'not-a-slug', reviews: [{ rating: 4, comment: '', reviewer: '' }], attributes: [] })
  t.strictSame(reports.sort(), [
    'dropped /availability',
    'dropped /variants/0/price',
    'dropped /variants/1/availability',
    'repaired /category'
  ])
})

t.test('a product without an identity, a title or a price cannot be used', async (t) => {
  for (const name of ['id', 'title', 'price'])
    t.match(problemOf(mapProduct({ ...product, [name]: undefined }, { currency: 'USD' })), { pointer: `/${name}` })
  t.match(problemOf(mapProduct('text', { currency: 'USD' })), { problem: 'must be an object' })
})

t.test('a removed product is no product', async (t) => {
  const settings = { url: 'https://catalog.example', currency: 'USD' }
  t.strictSame(mapRecord({ removed: '7' }, settings), { removed: '7' })
  t.match(mapRecord({ product: { ...product, removed: true } }, settings), { row: { externalId: '7' } })
})
