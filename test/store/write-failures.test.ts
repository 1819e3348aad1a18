/*
 * The disk is full or the database is read-only: reads still work, writes fail with a problem that names the cause, and the
 * service recovers when the cause is gone.
 */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { openDatabase } from '../../src/store/open-database.js'
import { ADMIN, type Answer, startApp, type TestApp } from '../helpers/app.js'
import { isRoot, NEEDS_ROOT, SmallDisk } from '../helpers/disk.js'
import { findDamage } from '../helpers/engines.js'
import { createFolder } from '../helpers/folder.js'
import { PostgresServer } from '../helpers/postgres-server.js'
import { command, TestProcess } from '../helpers/process.js'
import { mascara, palette, sourceProduct } from '../helpers/products.js'
import { sample } from '../helpers/runs.js'

type Engine = 'SQLite' | 'PostgreSQL'

/** A database whose writes can be made to fail and to work again. */
interface FailingDatabase {
  url: string
  break(): void | Promise<void>
  mend(): void | Promise<void>
  /** Frees this many bytes on the full disk. */
  spare?(bytes: number): void
}

let server: Promise<PostgresServer> | undefined
const startServer = () => {
  server ??= PostgresServer.start(t)
  return server
}

const full: Record<Engine, (t: Test) => Promise<FailingDatabase>> = {
  async SQLite(t) {
    const disk = SmallDisk.mount(t, 8)
    return {
      url: `file:${disk.path}/catalog.db`,
      break: () => disk.fill(),
      mend: () => disk.free(),
      spare: (bytes) => disk.spare(bytes)
    }
  },
  async PostgreSQL(t) {
    const server = await startServer()
    const disk = SmallDisk.mount(t, 24, 'postgres')
    return {
      url: await server.createDatabase({ folder: disk.path }),
      break: () => disk.fill(),
      mend: () => disk.free()
    }
  }
}

const readOnly: Record<Engine, (t: Test) => Promise<FailingDatabase>> = {
  async SQLite(t) {
    const path = `${createFolder(t)}/catalog.db`
    const locked = new Set<string>()
    const mend = () => {
      for (const file of locked) execFileSync('chattr', ['-i', file])
      locked.clear()
    }
    t.teardown(mend)
    return {
      url: `file:${path}`,
      break() {
        for (const file of [path, `${path}-wal`].filter((file) => existsSync(file))) {
          execFileSync('chattr', ['+i', file])
          locked.add(file)
        }
      },
      mend
    }
  },
  async PostgreSQL(t) {
    const server = await startServer()
    const admin = openDatabase(server.url('postgres'))
    t.teardown(() => admin.close())
    const set = async (value: 'on' | 'off') => {
      await sql`alter system set default_transaction_read_only = ${sql.raw(value)}`.execute(admin.read)
      await sql`select pg_reload_conf()`.execute(admin.read)
    }
    return { url: await server.createDatabase(), break: () => set('on'), mend: () => set('off') }
  }
}

const failures = sample(
  [
    { engine: 'SQLite', what: 'whose disk is full', name: 'database-full', create: full.SQLite },
    { engine: 'PostgreSQL', what: 'whose disk is full', name: 'database-full', create: full.PostgreSQL },
    { engine: 'PostgreSQL', what: 'that is read-only', name: 'database-read-only', create: readOnly.PostgreSQL },
    { engine: 'SQLite', what: 'that is read-only', name: 'database-read-only', create: readOnly.SQLite }
  ],
  2
)

for (const { engine, what, name, create } of failures) {
  t.test(`a database ${what} still serves reads, and accepts writes again afterwards (${engine})`, async (t) => {
    if (!isRoot) {
      t.plan(0, NEEDS_ROOT)
      return
    }
    const database = await create(t)
    const app = await startApp(t, { products: [mascara, palette], config: { databaseUrl: database.url } })
    const logged: string[] = []
    app.app.log.error = (_error: unknown, line?: string) => logged.push(String(line))
    const writes = new Writes(app)
    t.equal((await writes.next()).status, 200)
    const { revision } = (await app.request('/')).body.catalog

    await database.break()
    const rejected = await writes.untilRefused()
    t.equal(rejected.status, 503)
    t.equal(rejected.body.type, `urn:problem-type:product-catalog:${name}`)
    t.ok(Number(rejected.headers.get('retry-after')) > 0)

    app.source.products = Array.from({ length: 3000 }, (_, i) =>
      sourceProduct(i + 1, { description: createLargeText() })
    )
    for (let i = 0; i < 3; i++) await app.sync()
    t.strictSame(logged.filter((line) => line === 'sync failed').length, 1, 'one log line for all failing syncs')
    for (const path of [
      '/products',
      '/products/2',
      '/products?q=mascara',
      '/categories',
      '/changes',
      '/products/export'
    ]) {
      t.equal((await app.request(path)).status, 200, path)
    }
    t.equal((await app.request('/readyz', { token: null })).status, 200)
    t.match((await app.request('/products')).body, { total: 2 }, 'the last good catalog')
    t.match((await app.request('/products/1')).body, { stock: writes.acknowledged }, 'the acknowledged writes')
    t.equal((await app.request('/')).body.catalog.revision, revision + writes.acknowledged - 1)

    await database.mend()
    await writes.untilTaken()
    t.match((await app.request('/products/1')).body, { stock: writes.acknowledged })
    app.source.products = Array.from({ length: 300 }, (_, i) => sourceProduct(i + 1))
    await app.sync()
    t.match((await app.request('/products')).body, { total: 300 }, 'a sync')
    t.equal((await app.signIn()).status, 200)

    await database.break()
    await writes.untilRefused()
    await app.app.close()
    await database.mend()
    t.strictSame(await findDamage(database.url), [], 'no damage after closing during the failure')
  })
}

for (const { engine, what, name, create } of failures) {
  for (const sampleCatalog of [false, true]) {
    const subject = `a database ${what}${sampleCatalog ? ' and that holds the sample' : ''}`
    t.test(`${subject} serves reads after a restart, and accepts writes again afterwards (${engine})`, async (t) => {
      if (!isRoot) {
        t.plan(0, NEEDS_ROOT)
        return
      }
      const database = await create(t)
      const config = {
        databaseUrl: database.url,
        ...(sampleCatalog && { sampleCatalog, sourceUrl: 'http://127.0.0.1:1' })
      }
      const before = await startApp(t, { products: [mascara, palette], config })
      const token = await before.token()
      const { total } = (await before.request('/products')).body
      await before.app.close()

      await database.break()
      // SQLite recreates its `-shm` file, which takes 32 kB.
      database.spare?.(40_000)
      const app = await startApp(t, { source: before.source, config })

      for (const path of ['/products', '/products/1', '/products?q=mascara', '/categories', '/changes']) {
        t.equal((await app.request(path, { token })).status, 200, path)
      }
      t.equal((await app.request('/products', { token })).body.total, total)
      const writes = new Writes(app, token)
      const rejected = await writes.untilRefused()
      t.equal(rejected.status, 503)
      t.equal(rejected.body.type, `urn:problem-type:product-catalog:${name}`)
      await database.mend()
      await writes.untilTaken()
      t.equal((await app.signIn()).status, 200)
    })
  }
}

t.test('the service does not start with a new database on a full disk, and names the cause', async (t) => {
  if (!isRoot) {
    t.plan(0, NEEDS_ROOT)
    return
  }
  const disk = SmallDisk.mount(t, 8)
  disk.fill()
  const service = new TestProcess(t, command('src/server.js'), {
    PORT: '0',
    DATABASE_URL: `file:${disk.path}/new.db`,
    SOURCE_URL: 'http://127.0.0.1:1',
    ADMIN_PASSWORD: ADMIN.password
  })
  t.match(await service.finished, {
    code: 1,
    stderr: /^The database \/.*\/new\.db cannot be used: database or disk is full\. Free some space on its disk\.\n$/
  })
})

/** Sends one write after the other and counts those that succeed. */
class Writes {
  acknowledged = 0

  /** @param token The token of the admin by default. */
  constructor(
    readonly app: TestApp,
    readonly token?: string
  ) {}

  /** Sets the stock of product 1 to the number of the write. */
  async next(): Promise<Answer> {
    const json = { stock: this.acknowledged + 1, description: createLargeText() }
    const response = await this.app.request('/products/1', {
      method: 'PATCH',
      json,
      headers: { 'if-match': '*' },
      ...(this.token !== undefined && { token: this.token })
    })
    if (response.status === 200) this.acknowledged++
    return response
  }

  /** Writes until a write succeeds. PostgreSQL reloads its settings with a delay. */
  async untilTaken(): Promise<void> {
    const deadline = performance.now() + 10_000
    while ((await this.next()).status !== 200) {
      if (performance.now() > deadline) throw new Error('writes still fail')
    }
  }

  async untilRefused(): Promise<Answer> {
    for (;;) {
      const response = await this.next()
      if (response.status !== 200) return response
    }
  }
}

/** Creates a text that does not compress well. */
const createLargeText = () => randomBytes(1500).toString('hex')
