import { sql } from 'kysely'
import { AccountStore } from '../../src/store/accounts.js'
import { ExpiryStore } from '../../src/store/expiry.js'
import { migrate } from '../../src/store/migrate.js'
import { openDatabase } from '../../src/store/open-database.js'
import { createDatabase, onEachEngine } from '../helpers/engines.js'

const LATER = '9999-12-31T00:00:00.000Z'
const NEVER = '0000-01-01T00:00:00.000Z'

onEachEngine('expired failures of sign-ins are removed, but not while a sign-in has locked them', async (t, engine) => {
  const database = openDatabase(await createDatabase(t))
  t.teardown(() => database.close())
  await migrate(database)
  const accounts = new AccountStore(database)
  const expiry = new ExpiryStore(database)
  const usernames = async () => {
    const rows = await database.read.selectFrom('sign_in_failure').select('username').distinct().execute()
    return rows.map(({ username }) => username)
  }
  await accounts.countAttempt('ada', 'address:192.0.2.1')
  await accounts.countAttempt('bob', 'address:192.0.2.1')

  await expiry.remove({ revoked: NEVER, failures: NEVER })
  t.strictSame((await usernames()).sort(), ['ada', 'bob'], 'only expired failures are removed')

  // On SQLite, a transaction locks the whole file.
  if (engine === 'PostgreSQL') {
    await database.write.transaction().execute(async (db) => {
      await sql`select 1 from sign_in_failure where username = 'ada' for update`.execute(db)
      await expiry.remove({ revoked: NEVER, failures: LATER })
    })
    t.strictSame(await usernames(), ['ada'])
  }
  await expiry.remove({ revoked: NEVER, failures: LATER })
  t.strictSame(await usernames(), [])
})
