import { AccountStore } from '../../src/store/accounts.js'
import { migrate } from '../../src/store/migrate.js'
import { openDatabase } from '../../src/store/open-database.js'
import { createDatabase, onEachEngine } from '../helpers/engines.js'

onEachEngine('accounts are added once, listed, changed and removed', async (t) => {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  await migrate(database)
  const store = new AccountStore(database)

  t.equal(await store.add('ada', 'reader', 'hash'), true)
  t.equal(await store.add('ada', 'admin', 'other'), false, 'a taken username')
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
