import type { Test } from 'tap'
import { AccountStore } from '../../src/store/accounts.js'
import { openDatabase } from '../../src/store/database.js'
import { migrate } from '../../src/store/migrations.js'
import { createDatabase, onEachEngine } from '../helpers/engines.js'

async function open(t: Test) {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  await migrate(database)
  return { database, store: new AccountStore(database) }
}

onEachEngine('accounts are added once, listed, changed and removed', async (t) => {
  const { store } = await open(t)

  t.equal(await store.add('ada', 'reader', 'hash'), true)
  t.equal(await store.add('ada', 'admin', 'other'), false, 'a name is taken once')
  t.match(await store.list(), [{ username: 'ada', role: 'reader', createdAt: /^\d{4}-/ }])
  t.match(await store.credentials('ada'), { hash: 'hash', role: 'reader' })
  t.equal(await store.setPassword('ada', 'new'), true)
  t.equal((await store.credentials('ada'))?.hash, 'new')
  t.equal(await store.setRole('ada', 'editor'), true)
  t.match(await store.credentials('ada'), { hash: 'new', role: 'editor' })
  t.equal(await store.remove('ada'), true)
  t.equal(await store.remove('ada'), false)
  t.equal(await store.setPassword('ada', 'new'), false)
  t.equal(await store.setRole('ada', 'admin'), false)
  t.equal(await store.credentials('ada'), undefined)
})

onEachEngine('each failure after a lock makes the next lock longer, up to a quarter of an hour', async (t) => {
  const { database, store } = await open(t)
  const attempt = () => store.countAttempt('ada')
  const locks: number[] = []
  for (let i = 0; i < 4; i++) t.equal(await attempt(), 0)

  for (let i = 0; i < 7; i++) {
    t.equal(await attempt(), 0)
    locks.push(Math.ceil((await attempt()) / 1000))
    const past = new Date(Date.now() - 1).toISOString()
    await database.write.updateTable('sign_in_failure').set({ locked_until: past }).execute()
  }

  t.strictSame(locks, [30, 60, 120, 240, 480, 900, 900])
})

onEachEngine('failures are forgotten after a success, and after a day', async (t) => {
  const { database, store } = await open(t)
  const failures = async () =>
    await database.read.selectFrom('sign_in_failure').select(['username', 'failures']).orderBy('username').execute()
  for (const name of ['ada', 'ada', 'bob']) await store.countAttempt(name)
  t.strictSame(await failures(), [
    { username: 'ada', failures: 2 },
    { username: 'bob', failures: 1 }
  ])

  await store.forgetFailures('ada')
  t.strictSame(await failures(), [{ username: 'bob', failures: 1 }])

  const past = new Date(Date.now() - 1).toISOString()
  await database.write.updateTable('sign_in_failure').set({ expires_at: past }).execute()
  await store.countAttempt('carl')
  t.strictSame(await failures(), [{ username: 'carl', failures: 1 }])
})
