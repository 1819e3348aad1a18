import { mock } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import t, { type Test } from 'tap'
import { Retention } from '../../src/changes/retention.js'
import { ChangeStore } from '../../src/store/change-store.js'
import type { Database } from '../../src/store/database.js'
import { ExpiryStore } from '../../src/store/expiry.js'
import { migrate } from '../../src/store/migrate.js'
import { openDatabase } from '../../src/store/open-database.js'
import { startApp } from '../helpers/app.js'
import { createDatabase, onOneEngine } from '../helpers/engines.js'
import { mug } from '../helpers/local-products.js'
import { mascara, palette } from '../helpers/products.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const YEARS = 50 * 365 * DAY
const NOW = Date.UTC(2026, 5, 1)
const iso = (time: number) => new Date(time).toISOString()

/** A retention with adjustable clocks. Collects its log lines. */
class Machine {
  readonly warnings: string[] = []
  readonly errors: string[] = []
  readonly retention: Retention
  #monotonic = 0

  /** @param wall Time in milliseconds since 1970. @param days Retention in days. */
  constructor(
    database: Database,
    public wall: number,
    days = 90
  ) {
    const log = {
      info: () => {},
      warn: (_values: object, message: string) => this.warnings.push(message),
      error: ({ message }: Error) => this.errors.push(message)
    } as unknown as FastifyBaseLogger
    this.retention = new Retention(
      new ChangeStore(database),
      new ExpiryStore(database),
      days,
      log,
      () => this.wall,
      () => this.#monotonic
    )
  }

  /** Moves both clocks forward and runs the retention. */
  async run(hours = 1): Promise<void> {
    this.wall += hours * HOUR
    this.#monotonic += hours * HOUR
    await this.retention.run()
  }
}

async function prepare(t: Test): Promise<Database> {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  await migrate(database)
  return database
}

/** Writes changes with these ages in days before `NOW`. */
async function write(database: Database, days: readonly number[]): Promise<void> {
  const rows = days.map((day, i) => ({
    revision: i + 1,
    source: 2,
    product_id: 1,
    kind: 'updated' as const,
    is_public: 1,
    fields: '[]',
    origin: 'source' as const,
    at: iso(NOW - day * DAY)
  }))
  for (let i = 0; i < rows.length; i += 500)
    await database.write
      .insertInto('change')
      .values(rows.slice(i, i + 500))
      .execute()
  await database.write.updateTable('catalog').set({ revision: rows.length }).execute()
}
const kept = async (database: Database) =>
  (await database.read.selectFrom('change').select('revision').orderBy('revision').execute()).map((row) => row.revision)
const seenAt = (database: Database) => new ExpiryStore(database).seenAt()

onOneEngine('a clock that jumps forward in a running process removes nothing until it is corrected', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const signedOut = await app.tokenOf('reader')
  await app.request('/auth', { method: 'DELETE', token: signedOut })
  const machine = new Machine(database, Date.now())
  await machine.run()
  const before = machine.wall

  machine.wall += YEARS
  await app.request('/products/1', { method: 'PATCH', json: { price: 1 }, headers: { 'if-match': '*' } })
  await database.write
    .updateTable('change')
    .set({ at: iso(machine.wall) })
    .where('revision', '=', 3)
    .execute()
  for (let hour = 0; hour < 24; hour++) await machine.run()
  t.strictSame(await kept(database), [1, 2, 3])
  t.equal(await seenAt(database), iso(before))
  t.equal(machine.warnings.length, 1)
  const [warning = ''] = machine.warnings
  for (const text of [iso(before), iso(before + YEARS + HOUR), 'correct it', '24 hours']) t.match(warning, text)

  machine.wall -= YEARS
  await machine.run()
  t.equal(await seenAt(database), iso(machine.wall))
  t.strictSame(await kept(database), [1, 2, 3])
  t.equal((await app.request('/products', { token: signedOut })).status, 401)
  t.match((await app.request('/changes?after=0')).body, { changes: { length: 3 }, revision: 3 })
  await machine.run(100 * 24)
  t.strictSame(await kept(database), [3], 'the change with the wrong time does not keep earlier ones')
  t.strictSame(machine.errors, [])
})

onOneEngine('a clock that jumped while the service was stopped removes nothing', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const signedOut = await app.tokenOf('reader')
  await app.request('/auth', { method: 'DELETE', token: signedOut })
  const time = Date.now()
  await new Machine(database, time).run()

  const jumped = new Machine(database, time + YEARS)
  await jumped.run()
  await database.write
    .updateTable('change')
    .set({ at: iso(jumped.wall) })
    .where('revision', '=', 2)
    .execute()
  for (let hour = 0; hour < 23; hour++) await jumped.run()
  t.equal(jumped.warnings.length, 1)
  const restarted = new Machine(database, jumped.wall)
  await restarted.run()
  t.equal(restarted.warnings.length, 1, 'each start warns again')
  t.strictSame(await kept(database), [1, 2])

  const corrected = new Machine(database, time + 2 * DAY)
  await corrected.run()
  t.strictSame(corrected.warnings, [])
  t.strictSame(await kept(database), [1, 2])
  t.equal((await app.request('/products', { token: signedOut })).status, 401)
})

onOneEngine('a suspicious time is trusted after a day without contradiction', async (t) => {
  const database = await prepare(t)
  await write(database, [200, 0])
  await new Machine(database, NOW - 150 * DAY).run()
  const machine = new Machine(database, NOW)
  for (let hour = 0; hour < 24; hour++) await machine.run()
  t.strictSame(await kept(database), [1, 2])
  await machine.run()
  t.strictSame(await kept(database), [2])
  t.equal(await seenAt(database), iso(machine.wall))
  t.equal(machine.warnings.length, 1)

  machine.wall += 2 * DAY
  await machine.run()
  for (let hour = 0; hour < 20; hour++) await machine.run()
  machine.wall += 2 * DAY
  for (let hour = 0; hour < 20; hour++) await machine.run()
  t.equal(machine.warnings.length, 3, 'each jump is logged and restarts the day')
  const seen = await seenAt(database)
  for (let hour = 0; hour < 5; hour++) await machine.run()
  t.not(await seenAt(database), seen)
})

onOneEngine('another process that trusts its clock takes precedence', async (t) => {
  const database = await prepare(t)
  await write(database, [100, 0])
  const right = new Machine(database, NOW)
  await right.run()
  const wrong = new Machine(database, NOW + YEARS)
  for (let hour = 0; hour < 60; hour++) {
    await wrong.run()
    await right.run()
  }
  t.equal(await seenAt(database), iso(right.wall))
  t.equal(wrong.warnings.length, 1)
  wrong.wall = right.wall
  await wrong.run()
  t.equal(await seenAt(database), iso(wrong.wall))
})

t.test('the tolerated downtime depends on the retention', async (t) => {
  for (const [days, stopped, isTrusted] of [
    [90, 6.9, true],
    [90, 7.1, false],
    [4, 1.9, true],
    [4, 2.1, false]
  ] as const) {
    const database = await prepare(t)
    await new Machine(database, NOW, days).run()
    const next = new Machine(database, NOW + stopped * DAY, days)
    await next.run()
    t.equal(next.warnings.length, isTrusted ? 0 : 1, `${days} ${stopped}`)
  }
})

t.test(
  'a new database trusts the first time that it sees, and a clock that goes backwards causes no warning',
  async (t) => {
    const database = await prepare(t)
    for (const time of [NOW, 0, DAY]) {
      const machine = new Machine(database, time)
      await machine.run()
      t.strictSame(machine.warnings, [])
      t.equal(await seenAt(database), iso(machine.wall))
    }
  }
)

onOneEngine('changes are removed by age and without gaps, even with wrong times among them', async (t) => {
  for (const [name, days, expected] of [
    ['old changes', [100, 95, 89, 1], [3, 4]],
    ['none', [89, 1], [1, 2]],
    ['relative to the newest', [300, 250, 180, 170], [2, 3, 4]],
    ['all of the same time', [400, 400], [1, 2]],
    ['a future time between old ones', [100, -300, 99, 1], [4]],
    ['a future time between recent ones', [100, 50, -300, 1], [2, 3, 4]],
    ['a future time as the first', [-300, 50, 1], [1, 2, 3]],
    ['a future time as the newest', [100, 50, -300], [2, 3]],
    ['an ancient time between recent ones', [50, 9000, 1], [1, 2, 3]],
    ['an ancient time as the newest', [50, 40, 9000], [1, 2, 3]]
  ] as [string, number[], number[]][]) {
    const database = await prepare(t)
    await write(database, days)
    await new Machine(database, NOW, 90).run(0)
    t.strictSame(await kept(database), expected, name)
  }
  const database = await prepare(t)
  await write(database, [...Array(2500).fill(-300), ...Array(1200).fill(100), 1])
  await new Machine(database, NOW, 90).run(0)
  t.strictSame(await kept(database), [3701], 'more than one batch')
  await new ChangeStore(database).prune('9', '9')
  await new Machine(database, NOW, 90).run(0)
  t.strictSame(await kept(database), [], 'no changes')
})

onOneEngine('expired tokens, idempotency keys and failures are removed after their grace periods', async (t) => {
  const database = await prepare(t)
  const { write } = database
  for (const hours of [-1, 24 * 6.9, 24 * 7.1]) {
    const id = String(hours)
    await write
      .insertInto('revoked_token')
      .values({ id, expires_at: iso(NOW - hours * HOUR) })
      .execute()
    const at = iso(NOW - DAY - hours * HOUR)
    const response = { request_hash: '', product_id: 1, revision: 1, product_json: '{}' }
    await write
      .insertInto('idempotency_key')
      .values({ account: 'ada', key: id, at, ...response })
      .execute()
    const expires_at = iso(NOW - hours * HOUR)
    await write
      .insertInto('sign_in_failure')
      .values({ client: '', username: id, failures: 1, locked_until: at, expires_at })
      .execute()
  }
  await new Machine(database, NOW).run(0)
  const ids = async (table: 'revoked_token' | 'idempotency_key' | 'sign_in_failure', column: string) =>
    (await database.read.selectFrom(table).selectAll().execute())
      .map((row) => Number((row as Record<string, unknown>)[column]))
      .sort((a, b) => a - b)
  t.strictSame(await ids('revoked_token', 'id'), [-1, 24 * 6.9])
  t.strictSame(await ids('idempotency_key', 'key'), [-1, 24 * 6.9])
  t.strictSame(await ids('sign_in_failure', 'username'), [-1])
})

onOneEngine('an expired idempotency key can be reused while it is still stored', async (t) => {
  const app = await startApp(t)
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const createProduct = (sku: string) =>
    app.request('/products', { method: 'POST', json: { ...mug, sku }, headers: { 'idempotency-key': 'key' } })
  t.equal((await createProduct('a')).status, 201)
  t.equal((await createProduct('b')).status, 422)
  await database.write
    .updateTable('idempotency_key')
    .set({ at: iso(Date.now() - DAY - 1000) })
    .execute()
  const created = await createProduct('b')
  t.equal(created.status, 201)
  t.strictSame((await createProduct('b')).body, created.body)
})

t.test('the retention runs at startup and every hour', async (t) => {
  const database = await prepare(t)
  const machine = new Machine(database, NOW)
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  machine.retention.start()
  while ((await seenAt(database)) !== iso(NOW)) await sleep(1)
  machine.wall += HOUR
  mock.timers.tick(HOUR - 1)
  t.equal(await seenAt(database), iso(NOW))
  mock.timers.tick(1)
  while ((await seenAt(database)) === iso(NOW)) await sleep(1)
  await machine.retention.stop()
  machine.wall += HOUR
  mock.timers.tick(HOUR)
  t.equal(await seenAt(database), iso(NOW + HOUR))
})

t.test('a failing run is logged', async (t) => {
  const database = openDatabase(`${await createDatabase(t)}`)
  await migrate(database)
  await database.close()
  const machine = new Machine(database, NOW)
  await machine.run()
  t.equal(machine.errors.length, 1)
})
