import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import t from 'tap'
import { CSV, IMPORT_MAX, NDJSON, OCTETS } from '../../../schemas/transfer.js'
import { openDatabase } from '../../../src/store/open-database.js'
import { ProductStore } from '../../../src/store/products.js'
import { readSample } from '../../../src/sync/sample.js'
import { CSV_HEADER } from '../../../src/transfer/csv-writer.js'
import { importProducts } from '../../../src/transfer/importer.js'
import { startApp, type TestApp } from '../../helpers/app.js'
import { onEachEngine, onOneEngine } from '../../helpers/engines.js'
import { mug } from '../../helpers/local-products.js'
import { mascara, palette, sourceProduct } from '../../helpers/products.js'
import { shop } from '../../helpers/shop.js'

const exportFile = (app: TestApp, accept: string, query = '') =>
  app.request(`/products/export${query}`, { headers: { accept } })
const importFile = (app: TestApp, type: string, body: string, query = '') =>
  app.request(`/products/import${query}`, { method: 'POST', body, headers: { 'content-type': type } })
const patch = (app: TestApp, id: number, json: unknown) =>
  app.request(`/products/${id}`, { method: 'PATCH', json, headers: { 'if-match': '*' } })
const revision = async (app: TestApp): Promise<number> => (await app.request('/')).body.catalog.revision
const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
const ndjson = (...rows: unknown[]) =>
  rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join('')

onOneEngine('an export has the products as readers see them, and importing it changes nothing', async (t) => {
  const app = await startApp(t, { products: await readSample() })
  await app.request('/products', { method: 'POST', json: { ...mug, title: '=1+1', tags: ['a|b', "'c"], stock: 2 } })
  await patch(app, 1, { brand: null, dimensions: { width: 1.25 }, description: '-\n"x"' })
  await app.request('/products/2', { method: 'DELETE', headers: { 'if-match': '*' } })
  const before = await revision(app)

  const json = await exportFile(app, NDJSON)
  t.equal(json.status, 200)
  t.equal(json.headers.get('content-type'), NDJSON)
  t.equal(json.headers.get('content-disposition'), 'attachment; filename="products.ndjson"')
  const products = lines(json.text)
  t.equal(products.length, 200)
  for (const { version, ...product } of products.slice(-30)) {
    const { body, headers } = await app.request(`/products/${product.id}`, {
      headers: { 'accept-encoding': 'identity' }
    })
    t.strictSame(product, body)
    t.equal(`"${version}"`, headers.get('etag'))
  }
  const csv = await exportFile(app, CSV)
  t.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8')
  t.ok(csv.text.startsWith(CSV_HEADER))

  const unchanged = { rows: 200, created: 0, updated: 0, unchanged: 200, refused: 0, refusals: [] }
  t.match(await importFile(app, NDJSON, json.text), { status: 200, body: unchanged })
  t.match(await importFile(app, CSV, csv.text), { status: 200, body: unchanged })
  t.equal(await revision(app), before)
  t.equal((await exportFile(app, NDJSON)).text, json.text)
})

onOneEngine('an export accepts the parameters of the list and has its order', async (t) => {
  const app = await startApp(t, { products: shop })
  for (const query of [
    '?q=tea&sort=-price',
    '?category=drinks&sort=title,-stock',
    '?ids=4&ids=1&ids=9999',
    '?minPrice=10&offset=3',
    '?brand=none'
  ]) {
    const ids = lines((await exportFile(app, NDJSON, query)).text || '{}\n').map(({ id }) => id)
    const separator = query.includes('ids') ? '' : '&limit=100'
    const page = (await app.request(`/products${query}${separator}`)).body
    if (page.products.length > 0)
      t.strictSame(
        ids,
        page.products.map(({ id }: { id: number }) => id),
        query
      )
    else t.strictSame(ids, [undefined], query)
  }
  t.equal(lines((await exportFile(app, NDJSON, '?limit=7')).text).length, 7)
  const { nextCursor } = (await app.request('/products?sort=-price&limit=100')).body
  t.equal(lines((await exportFile(app, NDJSON, `?sort=-price&cursor=${nextCursor}`)).text).length, 20)
  for (const bad of ['?facets=brand', '?limit=0', '?colour=red', '?cursor=x'])
    t.equal((await exportFile(app, NDJSON, bad)).status, 400, bad)
  const head = await app.request('/products/export', { method: 'HEAD', headers: { accept: CSV } })
  t.match(head, { status: 200, text: '' })
  for (const accept of ['*/*', 'application/json', 'application/problem+json', 'text/csv;q=0.1, */*']) {
    t.equal((await exportFile(app, accept)).headers.get('content-type'), NDJSON, accept)
  }
})

onOneEngine('an export shows a single revision despite concurrent writes', async (t) => {
  const app = await startApp(t, {
    products: Array.from({ length: 2000 }, (_, i) => sourceProduct(i + 1, { stock: 1 }))
  })
  await app.request('/products?limit=1')
  let isOver = false
  const writing = (async () => {
    for (let stock = 2; !isOver; stock++) {
      app.source.products = Array.from({ length: 2000 }, (_, i) => sourceProduct(i + 1, { stock }))
      await app.sync()
    }
  })()
  for (let i = 0; i < 5; i++) {
    const stocks = new Set(
      lines((await exportFile(app, NDJSON, '?q=product&sort=-stock')).text).map(({ stock }) => stock)
    )
    t.equal(stocks.size, 1, `all have ${[...stocks]}`)
    await sleep(50)
  }
  isOver = true
  await writing
})

onOneEngine('rows create products or change existing ones by id or SKU', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const rows = ndjson(
    { id: 1, price: 5, brand: null },
    { sku: 'SKU-2', stock: 3 },
    { ...mug, stock: 1 },
    { sku: 'MUG-001', title: 'Renamed', stock: 2 },
    {
      ...mug,
      sku: 'MOVED',
      id: 1_000_000_500,
      createdAt: '2025-01-01T00:00:00.000Z',
      updatedAt: '2025-01-02T00:00:00.000Z',
      origin: 'local',
      edited: [],
      rating: 0,
      reviews: []
    },
    { id: 1, price: 5 },
    { ...mug, sku: 'NEXT', id: undefined }
  )
  const before = await revision(app)
  const { status, body } = await importFile(app, NDJSON, rows)
  t.equal(status, 200)
  t.match(body, { mode: 'all-or-nothing', dryRun: false, rows: 7, created: 3, updated: 3, unchanged: 1, refused: 0 })
  t.match((await app.request('/products/1')).body, { price: 5, edited: ['brand', 'price'] })
  t.match((await app.request('/products/2')).body, { stock: 3, edited: ['stock'] })
  t.match((await app.request('/products/1000000000')).body, { title: 'Renamed', stock: 2, origin: 'local' })
  t.match((await app.request('/products/1000000500')).body, { sku: 'MOVED', createdAt: '2025-01-01T00:00:00.000Z' })
  t.match((await app.request('/products/1000000501')).body, { sku: 'NEXT' })
  t.equal(await revision(app), before + 5, 'one change per product')
  t.match((await app.request('/products?q=renamed')).body, { total: 1 })
  const { history } = (await app.request('/products/1/history')).body
  t.match(history[0], { by: 'account', account: 'admin' })

  const csv = `sku,price,tags,width\r\nSKU-1,7.5,"'=a|b",2\r\nSKU-2,,x,\r\n`
  t.match((await importFile(app, 'text/csv; charset=utf-8', csv)).body, { updated: 2 })
  t.match((await app.request('/products/1')).body, {
    price: 7.5,
    tags: ['=a', 'b'],
    dimensions: { width: 2, height: 2.5 }
  })
})

onEachEngine('rows are normalized before they are matched, compared and validated', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const rows = ndjson(
    { ...mug, sku: 'UQ-1 ', title: ' Stoneware\u200b  Mug', brand: ' ', tags: ['a ', 'a'], price: 2.675 },
    { sku: '\u200bUQ-1', stock: 4 },
    { ...mug, id: 1_000_000_500, sku: 'UQ-1\u2060' }
  )
  t.match((await importFile(app, NDJSON, rows, '?mode=each')).body, {
    created: 1,
    updated: 1,
    refusals: [{ line: 3, field: 'sku', reason: /belongs to product 1000000000/ }]
  })
  const { body } = await app.request('/products/1000000000')
  t.match(body, { sku: 'UQ-1', title: 'Stoneware Mug', tags: ['a'], stock: 4, price: 2.68 })
  t.notOk('brand' in body)

  const csv = `sku,title,description,price\r\n SKU-1\u00a0,Masc\u00adara ,"What product 1 is.\r\n",9.99\r\n`
  t.match((await importFile(app, CSV, csv)).body, { unchanged: 1 })
  const blank = { line: 1, field: 'title', reason: 'must not be empty' }
  const report = (await importFile(app, NDJSON, ndjson({ sku: 'SKU-2', title: '\u200b' }), '?mode=each')).body
  t.strictSame(report.refusals, [blank])
  t.match((await importFile(app, CSV, 'sku,price\r\nSKU-2,1.005\r\n')).body, { updated: 1 })
  t.match((await app.request('/products/2')).body, { price: 1.01 })
})

onOneEngine('an export that another program has saved with other line ends and accents changes nothing', async (t) => {
  const app = await startApp(t, {
    products: [
      sourceProduct(1, {
        title: 'Crème',
        description: 'a\nb',
        reviews: [{ rating: 5, comment: 'é\nè', date: '2026-01-02T03:04:05.678Z', reviewerName: 'Zoë' }]
      })
    ]
  })
  const csv = (await exportFile(app, CSV)).text.normalize('NFD').replace(/(?<!\r)\n/g, '\r\n')
  t.match((await importFile(app, CSV, csv)).body, { unchanged: 1, refused: 0 })
  const json = (await exportFile(app, NDJSON)).text.normalize('NFD').replaceAll('\\n', '\\r\\n')
  t.match((await importFile(app, NDJSON, json)).body, { unchanged: 1, refused: 0 })
})

onOneEngine('rejected rows are listed with line, field and reason, and nothing is written', async (t) => {
  const app = await startApp(t, {
    products: [mascara, palette, sourceProduct(3, { sku: 'SAME' }), sourceProduct(4, { sku: 'SAME' })]
  })
  await app.request('/products/2', { method: 'DELETE', headers: { 'if-match': '*' } })
  const before = await revision(app)
  const bad: [unknown, string | undefined, RegExp][] = [
    ['{"id":', undefined, /not JSON/],
    [[1], undefined, /must be a JSON object/],
    [{ title: 'x' }, undefined, /must have an id or a sku/],
    [{ id: 'x' }, 'id', /integer from 1/],
    [{ id: 0 }, 'id', /integer from 1/],
    [{ sku: 5 }, 'sku', /string/],
    [{ id: 4711, price: 1 }, 'id', /no product/],
    [{ ...mug, id: 2_000_000_000 }, 'id', /no product/],
    [{ ...mug, id: 3_000_000_000 }, 'id', /integer from 1/],
    [{ ...mug, sku: 'A\0B' }, 'sku', /./],
    [{ id: 2, price: 1 }, 'id', /hidden/],
    [{ id: 1, price: -1 }, 'price', /at least 0/],
    [{ id: 1, price: '5' }, 'price', /number/],
    [{ id: 1, colour: 'red' }, 'colour', /is unknown/],
    ['{"id":1,"__proto__":{"price":1}}', '__proto__', /is unknown/],
    [{ id: 1, dimensions: { width: -1 } }, 'dimensions', /at least 0/],
    [{ id: 1, rating: 1 }, 'rating', /read-only/],
    [{ id: 1, updatedAt: '2020-01-01T00:00:00.000Z' }, 'updatedAt', /read-only/],
    [{ id: 1, sku: 'SAME' }, 'sku', /belongs to product 3/],
    [{ sku: 'SAME', price: 1 }, 'sku', /several products: 3, 4/],
    [{ sku: 'NEW' }, 'title', /missing/],
    [{ ...mug, id: 1_000_000_000, sku: 'SKU-1' }, 'sku', /belongs to product 1/],
    [{ ...mug, rating: 5 }, 'rating', /read-only/],
    [{ ...mug, origin: 'source' }, 'origin', /read-only/],
    [{ ...mug, createdAt: '2020-01-01' }, 'createdAt', /time/],
    [{ ...mug, createdAt: '2020-01-01T00:00:00Z' }, 'createdAt', /time/],
    [{ ...mug, createdAt: '2016-12-31T23:59:60.000Z' }, 'createdAt', /time/]
  ]
  const good = { id: 1, stock: 77 }
  const refused = bad.length
  const file = ndjson(...bad.map(([row]) => row), good)
  const { status, body } = await importFile(app, NDJSON, file)
  t.equal(status, 422)
  t.match(body, {
    type: /import-refused$/,
    detail: new RegExp(`${refused} of ${refused + 1} rows`),
    report: { rows: refused + 1, updated: 1, refused }
  })
  for (const [i, [row, field, reason]] of bad.entries()) {
    t.match(body.report.refusals[i], { line: i + 1, reason }, JSON.stringify(row))
    t.equal(body.report.refusals[i].field, field, JSON.stringify(row))
  }
  t.equal(await revision(app), before)
  const dry = await importFile(app, NDJSON, file, '?mode=each&dryRun=true')
  t.match(dry, { status: 200, body: { mode: 'each', dryRun: true, updated: 1, refused } })
  t.equal(await revision(app), before)

  const each = await importFile(app, NDJSON, file, '?mode=each')
  t.match(each, { status: 200, body: { mode: 'each', dryRun: false, updated: 1, refused } })
  t.strictSame(each.body.refusals, body.report.refusals)
  t.equal((await app.request('/products/1')).body.stock, 77)
  t.equal(await revision(app), before + 1)
})

t.test('an import report lists the first thousand rejected rows', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const file = ndjson(...Array.from({ length: 1500 }, (_, i) => (i % 2 ? 'x' : { id: 99 })))
  const { body } = await importFile(app, NDJSON, file, '?mode=each')
  t.match(body, { rows: 1500, refused: 1500, refusals: { length: 1000 } })
  t.ok(body.refusals.every(({ line }: { line: number }, i: number) => line === i + 1))
})

t.test('an import report truncates long names and values', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const rows = Array.from({ length: 3 }, (_, i) => JSON.stringify({ id: 1, [`${i}`.repeat(900_000)]: 1 })).join('\n')
  const { status, text, body } = await app.request('/products/import?mode=each', {
    method: 'POST',
    body: rows,
    headers: { 'content-type': 'application/x-ndjson' }
  })
  t.equal(status, 200)
  t.equal(body.refused, 3)
  t.ok(text.length < 10_000)
})

t.test('the format of an octet stream is detected', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const upload = (file: string) => importFile(app, OCTETS, file, '?dryRun=true')
  for (const start of ['', '\uFEFF', '\r\n\n', ' \t', '\uFEFF\n']) {
    t.match(await upload(`${start}{"id":1,"stock":77}\n`), { status: 200, body: { rows: 1, updated: 1 } }, 'NDJSON')
    const csv = await upload(`${start.trim()}id,stock\r\n1,77\r\n`)
    t.match(csv, { status: 200, body: { rows: 1, updated: 1 } }, 'CSV')
  }
  t.match((await upload('[{"id":1,"stock":77}]')).body, {
    report: { refusals: [{ line: 1, reason: 'must be a JSON object (got an array)' }] }
  })
  t.match(await upload('<products/>'), {
    status: 400,
    body: { detail: /^Line 1: the column "<products\/>" is unknown/ }
  })
  for (const empty of ['', '\n'.repeat(100_000)]) t.match(await upload(empty), { status: 200, body: { rows: 0 } })
  const bytes = Buffer.from('\uFEFF{"id":1,"stock":77}\n').map((byte) => byte)
  const report = await app.app.services.transfers.import(
    Readable.from([...bytes].map((byte) => Buffer.of(byte))),
    'detected',
    { mode: 'each', dryRun: true, force: false },
    { by: 'shell' }
  )
  t.match(report, { rows: 1, updated: 1 }, 'single bytes')
})

t.test('an import accepts common media types of its formats', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const files = { csv: 'id,stock\r\n1,77\r\n', ndjson: '{"id":1,"stock":77}\n' }
  for (const [type, format, other] of [
    ['application/vnd.ms-excel', 'csv', 'ndjson'],
    ['application/csv', 'csv', 'ndjson'],
    ['text/comma-separated-values', 'csv', 'ndjson'],
    ['text/tab-separated-values', 'csv', 'ndjson'],
    ['application/ndjson', 'ndjson', 'csv'],
    ['application/jsonl', 'ndjson', 'csv'],
    ['application/x-jsonlines', 'ndjson', 'csv']
  ] as const) {
    const accepted = await importFile(app, type, files[format], '?dryRun=true')
    t.match(accepted, { status: 200, body: { rows: 1, updated: 1 } }, type)
    t.ok((await importFile(app, type, files[other], '?dryRun=true')).status >= 400, `${type} sets the format`)
    t.equal((await importFile(app, `${type}; charset=windows-1252`, files[format])).status, 415, `${type} in Latin-1`)
  }
})

t.test('an unreadable file is rejected with its line, and nothing is written', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const before = await revision(app)
  for (const [file, detail] of [
    [
      'title,price\nx,1\n',
      'Line 1: the header must have the column id or sku, which identifies the product of each row'
    ],
    ['id,colour\n1,red\n', /^Line 1: the column "colour" is unknown/],
    ['id,title\n1,good\n1,"bad"x\n', /^Line 3: a quotation mark is misplaced/],
    ['', 'Line 1: the header is missing']
  ] as const) {
    const { body } = await importFile(app, CSV, file, '?mode=each')
    t.match(body, { status: 400, detail, errors: [{ in: 'body' }] }, file)
  }
  t.match((await importFile(app, CSV, 'id,title\n1,a,b\n')).body, {
    status: 422,
    report: { refusals: [{ line: 2, reason: /at most 2 cells/ }] }
  })
  t.match((await importFile(app, 'application/json', '{}')).body, { status: 415, detail: /x-ndjson or text\/csv/ })
  t.equal((await importFile(app, NDJSON, '', '?mode=some')).status, 400)
  t.match(await importFile(app, NDJSON, ''), { status: 200, body: { rows: 0 } })
  t.equal(
    (
      await app.request('/products/import', {
        method: 'POST',
        body: '',
        headers: { 'content-type': CSV },
        token: await app.tokenOf('reader')
      })
    ).status,
    403
  )
  t.equal(await revision(app), before)
})

t.test('a file that is too large is rejected with and without Content-Length', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const token = await app.token()
  const send = async (headers: string, write: (chunk: (bytes: Buffer) => Promise<void>) => Promise<void>) => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
    let response = ''
    socket.setEncoding('utf8').on('data', (data) => {
      response += data
    })
    socket.on('error', () => {})
    socket.write(
      `POST /products/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${NDJSON}\r\n${headers}\r\n\r\n`
    )
    await write(async (bytes) => {
      // The service stops reading once it has responded.
      if (!socket.write(bytes) && response === '') await new Promise((resolve) => socket.once('drain', resolve))
    })
    while (!response.includes('}')) await sleep(5)
    socket.destroy()
    return response
  }
  t.match(await send(`Content-Length: ${IMPORT_MAX + 1}`, async () => {}), /^HTTP\/1\.1 413 .*200000000 bytes/s)
  const million = Buffer.from(`f4240\r\n${' '.repeat(999_999)}\n\r\n`)
  const chunked = await send('Transfer-Encoding: chunked', async (write) => {
    for (let i = 0; i <= IMPORT_MAX / 1_000_000; i++) await write(million)
  })
  t.match(chunked, /^HTTP\/1\.1 413 /)
})

onOneEngine('a truncated import writes nothing and frees its slot', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const token = await app.token()
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
  socket.on('error', () => {})
  const row = ndjson({ id: 1, price: 1 })
  socket.write(
    `POST /products/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${NDJSON}\r\nContent-Length: 1000\r\n\r\n${row}`
  )
  await sleep(100)
  const other = await importFile(app, NDJSON, row)
  t.match(other.body, { status: 503, type: /too-many-transfers$/ })
  t.ok(Number(other.headers.get('retry-after')) > 0)
  socket.resetAndDestroy()
  await sleep(100)
  t.equal((await app.request('/products/1')).body.price, 9.99)
  t.match(await importFile(app, NDJSON, row), { status: 200, body: { updated: 1 } })
})

const large = Array.from({ length: 3000 }, (_, i) => sourceProduct(i + 1, { description: 'x'.repeat(10_000) }))

onOneEngine('stalled readers hold at most a few exports and free them when they disconnect', async (t) => {
  const app = await startApp(t, { products: large })
  const token = await app.token()
  const sockets = Array.from({ length: 4 }, () => connect(Number(new URL(app.url).port), '127.0.0.1').pause())
  for (const socket of sockets) {
    socket.on('error', () => {})
    socket.write(`GET /products/export HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`)
  }
  await sleep(300)
  t.match((await exportFile(app, NDJSON)).body, { status: 503, type: /too-many-transfers$/ })
  t.equal((await app.request('/products')).status, 200)
  for (const socket of sockets) socket.destroy()
  await sleep(200)
  t.equal(lines((await exportFile(app, NDJSON)).text).length, 3000)
  t.equal((await exportFile(app, NDJSON, '?cursor=x')).status, 400)
})

onOneEngine('failing exports and imports write nothing and free their slots', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const rename = (from: string, to: string) =>
    sql`alter table ${sql.table(from)} rename to ${sql.table(to)}`.execute(database.write)
  await app.request('/products')

  await rename('search', 'search_renamed')
  for (let i = 0; i < 5; i++) t.equal((await exportFile(app, NDJSON, '?q=mascara')).status, 500)
  await rename('search_renamed', 'search')
  t.equal(lines((await exportFile(app, NDJSON, '?q=mascara')).text).length, 1)

  const row = ndjson({ id: 1, stock: 1 }, { id: 2, stock: 1 })
  await rename('product_edit', 'product_edit_renamed')
  for (let i = 0; i < 2; i++) t.equal((await importFile(app, NDJSON, row)).status, 500)
  await rename('product_edit_renamed', 'product_edit')
  t.equal(await revision(app), 2)
  t.match((await importFile(app, NDJSON, row)).body, { updated: 2 })

  const products = new ProductStore(database)
  const broken: Pick<ProductStore, 'write'> = {
    write: (writer, work) =>
      products.write(writer, (writing, db) => {
        const get = () => {
          throw new Error('no ids are left')
        }
        Object.defineProperty(writing.log, 'nextId', { get })
        return work(writing, db)
      })
  }
  async function* rows() {
    yield [{ line: 1, value: { id: 1, stock: 2 } }]
    yield [{ line: 2, value: { ...mug } }]
  }
  const options = { mode: 'each', dryRun: false, force: false } as const
  await t.rejects(importProducts(broken as ProductStore, rows(), options, { by: 'shell' }), /no ids/)
  t.equal(await revision(app), 4)
})

onOneEngine(
  'stopping the service aborts an import that is being written, and none of its rows stay in the database',
  async (t) => {
    const app = await startApp(t, { products: [mascara] })
    let isRead = false
    async function* rows() {
      for (let i = 1; i <= 10_000; i++) yield Buffer.from(ndjson({ ...mug, sku: `ROW-${i}` }))
      isRead = true
    }
    const importing = app.app.services.transfers.import(
      rows(),
      'ndjson',
      { mode: 'each', dryRun: false, force: false },
      { by: 'account', account: 'admin' }
    )
    const rejected = t.rejects(importing, { name: 'AbortError' })
    while (!isRead) await sleep(1)

    await app.app.close()
    await rejected

    const database = openDatabase(app.config.databaseUrl)
    t.teardown(() => database.close())
    t.equal((await database.read.selectFrom('product').select('id').execute()).length, 1)
  }
)
