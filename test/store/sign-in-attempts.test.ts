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
const here = 'address:198.51.100.1'
const there = 'address:198.51.100.2'

async function open(t: Test) {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  await migrate(database)
  return {
    database,
    store: new AccountStore(database),
    /** The counts of failures, each as `username client failures`. */
    async failures() {
      const rows = await database.read.selectFrom('sign_in_failure').selectAll().where('failures', '>', 0).execute()
      return rows.map(({ username, client, failures }) => `${username} ${client} ${failures}`).sort()
    },
    /** Moves a time of every count into the past. */
    async shift(column: 'locked_until' | 'expires_at') {
      const past = new Date(Date.now() - 1).toISOString()
      await database.write
        .updateTable('sign_in_failure')
        .set({ [column]: past })
        .execute()
    }
  }
}

onEachEngine('each failure after a lock makes the next lock longer, up to a quarter of an hour', async (t) => {
  const { store, shift } = await open(t)
  const attempt = async () => (await store.countAttempt('ada', here)).lockedMs
  const locks: number[] = []
  for (let i = 0; i < 4; i++) t.equal(await attempt(), 0)

  for (let i = 0; i < 7; i++) {
    t.equal(await attempt(), 0)
    locks.push(Math.ceil((await attempt()) / 1000))
    await shift('locked_until')
  }

  t.strictSame(locks, [30, 60, 120, 240, 480, 900, 900])
})

onEachEngine('a client has its own failures, and all unknown clients of a name have one count more', async (t) => {
  const { store, failures } = await open(t)
  for (let i = 0; i < 5; i++) await store.countAttempt('ada', here)

  t.ok((await store.countAttempt('ada', here)).lockedMs > 0)
  t.equal((await store.countAttempt('ada', there)).lockedMs, 0)
  t.equal((await store.countAttempt('ada', 'device:a')).lockedMs, 0)
  t.equal((await store.countAttempt('bob', here)).lockedMs, 0)
  t.strictSame(await failures(), [
    'ada  6',
    `ada ${here} 5`,
    `ada ${there} 1`,
    'ada device:a 1',
    'bob  1',
    `bob ${here} 1`
  ])
})

onEachEngine('a hundred failures of unknown clients in a day lock a name for them, and for no others', async (t) => {
  const { store, failures, shift } = await open(t)
  const attempt = async (client: Client) => (await store.countAttempt('ada', client)).lockedMs
  await store.recordSuccess(await store.countAttempt('ada', here), here)
  for (let i = 0; i < 100; i++) t.equal(await attempt(`address:192.0.2.${i}`), 0)

  t.equal(Math.ceil((await attempt(there)) / 1000), 30, 'an address that is not known')
  t.notOk((await failures()).includes(`ada ${there} 1`), 'which counts nothing while it is refused')
  t.equal(await attempt(here), 0, 'an address that signed in before')
  t.equal(await attempt('device:a'), 0)
  t.equal((await store.countAttempt('bob', there)).lockedMs, 0)
  t.ok((await failures()).includes('ada  100'), 'whose failures do not add to the count')

  await shift('locked_until')
  t.equal(await attempt(there), 0)
  t.equal(Math.ceil((await attempt('address:203.0.113.1')) / 1000), 60)

  await shift('expires_at')
  t.equal(await attempt(there), 0, 'the day is over')
  t.ok((await failures()).includes('ada  1'))
})

onEachEngine('the day of the count over all unknown clients begins with its first failure', async (t) => {
  const { database, store } = await open(t)
  const end = async () =>
    await database.read.selectFrom('sign_in_failure').select('expires_at').where('client', '=', '').executeTakeFirst()
  await store.countAttempt('ada', here)
  const first = await end()
  while (Date.now() <= Date.parse(first?.expires_at ?? '') - 86_400_000) await setImmediate()

  await store.countAttempt('ada', here)

  t.ok(first)
  t.strictSame(await end(), first)
})

onEachEngine(
  'an unknown client that signs in takes back its own failure, and ends the lock that it has begun',
  async (t) => {
    const { store, failures } = await open(t)
    for (let i = 0; i < 99; i++) await store.countAttempt('ada', `address:192.0.2.${i}`)

    await store.recordSuccess(await store.countAttempt('ada', here), here)

    t.ok((await failures()).includes('ada  99'))
    t.equal((await store.countAttempt('ada', there)).lockedMs, 0)
  }
)

onEachEngine('failures of a client are forgotten after a success, and after a day', async (t) => {
  const { store, failures, shift } = await open(t)
  let attempt = await store.countAttempt('ada', 'device:a')
  for (const client of ['device:a', 'device:b'] as const) attempt = await store.countAttempt('ada', client)
  t.strictSame(await failures(), ['ada device:a 2', 'ada device:b 1'])

  await store.recordSuccess(attempt, here)
  t.strictSame(await failures(), ['ada device:a 2'])

  await shift('expires_at')
  await store.countAttempt('ada', 'device:a')
  t.strictSame(await failures(), ['ada device:a 1'])
})

onEachEngine('an address is known for 90 days after it signed in, and is written once a day at most', async (t) => {
  const { database, store } = await open(t)
  const isKnown = async () => !(await store.countAttempt('ada', here)).isUnknown
  const signIn = async () => await store.recordSuccess(await store.countAttempt('ada', here), here)
  const seen = async (change?: number) => {
    if (change !== undefined) {
      const signed_in_at = new Date(Date.now() - change).toISOString()
      await database.write.updateTable('known_address').set({ signed_in_at }).execute()
    }
    return (await database.read.selectFrom('known_address').select('signed_in_at').executeTakeFirst())?.signed_in_at
  }

  t.notOk(await isKnown())
  await signIn()
  t.ok(await isKnown())

  const recently = await seen(23 * HOUR)
  await signIn()
  t.equal(await seen(), recently, 'it is left as it is')
  const before = (await seen(25 * HOUR)) as string
  await signIn()
  t.ok(((await seen()) as string) > before)

  await seen(90 * 24 * HOUR - 60_000)
  t.ok(await isKnown())
  await seen(90 * 24 * HOUR)
  t.notOk(await isKnown())
})

onEachEngine('of each name the hundred newest addresses are known', async (t) => {
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

  await store.recordSuccess(await store.countAttempt('ada', here), here)

  const left = await database.read.selectFrom('known_address').selectAll().execute()
  t.equal(left.filter(({ username }) => username === 'ada').length, 100)
  t.notOk(left.some(({ username, address }) => username === 'ada' && address === 'address:192.0.2.99'))
  t.ok(left.some(({ address }) => address === here))
  t.ok(left.some(({ username }) => username === 'bob'))
})

onEachEngine('a changed password, and a removed account, forget failures and known addresses', async (t) => {
  for (const change of ['setPassword', 'remove'] as const) {
    const { database, store, failures } = await open(t)
    for (const name of ['ada', 'bob']) {
      await store.add(name, 'reader', 'hash')
      await store.recordSuccess(await store.countAttempt(name, here), here)
      for (const client of [here, there, 'device:a'] as const) await store.countAttempt(name, client)
    }

    await store[change]('ada', 'new')

    t.strictSame(await failures(), ['bob  1', `bob ${here} 1`, `bob ${there} 1`, 'bob device:a 1'], change)
    const known = await database.read.selectFrom('known_address').select('username').execute()
    t.strictSame(known, [{ username: 'bob' }], change)
  }
})

onEachEngine('attempts, successes and changed passwords of one name at once wait for each other', async (t) => {
  const { store } = await open(t)
  await store.add('ada', 'reader', 'hash')
  const turn = async (i: number) => {
    const client: Client = `address:192.0.2.${i % 3}`
    const attempt = { username: 'ada', client, isUnknown: true, lockedMs: 0 }
    if (i % 4 === 0) await store.setPassword('ada', `hash ${i}`)
    else if (i % 4 === 1) await store.recordSuccess(attempt, `address:203.0.113.${i % 3}`)
    else await store.countAttempt('ada', client)
  }

  await t.resolves(Promise.all(Array.from({ length: 200 }, (_, i) => turn(i))))
})

onEachEngine('failures that an earlier release has counted are dropped', async (t) => {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  const provider = { getMigrations: async () => migrations(database) }
  await new Migrator({ db: database.write, provider }).migrateTo('0005-retired-keys')
  const later = '9999-12-31T00:00:00.000Z'
  await sql`insert into sign_in_failure values ('ada', 7, ${later}, ${later})`.execute(database.write)

  await migrate(database)

  t.equal((await new AccountStore(database).countAttempt('ada', here)).lockedMs, 0)
})
