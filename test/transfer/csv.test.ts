import fc from 'fast-check'
import t from 'tap'
import type { Product } from '../../schemas/product.js'
import { applyEdits } from '../../src/products/overlay.js'
import { mapProduct } from '../../src/sync/sources/dummyjson-mapping.js'
import { CSV_HEADER, readCsv, toCsv } from '../../src/transfer/csv.js'
import { UnreadableFileError } from '../../src/transfer/errors.js'
import { type ReadRow, ROW_MAX } from '../../src/transfer/rows.js'
import { sourceProduct } from '../helpers/products.js'

const mapped = mapProduct(sourceProduct(1))
if ('refused' in mapped) throw new Error(mapped.refused)
const product = applyEdits(mapped.row.fields, {})

/** Splits a text into chunks of bytes. */
async function* toChunks(text: string | Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
}

async function read(text: string | Uint8Array, size?: number): Promise<ReadRow[]> {
  const rows: ReadRow[] = []
  for await (const some of readCsv(toChunks(text, size))) rows.push(...some)
  return rows
}

/** Returns the value that a row of this product is read as. */
function toValue({ reviews: _, ...others }: Product) {
  return { ...others, brand: others.brand ?? null }
}

t.test('text in a numeric column is escaped like any other text', async (t) => {
  const written = (changes: object) => toCsv({ ...product, ...changes } as Product).split(',')
  const names = CSV_HEADER.trimEnd().split(',')
  const price = names.indexOf('price')
  t.equal(written({ price: '=1+1' })[price], "'=1+1")
  t.equal(written({ price: '-2+3' })[price], "'-2+3")
  t.equal(written({ price: -2 })[price], '-2')
  t.equal(written({ price: undefined })[price], '')
  t.equal(written({ dimensions: { width: '@SUM(1)', height: 2, depth: 3 } })[names.indexOf('width')], "'@SUM(1)")
})

t.test('any product survives writing and reading', async (t) => {
  const dangerous = fc.string({ unit: fc.constantFrom(...'=+-@\t\r\n\'"|\\,; ＝＠ａ1\uFEFF\u2028'.split('')) })
  const text = fc
    .oneof(dangerous, fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }))
    .map((s) => s.toWellFormed())
  const filled = text.filter((s) => s !== '')
  const list = fc.array(filled, { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        title: text,
        description: text,
        brand: fc.option(filled, { nil: undefined }),
        barcode: text,
        tags: list,
        images: list
      }),
      fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: 1, max: 40 }),
      async (texts, price, size) => {
        const { brand, ...others } = texts
        const changed = { ...product, brand, ...others, price } as Product
        if (brand === undefined) delete changed.brand
        const rows = await read(CSV_HEADER + toCsv(changed) + toCsv(product), size)
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
    const csv = toCsv({ ...product, title: `${start}cmd|' /C calc'!A0`, tags: [`${start}1`, 'b'] })
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
  t.match(toCsv({ ...product, title: 'plain', brand: '3 - 2' }), /,plain,.*,3 - 2,/)
})

t.test('the header names the columns, in any order', async (t) => {
  t.strictSame(await read('\uFEFFprice, sku \r\n9.5,A-1\r\n'), [{ line: 2, value: { price: 9.5, sku: 'A-1' } }])
  t.strictSame(await read('id,title\n1,A\n\n2,"B\nC"\r\n3,D'), [
    { line: 2, value: { id: 1, title: 'A' } },
    { line: 4, value: { id: 2, title: 'B\nC' } },
    { line: 6, value: { id: 3, title: 'D' } }
  ])
  t.strictSame(await read('id,sku\n'), [])
})

t.test('an empty cell is no value, an empty text or null, depending on the column', async (t) => {
  const [row] = await read('id,sku,price,width,availability,description,brand,tags\n1,,,,,,,\n')
  t.strictSame(row, { line: 2, value: { id: 1, description: '', brand: null, tags: [] } })
  const [sized] = await read('id,width,depth\n1,2.5,\n')
  t.strictSame(sized, { line: 2, value: { id: 1, dimensions: { width: 2.5 } } })
})

t.test('a bad record is rejected with its line, and the others are read', async (t) => {
  const rows = await read('id,price,width\n1,2\n2,cheap,1\n3,1,wide\n4,1,1,1\n5,1e1,1\n')
  t.match(rows, [
    { line: 2, refused: 'must have 3 cells like the header (got 2)' },
    { line: 3, field: 'price', refused: 'must be a number (got "cheap")' },
    { line: 4, field: 'dimensions' },
    { line: 5, refused: /got 4/ },
    { line: 6, value: { id: 5, price: 10 } }
  ])
})

t.test('an unreadable file is an error with the line', async (t) => {
  const cases: [string | Uint8Array, number, RegExp][] = [
    ['', 1, /header is missing/],
    ['id,colour\n1,red\n', 1, /column "colour" is unknown/],
    ['id,__proto__\n', 1, /column "__proto__" is unknown/],
    ['id,price,id\n', 1, /column id only once/],
    ['price\n1\n', 1, /id or sku/],
    ['id,title\n1,"a"b\n', 2, /quote/],
    ['id,title\n1,x\n2,a"b\n', 3, /quote/],
    ['id,title\n1,"never\nclosed', 3, /quote/],
    [Buffer.from([...Buffer.from('id,title\n1,x\n2,'), 0xff, 0x0a]), 3, /UTF-8/],
    [Buffer.from([...Buffer.from('id,title\n1,'), 0xc3]), 2, /UTF-8/],
    [`id,title\n1,x\n2,"${'x'.repeat(ROW_MAX + 10)}"\n`, 3, /at most 1048576 bytes/]
  ]
  for (const [file, line, message] of cases) {
    const error = await read(file, 50_000).then(
      () => undefined,
      (error) => error as UnreadableFileError
    )
    t.ok(error instanceof UnreadableFileError, String(error))
    t.match(error, { line, message }, String(error))
  }
})

t.test('a failing input rejects the read, and a reader that stops early closes the input', async (t) => {
  async function* failing() {
    yield Buffer.from('id\n1\n')
    throw new Error('cut off')
  }
  await t.rejects(async () => {
    for await (const _ of readCsv(failing())) t.fail('no rows expected')
  }, /cut off/)
  let isClosed = false
  async function* endless() {
    try {
      yield Buffer.from('id\n')
      for (;;) yield Buffer.from('1\n'.repeat(1000))
    } finally {
      isClosed = true
    }
  }
  for await (const rows of readCsv(endless())) {
    t.ok(rows.length > 0)
    break
  }
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.ok(isClosed)
})
