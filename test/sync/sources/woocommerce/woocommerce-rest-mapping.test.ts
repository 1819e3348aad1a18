import t from 'tap'
import { mapRestProduct } from '../../../../src/sync/sources/woocommerce/woocommerce-rest-mapping.js'
import { restProducts } from '../../../helpers/woocommerce-shop.js'

const settings = { url: 'https://shop.example/wp-json/wc/v3/products', currency: 'EUR' }
const [premium, booking] = restProducts

function map(from: unknown) {
  const mapped = mapRestProduct(from, settings)
  if ('problem' in mapped) throw new Error(JSON.stringify(mapped.problem))
  return mapped
}

t.test('the fields of the REST API are mapped', async (t) => {
  const { row, reports } = map(premium)

  t.equal(row.externalId, '794')
  t.match(row.fields, {
    title: 'Premium Quality',
    description: 'Text',
    sku: 'premium-quality',
    category: 'clothing',
    price: 21.99,
    salePrice: 17.5,
    salePriceFrom: '2026-11-20T00:00:00.000Z',
    salePriceUntil: '2026-11-30T23:59:59.000Z',
    currency: 'EUR',
    stock: 16,
    availability: 'backorder',
    weight: 0,
    dimensions: { width: 12, height: 0, depth: 0 },
    barcode: '4006381333931',
    attributes: [{ name: 'Color', value: 'Black' }],
    images: ['https://shop.example/a.jpg'],
    thumbnail: 'https://shop.example/a.jpg',
    url: 'https://shop.example/product/premium-quality/',
    createdAt: '2017-03-23T20:01:14.000Z',
    updatedAt: '2017-03-23T20:01:14.000Z'
  })
  t.notOk('status' in row.fields)
  t.match(reports, [{ pointer: '/stock_quantity', outcome: 'repaired', value: 16.5 }])
  t.equal(reports.length, 1)
})

t.test('values of other types cost no product', async (t) => {
  const { row, reports } = map(booking)

  t.match(row.fields, {
    title: 'Book the Green Room',
    sku: '123',
    status: 'draft',
    price: 12.89,
    availability: 'in-stock',
    weight: 213,
    dimensions: { width: 33, height: 54, depth: 12 },
    rating: 4.3,
    tags: ['20+'],
    images: ['https://shop.example/b.jpg.png']
  })
  for (const name of ['stock', 'url', 'salePrice']) t.notOk(name in row.fields, name)
  t.strictSame(reports.map(({ pointer, outcome }) => `${outcome} ${pointer}`).sort(), [
    'dropped /permalink',
    'dropped /sale_price',
    'repaired /sku'
  ])
})

t.test('only published products are active', async (t) => {
  for (const [status, expected] of [
    ['publish', undefined],
    ['Publish', undefined],
    ['', undefined],
    ['pending', 'draft'],
    ['private', 'draft'],
    ['future', 'draft'],
    ['sold-by-a-plugin', 'draft']
  ] as const)
    t.equal(map({ ...premium, status }).row.fields.status, expected, status)
})

t.test('the regular price counts, and the lower of the others is the sale price', async (t) => {
  for (const [prices, expected] of [
    [
      { price: '10', regular_price: '10', sale_price: '' },
      { price: 10, salePrice: undefined }
    ],
    [
      { price: '10', regular_price: '', sale_price: '' },
      { price: 10, salePrice: undefined }
    ],
    // A sale that has not begun.
    [
      { price: '10', regular_price: '10', sale_price: '8' },
      { price: 10, salePrice: 8, salePriceFrom: /^2026-11-20/ }
    ],
    // A reduction by a plugin has no times.
    [
      { price: '9', regular_price: '10', sale_price: '' },
      { price: 10, salePrice: 9, salePriceFrom: undefined }
    ],
    [
      { price: '10', regular_price: '10', sale_price: '10' },
      { price: 10, salePrice: undefined }
    ],
    [{ price: '10', regular_price: 'ten', sale_price: '' }, { price: 10 }]
  ] as const)
    t.match(map({ ...premium, ...prices }).row.fields, expected)
})

t.test('a product without an id, a title or a price is in quarantine', async (t) => {
  for (const [changes, pointer] of [
    [{ id: null }, '/id'],
    [{ name: '<b></b>' }, '/name'],
    [{ price: '', regular_price: '' }, '/price'],
    [{ price: 'free', regular_price: '' }, '/price']
  ] as const)
    t.match(mapRestProduct({ ...premium, ...changes }, settings), { problem: { pointer } })
})

t.test('variations become variants', async (t) => {
  const attributes = [
    { name: 'Size', variation: true, visible: false, options: ['S', 'M'] },
    { name: 'Supplier', variation: false, visible: false, options: ['Secret'] },
    { name: 'Fabric', variation: false, visible: true, options: ['Cotton'] }
  ]
  const variation = (id: number, size: string, more: object) => ({
    id,
    parent_id: 794,
    status: 'publish',
    sku: `P-${id}`,
    price: '8',
    regular_price: '10',
    sale_price: '8',
    manage_stock: true,
    stock_quantity: 4,
    stock_status: 'instock',
    image: { src: 'https://shop.example/v.jpg' },
    global_unique_id: '',
    attributes: [{ id: 6, name: 'Size', option: size }],
    ...more
  })
  const { row, reports } = map({
    ...premium,
    stock_quantity: null,
    attributes,
    variations: [
      variation(1, 'S', {}),
      variation(2, 'M', { price: '12', regular_price: 12, manage_stock: 'parent', stock_quantity: 50, image: null }),
      variation(3, 'L', { status: 'private' }),
      variation(4, 'XL', { price: '' })
    ]
  })

  t.match(row.fields, {
    price: 10,
    salePrice: 8,
    stock: 4,
    availability: 'in-stock',
    attributes: [{ name: 'Fabric', value: 'Cotton' }],
    options: [{ name: 'Size', values: ['S', 'M'] }]
  })
  t.equal(row.fields.attributes.length, 1)
  t.strictSame(row.fields.variants, [
    {
      sku: 'P-1',
      externalId: '1',
      options: [{ name: 'Size', value: 'S' }],
      price: 10,
      salePrice: 8,
      stock: 4,
      availability: 'in-stock',
      image: 'https://shop.example/v.jpg'
    },
    { sku: 'P-2', externalId: '2', options: [{ name: 'Size', value: 'M' }], price: 12, availability: 'in-stock' }
  ])
  t.strictSame(reports, [])
})

t.test('a product with the ids of its variations has its options as attributes', async (t) => {
  const attributes = [{ name: 'Size', variation: true, visible: true, options: ['S', 'M'] }]
  const { row } = map({ ...premium, attributes, variations: [11, 12] })
  t.match(row.fields, { variants: [], options: [], price: 21.99 })
  t.strictSame(row.fields.attributes, [
    { name: 'Size', value: 'S' },
    { name: 'Size', value: 'M' }
  ])
})
