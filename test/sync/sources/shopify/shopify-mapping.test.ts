import t from 'tap'
import { mapProduct } from '../../../../src/sync/sources/shopify/shopify-mapping.js'
import { fixtureProducts } from '../../../helpers/shopify-shop.js'

const settings = { url: 'https://shop.example/products.json', currency: 'EUR' }
const [terrarium, card] = fixtureProducts

function map(from: unknown) {
  const mapped = mapProduct(from, settings)
  if ('problem' in mapped) throw new Error(JSON.stringify(mapped.problem))
  return mapped
}

t.test('the fields of a storefront are mapped', async (t) => {
  const { row, reports } = map(terrarium)

  t.equal(row.externalId, '8137960948015')
  t.match(row.fields, {
    title: 'Orbit Terrarium',
    description: 'A hand-blown sphere & cork.\n\n21.6 cm',
    sku: 'OTS-C',
    brand: 'Company 123',
    category: 'home-garden',
    price: 79,
    currency: 'EUR',
    availability: 'in-stock',
    tags: ['Garden', 'glass', 'egnition-sample-data'],
    weight: 0.9,
    url: 'https://shop.example/products/orbit-terrarium',
    createdAt: '2025-02-27T20:47:35.000Z',
    updatedAt: '2026-09-30T12:15:02.000Z'
  })
  t.equal(row.fields.images.length, 1)
  t.equal(row.fields.thumbnail, row.fields.images[0])
  t.notOk('stock' in row.fields)
  t.strictSame(reports, [])
})

t.test('empty fields are absent, and a product without a SKU has its handle', async (t) => {
  const { row, reports } = map(card)
  t.match(row.fields, { sku: 'gift-card', description: '', category: 'uncategorized', price: 0, images: [], tags: [] })
  for (const name of ['brand', 'salePrice', 'thumbnail', 'stock']) t.notOk(name in row.fields, name)
  t.strictSame(reports, [])
})

t.test(
  'variants have the values of their options, and decide the price and the availability of the product',
  async (t) => {
    const { row, reports } = map(terrarium)
    const color = { name: 'Glass', value: 'Clear' }
    t.strictSame(row.fields.options, [
      { name: 'Size', values: ['Small', 'Large'] },
      { name: 'Glass', values: ['Clear'] }
    ])
    t.strictSame(row.fields.variants, [
      {
        sku: 'OTS-C',
        externalId: '44520729444660',
        options: [{ name: 'Size', value: 'Small' }, color],
        price: 79,
        availability: 'out-of-stock'
      },
      {
        sku: 'OTL-C',
        externalId: '44520729444661',
        options: [{ name: 'Size', value: 'Large' }, color],
        price: 129,
        salePrice: 109,
        availability: 'in-stock',
        image: 'https://cdn.shopify.com/s/files/1/0001/products/l.jpg?v=1677497869'
      }
    ])
    t.strictSame(reports, [])
  }
)

t.test('a shop without options has no variants', async (t) => {
  t.match(map(card).row.fields, { options: [], variants: [], price: 0 })
})

t.test('prices are rounded, and a variant without a price is left out', async (t) => {
  const variant = (option1: string, price: unknown, available: unknown, compare_at_price: unknown = null) => ({
    option1,
    price,
    available,
    compare_at_price
  })
  for (const [variants, expected] of [
    [[variant('S', '9.00', true), variant('M', '7.005', true)], { price: 7.01, availability: 'in-stock' }],
    [
      [variant('S', '5.00', false, '8.00'), variant('M', '9.00', false)],
      { price: 8, salePrice: 5, availability: 'out-of-stock' }
    ],
    [[variant('S', '5.00', true, '4.00')], { price: 5, salePrice: undefined }],
    [[variant('S', 'free', true), variant('M', '9.00', false)], { price: 9, options: [{ values: ['M'] }] }],
    [[variant('S', '9.00', undefined)], { price: 9, availability: 'in-stock' }]
  ] as const) {
    t.match(map({ ...terrarium, variants }).row.fields, expected)
  }
})

t.test('a product without an id, a title or a price is in quarantine', async (t) => {
  for (const [changes, pointer] of [
    [{ id: 2 ** 60 }, '/id'],
    [{ title: '' }, '/title'],
    [{ variants: [] }, '/variants/0/price'],
    [{ variants: [{ price: 'free' }] }, '/variants/0/price']
  ] as const)
    t.match(mapProduct({ ...terrarium, ...changes }, settings), { problem: { pointer } })
})

t.test('tags may be one text', async (t) => {
  t.strictSame(map({ ...terrarium, tags: 'a, b' }).row.fields.tags, ['a', 'b'])
})

t.test('a weight or a time that cannot be used is left out', async (t) => {
  const [first] = (terrarium?.variants ?? []) as object[]
  for (const grams of [1e10, Number.POSITIVE_INFINITY])
    t.equal(map({ ...terrarium, variants: [{ ...first, grams }] }).row.fields.weight, 0)
  t.notOk('createdAt' in map({ ...terrarium, created_at: '9999-12-31T23:59:59-12:00' }).row.fields)
})
