import { setImmediate } from 'node:timers/promises'
import { Migrator, sql } from 'kysely'
import type { Test } from 'tap'
import { AccountStore } from '../../src/store/accounts.js'
import { migrate } from '../../src/store/migrate.js'
import { migrations } from '../../src/store/migrations/list.js'
import { openDatabase } from '../../src/store/open-database.js'
import type { Client } from '../../src/store/sign-in-attempts.js'
import { createDatabase, onEachEngine } from '../helpers/engines.js'

const HOUR = 3_600_000
const clientA = 'address:198.51.100.1'
const clientB = 'address:198.51.100.2'

async function open(t: Test) {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  await migrate(database)
  return {
    database,
    store: new AccountStore(database),
    /** Returns the failure counts as `username client failures`. */
    async failures() {
      const rows = await database.read.selectFrom('sign_in_failure').selectAll().where('failures', '>', 0).execute()
      return rows.map(({ username, client, failures }) => `${username} ${client} ${failures}`).sort()
    },
    /** Sets a time of every count to the past. */
    async shift(column: 'locked_until' | 'expires_at') {
      const past = new Date(Date.now() - 1).toISOString()
      await database.write
        .updateTable('sign_in_failure')
        .set({ [column]: past })
        .execute()
    }
  }
}

onEachEngine('each failure after a lock doubles the next lock, up to 15 minutes', async (t) => {
  const { store, shift } = await open(t)
  const attempt = async () => (await store.countAttempt('ada', clientA)).lockedMs
  const locks: number[] = []
  for (let i = 0; i < 4; i++) t.equal(await attempt(), 0)

  for (let i = 0; i < 7; i++) {
    t.equal(await attempt(), 0)
    locks.push(Math.ceil((await attempt()) / 1000))
    await shift('locked_until')
  }

  t.strictSame(locks, [30, 60, 120, 240, 480, 900, 900])
})

onEachEngine('failures are counted per client, and once more for all unknown clients of a username', async (t) => {
  const { store, failures } = await open(t)
  for (let i = 0; i < 5; i++) await store.countAttempt('ada', clientA)

  t.ok((await store.countAttempt('ada', clientA)).lockedMs > 0)
  t.equal((await store.countAttempt('ada', clientB)).lockedMs, 0)
  t.equal((await store.countAttempt('ada', 'device:a')).lockedMs, 0)
  t.equal((await store.countAttempt('bob', clientA)).lockedMs, 0)
  t.strictSame(await failures(), [
    'ada  6',
    `ada ${clientA} 5`,
    `ada ${clientB} 1`,
    'ada device:a 1',
    'bob  1',
    `bob ${clientA} 1`
  ])
})

onEachEngine('a hundred failures of unknown clients in a day lock the username for unknown clients only', async (t) => {
  const { store, failures, shift } = await open(t)
  const attempt = async (client: Client) => (await store.countAttempt('ada', client)).lockedMs
  await store.recordSuccess(await store.countAttempt('ada', clientA), clientA)
  for (let i = 0; i < 100; i++) t.equal(await attempt(`address:192.0.2.${i}`), 0)

  t.equal(Math.ceil((await attempt(clientB)) / 1000), 30, 'an unknown address')
  t.notOk((await failures()).includes(`ada ${clientB} 1`), 'a locked attempt does not count')
  t.equal(await attempt(clientA), 0, 'a known address')
  t.equal(await attempt('device:a'), 0)
  t.equal((await store.countAttempt('bob', clientB)).lockedMs, 0)
  t.ok((await failures()).includes('ada  100'), 'failures of known clients do not count')

  await shift('locked_until')
  t.equal(await attempt(clientB), 0)
  t.equal(Math.ceil((await attempt('address:203.0.113.1')) / 1000), 60)

  await shift('expires_at')
  t.equal(await attempt(clientB), 0, 'after the day')
  t.ok((await failures()).includes('ada  1'))
})

onEachEngine('the day of the count for unknown clients starts with its first failure', async (t) => {
  const { database, store } = await open(t)
  const end = async () =>
    await database.read.selectFrom('sign_in_failure').select('expires_at').where('client', '=', '').executeTakeFirst()
  await store.countAttempt('ada', clientA)
  const first = await end()
  while (Date.now() <= Date.parse(first?.expires_at ?? '') - 86_400_000) await setImmediate()

  await store.countAttempt('ada', clientA)

  t.ok(first)
  t.strictSame(await end(), first)
})

onEachEngine(
  'the successful sign-in of an unknown client undoes its own failure and the lock that it has started',
  async (t) => {
    const { store, failures } = await open(t)
    for (let i = 0; i < 99; i++) await store.countAttempt('ada', `address:192.0.2.${i}`)

    await store.recordSuccess(await store.countAttempt('ada', clientA), clientA)

    t.ok((await failures()).includes('ada  99'))
    t.equal((await store.countAttempt('ada', clientB)).lockedMs, 0)
  }
)

onEachEngine('the failures of a client expire after a success or a day', async (t) => {
  const { store, failures, shift } = await open(t)
  let attempt = await store.countAttempt('ada', 'device:a')
  for (const client of ['device:a', 'device:b'] as const) attempt = await store.countAttempt('ada', client)
  t.strictSame(await failures(), ['ada device:a 2', 'ada device:b 1'])

  await store.recordSuccess(attempt, clientA)
  t.strictSame(await failures(), ['ada device:a 2'])

  await shift('expires_at')
  await store.countAttempt('ada', 'device:a')
  t.strictSame(await failures(), ['ada device:a 1'])
})

onEachEngine('an address stays known for 90 days after a sign-in and is written at most once a day', async (t) => {
  const { database, store } = await open(t)
  const isKnown = async () => !(await store.countAttempt('ada', clientA)).isUnknown
  const signIn = async () => await store.recordSuccess(await store.countAttempt('ada', clientA), clientA)
  const signedInAt = async (change?: number) => {
    if (change !== undefined) {
      const signed_in_at = new Date(Date.now() - change).toISOString()
      await database.write.updateTable('known_address').set({ signed_in_at }).execute()
    }
    return (await database.read.selectFrom('known_address').select('signed_in_at').executeTakeFirst())?.signed_in_at
  }

  t.notOk(await isKnown())
  await signIn()
  t.ok(await isKnown())

  const recently = await signedInAt(23 * HOUR)
  await signIn()
  t.equal(await signedInAt(), recently, 'no write')
  const before = (await signedInAt(25 * HOUR)) as string
  await signIn()
  t.ok(((await signedInAt()) as string) > before)

  await signedInAt(90 * 24 * HOUR - 60_000)
  t.ok(await isKnown())
  await signedInAt(90 * 24 * HOUR)
  t.notOk(await isKnown())
})

onEachEngine('the hundred newest addresses of each username are known', async (t) => {
  const { database, store } = await open(t)
  const at = (age: number) => new Date(Date.now() - age * HOUR).toISOString()
  const rows = Array.from({ length: 100 }, (_, i) => ({
    username: 'ada',
    address: `address:192.0.2.${i}`,
    signed_in_at: at(i + 1)
  }))
  await database.write
    .insertInto('known_address')
    .values([...rows, { ...rows[99], username: 'bob' } as never])
    .execute()

  await store.recordSuccess(await store.countAttempt('ada', clientA), clientA)

  const left = await database.read.selectFrom('known_address').selectAll().execute()
  t.equal(left.filter(({ username }) => username === 'ada').length, 100)
  t.notOk(left.some(({ username, address }) => username === 'ada' && address === 'address:192.0.2.99'))
  t.ok(left.some(({ address }) => address === clientA))
  t.ok(left.some(({ username }) => username === 'bob'))
})

onEachEngine('a changed password or removed account clears failures and known addresses', async (t) => {
  for (const change of ['setPassword', 'remove'] as const) {
    const { database, store, failures } = await open(t)
    for (const name of ['ada', 'bob']) {
      await store.add(name, 'reader', 'hash')
      await store.recordSuccess(await store.countAttempt(name, clientA), clientA)
      for (const client of [clientA, clientB, 'device:a'] as const) await store.countAttempt(name, client)
    }

    await store[change]('ada', 'new')

    t.strictSame(await failures(), ['bob  1', `bob ${clientA} 1`, `bob ${clientB} 1`, 'bob device:a 1'], change)
    const known = await database.read.selectFrom('known_address').select('username').execute()
    t.strictSame(known, [{ username: 'bob' }], change)
  }
})

onEachEngine('concurrent attempts, successes and password changes of one username do not deadlock', async (t) => {
  const { store } = await open(t)
  await store.add('ada', 'reader', 'hash')
  const write = async (i: number) => {
    const client: Client = `address:192.0.2.${i % 3}`
    const attempt = { username: 'ada', client, isUnknown: true, lockedMs: 0 }
    if (i % 4 === 0) await store.setPassword('ada', `hash ${i}`)
    else if (i % 4 === 1) await store.recordSuccess(attempt, `address:203.0.113.${i % 3}`)
    else await store.countAttempt('ada', client)
  }

  await t.resolves(Promise.all(Array.from({ length: 200 }, (_, i) => write(i))))
})

onEachEngine('the migration drops failures that an earlier release counted', async (t) => {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  const provider = { getMigrations: async () => migrations(database) }
  await new Migrator({ db: database.write, provider }).migrateTo('0005-retired-keys')
  const later = '9999-12-31T00:00:00.000Z'
  await sql`insert into sign_in_failure values ('ada', 7, ${later}, ${later})`.execute(database.write)

  await migrate(database)

  t.equal((await new AccountStore(database).countAttempt('ada', clientA)).lockedMs, 0)
})
