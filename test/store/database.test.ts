import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Database } from '../../src/store/database.js'
import { IndexStore } from '../../src/store/index-store.js'
import { migrate } from '../../src/store/migrate.js'
import { openDatabase } from '../../src/store/open-database.js'
import { createDatabase, onEachEngine } from '../helpers/engines.js'

function open(t: Test, url: string): Database {
  const database = openDatabase(url)
  t.teardown(() => database.close())
  return database
}

onEachEngine('a write changes the version at once in its process and soon in others', async (t) => {
  const url = await createDatabase(t)
  const [here, there] = [open(t, url), open(t, url)]
  await migrate(here)
  for (const database of [here, there]) await untilListening(database)
  const before = [here.version(), there.version()]

  await here.write.updateTable('catalog').set({ revision: 7 }).execute()

  t.not(here.version(), before[0])
  while (there.version() === before[1]) await sleep(1)
  t.equal((await there.read.selectFrom('catalog').select('revision').executeTakeFirstOrThrow()).revision, 7)
})

onEachEngine('a closed database rejects calls', async (t) => {
  const database = openDatabase(await createDatabase(t))
  await migrate(database)
  await database.read.selectFrom('catalog').selectAll().execute()
  await database.close()
  // Longer than the version is cached.
  await sleep(10)

  t.throws(() => database.version(), /closed|not connected/)
  await t.rejects(new IndexStore(database).version(), /destroyed|closed|end/)
})

/** Waits until the database listens for changes, which PostgreSQL does a moment after the first call. */
async function untilListening(database: Database): Promise<void> {
  for (;;) {
    try {
      database.version()
      return
    } catch {
      await sleep(1)
    }
  }
}
