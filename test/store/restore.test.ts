/* After a restore from a backup, the service rejects every ETag, cursor, token and event id from before it. */
import t from 'tap'
import { openDatabase } from '../../src/store/open-database.js'
import { deleteSearchRows } from '../../src/store/search-rows.js'
import { startApp, type TestApp, testConfig } from '../helpers/app.js'
import { backUp, createDatabase, onEachEngine, onOneEngine, restore } from '../helpers/engines.js'
import { EventReader } from '../helpers/events.js'
import { command, TestProcess } from '../helpers/process.js'
import { mascara, palette } from '../helpers/products.js'

const patch = (app: TestApp, price: number, ifMatch = '*') =>
  app.request('/products/1', { method: 'PATCH', json: { price }, headers: { 'if-match': ifMatch } })
const etagOf = async (app: TestApp, path: string) => (await app.request(path)).headers.get('etag') as string
const statusOf = async (app: TestApp, path: string, headers: Record<string, string>) =>
  (await app.request(path, { headers })).status
const restored = (t: Parameters<typeof startApp>[0], databaseUrl: string, ...args: string[]) =>
  new TestProcess(t, command('src/cli/catalog.js', 'restored', ...args), { DATABASE_URL: databaseUrl }).finished

onOneEngine('tags, cursors, tokens and event ids from before a restore are rejected', async (t) => {
  const first = await startApp(t, { products: [mascara, palette] })
  const { databaseUrl } = first.config
  const { epoch } = (await first.request('/')).body.catalog
  const cursor = (await first.request('/products?limit=1')).body.nextCursor
  const etags = [await etagOf(first, '/products/1')]
  const lists = [await etagOf(first, '/products')]
  const token = await first.token()
  const signedOut = await first.tokenOf('reader')
  await first.app.close()
  const backup = await backUp(t, databaseUrl)

  const app = await startApp(t, { source: first.source, config: { databaseUrl } })
  t.match((await app.request('/', { token })).body.catalog, { epoch, revision: 2 }, 'a restart is not a restore')
  t.equal((await app.request('/products', { token })).status, 200)
  await app.request('/auth', { method: 'DELETE', token: signedOut })
  for (const price of [1, 2, 3]) {
    await patch(app, price)
    etags.push(await etagOf(app, '/products/1'))
    lists.push(await etagOf(app, '/products'))
  }
  const stream = await EventReader.open(app, '/changes?after=4')
  await stream.received(1)
  const { lastId = '' } = stream
  t.equal(lastId, `${epoch}.5`)
  await stream.cut()
  await app.app.close()
  await restore(backup, databaseUrl)

  const env = { DATABASE_URL: databaseUrl, SOURCE_URL: first.source.url, PORT: '0' }
  const process = new TestProcess(t, command('src/server.js'), env)
  const [, logged] = await process.printed(/"level":40,.*"epoch":"([\w-]{8})".*was restored from a backup/)
  const [, url] = await process.printed(/Server listening at ([^"]+)/)
  // The service handles signals once it responds.
  t.equal((await fetch(`${url}/livez`)).status, 200)
  process.child.kill()
  await process.finished

  const after = await startApp(t, { source: first.source, config: { databaseUrl } })
  const { catalog } = (await after.request('/')).body
  t.match(catalog, { epoch: logged, revision: 2 }, 'the next start is not a restore')
  t.not(catalog.epoch, epoch)
  t.equal((await after.request('/.well-known/jwks.json')).body.keys.length, 1)
  for (const old of [token, await app.token(), signedOut]) {
    t.equal((await after.request('/products', { token: old })).status, 401)
  }
  t.equal((await after.request(`/products?limit=1&cursor=${cursor}`)).status, 400)
  for (const price of [7, 8, 9]) {
    for (const etag of etags) t.equal((await patch(after, 6, etag)).status, 412)
    for (const etag of etags) t.equal(await statusOf(after, '/products/1', { 'if-none-match': etag }), 200)
    for (const etag of lists) t.equal(await statusOf(after, '/products', { 'if-none-match': etag }), 200)
    for (const revision of [0, 2, 5]) {
      t.equal((await after.request(`/changes?after=${revision}&epoch=${epoch}`)).status, 410)
    }
    const headers = { accept: 'text/event-stream', 'last-event-id': lastId }
    t.equal(await statusOf(after, '/changes', headers), 410)
    t.equal(
      await statusOf(after, `/changes?after=0&epoch=${catalog.epoch}`, headers),
      410,
      'the header takes precedence'
    )
    t.equal((await patch(after, price)).status, 200)
  }
  t.match((await after.request(`/changes?after=4&epoch=${catalog.epoch}`)).body, {
    changes: [{ revision: 5 }],
    epoch: catalog.epoch
  })
})

onEachEngine('a running service follows the `restored` command', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const { databaseUrl } = app.config
  const token = await app.token()
  for (let i = 0; i < 3; i++) t.equal((await app.request('/products')).body.total, 2)
  const etag = await etagOf(app, '/products')
  const stream = await EventReader.open(app)
  await stream.received(2)
  // Simulates a point-in-time recovery to the state before the last change.
  const database = openDatabase(databaseUrl)
  t.teardown(() => database.close())
  await database.write.transaction().execute(async (db) => {
    await deleteSearchRows(db, database.fullText, [2])
    await db.deleteFrom('product_text').where('id', '=', 2).execute()
    await db.deleteFrom('change').where('revision', '=', 2).execute()
    await db.updateTable('catalog').set({ revision: 1 }).execute()
  })

  const { code, stdout } = await restored(t, databaseUrl)

  t.equal(code, 0)
  const [, epoch] = /^The catalog now has the epoch ([\w-]{8}) .*start over\.\n$/.exec(stdout) as RegExpExecArray
  await stream.ended
  let status = 200
  while (status !== 401) status = (await app.request('/products', { token })).status
  const newToken = (await app.signIn()).body.token
  const ask = (path: string, headers = {}) => app.request(path, { token: newToken, headers })
  t.match((await ask('/')).body.catalog, { epoch, revision: 1, products: 1 })
  const list = await ask('/products', { 'if-none-match': etag })
  t.equal(list.status, 200)
  t.equal(list.body.total, 1)
  const headers = { accept: 'text/event-stream', 'last-event-id': stream.lastId as string }
  t.match((await ask('/changes', headers)).body, { status: 410, detail: /Start over/ })
  t.match(await app.sync(), { created: 1 }, 'the sync reads the source again although it did not change')
  t.match((await ask('/products')).body, { total: 2 })
})

onEachEngine('a command detects a restored database before it writes', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const { databaseUrl } = app.config
  await app.app.close()
  const backup = await backUp(t, databaseUrl)
  const next = await startApp(t, { source: app.source, config: { databaseUrl } })
  await patch(next, 1)
  await next.app.close()
  await restore(backup, databaseUrl)

  const list = () =>
    new TestProcess(t, command('src/cli/catalog.js', 'keys', 'list'), { DATABASE_URL: databaseUrl }).finished
  t.match((await list()).stderr, /was restored from a backup/)
  t.equal((await list()).stderr, '')
})

t.test('the `restored` command takes no arguments', async (t) => {
  const { databaseUrl } = await testConfig(t)
  for (const args of [['now'], ['--now']]) {
    t.match(await restored(t, databaseUrl, ...args), { code: 1, stdout: '', stderr: /\n\nUsage: catalog restored/ })
  }
})

onEachEngine('the `restored` command accepts a new database', async (t) => {
  const databaseUrl = await createDatabase(t)
  t.match(await restored(t, databaseUrl), { code: 0, stderr: '' })
})

onEachEngine('a response cached before a restore is not served after it', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const token = await app.token()
  for (let i = 0; i < 3; i++) t.equal((await app.request('/products/1')).status, 200)
  const etag = await etagOf(app, '/products/1')
  // The revision stays the same. Only the epoch differs.
  t.equal((await restored(t, app.config.databaseUrl)).code, 0)
  let status = 200
  while (status !== 401) status = (await app.request('/products/1', { token })).status

  const newToken = (await app.signIn()).body.token
  const after = await app.request('/products/1', { token: newToken, headers: { 'if-none-match': etag } })
  t.equal(after.status, 200)
  t.not(after.headers.get('etag'), etag)
})
