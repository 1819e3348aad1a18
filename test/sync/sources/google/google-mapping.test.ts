import t from 'tap'
import { mapProduct } from '../../../../src/sync/sources/google/google-mapping.js'
import { feedItem } from '../../../helpers/feed-server.js'

const settings = { currency: 'EUR' }
type Item = Record<string, string | string[]>

function map(from: object) {
  const mapped = mapProduct(from, settings)
  if ('problem' in mapped) throw new Error(JSON.stringify(mapped))
  return mapped
}

const one = (more: Item) => map({ ...feedItem('a'), ...more })
const group = (...items: Item[]) =>
  map({
    item_group_id: 'g',
    items: items.map((item, i) => ({ ...feedItem(String(i)), title: 'Tee', item_group_id: 'g', ...item }))
  })
const reported = ({ reports }: ReturnType<typeof map>) => reports.map(({ pointer, outcome }) => `${outcome} ${pointer}`)

t.test('the attributes of an item are mapped', async (t) => {
  const mapped = one({
    title: ' Orbit  Terrarium ',
    description: 'Line one\nLine two',
    link: 'https://shop.example/a',
    canonical_link: 'https://shop.example/b',
    image_link: 'https://img.example/1.jpg',
    additional_image_link: ['https://img.example/2.jpg', 'https://img.example/1.jpg'],
    price: '129.00 EUR',
    sale_price: '109,00 EUR',
    sale_price_effective_date: '2026-11-20T00:00+0100/2026-11-30T23:59+0100',
    brand: 'Orbit',
    gtin: '00810029930147',
    mpn: 'OT-1',
    condition: 'Refurbished',
    product_type: 'Home > Garden > Terrariums',
    google_product_category: 'Home & Garden > Decor',
    color: 'green',
    size: 'L',
    age_group: 'adult',
    product_detail: ['General:Shape:round', 'nonsense'],
    custom_label_0: 'sale',
    custom_label_4: 'new',
    product_highlight: ['hand-blown'],
    shipping_weight: '500 g',
    product_length: '10 in',
    product_width: '12 cm',
    product_height: '13 cm',
    quantity_to_sell_on_facebook: '7'
  })
  t.match(mapped.row.fields, {
    externalId: 'a',
    sku: 'a',
    title: 'Orbit Terrarium',
    description: 'Line one\nLine two',
    url: 'https://shop.example/a',
    images: ['https://img.example/1.jpg', 'https://img.example/2.jpg'],
    thumbnail: 'https://img.example/1.jpg',
    price: 129,
    currency: 'EUR',
    salePrice: 109,
    salePriceFrom: '2026-11-19T23:00:00.000Z',
    salePriceUntil: '2026-11-30T22:59:00.000Z',
    brand: 'Orbit',
    barcode: '00810029930147',
    mpn: 'OT-1',
    condition: 'refurbished',
    category: 'home-garden-terrariums',
    attributes: [
      { name: 'Color', value: 'green' },
      { name: 'Size', value: 'L' },
      { name: 'Age group', value: 'adult' },
      { name: 'Shape', value: 'round' },
      { name: 'Google product category', value: 'Home & Garden > Decor' }
    ],
    options: [],
    variants: [],
    tags: ['sale', 'new', 'hand-blown'],
    weight: 0.5,
    dimensions: { width: 12, height: 13, depth: 25.4 },
    stock: 7,
    availability: 'in-stock'
  })
  t.strictSame(
    mapped.row.categoryPath?.map(({ name }) => name),
    ['Home', 'Garden', 'Terrariums']
  )
  t.strictSame(reported(mapped), ['dropped /product_detail/1'])
})

t.test('a minimal item is enough', async (t) => {
  const mapped = map({ id: 'a', title: 'A', price: '5' })
  t.match(mapped.row.fields, { price: 5, currency: 'EUR', availability: 'in-stock', category: 'uncategorized' })
  for (const name of ['stock', 'brand', 'salePrice', 'url', 'thumbnail', 'mpn', 'condition'])
    t.notOk(name in mapped.row.fields, name)
  t.strictSame(mapped.reports, [])
})

t.test('availability is read in the words of all platforms', async (t) => {
  for (const [availability, expected] of [
    ['in_stock', 'in-stock'],
    ['In Stock', 'in-stock'],
    ['available for order', 'in-stock'],
    ['preorder', 'preorder'],
    ['pre-order', 'preorder'],
    ['backorder', 'backorder'],
    ['out_of_stock', 'out-of-stock'],
    ['out of stock', 'out-of-stock'],
    ['discontinued', 'out-of-stock'],
    ['https://schema.org/InStock', 'in-stock'],
    ['http://schema.org/BackOrder', 'backorder'],
    ['SoldOut', 'out-of-stock'],
    ['LimitedAvailability', 'low-stock']
  ] as const) {
    const mapped = one({ availability })
    t.equal(mapped.row.fields.availability, expected, availability)
    t.strictSame(reported(mapped), [], availability)
  }
  const unknown = one({ availability: 'maybe', inventory: '0' })
  t.match(unknown.row.fields, { availability: 'out-of-stock', stock: 0 })
  t.strictSame(reported(unknown), ['dropped /availability'])
  t.match(one({ availability: 'maybe', inventory: '3' }).row.fields, { availability: 'in-stock', stock: 3 })
  for (const availability of ['maybe', 'https://shop.example/InStock', 'constructor']) {
    const mapped = one({ availability })
    t.equal(mapped.row.fields.availability, 'out-of-stock', availability)
    t.strictSame(reported(mapped), ['dropped /availability'])
  }
  t.equal(one({ availability: '' }).row.fields.availability, 'in-stock', 'a feed without the attribute')
})

t.test('a description may be HTML', async (t) => {
  t.equal(one({ description: '<p>4K &amp; HDR</p><p>x</p>' }).row.fields.description, '4K & HDR\n\nx')
  t.equal(one({ description: 'a < b\n\n  c' }).row.fields.description, 'a < b\n\n  c')
  t.equal(one({ description: 'a &lt; b' }).row.fields.description, 'a < b')
  const long = one({ description: 'x'.repeat(250_000) })
  t.equal(long.row.fields.description.length, 10_000)
  t.strictSame(reported(long), ['repaired /description'])
})

t.test('the category of Google is used if the shop names none', async (t) => {
  const path = one({ google_product_category: 'Apparel > Shirts' }).row
  t.match(path, { fields: { category: 'apparel-shirts' }, categoryPath: [{ name: 'Apparel' }, { name: 'Shirts' }] })
  t.equal(one({ google_product_category: '222' }).row.fields.category, 'uncategorized')
})

t.test('a sale price without a usable period, currency or reduction does not count', async (t) => {
  const usable = { price: '10 EUR', sale_price: '8 EUR' }
  t.match(one(usable).row.fields, { salePrice: 8 })
  for (const [more, reports] of [
    [{ sale_price: '10 EUR' }, []],
    [{ sale_price: '12 EUR' }, ['dropped /sale_price']],
    [{ sale_price: '8 USD' }, ['dropped /sale_price']],
    [{ sale_price: 'soon' }, ['dropped /sale_price']],
    [{ sale_price_effective_date: 'soon' }, ['dropped /sale_price_effective_date', 'dropped /sale_price']]
  ] as const) {
    const mapped = one({ ...usable, ...more })
    t.notOk('salePrice' in mapped.row.fields)
    t.strictSame(reported(mapped), reports)
  }
})

t.test('an item without an id, a title or a price is in quarantine', async (t) => {
  for (const [changes, pointer, problem] of [
    [{ id: '' }, '/id', 'is missing'],
    [{ id: 'x'.repeat(201) }, '/id', /at most 200/],
    [{ title: '' }, '/title', 'is missing'],
    [{ price: '' }, '/price', 'is missing'],
    [{ price: 'free' }, '/price', /must be a price/]
  ] as const)
    t.match(mapProduct({ ...feedItem('a'), ...changes }, settings), { problem: { pointer, problem } })
  t.match(mapProduct({ id: 'x'.repeat(300), unreadable: 'is odd' }, settings), {
    id: 'x'.repeat(200),
    problem: { pointer: '', problem: 'is odd' }
  })
  t.match(mapProduct({ item_group_id: 'g', items: [{ title: 'a' }] }, settings), {
    id: 'g',
    problem: { pointer: '/items/0/price', problem: 'is missing' }
  })
})

t.test('the items of a group are variants with the options in which they differ', async (t) => {
  const mapped = group(
    {
      title: 'Tee - Red S',
      color: 'red',
      size: 'S',
      material: 'cotton',
      gtin: '1',
      image_link: 'https://img.example/1'
    },
    { title: 'Tee - Red M', color: 'red', size: 'M', material: 'cotton', inventory: '3', price: '15 EUR' },
    { title: 'Tee - Blue M', color: 'blue', size: 'M', material: 'cotton', image_link: 'https://img.example/2' }
  )
  t.match(mapped.row, { externalId: 'g' })
  t.match(mapped.row.fields, {
    externalId: 'g',
    sku: 'g',
    title: 'Tee',
    price: 15,
    stock: 3,
    barcode: '',
    images: ['https://img.example/1', 'https://img.example/2'],
    attributes: [{ name: 'Material', value: 'cotton' }],
    options: [
      { name: 'Color', values: ['red', 'blue'] },
      { name: 'Size', values: ['S', 'M'] }
    ],
    variants: [
      { externalId: '0', sku: '0', barcode: '1', price: 19.9, image: 'https://img.example/1' },
      { externalId: '1', stock: 3, price: 15, options: [{ value: 'red' }, { value: 'M' }] },
      { externalId: '2' }
    ]
  })
  t.strictSame(mapped.reports, [])
})

t.test('a group of one item is a product without variants', async (t) => {
  t.match(group({ size: 'S', gtin: '1' }).row.fields, {
    externalId: 'g',
    variants: [],
    options: [],
    barcode: '1',
    attributes: [{ name: 'Size', value: 'S' }]
  })
})

t.test('declared options count more than differences', async (t) => {
  const mapped = group(
    {
      color: 'red',
      size: 'S',
      variant_option: ['COLOUR:red', 'Flavor:sweet'],
      item_group_title: 'The Tee',
      sku: 'T-1'
    },
    { color: 'red', size: 'M', variant_option: ['COLOUR:red', 'Flavor:a:b'], item_group_title: 'The Tee' }
  )
  t.match(mapped.row.fields, {
    title: 'The Tee',
    sku: 'g',
    attributes: { length: 0 },
    options: [
      { name: 'COLOUR', values: ['red'] },
      { name: 'Flavor', values: ['sweet', 'a:b'] },
      { name: 'Size', values: ['S', 'M'] }
    ],
    variants: [{ sku: 'T-1' }, { sku: '1' }]
  })
  t.match(group({ variant_option: ['Size:S'] }).row.fields, { options: [{ name: 'Size', values: ['S'] }] })
  t.match(one({ variant_option: ['Size:S'], sku: 'B' }).row.fields, {
    sku: 'B',
    attributes: [{ name: 'Size', value: 'S' }],
    options: { length: 0 }
  })
  t.strictSame(reported(group({ variant_option: ['nonsense'] })), ['dropped /items/0/variant_option/0'])
})

t.test('an item has at most 50 attributes', async (t) => {
  const details = Array.from({ length: 60 }, (_, i) => `:Name ${i}:x`)
  const mapped = one({ color: 'red', google_product_category: '1', product_detail: details })
  t.equal(mapped.row.fields.attributes.length, 50)
  t.match(mapped.row.fields.attributes.at(-1), { name: 'Google product category' })
  t.strictSame(reported(mapped), ['repaired /product_detail'])
})

t.test('an item has at most 100 tags', async (t) => {
  const highlights = Array.from({ length: 100 }, (_, i) => `Highlight ${i}`)
  const mapped = one({ custom_label_0: 'sale', product_highlight: highlights })
  t.equal(mapped.row.fields.tags.length, 100)
  t.strictSame(reported(mapped), ['repaired /product_highlight'])
  t.strictSame(reported(one({ product_highlight: highlights })), [])
})

t.test('a sale can have no start or no end', async (t) => {
  const sale = (period: string) =>
    one({ price: '10 EUR', sale_price: '8 EUR', sale_price_effective_date: period }).row.fields
  const from = sale('2026-11-20T00:00Z/9999-12-31T23:59:59Z')
  t.match(from, { salePriceFrom: '2026-11-20T00:00:00.000Z' })
  t.notOk('salePriceUntil' in from)
  const until = sale('1970-01-01T00:00:00Z/2026-11-20T00:00Z')
  t.match(until, { salePriceUntil: '2026-11-20T00:00:00.000Z' })
  t.notOk('salePriceFrom' in until)
})

t.test('variants that no option tells apart get one', async (t) => {
  t.match(group({ title: 'Tee, short' }, { title: 'Tee, long' }).row.fields, {
    title: 'Tee',
    options: [{ name: 'Variant', values: ['Tee, short', 'Tee, long'] }]
  })
  t.match(group({ size: 'S' }, { size: 'S' }, { size: 'M' }).row.fields, {
    options: [{ name: 'Size' }, { name: 'Variant', values: ['0', '1', '2'] }],
    variants: [{}, {}, {}]
  })
})

t.test(
  'variants without a price, in another currency, with a repeated id or with another period are not used',
  async (t) => {
    const mapped = group(
      { id: '0', size: 'S' },
      { id: '1', size: 'M', price: '' },
      { id: '2', size: 'L', price: '5 USD' },
      { id: '0', size: 'XL' },
      { id: '4', size: 'XXL' }
    )
    t.match(
      mapped.row.fields.variants.map(({ externalId }) => externalId),
      ['0', '4']
    )
    t.strictSame(reported(mapped), ['dropped /items/1/price', 'dropped /items/2/price', 'dropped /items/3/id'])

    const sale = { price: '10 EUR', sale_price: '8 EUR' }
    const period = '2026-11-20T00:00+0100/2026-11-30T23:59+0100'
    const sales = group(
      { size: 'S', ...sale, sale_price_effective_date: period },
      { size: 'M', ...sale, sale_price_effective_date: period.replace('11-20', '11-21') },
      { size: 'L', ...sale, sale_price_effective_date: period }
    )
    t.match(sales.row.fields, { salePrice: 8, salePriceFrom: '2026-11-19T23:00:00.000Z' })
    t.strictSame(
      sales.row.fields.variants.map(({ salePrice }) => salePrice),
      [8, undefined, 8]
    )
    t.strictSame(reported(sales), ['dropped /items/1/sale_price'])
  }
)

t.test('the currency of most variants counts', async (t) => {
  const prices = (...list: string[]) => group(...list.map((price, i) => ({ price, size: String(i) }))).row.fields
  t.equal(prices('5 USD', '5 EUR', '5 EUR').currency, 'EUR')
  t.equal(prices('5 USD', '5 EUR').currency, 'EUR', 'the first in the alphabet, if there are as many of each')
})

t.test('a product has at most 250 variants', async (t) => {
  const ids = Array.from({ length: 300 }, (_, i) => String(i).padStart(3, '0'))
  const mapped = group(...ids.map((id) => ({ id, size: id })))
  t.strictSame(
    mapped.row.fields.variants.map(({ externalId }) => externalId),
    ids.slice(0, 250)
  )
  t.equal(mapped.reports.length, 50)
})
