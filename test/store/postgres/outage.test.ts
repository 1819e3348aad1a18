/*
 * PostgreSQL stops, hangs and restarts while the service runs: the service serves what it has in memory, responds with 503
 * to everything else, and recovers without a restart.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openDatabase } from '../../../src/store/open-database.js'
import { TokenStore } from '../../../src/store/tokens.js'
import { type Answer, startApp, type TestApp } from '../../helpers/app.js'
import { EventReader } from '../../helpers/events.js'
import { PostgresServer } from '../../helpers/postgres-server.js'
import { mascara, palette, sourceProduct } from '../../helpers/products.js'
import { TcpProxy } from '../../helpers/tcp-proxy.js'

/** Milliseconds for a response even on a busy machine, below the connection timeout. */
const QUICK = 4000
/** Milliseconds within which the service has to recover. */
const RECOVERY = 20_000

const starting = PostgresServer.start(t)

async function startAll(t: Test) {
  const server = await starting
  const app = await startApp(t, {
    products: [mascara, palette],
    config: { databaseUrl: await server.createDatabase() }
  })
  // The second request caches a response. The first list caches the texts of its products.
  await app.request('/products')
  for (const path of ['/products?limit=1', '/products/1', '/products?limit=1', '/products/1']) await app.request(path)
  return { server, app }
}

/** Returns the response, which must arrive within `QUICK`. */
async function timed(t: Test, app: TestApp, ...request: Parameters<TestApp['request']>): Promise<Answer> {
  const start = performance.now()
  const response = await app.request(...request)
  const time = performance.now() - start
  if (time > QUICK) t.fail(`${request[0]} took ${Math.round(time)} ms`)
  return response
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + RECOVERY
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error('no recovery in time')
    await sleep(20)
  }
}

const isReady = (app: TestApp) => async () => (await app.request('/readyz', { token: null })).status === 200

function expectUnavailable(t: Test, { status, body, headers }: Answer, what: string): void {
  t.equal(status, 503, what)
  t.equal(body.type, 'urn:problem-type:product-catalog:database-busy')
  t.equal(headers.get('retry-after'), '1')
}

const patch = (stock: number) => ({ method: 'PATCH', json: { stock }, headers: { 'if-match': '*' } })
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString())

t.test('while PostgreSQL is stopped, the service serves what is in memory, and it recovers afterwards', async (t) => {
  const { server, app } = await startAll(t)
  const revoked = await app.tokenOf('reader')
  t.equal((await app.request('/products?limit=1', { token: revoked })).status, 200)
  const fresh = ((await app.signIn()).body as { token: string }).token
  const { etag = '' } = Object.fromEntries((await app.request('/products?limit=1')).headers)
  const { revision } = (await app.request('/')).body.catalog

  await server.stop()

  for (let i = 0; i < 20; i++) {
    t.match(await timed(t, app, '/products?limit=1'), { status: 200, body: { total: 2 } }, 'a cached list')
    t.match(await timed(t, app, '/products/1'), { status: 200, body: { id: 1 } }, 'a cached product')
    t.equal((await timed(t, app, '/products?limit=1', { headers: { 'if-none-match': etag } })).status, 304)
    await sleep(100)
  }
  t.match(await timed(t, app, '/products?sort=-price'), { status: 200, body: { total: 2 } }, 'a new query')
  t.match(await timed(t, app, '/categories'), { status: 200 })
  t.match(await timed(t, app, '/', { token: null }), { status: 200, body: { catalog: { revision } } })
  t.equal((await timed(t, app, '/livez', { token: null })).status, 200)
  t.match(await timed(t, app, '/readyz', { token: null }), {
    status: 503,
    body: { checks: [{ name: 'database', status: 'failed' }, {}] }
  })
  expectUnavailable(t, await timed(t, app, '/products/2'), 'a product that is not cached')
  expectUnavailable(t, await timed(t, app, '/products?q=mascara'), 'a new search')
  expectUnavailable(t, await timed(t, app, '/changes'), 'the changes')
  expectUnavailable(t, await timed(t, app, '/products/1', patch(5)), 'a write')
  expectUnavailable(t, await timed(t, app, '/products/export'), 'an export')
  expectUnavailable(t, await app.signIn(), 'a sign-in')
  expectUnavailable(t, await timed(t, app, '/products?limit=1', { token: fresh }), 'a token that is not cached')
  t.equal((await timed(t, app, '/products?limit=1', { token: `${fresh}x` })).status, 401, 'an invalid token')
  const crowd = Array.from({ length: 100 }, (_, i) => timed(t, app, i % 2 ? '/products/2' : '/products/1'))
  t.strictSame(new Set((await Promise.all(crowd)).map(({ status }) => status)), new Set([200, 503]))
  app.source.products = [mascara, palette, sourceProduct(3)]
  await app.sync()
  t.match((await timed(t, app, '/products?limit=1')).body, { total: 2 }, 'after a failed sync')

  await server.start()
  const other = openDatabase(app.config.databaseUrl)
  t.teardown(() => other.close())
  const { sub, jti, exp } = claimsOf(revoked)
  await new TokenStore(other).revoke(sub, jti, exp)

  await until(isReady(app))
  await until(async () => (await app.request('/products?limit=1', { token: revoked })).status === 401)
  t.equal((await app.request('/products?limit=1', { token: fresh })).status, 200)
  t.equal((await app.request('/products/1', patch(5))).status, 200)
  t.match((await app.request('/products/1')).body, { stock: 5 })
  await app.sync()
  t.match((await app.request('/products?limit=1')).body, { total: 3 })
  t.equal((await app.request('/')).body.catalog.revision, revision + 2, 'the revision continues')
})

t.test('a stream of changes waits while PostgreSQL is stopped and then continues', async (t) => {
  const { server, app } = await startAll(t)
  const early = await EventReader.open(app, '/changes?after=0')
  await early.received(2)
  // This reader has not read anything yet.
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

t.test('a revoked token is never accepted while PostgreSQL is unreachable', async (t) => {
  const { server, app } = await startAll(t)
  const token = ((await app.signIn()).body as { token: string }).token
  t.equal((await app.request('/products?limit=1', { token })).status, 200)
  t.equal((await app.request('/auth', { method: 'DELETE', token })).status, 204)
  await server.stop()

  for (let i = 0; i < 5; i++) {
    expectUnavailable(t, await timed(t, app, '/products?limit=1', { token }), 'a token that cannot be checked')
    await sleep(50)
  }

  await server.start()
  await until(isReady(app))
  t.equal((await app.request('/products?limit=1', { token })).status, 401)
})

t.test('concurrent requests wait once for a PostgreSQL server that hangs, not one after the other', async (t) => {
  const server = await starting
  const proxy = await TcpProxy.open(t, server.port)
  const url = new URL(await server.createDatabase())
  url.port = String(proxy.port)
  const app = await startApp(t, { products: [mascara, palette], config: { databaseUrl: url.href } })
  for (let i = 0; i < 2; i++) await app.request('/products?limit=1')
  await until(async () => app.app.services.stateCache.current() !== undefined)
  // Notifications of earlier writes arrive with a delay.
  await sleep(500)
  await app.request('/products?limit=1')
  proxy.block()

  const start = performance.now()
  const waiting = Array.from({ length: 30 }, () => app.request('/products/2'))
  while (await Promise.race([Promise.any(waiting).then(() => false), sleep(100, true)])) {
    t.match(await timed(t, app, '/products?limit=1'), { status: 200, body: { total: 2 } })
  }
  for (const response of await Promise.all(waiting)) expectUnavailable(t, response, 'a product that is not cached')
  const time = performance.now() - start
  t.ok(time < 12_000, `waited ${Math.round(time)} ms`)
  await until(async () => (await app.request('/products/2')).status === 503)
  expectUnavailable(t, await timed(t, app, '/products/2'), 'no wait for a known outage')
  t.equal((await timed(t, app, '/products?limit=1')).status, 200)

  proxy.unblock()
  await until(isReady(app))
  await until(async () => (await app.request('/products/2')).status === 200)
  t.equal((await app.request('/products/1', patch(7))).status, 200)
})
