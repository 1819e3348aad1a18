import t from 'tap'
import type { SourceMapping } from '../../../../schemas/source-mapping.js'
import { mapRecord } from '../../../../src/sync/sources/mapped/file-mapping.js'
import { mappingWith, settingsOf, simpleMapping } from '../../../helpers/mappings.js'

const mug = { id: 7, title: 'Mug', price: 5 }

async function map(record: unknown, mapping: SourceMapping) {
  const mapped = await mapRecord(record, settingsOf(mapping))
  if ('problem' in mapped) throw new Error(JSON.stringify(mapped.problem))
  return { ...mapped, fields: mapped.row.fields }
}
const problemOf = async (record: unknown, mapping: SourceMapping) => {
  const mapped = await mapRecord(record, settingsOf(mapping))
  return 'problem' in mapped ? mapped : undefined
}

t.test('each field is read where the mapping says', async (t) => {
  const mapping = mappingWith({
    sku: '/codes/0',
    description: { pointer: '/html', html: true },
    category: '/path',
    brand: '/a~1b',
    currency: '/money',
    salePrice: '/sale',
    salePriceFrom: '/from',
    salePriceUntil: '/until',
    rating: '/stars',
    stock: '/qty',
    availability: '/state',
    tags: '/tags',
    images: '/images',
    thumbnail: '/thumb',
    weight: '/kg',
    dimensions: { width: '/w', depth: '/d' },
    url: '/url',
    mpn: '/mpn',
    barcode: '/ean',
    condition: '/condition',
    minimumOrderQuantity: '/min',
    warranty: '/warranty',
    shipping: '/shipping',
    returnPolicy: { value: '30 days' },
    attributes: { Material: '/material', New: '/isNew', Color: '/colors' },
    createdAt: '/created',
    updatedAt: '/updated'
  })
  const { row, fields, reports } = await map(
    {
      ...mug,
      codes: ['M-1'],
      html: '<p>Blue &amp; <b>round</b></p>',
      path: ['Home', 'Kitchen'],
      'a/b': 'Clay',
      money: 'jpy',
      sale: '4',
      from: '2026-01-01T00:00:00Z',
      until: '2026-02-01T00:00:00+01:00',
      stars: 4.5,
      qty: '3',
      state: 'Low-Stock',
      tags: ['a', 'b'],
      images: ['https://i.example/1.jpg'],
      thumb: 'https://i.example/0.jpg',
      kg: '0.4',
      w: 8,
      d: 9,
      url: 'https://shop.example/mug',
      mpn: 'X1',
      ean: '0012345678905',
      condition: 'USED',
      min: 2,
      warranty: '1 year',
      shipping: 'Free',
      material: 'clay',
      isNew: true,
      colors: ['red', 'blue', ''],
      created: '2026-01-01 00:00:00',
      updated: '2026-01-02T00:00:00Z'
    },
    mapping
  )

  t.match(row, { externalId: '7', categoryPath: [{ slug: 'home' }, { slug: 'home-kitchen', name: 'Kitchen' }] })
  t.match(fields, {
    sku: 'M-1',
    title: 'Mug',
    description: 'Blue & round',
    category: 'home-kitchen',
    brand: 'Clay',
    currency: 'JPY',
    price: 5,
    salePrice: 4,
    salePriceFrom: '2026-01-01T00:00:00.000Z',
    salePriceUntil: '2026-01-31T23:00:00.000Z',
    rating: 4.5,
    stock: 3,
    availability: 'low-stock',
    tags: ['a', 'b'],
    images: ['https://i.example/1.jpg'],
    thumbnail: 'https://i.example/0.jpg',
    weight: 0.4,
    dimensions: { width: 8, height: 0, depth: 9 },
    url: 'https://shop.example/mug',
    mpn: 'X1',
    barcode: '0012345678905',
    condition: 'used',
    minimumOrderQuantity: 2,
    warranty: '1 year',
    shipping: 'Free',
    returnPolicy: '30 days',
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-02T00:00:00.000Z'
  })
  t.strictSame(fields.attributes, [
    { name: 'Material', value: 'clay' },
    { name: 'New', value: 'true' },
    { name: 'Color', value: 'red' },
    { name: 'Color', value: 'blue' }
  ])
  t.strictSame(reports, [])
})

t.test('the minimum of a mapping is identity, title and price', async (t) => {
  const { fields, reports } = await map(mug, simpleMapping)
  t.match(fields, { sku: '7', category: 'uncategorized', currency: 'EUR', availability: 'in-stock', images: [] })
  t.notOk('stock' in fields)
  t.strictSame(reports, [])
})

t.test('pointers are tried in order, words are replaced, and a default fills gaps', async (t) => {
  const mapping = mappingWith({
    brand: { pointers: ['/brand', '/vendor'], default: 'No name' },
    availability: { pointer: '/code', words: { in: 'in-stock', '0': 'out-of-stock', true: 'backorder' } },
    salePrice: { pointer: '/sale', words: { '0': '' } },
    tags: { pointer: '/tags', words: { neu: 'new' } },
    stock: { pointer: '/qty', default: 5 }
  })
  t.match((await map({ ...mug, vendor: 'Clay', code: ' IN', sale: 0, tags: ['Neu', 'x'], qty: '' }, mapping)).fields, {
    brand: 'Clay',
    availability: 'in-stock',
    salePrice: undefined,
    tags: ['new', 'x'],
    stock: 5
  })
  t.match((await map({ ...mug, brand: '', code: 0 }, mapping)).fields, {
    brand: 'No name',
    availability: 'out-of-stock'
  })
  t.match((await map({ ...mug, code: true }, mapping)).fields, { availability: 'backorder' })
  const { fields, reports } = await map({ ...mug, code: 'gone' }, mapping)
  t.match(fields, { availability: 'in-stock' })
  t.match(reports, [{ pointer: '/code', outcome: 'dropped', value: 'gone' }])
})

t.test('lists can be text with separators, or objects', async (t) => {
  const mapping = mappingWith({
    category: { pointer: '/path', separator: '>' },
    tags: { pointer: '/tags', items: '/name' },
    images: { pointer: '/images', items: '/url', separator: ' ' }
  })
  const { fields, reports } = await map(
    {
      ...mug,
      path: 'Home > Kitchen',
      tags: [{ name: 'a' }, {}, 'b'],
      images: [{ url: 'https://i.example/1' }, { url: 5 }]
    },
    mapping
  )
  t.match(fields, { category: 'home-kitchen', tags: ['a'], images: ['https://i.example/1'] })
  t.match(reports, [{ pointer: '/images/1', problem: 'must be a web address', value: 5 }])
  t.strictSame((await map({ ...mug, images: 'https://i.example/1  https://i.example/2' }, mapping)).fields.images, [
    'https://i.example/1',
    'https://i.example/2'
  ])
})

t.test('prices in minor units have the decimal places of their currency', async (t) => {
  const money = (pointer: string) => ({ pointer, minorUnits: true })
  const mapping = mappingWith({ price: money('/price'), salePrice: money('/sale'), currency: '/currency' })
  for (const [currency, price, salePrice] of [
    ['USD', 19.99, 15],
    ['JPY', 1999, 1500],
    ['KWD', 1.999, 1.5]
  ] as const)
    t.match((await map({ ...mug, price: 1999, sale: '1500', currency }, mapping)).fields, {
      price,
      salePrice,
      currency
    })
})

t.test('expressions compute fields from the record', async (t) => {
  const mapping = mappingWith({
    title: { jsonata: 'name & " " & size' },
    price: { jsonata: '$number($replace(cost, ",", "."))' },
    tags: { jsonata: 'custom[code = "tag"].value' },
    brand: { jsonata: '$uppercase(size)', default: 'none' }
  })
  const record = { id: 1, name: 'Mug', size: 'L', cost: '5,50', custom: [{ code: 'tag', value: 'a' }] }
  t.match((await map(record, mapping)).fields, { title: 'Mug L', price: 5.5, tags: ['a'], brand: 'L' })

  const { fields, reports } = await map({ ...record, size: 5 }, mapping)
  t.match(fields, { title: 'Mug 5', brand: 'none' })
  t.match(reports, [{ pointer: '/brand', outcome: 'dropped', problem: /^could not be computed: Argument 1/ }])
  t.match(await problemOf({ ...record, cost: 'free' }, mapping), {
    id: '1',
    problem: { pointer: '/price', problem: /could not be computed: Unable to cast/ }
  })
  t.match(await problemOf({ ...record, name: undefined, size: undefined }, mapping), {
    problem: { pointer: '/title', problem: 'must not be empty', value: ' ' }
  })
})

t.test('a product without identity, title or price, or with an unknown currency, is in quarantine', async (t) => {
  const mapping = mappingWith({ price: { pointers: ['/price', '/cost'] }, currency: '/currency' })
  for (const [record, id, problem] of [
    [5, undefined, { pointer: '', problem: 'must be an object', value: 5 }],
    [null, undefined, { pointer: '', problem: 'must be an object' }],
    [{ ...mug, id: 2 ** 60 }, undefined, { pointer: '/id', problem: /below 2\^53/ }],
    [{ ...mug, id: undefined }, undefined, { pointer: '/id', problem: 'is missing' }],
    [{ ...mug, title: '  ' }, '7', { pointer: '/title', problem: 'must not be empty', value: '  ' }],
    [{ ...mug, price: undefined }, '7', { pointer: '/price', problem: 'is missing' }],
    [{ ...mug, price: undefined, cost: 'x' }, '7', { pointer: '/cost', problem: 'must be a number', value: 'x' }],
    [{ ...mug, currency: 'XYZ' }, '7', { pointer: '/currency', problem: /ISO 4217/, value: 'XYZ' }]
  ] as const)
    t.match(await problemOf(record, mapping), { id, problem }, JSON.stringify(record))
})

t.test('a sale price that is not lower is left out', async (t) => {
  const { fields, reports } = await map({ ...mug, sale: 5 }, mappingWith({ salePrice: '/sale' }))
  t.notOk('salePrice' in fields)
  t.match(reports, [{ pointer: '/sale', problem: 'must be below the price', value: 5 }])
})
