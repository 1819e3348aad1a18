/*
 * PostgreSQL is stopped, cut off and started again under a service that goes on: what it has in memory is answered, the rest
 * is said to be for later, and nothing has to be started anew.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openDatabase } from '../../../src/store/open-database.js'
import { TokenStore } from '../../../src/store/tokens.js'
import { type Answer, startApp, type TestApp } from '../../helpers/app.js'
import { EventReader } from '../../helpers/events.js'
import { PostgresServer } from '../../helpers/postgres-server.js'
import { mascara, palette, sourceProduct } from '../../helpers/products.js'
import { Wire } from '../../helpers/wire.js'

/** Milliseconds, fewer than a connection is waited for, within which an answer comes on a busy machine too. */
const SOON = 4000
/** Milliseconds within which all is as it was before. */
const HEALED = 20_000

const starting = PostgresServer.start(t)

async function startAll(t: Test) {
  const server = await starting
  const app = await startApp(t, {
    products: [mascara, palette],
    config: { databaseUrl: await server.createDatabase() }
  })
  // Asked for twice, it is kept; asked for once, the products of the list are.
  await app.request('/products')
  for (const path of ['/products?limit=1', '/products/1', '/products?limit=1', '/products/1']) await app.request(path)
  return { server, app }
}

/** The answer, which has to come soon. */
async function quick(t: Test, app: TestApp, ...request: Parameters<TestApp['request']>): Promise<Answer> {
  const start = performance.now()
  const answer = await app.request(...request)
  const time = performance.now() - start
  if (time > SOON) t.fail(`${request[0]} took ${Math.round(time)} ms`)
  return answer
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + HEALED
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error('it took too long')
    await sleep(20)
  }
}

const isReady = (app: TestApp) => async () => (await app.request('/readyz', { token: null })).status === 200

function isForLater(t: Test, { status, body, headers }: Answer, what: string): void {
  t.equal(status, 503, what)
  t.equal(body.type, 'urn:problem-type:product-catalog:database-busy')
  t.equal(headers.get('retry-after'), '1')
}

const patch = (stock: number) => ({ method: 'PATCH', json: { stock }, headers: { 'if-match': '*' } })
const idOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString())

t.test('while PostgreSQL is stopped what is in memory is answered, and all heals when it is back', async (t) => {
  const { server, app } = await startAll(t)
  const revoked = await app.tokenOf('reader')
  t.equal((await app.request('/products?limit=1', { token: revoked })).status, 200)
  const unknown = ((await app.signIn()).body as { token: string }).token
  const { etag = '' } = Object.fromEntries((await app.request('/products?limit=1')).headers)
  const { revision } = (await app.request('/')).body.catalog

  await server.stop()

  for (let i = 0; i < 20; i++) {
    t.match(await quick(t, app, '/products?limit=1'), { status: 200, body: { total: 2 } }, 'a list that was kept')
    t.match(await quick(t, app, '/products/1'), { status: 200, body: { id: 1 } }, 'a product that was kept')
    t.equal((await quick(t, app, '/products?limit=1', { headers: { 'if-none-match': etag } })).status, 304)
    await sleep(100)
  }
  t.match(
    await quick(t, app, '/products?sort=-price'),
    { status: 200, body: { total: 2 } },
    'what nobody has asked yet'
  )
  t.match(await quick(t, app, '/categories'), { status: 200 })
  t.match(await quick(t, app, '/', { token: null }), { status: 200, body: { catalog: { revision } } })
  t.equal((await quick(t, app, '/livez', { token: null })).status, 200)
  t.match(await quick(t, app, '/readyz', { token: null }), {
    status: 503,
    body: { checks: [{ name: 'database', status: 'failed' }, {}] }
  })
  isForLater(t, await quick(t, app, '/products/2'), 'what has to be read')
  isForLater(t, await quick(t, app, '/products?q=mascara'), 'words that nobody has looked for')
  isForLater(t, await quick(t, app, '/changes'), 'the changes')
  isForLater(t, await quick(t, app, '/products/1', patch(5)), 'a write')
  isForLater(t, await quick(t, app, '/products/export'), 'an export')
  isForLater(t, await app.signIn(), 'a sign-in')
  isForLater(t, await quick(t, app, '/products?limit=1', { token: unknown }), 'a token that is not remembered')
  t.equal((await quick(t, app, '/products?limit=1', { token: `${unknown}x` })).status, 401, 'one that is none of ours')
  const crowd = Array.from({ length: 100 }, (_, i) => quick(t, app, i % 2 ? '/products/2' : '/products/1'))
  t.strictSame(new Set((await Promise.all(crowd)).map(({ status }) => status)), new Set([200, 503]))
  app.source.products = [mascara, palette, sourceProduct(3)]
  await app.sync()
  t.match((await quick(t, app, '/products?limit=1')).body, { total: 2 }, 'a sync leaves the catalog as it is')

  await server.start()
  const other = openDatabase(app.config.databaseUrl)
  t.teardown(() => other.close())
  const { sub, jti, exp } = idOf(revoked)
  await new TokenStore(other).revoke(sub, jti, exp)

  await until(isReady(app))
  await until(async () => (await app.request('/products?limit=1', { token: revoked })).status === 401)
  t.equal((await app.request('/products?limit=1', { token: unknown })).status, 200)
  t.equal((await app.request('/products/1', patch(5))).status, 200)
  t.match((await app.request('/products/1')).body, { stock: 5 })
  await app.sync()
  t.match((await app.request('/products?limit=1')).body, { total: 3 })
  t.equal((await app.request('/')).body.catalog.revision, revision + 2, 'and the revision goes on')
})

t.test('a stream of changes waits while PostgreSQL is stopped, and goes on', async (t) => {
  const { server, app } = await startAll(t)
  const early = await EventReader.open(app, '/changes?after=0')
  await early.received(2)
  // This one has not read anything yet.
  const late = await EventReader.open(app, '/changes?after=1')

  await server.stop()
  await until(async () => !(await isReady(app)()))
  await server.start()

  await until(isReady(app))
  t.equal((await app.request('/products/1', patch(5))).status, 200)
  await until(async () => early.changes.length === 3 && late.changes.length === 2)
  t.strictSame(
    [early, late].map(({ changes }) => changes.map(({ revision }) => revision)),
    [
      [1, 2, 3],
      [2, 3]
    ]
  )
  for (const reader of [early, late]) await reader.cut()
})

t.test('who has signed out stays so while PostgreSQL is away', async (t) => {
  const { server, app } = await startAll(t)
  const token = ((await app.signIn()).body as { token: string }).token
  t.equal((await app.request('/products?limit=1', { token })).status, 200)
  t.equal((await app.request('/auth', { method: 'DELETE', token })).status, 204)
  await server.stop()

  for (let i = 0; i < 5; i++) {
    isForLater(t, await quick(t, app, '/products?limit=1', { token }), 'nobody can tell any more')
    await sleep(50)
  }

  await server.start()
  await until(isReady(app))
  t.equal((await app.request('/products?limit=1', { token })).status, 401)
})

t.test('PostgreSQL that says nothing any more is waited for once, and not by each', async (t) => {
  const server = await starting
  const wire = await Wire.open(t, server.port)
  const url = new URL(await server.createDatabase())
  url.port = String(wire.port)
  const app = await startApp(t, { products: [mascara, palette], config: { databaseUrl: url.href } })
  for (let i = 0; i < 2; i++) await app.request('/products?limit=1')
  await until(async () => app.app.services.stateCache.current() !== undefined)
  // What was written before is told a little later.
  await sleep(500)
  await app.request('/products?limit=1')
  wire.block()

  const start = performance.now()
  const waiting = Array.from({ length: 30 }, () => app.request('/products/2'))
  while (await Promise.race([Promise.any(waiting).then(() => false), sleep(100, true)])) {
    t.match(await quick(t, app, '/products?limit=1'), { status: 200, body: { total: 2 } })
  }
  for (const answer of await Promise.all(waiting)) isForLater(t, answer, 'what has to be read')
  const time = performance.now() - start
  t.ok(time < 12_000, `they have waited ${Math.round(time)} ms`)
  await until(async () => (await app.request('/products/2')).status === 503)
  isForLater(t, await quick(t, app, '/products/2'), 'then it is known')
  t.equal((await quick(t, app, '/products?limit=1')).status, 200)

  wire.unblock()
  await until(isReady(app))
  await until(async () => (await app.request('/products/2')).status === 200)
  t.equal((await app.request('/products/1', patch(7))).status, 200)
})
