import { setTimeout as sleep } from 'node:timers/promises'
import { Migrator, sql } from 'kysely'
import type { Test } from 'tap'
import { toSummary } from '../../src/products/overlay.js'
import { RENDERING } from '../../src/products/rendering.js'
import { type Database, openDatabase } from '../../src/store/database.js'
import { IndexStore } from '../../src/store/index-store.js'
import { migrate, migrations } from '../../src/store/migrations.js'
import { ProductStore } from '../../src/store/products.js'
import { rebuildStoredForms } from '../../src/store/rebuild.js'
import { mapProduct } from '../../src/sync/sources/dummyjson-mapping.js'
import { startApp } from '../helpers/app.js'
import { createDatabase, onEachEngine } from '../helpers/engines.js'
import { mascara, palette } from '../helpers/products.js'

function open(t: Test, url: string): Database {
  const database = openDatabase(url)
  t.teardown(() => database.close())
  return database
}

onEachEngine('processes that start concurrently migrate a new database together', async (t) => {
  const url = await createDatabase(t)
  const databases = Array.from({ length: 4 }, () => open(t, url))

  await Promise.all(databases.map(migrate))

  for (const database of databases) {
    t.match(await database.read.selectFrom('catalog').selectAll().execute(), [{ revision: 0, cursor_key: /^.{43}$/ }])
  }
})

onEachEngine('a database of the first release is migrated, and search and filters find its products', async (t) => {
  const url = await createDatabase(t)
  const database = open(t, url)
  const provider = { getMigrations: async () => migrations(database) }
  const { error } = await new Migrator({ db: database.write, provider }).migrateTo('0001-first')
  t.equal(error, undefined)
  for (const [i, product] of [mascara, palette].entries()) {
    const mapped = mapProduct(product)
    if ('refused' in mapped) throw new Error(mapped.refused)
    const { fields, hash } = mapped.row
    const { id, sku, title, category, brand = null, rating, stock, availability, createdAt } = fields
    await sql`insert into product values (${id}, ${sku}, ${title}, ${category}, ${brand}, 999, 10.5, ${rating}, ${stock},
      ${availability}, ${createdAt}, ${JSON.stringify(toSummary(fields))}, ${JSON.stringify(fields)}, ${hash}, ${i + 1})`.execute(
      database.write
    )
  }
  await database.write.updateTable('catalog').set({ revision: 2 }).execute()
  await database.write.updateTable('source_state').set({ last_success: new Date().toISOString() }).execute()

  const { error: laterError } = await new Migrator({ db: database.write, provider }).migrateToLatest()
  t.equal(laterError, undefined)
  const several = Array.from({ length: 3 }, () => open(t, url))
  await Promise.all(several.map(rebuildStoredForms))
  const app = await startApp(t, { products: [mascara, palette], config: { databaseUrl: url } })

  const { body } = await app.request('/products?q=mascarra&tag=beauty&maxPrice=9.99&sort=title')
  t.match(body, { total: 1, products: [{ title: 'Mascara' }] })
  const after = await database.read.selectFrom('catalog').selectAll().executeTakeFirstOrThrow()
  t.match(after, { revision: 2, rendering: RENDERING }, 'the revision stays')
})

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

onEachEngine('products that another process has already written are not written again', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const store = new ProductStore(open(t, app.config.databaseUrl))
  const mapped = [mascara, palette].map(mapProduct).flatMap((one) => ('row' in one ? [one.row] : []))

  const difference = await store.replaceSourceProducts(2, [mapped], [], 'source', async () => true)

  t.match(difference, { created: 0, updated: 0, deleted: 0, revision: 2 })
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
