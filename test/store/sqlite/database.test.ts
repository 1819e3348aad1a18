import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { migrate } from '../../../src/store/migrate.js'
import { openDatabase } from '../../../src/store/open-database.js'
import { createFolder } from '../../helpers/folder.js'

function open(t: Test, url = `file:${createFolder(t)}/new/catalog.db`) {
  const database = openDatabase(url)
  t.teardown(() => database.close())
  return database
}

t.test('the first query creates the folder, which only its owner can access', async (t) => {
  const folder = `${createFolder(t)}/new`
  const database = open(t, `file:${folder}/catalog.db`)
  t.throws(() => statSync(folder))

  await migrate(database)

  t.equal(statSync(folder).mode & 0o777, 0o700)
})

t.test('a file URL works like a path', async (t) => {
  const path = `${createFolder(t)}/with space.db`
  await migrate(open(t, pathToFileURL(path).href))
  t.ok(statSync(path).isFile())
})

t.test('a failing migration is rolled back', async (t) => {
  const database = open(t)
  await sql`create table signing_key (id text)`.execute(database.write)

  await t.rejects(migrate(database), /"signing_key" already exists/)

  const { rows } = await sql<{ n: number }>`select count(*) as n from sqlite_master where name = 'product'`.execute(
    database.read
  )
  t.strictSame(rows, [{ n: 0 }])
})

t.test('writes are durable, and reads work during a transaction', async (t) => {
  const database = open(t)
  await migrate(database)
  const pragma = async (name: string) =>
    Object.values((await sql.raw(`pragma ${name}`).execute(database.write)).rows[0] as object)
  t.strictSame(await pragma('journal_mode'), ['wal'])
  t.strictSame(await pragma('synchronous'), [2])

  await database.write.transaction().execute(async (db) => {
    await db.updateTable('catalog').set({ revision: 5 }).execute()
    const { revision } = await database.read.selectFrom('catalog').select('revision').executeTakeFirstOrThrow()
    t.equal(revision, 0, 'the state before the transaction')
  })
})

t.test('a snapshot holds its transaction until it is closed, and no longer', async (t) => {
  const database = open(t)
  await migrate(database)
  const checkpoint = async () =>
    (await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(database.read)).rows[0]?.busy
  const snapshot = await database.openSnapshot()
  await database.write.updateTable('catalog').set({ revision: 1 }).execute()
  t.equal(await checkpoint(), 1, 'the log cannot be truncated')

  await snapshot.close()

  t.equal(await checkpoint(), 0)
})

t.test('an invalid parameter is an error, not a crash', async (t) => {
  const database = open(t)
  await migrate(database)

  await t.rejects(
    database.write
      .updateTable('catalog')
      .set({ revision: true as unknown as number })
      .execute(),
    /no booleans/
  )
})

t.test('the write-ahead log is emptied after a large transaction and on close', async (t) => {
  const path = `${createFolder(t)}/catalog.db`
  const database = openDatabase(`file:${path}`)
  await migrate(database)
  const size = () => statSync(`${path}-wal`).size

  await database.write.transaction().execute(async (db) => {
    for (let id = 1; id <= 20; id++) {
      await db
        .insertInto('product_text')
        .values({ id, revision: 0, is_public: 1, summary_json: '', product_json: 'x'.repeat(1_000_000) })
        .execute()
    }
  })
  t.equal(size(), 0)

  await database.write.updateTable('catalog').set({ revision: 1 }).execute()
  t.ok(size() > 0)
  await database.close()
  t.equal(size(), 0)
})

t.test('the read connection rejects writes', async (t) => {
  const database = open(t)
  await migrate(database)
  await t.rejects(database.read.updateTable('catalog').set({ revision: 1 }).execute(), /readonly/)
})

t.test('reads create the file too, and their invalid parameters are errors', async (t) => {
  const database = open(t)
  await t.rejects(sql`select * from catalog where id = ${true}`.execute(database.read), /no such table/)
  await migrate(database)
  await t.rejects(sql`select * from catalog where id = ${true}`.execute(database.read), /no booleans/)
})

t.test('rows can be streamed from the read connection only', async (t) => {
  const database = open(t)
  await migrate(database)
  const seen: number[] = []
  for await (const { revision } of database.read.selectFrom('catalog').selectAll().stream()) seen.push(revision)
  t.strictSame(seen, [0])
  await t.rejects(async () => {
    for await (const row of database.write.selectFrom('catalog').selectAll().stream()) t.fail(JSON.stringify(row))
  }, /not supported on the connection that writes/)
})

t.test('the connection of the worker thread reads, but neither writes nor streams', async (t) => {
  const database = open(t)
  await migrate(database)
  const { search } = database
  const read = search.selectFrom('catalog').select('revision')
  t.strictSame(await search.transaction().execute((db) => db.selectFrom('catalog').select('revision').execute()), [
    { revision: 0 }
  ])
  await t.rejects(search.updateTable('catalog').set({ revision: 1 }).execute(), /readonly|read-only|query_only/)
  await t.rejects(async () => {
    for await (const row of read.stream()) t.fail(JSON.stringify(row))
  }, /not supported in a worker thread/)
})

t.test('closing waits for the current write', async (t) => {
  const url = `file:${createFolder(t)}/catalog.db`
  const database = openDatabase(url)
  await migrate(database)
  const writing = database.write.transaction().execute(async (db) => {
    await db.updateTable('catalog').set({ revision: 5 }).execute()
    await sleep(50)
    await db.updateTable('catalog').set({ revision: 6 }).execute()
  })
  await sleep(20)

  await database.close()

  await writing
  const { revision } = await open(t, url).read.selectFrom('catalog').select('revision').executeTakeFirstOrThrow()
  t.equal(revision, 6)
})
