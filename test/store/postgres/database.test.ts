import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { openDatabase } from '../../../src/store/open-database.js'
import { startApp } from '../../helpers/app.js'
import { createDatabase, onEachEngine } from '../../helpers/engines.js'
import { mascara, palette } from '../../helpers/products.js'

onEachEngine('the service recovers after its connections are terminated', async (t, engine) => {
  if (engine === 'SQLite') {
    t.pass('SQLite has no connections')
    return
  }
  const first = await startApp(t, { products: [mascara] })
  const second = await startApp(t, { source: first.source, config: { databaseUrl: first.config.databaseUrl } })
  t.equal((await second.request('/products')).body.total, 1)
  const admin = openDatabase(first.config.databaseUrl)
  t.teardown(() => admin.close())
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`.execute(admin.read)

  first.source.products = [mascara, palette]
  const deadline = Date.now() + 10_000
  while ((await second.request('/products')).body.total !== 2 && Date.now() < deadline) {
    // The sync fails if it gets a terminated connection from the pool.
    await first.sync()
    await sleep(50)
  }
  t.equal((await second.request('/products')).body.total, 2, 'writes of another process are visible again')
  const { stateCache } = second.app.services
  while (stateCache.current() === undefined && Date.now() < deadline) await second.request('/products')
  t.ok(stateCache.current(), 'the service listens again')
  await sleep(2500)
  t.ok(stateCache.current(), 'the service still listens')
})

onEachEngine('each lost and regained connection is reported once', async (t, engine) => {
  if (engine === 'SQLite') {
    t.pass('SQLite has no connections')
    return
  }
  const url = await createDatabase(t)
  const events: string[] = []
  const report = (event: string, error?: Error) => {
    events.push(event)
    t.equal(error instanceof Error, event === 'lost')
  }
  const database = openDatabase(url, report)
  t.teardown(() => database.close())
  const admin = openDatabase(url)
  t.teardown(() => admin.close())
  const isListening = () => {
    try {
      return database.version() >= 0
    } catch {
      return false
    }
  }
  for (let round = 0; round < 2; round++) {
    while (!isListening()) await sleep(1)
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`.execute(admin.read)
    while (events.length < 2 * round + 2) await sleep(10)
  }
  t.strictSame(events, ['lost', 'regained', 'lost', 'regained'])
})

onEachEngine('an unreachable database gives 503 until it is back', async (t, engine) => {
  if (engine === 'SQLite') {
    t.pass('SQLite is a file')
    return
  }
  const app = await startApp(t, { products: [mascara] })
  const url = new URL(app.config.databaseUrl)
  const name = url.pathname.slice(1)
  url.pathname = '/postgres'
  const admin = openDatabase(url.href)
  t.teardown(() => admin.close())
  const allow = (allowed: boolean) =>
    sql`alter database ${sql.id(name)} with allow_connections ${sql.raw(String(allowed))}`.execute(admin.read)

  await app.token()
  await allow(false)
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`.execute(admin.read)
  let response = await app.request('/products')
  while (response.status === 200) response = await app.request('/products')
  t.equal(response.status, 503)
  t.match(response.body, { type: /database-busy$/ })
  t.ok(response.headers.get('retry-after'))

  await allow(true)
  while (response.status !== 200) {
    await sleep(20)
    response = await app.request('/products')
  }
  t.equal(response.body.total, 1)
})

onEachEngine('a transaction that loses its connection fails alone, with its own error', async (t, engine) => {
  if (engine === 'SQLite') {
    t.pass('SQLite has no connections')
    return
  }
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  const workError = new Error('why the work was given up')
  const losing = database.write.transaction().execute(async (db) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)
    await sql`select pg_terminate_backend(${rows[0]?.pid}::int, 5000)`.execute(database.read)
    // Long enough for the driver to notice the loss between queries.
    await sleep(100)
    throw workError
  })
  t.equal(await losing.catch((error) => error), workError, 'the error of the work, not of the rollback')
  t.match(await sql`select 1 as one`.execute(database.write), { rows: [{ one: 1 }] })
})

onEachEngine('closing a database while it connects leaves no connection open', async (t, engine) => {
  if (engine === 'SQLite') {
    t.pass('SQLite connects at once')
    return
  }
  const url = await createDatabase(t)
  const admin = openDatabase(url)
  t.teardown(() => admin.close())
  for (const time of [0, 1, 2, 4, 8, 16]) {
    const database = openDatabase(url)
    t.throws(() => database.version(), /not connected/)
    await sleep(time)
    await database.close()
  }
  const others = async () => {
    const activity = await sql`select pid from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`.execute(admin.read)
    return activity.rows.length
  }
  // The server takes a moment to notice.
  const deadline = Date.now() + 5000
  while ((await others()) > 0 && Date.now() < deadline) await sleep(20)
  t.equal(await others(), 0)
})

onEachEngine('an unreachable server is an error', async (t) => {
  const database = openDatabase('postgres://nobody@127.0.0.1:1/nothing')
  t.throws(() => database.version(), /not connected/)
  await t.rejects(database.read.selectFrom('catalog').selectAll().execute(), /ECONNREFUSED/)
  await sleep(50)
  t.throws(() => database.version(), /not connected/)
  await database.close()
})
