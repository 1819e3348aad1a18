/* The service with a source of NDJSON that a file maps. */
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { ndjson } from '../../../../src/sync/sources/mapped/ndjson.js'
import { startApp, type TestApp } from '../../../helpers/app.js'
import { onEachEngine, onOneEngine } from '../../../helpers/engines.js'
import { ListServer } from '../../../helpers/list-server.js'
import { settingsOf, simpleMapping, simpleRecords, writeMapping } from '../../../helpers/mappings.js'
import { readPages } from '../../../helpers/read-pages.js'

const toLines = (records: readonly object[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('')

async function start(t: Test, text: string | Uint8Array, type?: string) {
  const server = await ListServer.start(t, [])
  server.send(text, type)
  const sourceMapping = writeMapping(t, simpleMapping)
  const app = await startApp(t, { config: { sourceUrl: server.url, sourceKind: 'ndjson', sourceMapping } })
  return { server, app }
}

onEachEngine('each line is a product', async (t) => {
  const { server, app } = await start(t, `\uFEFF${toLines(simpleRecords(3))}\r\n\n`, 'application/x-ndjson')

  t.match((await app.request('/products?sort=price')).body, { total: 3, products: [{ title: 'Product 1', price: 1 }] })
  t.match(await status(app), { state: 'fresh', quarantined: 0 })

  server.send(gzipSync(toLines(simpleRecords(2)).trimEnd()))
  t.match(await app.sync(), { deleted: 1 }, 'compressed, and without the last line end')
})

onOneEngine('a line that is not JSON is in quarantine', async (t) => {
  const lines = [...toLines(simpleRecords(3)).split('\n').slice(0, 2), '{"id":3,"titl', '5', '']
  const { app } = await start(t, lines.join('\n'))

  t.match(await status(app), { products: 2, quarantined: 2 })
  t.match((await app.request('/sync')).body.report.quarantine, [
    { product: 'at position 2', problem: 'must be an object' },
    { product: 'at position 3', problem: 'must be an object', value: '5' }
  ])
})

onOneEngine('a truncated file, or one that is not NDJSON, leaves the catalog unchanged', async (t) => {
  const text = toLines(simpleRecords(3))
  const { server, app } = await start(t, text)

  for (const [body, type, failed, message] of [
    [text.slice(0, -10), undefined, 'invalid', /ends in the middle of a record/],
    ['<html>\n<h1>Sign in</h1>\n', undefined, 'all-quarantined', /in quarantine/],
    ['<html>\n', 'text/html; charset=utf-8', 'invalid', /content type text\/html/],
    [Buffer.from([...Buffer.from('{"id":"'), 0xff]), undefined, 'invalid', /not UTF-8/],
    [`${'['.repeat(200)}\n`, undefined, 'all-quarantined', /in quarantine/],
    [`"${'x'.repeat(5_000_000)}`, undefined, 'too-large', /a line has more than 4000000 bytes/]
  ] as const) {
    server.send(body, type)
    t.match(await app.sync(), { failed, message }, String(body).slice(0, 50))
  }
  t.match(await status(app), { products: 3 })
})

const status = async (app: TestApp) => (await app.request('/')).body.catalog

t.test('lines are read as records', async (t) => {
  const server = await ListServer.start(t, [])
  const settings = { ...settingsOf(simpleMapping), url: server.url }
  const read = async (text: string) => {
    server.send(text, 'application/x-ndjson')
    return await readPages(ndjson, settings)
  }
  const deep = `${'['.repeat(200)}${']'.repeat(200)}`
  t.strictSame(await read(`{"id":1}\n\n{"id":2\n${deep}\n{"id":3}`), [{ id: 1 }, '{"id":2', deep, { id: 3 }])
  await t.rejects(read('{"id":1}\n{"id":'), { message: /middle of a record/ })
  server.send('<h1>Sign in</h1>', 'text/html')
  await t.rejects(readPages(ndjson, settings), { message: /content type text\/html/ })
})
