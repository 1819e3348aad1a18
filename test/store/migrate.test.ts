import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { Migrator, sql } from 'kysely'
import pg from 'pg'
import type { Test } from 'tap'
import { LOCAL_ID_MIN } from '../../schemas/product.js'
import { applyEdits, toSummary } from '../../src/products/overlay.js'
import { RENDERING } from '../../src/products/rendering.js'
import type { Database } from '../../src/store/database.js'
import { migrate } from '../../src/store/migrate.js'
import { migrations } from '../../src/store/migrations/list.js'
import { openDatabase } from '../../src/store/open-database.js'
import { rebuildStoredForms } from '../../src/store/rebuild.js'
import { toSourceName } from '../../src/store/sources.js'
import { startApp } from '../helpers/app.js'
import { createDatabase, onEachEngine } from '../helpers/engines.js'
import { mappedRow, mascara, palette, sourceProduct } from '../helpers/products.js'
import { TestSource } from '../helpers/source.js'

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

onEachEngine('a database of 0.2.0 keeps its products, edits, accounts and history', async (t, engine) => {
  // The fixtures were written by release 0.2.0: five products, of which the source later removed the fifth; two edited products, a hidden
  // one and a local one; and an editor.
  const products = ['SKU-1', 'SKU-2', 'SKU-3', 'SKU-4'].map((sku, i) => sourceProduct(i + 1, { sku, price: 11 + i }))
  const source = new TestSource(products)
  await source.listen()
  t.teardown(() => source.close())
  const url = await restoreRelease(t, engine)
  const database = open(t, url)
  const name = toSourceName(source.url)
  await sql`update source set name = ${name} where name like 'http:%'`.execute(database.write)
  source.answer = (_request, response) => response.writeHead(404).end()

  const app = await startApp(t, { source, config: { databaseUrl: url } })

  const read = async () => (await app.request('/products')).body.products
  const ids = [1, 3, 4, LOCAL_ID_MIN]
  t.strictSame(
    (await read()).map(({ id }: { id: number }) => id),
    ids
  )
  const edited = { title: 'Edited title', price: 7.99, stock: 99, tags: ['edited'], currency: 'USD', status: 'active' }
  t.match((await app.request('/products/1')).body, { ...edited, externalId: '1', edited: ['title', 'price', 'tags'] })
  t.match((await app.request('/products/3')).body, { stock: 0, availability: 'out-of-stock' })
  t.equal((await app.request('/products/2')).status, 404, 'hidden')
  t.match((await app.request('/products?q=handmad')).body, { total: 1 })
  const { history } = (await app.request('/products/1/history')).body
  t.match(history, [
    { by: 'sync', changes: [{ field: 'stock', before: 21, after: 99 }] },
    { by: 'account', account: 'ada', changes: [{ field: 'price', before: 8.99, after: 7.99 }] },
    { by: 'account', account: 'ada' },
    { kind: 'created' }
  ])
  const { rows } = await sql<{ word: string }>`select word from word`.execute(database.read)
  t.ok(rows.some(({ word }) => word === 'stoneware'))
  t.notOk(
    rows.some(({ word }) => word.includes('™')),
    'words by the rules of this release'
  )

  const token = (await app.signIn({ username: 'ada', password: 'the password of ada' })).body.token
  t.match(
    await app.request('/products/1', { method: 'PATCH', json: { brand: 'Ada' }, token, headers: { 'if-match': '*' } }),
    { status: 200 }
  )

  source.answer = undefined
  t.match(await app.sync(), { created: 0, deleted: 0 })
  t.strictSame(
    (await read()).map(({ id }: { id: number }) => id),
    ids
  )
  t.match((await app.request('/products/1')).body, { ...edited, stock: sourceProduct(1).stock })
  const reverted = await app.request('/products/1/edits', { method: 'DELETE', token, headers: { 'if-match': '*' } })
  t.match(reverted.body, { price: 11, edited: [] })
})

/** Creates a database as release 0.2.0 wrote it. @returns Its URL. */
async function restoreRelease(t: Test, engine: string): Promise<string> {
  const fixture = 'test/helpers/fixtures/database-0.2.0'
  const url = await createDatabase(t)
  if (engine === 'SQLite') {
    writeFileSync(url.slice('file:'.length), gunzipSync(readFileSync(`${fixture}.db.gz`)))
    return url
  }
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(readFileSync(`${fixture}.sql`, 'utf8'))
  await client.end()
  return url
}
