import t from 'tap'
import { readCsv } from '../../src/transfer/csv-reader.js'
import { UnreadableFileError } from '../../src/transfer/errors.js'
import { ROW_MAX } from '../../src/transfer/rows.js'
import { readRows } from '../helpers/import-files.js'

const read = (file: string | Uint8Array, size?: number) => readRows(readCsv, file, size)

/** Returns the values of the rows of a file, or the reasons why they are refused. */
const readValues = async (text: string | Uint8Array) =>
  (await read(text)).map((row) => ('value' in row ? row.value : row.refused))

t.test('the header names the columns, in any order', async (t) => {
  t.strictSame(await read('\uFEFFprice, sku \r\n9.5,A-1\r\n'), [{ line: 2, value: { price: 9.5, sku: 'A-1' } }])
  t.strictSame(await read('id,title\n1,A\n\n2,"B\nC"\r\n3,D'), [
    { line: 2, value: { id: 1, title: 'A' } },
    { line: 4, value: { id: 2, title: 'B\nC' } },
    { line: 6, value: { id: 3, title: 'D' } }
  ])
  t.strictSame(await read('id,sku\n'), [])
})

t.test('a blank cell says nothing, whatever its column is', async (t) => {
  const header = 'id,sku,title,price,width,availability,description,brand,tags,version,updatedAt\n'
  t.strictSame(await readValues(`${header}1,,,,,,,,,,\n2, ,\t,\u00a0, , , , , , , \n`), [{ id: 1 }, { id: 2 }])
  t.strictSame(await readValues('id,width,depth\n1,2.5,\n'), [{ id: 1, dimensions: { width: 2.5 } }])
})

t.test('a cell with only an apostrophe is an empty text, an empty list or no number', async (t) => {
  t.strictSame(await readValues("id,brand,tags,barcode\n1,','," + "'\n"), [{ id: 1, brand: '', tags: [], barcode: '' }])
  t.strictSame(await readValues("id,stock\n1,'\n"), [{ id: 1, stock: null }])
})

t.test('records without a value are skipped, and missing trailing cells are absent', async (t) => {
  t.strictSame(await read('id,title,price\n\n,,\n1,A\n , ,\n2\n;,,\n'.replace(';', '')), [
    { line: 4, value: { id: 1, title: 'A' } },
    { line: 6, value: { id: 2 } }
  ])
})

t.test('columns without a name are skipped if they are empty', async (t) => {
  t.strictSame(await readValues('id,,title,,\n1,,A,,\n2,,B\n3,,C,,,,\n'), [
    { id: 1, title: 'A' },
    { id: 2, title: 'B' },
    { id: 3, title: 'C' }
  ])
  t.strictSame(await read('id,,title\n1,x,A\n2,,B,,y\n'), [
    { line: 2, refused: 'has a value in column 2, which has no name in the header (got "x")' },
    {
      line: 3,
      refused: 'must have at most 3 cells like the header (got "y" in cell 5). Quote cells that contain a separator'
    }
  ])
})

t.test('a first column without a name is skipped, because pandas and R number the rows there', async (t) => {
  t.strictSame(await readValues(',id,title\n0,7,A\n1,8,B\n'), [
    { id: 7, title: 'A' },
    { id: 8, title: 'B' }
  ])
})

t.test('the header tells the separator', async (t) => {
  const row = [{ id: 1, sku: 'A;1', title: 'x,y\tz' }]
  t.strictSame(await readValues('id,sku,title\n1,A;1,"x,y\tz"\n'), row)
  t.strictSame(await readValues('id;sku;title\n1;"A;1";x,y\tz\n'), row)
  t.strictSame(await readValues('"id"\t"sku"\t"title"\r\n1\tA;1\t"x,y\tz"\r\n'), row)
  t.strictSame(await readValues('sku\nA;1\n'), [{ sku: 'A;1' }])
  t.strictSame(await readValues('\uFEFFid;sku\n1;B\n'), [{ id: 1, sku: 'B' }])
})

t.test('a line in front of the header names the separator', async (t) => {
  for (const line of ['sep=;\n', 'sep=;\r\n', '\uFEFFsep=;\r\n', '"sep=;"\n', 'SEP=;\n']) {
    t.strictSame(await read(`${line}sku;title\nA;"B\nC"\nD;E\n`), [
      { line: 3, value: { sku: 'A', title: 'B\nC' } },
      { line: 5, value: { sku: 'D', title: 'E' } }
    ])
  }
  t.strictSame(await readValues('sep=\t\nsku\ttitle\nA\tB\n'), [{ sku: 'A', title: 'B' }])
  await t.rejects(read('sep=;\nsku;colour\nA;red\n'), { line: 2, message: /column "colour" is unknown/ })
  await t.rejects(read('sep=|\nsku|title\nA|B\n'), { line: 1, message: /column "sep=\|" is unknown/ })
})

t.test('numbers have a decimal point or a decimal comma', async (t) => {
  const price = (text: string) => ({ sku: 'A', price: Number(text) })
  for (const separator of [',', ';', '\t']) {
    const file = (cell: string) => `sku${separator}price\nA${separator}"${cell}"\n`
    for (const cell of ['12', '12.9', '12,9', ' 12.90 ', '12,9000', '1e3', '-1,5', '1234.567']) {
      t.strictSame(await readValues(file(cell)), [price(cell.replace(',', '.'))], JSON.stringify([separator, cell]))
    }
    for (const cell of ['1.234,50', '1,234.50', '1 234', '$5', '5 EUR', '12,', '.5.', "'5", 'NaN']) {
      t.match(await readValues(file(cell)), [/^must be a number \(got "/], JSON.stringify([separator, cell]))
    }
  }
})

t.test('a number that is different in another language is refused', async (t) => {
  const read = (separator: string, cell: string) => readValues(`sku${separator}price\nA${separator}"${cell}"\n`)
  t.strictSame(await read(',', '1.234'), [{ sku: 'A', price: 1.234 }])
  t.strictSame(await read(';', '1,234'), [{ sku: 'A', price: 1.234 }])
  t.strictSame(await read(',', '1,234'), ['is ambiguous (got "1,234"). Write 1234 or 1.2340'])
  t.strictSame(await read(';', '1.234'), ['is ambiguous (got "1.234"). Write 1234 or 1.2340'])
  t.strictSame(await read('\t', '1.234'), ['is ambiguous (got "1.234"). Write 1234 or 1.2340'])
  t.strictSame(await read('\t', '-1,234'), ['is ambiguous (got "-1,234"). Write -1234 or -1.2340'])
  t.strictSame(await read(';', '1.2340'), [{ sku: 'A', price: 1.234 }])
})

t.test('another number shows which decimal mark a program writes', async (t) => {
  const read = (separator: string, ...rows: string[]) =>
    readValues(`sku;price;weight\n${rows.join('\n')}\n`.replaceAll(';', separator))
  const A = { sku: 'A', price: 12.9, weight: 1.234 }
  t.strictSame(await read(';', 'A;12.9;1.234'), [A])
  t.strictSame(await read('\t', 'A;12,9;1,234', 'B;;2,345'), [A, { sku: 'B', weight: 2.345 }])
  t.strictSame(await read(',', 'A;"12,9";"1,234"', 'B;;"2,345"'), [A, { sku: 'B', weight: 2.345 }])
  t.strictSame(await read('\t', 'A;12,9;1.234'), ['is ambiguous (got "1.234"). Write 1234 or 1.2340'])
  t.strictSame(await read(';', 'B;;1.234', 'A;12.9;'), [
    'is ambiguous (got "1.234"). Write 1234 or 1.2340',
    { sku: 'A', price: 12.9 }
  ])
})

t.test('list items are trimmed, and empty ones are dropped', async (t) => {
  t.strictSame(await readValues('id,tags\n1, red | blue |\n2,||a\\|b| |c\\\\|\n3,|\n'), [
    { id: 1, tags: ['red', 'blue'] },
    { id: 2, tags: ['a|b', 'c\\'] },
    { id: 3, tags: [] }
  ])
})

t.test('attributes and options are names and values, and variants are JSON', async (t) => {
  t.strictSame(
    await readValues('id,attributes,options,variants\n1,Color:red | Size: 16:9,Size: S|Size: M,"[{""price"": 1}]"\n'),
    [
      {
        id: 1,
        attributes: [
          { name: 'Color', value: 'red' },
          { name: 'Size', value: '16:9' }
        ],
        options: [{ name: 'Size', values: ['S', 'M'] }],
        variants: [{ price: 1 }]
      }
    ]
  )
  t.strictSame(await readValues("id,attributes,options,variants\n1,',','\n"), [
    { id: 1, attributes: [], options: [], variants: [] }
  ])
  for (const [column, cell, reason] of [
    ['attributes', 'red', /must be names and values such as "Color: red", .* \(got "red"\)/],
    ['options', 'Size: S|M', /\(got "M"\)/],
    ['variants', '[{', /must be JSON as in an export \(got "\[\{"\)/],
    ['variants', '['.repeat(21), /must have at most 20 levels of nesting/],
    ['variants', `[${'1,'.repeat(10_001)}1]`, /must have at most 10000 values/]
  ] as const) {
    const [refused] = await read(`id,${column}\n1,"${cell}"\n`)
    t.match(refused, { field: column, refused: reason })
  }
})

t.test('a value that a spreadsheet has visibly damaged is refused, unless an apostrophe marks it', async (t) => {
  const damaged = ['2.53017E+12', '2,53017E+12', '1E+05', '20012190.0', '20012190,0', '#NAME?', '########', 'Err:502']
  for (const cell of damaged) {
    for (const name of ['sku', 'barcode']) {
      const [refused] = await read(`id,${name}\n1,"${cell}"\n`)
      t.match(refused, { field: name, refused: `(got "${cell}"). Correct it, or write an apostrophe` })
      t.strictSame(await readValues(`id,${name}\n1,"'${cell}"\n`), [{ id: 1, [name]: cell }])
    }
  }
  t.match(await readValues('id,title\n1,#REF!\n'), [/is an error value of a spreadsheet \(got "#REF!"\)/])
  t.match(await readValues(`id,images\n1,${'x'.repeat(32_767)}\n`), [/is cut off: .* 32767 characters/])
  const intact = { id: 1, sku: '1E5', barcode: '20012190', title: '1E+05', description: '20012190.0' }
  t.strictSame(await readValues('id,sku,barcode,title,description\n1,1E5,20012190,1E+05,20012190.0\n'), [intact])
})

t.test("a file in UTF-16, such as Excel's Unicode text, is read", async (t) => {
  const text = '\uFEFFsku\ttitle\nA\tMöbel 家具 🛋\nB\tc\n'
  const little = Buffer.from(text, 'utf16le')
  const big = Buffer.from(little).swap16()
  for (const file of [little, big]) {
    for (const size of [1, 3, 1000]) {
      t.strictSame(await read(file, size), [
        { line: 2, value: { sku: 'A', title: 'Möbel 家具 🛋' } },
        { line: 3, value: { sku: 'B', title: 'c' } }
      ])
    }
  }
  await t.rejects(read(little.subarray(0, -1)), { message: /the file is not UTF-16/ })
})

t.test('a bad record is rejected with its line, and the others are read', async (t) => {
  t.match(await read('id,price,width\n1,2\n2,cheap,1\n3,1,wide\n4,1,1,1\n5,1e1,1\n'), [
    { line: 2, value: { id: 1, price: 2 } },
    { line: 3, field: 'price', refused: 'must be a number (got "cheap")' },
    { line: 4, field: 'dimensions', refused: 'must be a number (got "wide")' },
    { line: 5, refused: /must have at most 3 cells/ },
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
  t.ok(isClosed)
})
