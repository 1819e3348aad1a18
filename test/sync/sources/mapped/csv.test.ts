/* The service with a source of CSV that a file maps. */
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { csv } from '../../../../src/sync/sources/mapped/csv.js'
import { startApp, type TestApp } from '../../../helpers/app.js'
import { onEachEngine, onOneEngine } from '../../../helpers/engines.js'
import { ListServer } from '../../../helpers/list-server.js'
import { settingsOf, simpleMapping, writeMapping } from '../../../helpers/mappings.js'
import { readPages } from '../../../helpers/read-pages.js'

const mapping = {
  fields: {
    externalId: '/Handle',
    title: '/Title',
    price: { pointers: ['/Variant Price', '/Price'] },
    description: { pointer: '/Body (HTML)', html: true },
    category: { pointer: '/Type', separator: '>' },
    tags: { pointer: '/Tags', separator: ',' },
    images: { pointer: '/Images', separator: '|' },
    stock: '/Qty',
    barcode: '/EAN~1UPC'
  }
}
const header = 'Handle,Title,Variant Price,Body (HTML),Type,Tags,Images,Qty,EAN/UPC'
const rows = [
  'mug,"Mug, ""large""",12.50,"<p>Blue<br>\nmug</p>",Home > Kitchen,"a, b",https://i.example/1.jpg|https://i.example/2.jpg,3,0012345678905',
  'cup,Cup,5,,,,,,',
  'pot,Pot,7.005,,,,,,'
]
const file = [header, ...rows, ''].join('\r\n')

async function start(t: Test, text: string | Uint8Array) {
  const server = await ListServer.start(t, [])
  server.send(text, 'text/csv')
  const sourceMapping = writeMapping(t, mapping)
  const app = await startApp(t, { config: { sourceUrl: server.url, sourceKind: 'csv', sourceMapping } })
  return { server, app }
}

onEachEngine('each row is a product', async (t) => {
  const { server, app } = await start(t, `\uFEFF${file}`)

  const { body } = await app.request('/products?q=large')
  t.match((await app.request(`/products/${body.products[0].id}`)).body, {
    externalId: 'mug',
    title: 'Mug, "large"',
    price: 12.5,
    description: 'Blue\nmug',
    category: 'home-kitchen',
    tags: ['a', 'b'],
    images: ['https://i.example/1.jpg', 'https://i.example/2.jpg'],
    stock: 3,
    barcode: '0012345678905'
  })
  t.match((await app.request('/categories')).body, { categories: [{ slug: 'home' }, { slug: 'home-kitchen' }] })
  t.match(await status(app), { products: 3, state: 'fresh', quarantined: 0 })
  t.strictSame((await app.request('/sync')).body.report.fields, [])

  server.send(gzipSync([header, ...rows.slice(1)].join('\n')))
  t.match(await app.sync(), { deleted: 1 }, 'compressed, and without the last line end')
})

onOneEngine('semicolons, tabs and UTF-16 are recognized, and blank rows are skipped', async (t) => {
  const { server, app } = await start(t, file)
  const semicolons = 'Handle;Title;Price\ncup;Cup;6\n;;\n\n'

  server.send(semicolons)
  t.match(await app.sync(), { updated: 1, deleted: 2, quarantined: 0 })
  server.send(Buffer.from(`\uFEFF${semicolons.replaceAll(';', '\t').replace('6', '7')}`, 'utf16le'))
  t.match(await app.sync(), { updated: 1, quarantined: 0 })
  server.send(`sep=;\r\n${semicolons}`)
  t.match(await app.sync(), { updated: 1, quarantined: 0 })
})

onOneEngine('a row with fewer cells lacks the fields of the others', async (t) => {
  const { app } = await start(t, [header, 'mug,Mug,5', 'cup,Cup', ''].join('\n'))

  t.match(await status(app), { products: 1, quarantined: 1 })
  t.match((await app.request('/sync')).body.report.quarantine, [
    { product: 'cup', pointer: '/Variant Price', problem: 'is missing' }
  ])
})

onOneEngine(
  'a row with more cells than the header is in quarantine, because a separator has shifted its cells',
  async (t) => {
    const { app } = await start(t, 'Handle,Title,Price\nmug,Mug,19,99\ncup,Cup,5,\n')

    t.match(await status(app), { products: 1, quarantined: 1 })
    t.match((await app.request('/sync')).body.report.quarantine, [
      { problem: 'must have at most 3 cells, like the first line of the file', value: '"mug | Mug | 19 | 99"' }
    ])
  }
)

onOneEngine('a truncated file, or one that is not such CSV, leaves the catalog unchanged', async (t) => {
  const { server, app } = await start(t, file)

  for (const [body, failed, message] of [
    [[header, ...rows].join('\r\n').slice(0, -3), 'invalid', /ends in the middle of a record/],
    [file.slice(0, file.indexOf('<br>')), 'invalid', /ends in the middle of a record/],
    ['<!doctype html>\n<h1>Sign in</h1>\n', 'invalid', /no column Handle. Its first line is: <!doctype html>/],
    ['Handle,Title,Cost\n', 'invalid', /no column Variant Price or Price. Its first line is: Handle, Title, Cost/],
    ['', 'invalid', /no header/],
    [`${header}\n"a"b,c`, 'invalid', /line 2 of the file is not readable/],
    [Buffer.from(file.replace('Blue', '\xff'), 'latin1'), 'invalid', /not UTF-8/],
    [Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from([0, 0xd8, 0x41, 0])]), 'invalid', /not UTF-16/],
    [`${header}\n${'x'.repeat(5_000_000)}`, 'too-large', /a record must have at most 4000000 bytes/],
    [`${header}\nmug${','.repeat(5_000_000)}`, 'too-large', /a record must have at most 4000000 bytes/]
  ] as const) {
    server.send(body)
    t.match(await app.sync(), { failed, message }, String(body).slice(0, 50))
  }
  t.match(await status(app), { products: 3 })
})

const status = async (app: TestApp) => (await app.request('/')).body.catalog

t.test('rows are read as records, and unusable ones are marked', async (t) => {
  const server = await ListServer.start(t, [])
  const settings = { ...settingsOf(simpleMapping), url: server.url }
  const read = async (text: string | Uint8Array) => {
    server.send(text, 'text/csv')
    return await readPages(csv, settings)
  }
  t.strictSame(await read('id;title;price\n1;Mug;5\n\n2;Cup;6'), [
    { id: '1', title: 'Mug', price: '5' },
    { id: '2', title: 'Cup', price: '6' }
  ])
  const [shifted, short] = await read('id,title,price\n1,Mug,5,50\n2,Cup\n')
  t.match(await csv.map(shifted, settings), { problem: { problem: /at most 3 cells/, value: '1 | Mug | 5 | 50' } })
  t.match(await csv.map(short, settings), { id: '2', problem: { pointer: '/price' } })
  for (const [text, message] of [
    ['id,title,price\n1,Mu', /middle of a record/],
    ['id,title,price\n1,"Mug', /middle of a record/],
    ['id,title,price\n1,"Mug"x,5\n', /line 2 of the file is not readable/],
    ['id,name,cost\n1,Mug,5\n', /no column title/],
    ['\n', /no header/],
    [Buffer.from([0x69, 0x64, 0xff, 0x0a]), /not UTF-8/],
    [`id,title,price\n1,${'x'.repeat(4_100_000)},5\n`, /at most 4000000 bytes/]
  ] as const)
    await t.rejects(read(text), { message }, String(message))
})
