import { sql } from 'kysely'
import t from 'tap'
import { isUnreachable, toDatabaseFailure } from '../../src/store/error-kinds.js'
import { openDatabase } from '../../src/store/open-database.js'
import { createDatabase, onEachEngine } from '../helpers/engines.js'

const failure = (query: Promise<unknown>) => query.then(() => undefined, toDatabaseFailure)

onEachEngine('rejected writes map to a failure, and other errors do not', async (t, engine) => {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  await sql`create table note (line text)`.execute(database.write)
  const note = () => sql`insert into note values (${'x'.repeat(100_000)})`.execute(database.write)
  if (engine === 'SQLite') {
    await sql`pragma max_page_count = 10`.execute(database.write)
    t.equal(await failure(note()), 'database-full')
    t.equal(await failure(sql`insert into note values ('')`.execute(database.read)), 'database-read-only')
  } else {
    const insert = database.write.connection().execute(async (db) => {
      await sql`set default_transaction_read_only = on`.execute(db)
      await sql`insert into note values ('')`.execute(db)
    })
    t.equal(await failure(insert), 'database-read-only')
  }
  t.equal(await failure(sql`select * from nothing`.execute(database.read)), undefined)
  t.equal(toDatabaseFailure(new TypeError('a fault in the code')), undefined)
  t.equal(toDatabaseFailure('nothing that was thrown as an error'), undefined)
})

t.test('a server without free space or connections is not unreachable', async (t) => {
  const [full, crowded, stopping] = ['53100', '53300', '57P01'].map((code) => Object.assign(new Error(code), { code }))
  t.strictSame([full, crowded, stopping].map(toDatabaseFailure), ['database-full', 'database-busy', 'database-busy'])
  t.strictSame([full, crowded, stopping].map(isUnreachable), [false, false, true])
})
