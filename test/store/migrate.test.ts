import { Migrator, sql } from 'kysely'
import type { Test } from 'tap'
import { applyEdits, toSummary } from '../../src/products/overlay.js'
import { RENDERING } from '../../src/products/rendering.js'
import type { Database } from '../../src/store/database.js'
import { migrate } from '../../src/store/migrate.js'
import { migrations } from '../../src/store/migrations/list.js'
import { openDatabase } from '../../src/store/open-database.js'
import { rebuildStoredForms } from '../../src/store/rebuild.js'
import { startApp } from '../helpers/app.js'
import { createDatabase, onEachEngine } from '../helpers/engines.js'
import { mappedRow, mascara, palette } from '../helpers/products.js'

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
    const { fields, hash } = mappedRow(product)
    const { id, sku, title, category, brand = null, rating, stock, availability, createdAt } = fields
    await sql`insert into product values (${id}, ${sku}, ${title}, ${category}, ${brand}, 999, 10.5, ${rating}, ${stock},
      ${availability}, ${createdAt}, ${JSON.stringify(toSummary(applyEdits(fields, {})))}, ${JSON.stringify(fields)}, ${hash}, ${i + 1})`.execute(
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

onEachEngine('an upgrade replaces the words of the previous release', async (t, engine) => {
  const url = await createDatabase(t)
  const app = await startApp(t, { products: [mascara], config: { databaseUrl: url } })
  await app.app.close()
  const database = open(t, url)
  // The tables of 0.2.0, with words by its rules.
  await sql`delete from kysely_migration where name > '0011'`.execute(database.write)
  await sql`drop index product_sale_change`.execute(database.write)
  await sql`alter table product drop column sale_change`.execute(database.write)
  await sql`alter table catalog drop column currency`.execute(database.write)
  await sql`alter table product_text drop column is_public`.execute(database.write)
  await sql`alter table change drop column is_public`.execute(database.write)
  for (const table of ['category', 'category_edit']) await sql`drop table ${sql.table(table)}`.execute(database.write)
  await sql`drop table word`.execute(database.write)
  if (engine === 'SQLite') {
    await sql`create table word (id integer primary key, word text not null unique)`.execute(database.write)
  } else {
    await sql`create extension pg_trgm`.execute(database.write)
    await sql`create table word (word text collate "C" primary key)`.execute(database.write)
    await sql`create index word_trigram on word using gin (word gin_trgm_ops)`.execute(database.write)
  }
  await sql`insert into word (word) values ('nike™tm')`.execute(database.write)
  await database.write.updateTable('catalog').set({ rendering: 3 }).execute()

  await migrate(database)
  await rebuildStoredForms(database)
  const { rows } = await sql<{ word: string }>`select word from word order by word`.execute(database.read)
  const words = rows.map(({ word }) => word)
  t.ok(words.includes('mascara'))
  t.notOk(words.includes('nike™tm'))
  const again = await startApp(t, { source: app.source, config: { databaseUrl: url } })
  t.match((await again.request('/products?q=mascarra')).body, { total: 1 })
})
