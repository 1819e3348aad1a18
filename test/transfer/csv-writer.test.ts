import fc from 'fast-check'
import t from 'tap'
import type { Product } from '../../schemas/product.js'
import { applyEdits } from '../../src/products/overlay.js'
import { readCsv } from '../../src/transfer/csv-reader.js'
import { CSV_HEADER, toCsv } from '../../src/transfer/csv-writer.js'
import { readRows } from '../helpers/import-files.js'
import { mappedRow, sourceProduct } from '../helpers/products.js'

const product = applyEdits(mappedRow(sourceProduct(1)).fields, {})

const read = (file: string | Uint8Array, size?: number) => readRows(readCsv, file, size)

const VERSION = 'AbCdEf-_.1z.3'

/** Returns the value that a row of this product is read as: blank cells say nothing. */
function toValue({ reviews: _, ...others }: Product) {
  const isFilled = ([, value]: [string, unknown]) => value !== '' && !(Array.isArray(value) && value.length === 0)
  return Object.fromEntries(Object.entries({ ...others, version: VERSION }).filter(isFilled))
}

t.test('text in a numeric column is escaped like any other text', async (t) => {
  const written = (changes: object) => toCsv({ ...product, ...changes } as Product, VERSION).split(',')
  const names = CSV_HEADER.trimEnd().split(',')
  const price = names.indexOf('price')
  t.equal(written({ price: '=1+1' })[price], "'=1+1")
  t.equal(written({ price: '-2+3' })[price], "'-2+3")
  t.equal(written({ price: -2 })[price], '-2')
  t.equal(written({ price: undefined })[price], '')
  t.equal(written({ dimensions: { width: '@SUM(1)', height: 2, depth: 3 } })[names.indexOf('width')], "'@SUM(1)")
})

t.test('any product survives writing and reading', async (t) => {
  const dangerous = fc.string({ unit: fc.constantFrom(...'=+-@\t\r\n\'"|\\,;. ＝＠ａ1E/:\uFEFF\u2028'.split('')) })
  const text = fc
    .oneof(dangerous, fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }))
    .map((s) => s.toWellFormed().trim())
  const filled = text.filter((s) => s !== '')
  const list = fc.array(filled, { maxLength: 4 })
  const name = filled.map((s) => s.replaceAll(':', '').trim()).filter((s) => s !== '')
  // With the prototype of objects that are read from a file.
  const plain = { noNullPrototype: true }
  const attribute = fc.record({ name, value: filled }, plain)
  const option = fc.record({ name, values: fc.array(filled, { minLength: 1, maxLength: 3 }) }, plain)
  const variant = fc.record(
    {
      sku: text,
      options: fc.array(attribute, { maxLength: 2 }),
      price: fc.constantFrom(1, 1.234, 0.005),
      availability: fc.constant('in-stock' as const)
    },
    plain
  )
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        title: text,
        description: text,
        brand: fc.option(filled, { nil: undefined }),
        barcode: text,
        tags: list,
        images: list,
        attributes: fc.array(attribute, { maxLength: 3 }),
        options: fc.uniqueArray(option, { selector: ({ name }) => name, maxLength: 3 }),
        variants: fc.array(variant, { maxLength: 3 })
      }),
      fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: 1, max: 40 }),
      async (texts, price, size) => {
        const { brand, ...others } = texts
        const changed = { ...product, brand, ...others, price } as Product
        if (brand === undefined) delete changed.brand
        const rows = await read(CSV_HEADER + toCsv(changed, VERSION) + toCsv(product, VERSION), size)
        t.strictSame(
          rows.map((row) => 'value' in row && row.value),
          [toValue(changed), toValue(product)]
        )
      }
    ),
    { numRuns: 300 }
  )
})

t.test('no spreadsheet reads a cell as a formula', async (t) => {
  for (const start of ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', ' =', '\u00a0=']) {
    const csv = toCsv({ ...product, title: `${start}cmd|' /C calc'!A0`, tags: [`${start}1`, 'b'] }, VERSION)
    const cells = csv.split(',')
    t.match(
      cells.find((cell) => cell.includes('cmd')),
      /^"?'/,
      JSON.stringify(start)
    )
    t.match(
      cells.find((cell) => cell.includes('|b')),
      /^"?'/,
      JSON.stringify(start)
    )
  }
  t.match(toCsv({ ...product, title: 'plain', brand: '3 - 2 kg' }, VERSION), /,plain,.*,3 - 2 kg,/)
})

t.test('the file starts with a byte order mark, because Excel reads others in the encoding of the system', (t) => {
  t.ok(CSV_HEADER.startsWith('\uFEFFid,sku,'))
  t.end()
})

t.test('a number with three decimal places gets a fourth, because 1.234 is 1234 in many languages', (t) => {
  const rating = (value: number) => {
    const position = CSV_HEADER.split(',').indexOf('rating')
    return toCsv({ ...product, rating: value, title: 'A', description: 'B' }, VERSION).split(',')[position]
  }
  t.equal(rating(1.234), '1.2340')
  t.equal(rating(4.56), '4.56')
  t.equal(rating(4.5678), '4.5678')
  t.equal(rating(5), '5')
  t.end()
})
