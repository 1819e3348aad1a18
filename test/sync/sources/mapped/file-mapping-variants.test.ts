import t from 'tap'
import type { SourceMapping } from '../../../../schemas/source-mapping.js'
import { mapRecord } from '../../../../src/sync/sources/mapped/file-mapping.js'
import { settingsOf } from '../../../helpers/mappings.js'

const mapping: SourceMapping = {
  fields: { externalId: '/id', title: '/title', price: '/price', availability: '/state' },
  variants: {
    records: '/variants',
    options: { Size: '/size', Color: { jsonata: '$uppercase(color)' } },
    fields: {
      externalId: '/id',
      sku: '/sku',
      barcode: '/ean',
      price: { pointer: '/cents', minorUnits: true },
      salePrice: '/sale',
      stock: '/qty',
      availability: { pointer: '/sold', words: { true: 'out-of-stock', false: 'in-stock' } },
      image: '/image'
    }
  }
}

async function map(variants: unknown, others: object = {}, by = mapping) {
  const mapped = await mapRecord({ id: 1, title: 'Tee', price: 20, variants, ...others }, settingsOf(by))
  if ('problem' in mapped) return { problem: mapped.problem }
  return { fields: mapped.row.fields, reports: mapped.reports }
}

t.test('the fields and options of variants are read from each of them', async (t) => {
  const { fields, reports } = await map([
    { id: 11, sku: 'T-S', size: 'S', color: 'red', cents: 1500, sale: 12, qty: 2, image: 'https://i.example/s.jpg' },
    { id: 12, sku: 'T-M', size: 'M', color: 'red', ean: '4006381333931', qty: 0 },
    { id: 13, size: 'L', sold: true },
    { id: 14, size: 'XL', sold: false, qty: 0 }
  ])

  t.match(fields, { price: 15, salePrice: 12, stock: 2, availability: 'in-stock' })
  t.strictSame(fields?.options, [
    { name: 'Size', values: ['S', 'M', 'L', 'XL'] },
    { name: 'Color', values: ['RED'] }
  ])
  t.match(fields?.variants, [
    {
      externalId: '11',
      sku: 'T-S',
      price: 15,
      salePrice: 12,
      stock: 2,
      availability: 'in-stock',
      image: 'https://i.example/s.jpg',
      options: [
        { name: 'Size', value: 'S' },
        { name: 'Color', value: 'RED' }
      ]
    },
    { sku: 'T-M', barcode: '4006381333931', price: 20, stock: 0, availability: 'out-of-stock' },
    { externalId: '13', price: 20, availability: 'out-of-stock', options: [{ name: 'Size', value: 'L' }] },
    { stock: 0, availability: 'in-stock' }
  ])
  t.strictSame(reports, [])
})

t.test('a single variant without options is the product itself', async (t) => {
  const { fields } = await map([{ sku: 'T-1', ean: '4006381333931', cents: 900, qty: 4 }], { price: undefined })
  t.match(fields, { sku: 'T-1', barcode: '4006381333931', price: 9, stock: 4, options: [], variants: [] })
})

t.test('variants without an availability of their own have that of the product', async (t) => {
  const { fields } = await map([{ size: 'S' }, { size: 'M', qty: 0 }], { state: 'preorder' })
  t.match(fields?.variants, [{ availability: 'preorder' }, { availability: 'out-of-stock' }])
})

t.test('a variant without a price is left out, and a product needs one of the two', async (t) => {
  const variants = [{ size: 'S' }, { size: 'M', cents: 900 }]
  const { fields, reports } = await map(variants, { price: undefined })
  t.match(fields, { price: 9, variants: [{ options: [{ value: 'M' }] }] })
  t.match(reports, [{ pointer: '/variants/0', problem: 'must have a price' }])

  t.match(await map([{ size: 'S' }], { price: undefined }), { problem: { pointer: '/price', problem: 'is missing' } })
  t.match(await map('none'), { fields: { price: 20, variants: [] }, reports: [{ pointer: '/variants' }] })
})
