import t from 'tap'
import { mapStoreProduct } from '../../../../src/sync/sources/woocommerce/woocommerce-mapping.js'
import { storeProducts, type WooProduct } from '../../../helpers/woocommerce-shop.js'

const settings = { url: 'https://shop.example', currency: 'EUR' }
const [pennant, shirt] = storeProducts

function map(from: unknown) {
  const mapped = mapStoreProduct(from, settings)
  if ('problem' in mapped) throw new Error(JSON.stringify(mapped.problem))
  return mapped
}

const withPrices = (prices: object, more = {}) => ({
  ...pennant,
  ...more,
  prices: { currency_code: 'GBP', currency_minor_unit: 2, ...prices }
})

t.test('the fields of the Store API are mapped', async (t) => {
  const { row, reports } = map(pennant)

  t.equal(row.externalId, '34')
  t.match(row.fields, {
    title: 'WordPress Pennant',
    description: 'Long.',
    sku: 'wp-pennant',
    brand: 'Acme',
    category: 'decor',
    price: 13.05,
    salePrice: 11.05,
    currency: 'GBP',
    stock: 3,
    availability: 'low-stock',
    rating: 4.5,
    thumbnail: 'https://shop.example/wp-content/uploads/pennant-324x324.jpg',
    images: ['https://shop.example/wp-content/uploads/pennant.jpg'],
    url: 'https://shop.example/product/wordpress-pennant/'
  })
  t.strictSame(row.categoryPath, [{ slug: 'decor', name: 'Decor' }])
  for (const name of ['createdAt', 'updatedAt', 'status']) t.notOk(name in row.fields, name)
  t.strictSame(reports, [])
})

t.test('a product whose variations are not known has its lowest price, and its options as attributes', async (t) => {
  const { row, reports } = map(shirt)

  t.match(row.fields, {
    title: 'T\u2011Shirt',
    sku: 'tshirt',
    category: 'uncategorized',
    price: 1500,
    currency: 'JPY',
    availability: 'backorder',
    tags: ['20+'],
    attributes: [
      { name: 'Size', value: 'S' },
      { name: 'Size', value: 'M' }
    ],
    options: [],
    variants: []
  })
  for (const name of ['salePrice', 'stock', 'brand', 'thumbnail']) t.notOk(name in row.fields, name)
  t.strictSame(reports, [])
})

t.test('variations become variants with the names of their options', async (t) => {
  const attributes = [
    {
      name: 'Color: print',
      has_variations: true,
      terms: [
        { name: 'Red &amp; white', slug: 'red-white' },
        { name: 'Blue', slug: 'blue' }
      ]
    },
    { name: 'Fit', has_variations: true, terms: [{ name: 'Slim', slug: 'slim' }] },
    { name: 'Fabric', has_variations: false, terms: [{ name: 'Cotton', slug: 'cotton' }] }
  ]
  const variation = (id: number, color: string, fit: string | null, more: object) => ({
    ...pennant,
    id,
    sku: `S-${id}`,
    attributes: [
      { name: 'Color: print', value: color },
      { name: 'Fit', value: fit }
    ],
    ...more
  })
  const { row, reports } = map({
    ...pennant,
    attributes,
    variations: [
      variation(1, 'red-white', 'slim', {}),
      variation(2, 'blue', null, { is_in_stock: false, prices: { price: '900', currency_minor_unit: 2 }, images: [] }),
      // A variation that the shop does not show.
      { id: 3, attributes: [{ name: 'Color: print', value: 'blue' }] }
    ]
  })

  t.match(row.fields, {
    price: 9,
    availability: 'low-stock',
    attributes: [{ name: 'Fabric', value: 'Cotton' }],
    options: [
      { name: 'Color print', values: ['Red & white', 'Blue'] },
      { name: 'Fit', values: ['Slim'] }
    ]
  })
  t.strictSame(row.fields.variants, [
    {
      sku: 'S-1',
      externalId: '1',
      options: [
        { name: 'Color print', value: 'Red & white' },
        { name: 'Fit', value: 'Slim' }
      ],
      price: 13.05,
      salePrice: 11.05,
      availability: 'low-stock',
      image: 'https://shop.example/wp-content/uploads/pennant.jpg'
    },
    {
      sku: 'S-2',
      externalId: '2',
      options: [{ name: 'Color print', value: 'Blue' }],
      price: 9,
      availability: 'out-of-stock'
    }
  ])
  t.notOk('stock' in row.fields, 'the stock of the other variants is unknown')
  t.strictSame(reports, [])
})

t.test('prices are in minor units', async (t) => {
  for (const [prices, expected] of [
    [
      { price: '1105', regular_price: '1105' },
      { price: 11.05, salePrice: undefined }
    ],
    [
      { price: 1105, regular_price: '1305' },
      { price: 13.05, salePrice: 11.05 }
    ],
    [{ price: '0', regular_price: '0', price_range: { min_amount: '1500', max_amount: '2100' } }, { price: 15 }],
    [{ price: '12', regular_price: '12', currency_minor_unit: 0 }, { price: 12 }],
    [
      { price: '1234', currency_code: 'KWD', currency_minor_unit: 3 },
      { price: 1.234, currency: 'KWD' }
    ],
    [{ price: '1105', currency_minor_unit: undefined }, { price: 11.05 }],
    [
      { price: '0', regular_price: '500' },
      { price: 5, salePrice: 0 }
    ]
  ] as const)
    t.match(map(withPrices(prices)).row.fields, expected)
})

t.test(
  'a price without a currency is in that of the configuration, and one in an unknown currency is not usable',
  async (t) => {
    t.equal(map(withPrices({ price: '5', currency_code: undefined })).row.fields.currency, 'EUR')
    t.match(mapStoreProduct(withPrices({ price: '5', currency_code: 'JEP' }), settings), {
      problem: { pointer: '/prices/currency_code', value: 'JEP' }
    })
  }
)

t.test('a product without an id, a title or a price is in quarantine', async (t) => {
  for (const [from, pointer] of [
    [{ ...pennant, id: 0.5 }, '/id'],
    [{ ...pennant, name: '&nbsp;' }, '/name'],
    [{ ...pennant, prices: null }, '/prices/price'],
    [withPrices({ price: 'free' }), '/prices/price'],
    [withPrices({ price: '-5' }), '/prices/price'],
    // The Store API sends 0 for a product without a price.
    [withPrices({ price: '0', regular_price: '0' }, { is_purchasable: false }), '/prices/price']
  ] as const)
    t.match(mapStoreProduct(from, settings), { problem: { pointer } })
})

t.test('the deepest category counts, with its ancestors if the product has them', async (t) => {
  const category = (name: string, slug: string, link: unknown) => ({ name, slug, link })
  const paths = (...categories: object[]) => map({ ...pennant, categories }).row.categoryPath
  const base = 'https://shop.example/product-category'

  t.strictSame(
    paths(
      category('Shirts', 'shirts-men', `${base}/clothing/men/shirts-men/`),
      category('Sale', 'sale', `${base}/sale/`),
      category('Men &amp; boys', 'men', `${base}/clothing/men/`)
    ),
    [
      { slug: 'men', name: 'Men & boys' },
      { slug: 'shirts-men', name: 'Shirts' }
    ]
  )
  t.strictSame(
    paths(category('100 %', '100%', 'https://shop.example/?product_cat=home'), category('B', 'b', 'c')),
    [{ slug: '100-x32e48995', name: '100 %' }],
    'of several without depth, the first one'
  )
  t.strictSame(paths(category('家具', '%e5%ae%b6%e5%85%b7', undefined)), [{ slug: 'jiaju-x62bd927c', name: '家具' }])
  t.strictSame(paths(category('', '', undefined), category('!', '!', undefined)), undefined)
})

t.test('values of other types cost no product', async (t) => {
  const odd = {
    sku: 12,
    on_sale: '',
    permalink: 0,
    average_rating: 4.5,
    is_in_stock: '1',
    images: [{ src: 'https://shop.example/b.jpg', alt: null }, { src: false }],
    tags: '',
    brands: {},
    attributes: [null, { name: 'Fabric', terms: [{ name: 'Cotton' }] }]
  }
  const { row, reports } = map({ ...pennant, ...odd })

  t.match(row.fields, { sku: '12', rating: 4.5, images: ['https://shop.example/b.jpg'], tags: [] })
  t.strictSame(row.fields.attributes, [{ name: 'Fabric', value: 'Cotton' }])
  t.notOk('url' in row.fields)
  t.strictSame(reports.map(({ pointer, outcome }) => `${outcome} ${pointer}`).sort(), [
    'dropped /images/1/src',
    'dropped /permalink',
    'repaired /is_in_stock',
    'repaired /sku'
  ])
})

t.test('attributes and variations above the limits are reported', async (t) => {
  const terms = Array.from({ length: 60 }, (_, i) => ({ name: `Value ${i}` }))
  const { row, reports } = map({ ...pennant, attributes: [{ name: 'Color', terms }] })
  t.equal(row.fields.attributes.length, 50)
  t.match(reports, [{ pointer: '/attributes', outcome: 'dropped' }])
  const variations = Array.from({ length: 260 }, (_, id) => ({ id }))
  t.match(map({ ...pennant, variations }).reports, [{ pointer: '/variations', outcome: 'repaired' }])
})

t.test('the long description counts, without shortcodes', async (t) => {
  const described = (description: string) => map({ ...pennant, description }).row.fields.description
  t.equal(described(''), 'Short \u2019n\u2019 sweet.')
  t.equal(described('<p>A &amp; B</p>[contact-form]'), 'A & B')
  t.equal(described('[contact-form]'), 'Short \u2019n\u2019 sweet.')
})

t.test('a product is in stock unless the shop says otherwise', async (t) => {
  const state = (more: Partial<WooProduct>) => map({ ...pennant, low_stock_remaining: null, ...more }).row.fields
  t.match(state({ is_in_stock: undefined }), { availability: 'in-stock', stock: undefined })
  t.match(state({ is_in_stock: false, low_stock_remaining: 0 }), { availability: 'out-of-stock', stock: 0 })
})
