import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import pg from 'pg'
import t, { type Test } from 'tap'
import { generateKey } from '../../src/auth/signing-keys.js'
import type { Database } from '../../src/store/database.js'
import { InstanceStore } from '../../src/store/instance.js'
import { migrate } from '../../src/store/migrate.js'
import { openDatabase } from '../../src/store/open-database.js'
import { raiseMarker, SqliteMarker } from '../../src/store/sqlite/marker.js'
import { TokenStore } from '../../src/store/tokens.js'
import { administer, backUp, createDatabase, onEachEngine, restore } from '../helpers/engines.js'
import { createFolder } from '../helpers/folder.js'
import { command, TestProcess } from '../helpers/process.js'

async function open(t: Test, url: string): Promise<Database> {
  const database = openDatabase(url)
  t.teardown(() => database.close().catch(() => {}))
  await migrate(database)
  return database
}
const detectRestore = (database: Database) => new InstanceStore(database).detectRestore(generateKey)
const read = (database: Database) =>
  database.read
    .selectFrom(['catalog', 'instance', 'auth_state'])
    .select(['epoch', 'cursor_key', 'catalog.revision', 'auth_state.revision as authRevision', 'identity', 'seen_at'])
    .executeTakeFirstOrThrow()
const setRevision = (database: Database, revision: number) =>
  database.write.updateTable('catalog').set({ revision }).execute()
/** Opens and migrates the database, runs `work` with it and closes it. */
async function withDatabase<T>(t: Test, url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await open(t, url)
  const result = await work(database)
  await database.close()
  return result
}
const restoredAt = (t: Test, url: string) => withDatabase(t, url, detectRestore)

onEachEngine('the first start marks a database without renewing it, and later starts recognize it', async (t) => {
  const url = await createDatabase(t)
  const before = await withDatabase(t, url, read)
  t.equal(before.identity, null)
  for (let start = 0; start < 3; start++) t.equal(await restoredAt(t, url), undefined)
  const after = await withDatabase(t, url, read)
  t.type(after.identity, 'string')
  t.match(after, { epoch: before.epoch, cursor_key: before.cursor_key })
})

onEachEngine('one of several concurrent starts detects a restored database, once', async (t) => {
  const url = await createDatabase(t)
  await withDatabase(t, url, async (database) => {
    await detectRestore(database)
    await new TokenStore(database).ensureKeys(generateKey)
    await database.write.updateTable('instance').set({ seen_at: '2020-01-01T00:00:00.000Z' }).execute()
  })
  const before = await withDatabase(t, url, read)
  const backup = await backUp(t, url)
  await withDatabase(t, url, (database) => setRevision(database, 5))
  await restore(backup, url)

  const databases = await Promise.all(Array.from({ length: 4 }, () => open(t, url)))
  const epochs = await Promise.all(databases.map(detectRestore))

  const [database] = databases as [Database, ...Database[]]
  const after = await read(database)
  t.strictSame(epochs.filter(Boolean), [after.epoch])
  t.match(after.epoch, /^[\w-]{8}$/)
  for (const name of ['epoch', 'cursor_key', 'identity', 'authRevision'] as const)
    t.not(after[name], before[name], name)
  t.equal(after.seen_at, null)
  t.equal((await new TokenStore(database).keys()).length, 1)
  t.equal(await detectRestore(database), undefined)
  for (const database of databases) await database.close()

  await restore(backup, url)
  t.type(await restoredAt(t, url), 'string', 'the same backup again')
})

onEachEngine('a backup opened at another path counts as a restore, and the original is not affected', async (t) => {
  const url = await createDatabase(t)
  await restoredAt(t, url)
  const backup = await backUp(t, url)
  t.type(await restoredAt(t, backup), 'string')
  t.equal(await restoredAt(t, backup), undefined)
  t.equal(await restoredAt(t, url), undefined)
})

onEachEngine('each call of `renew` creates a new epoch and key', async (t) => {
  const database = await open(t, await createDatabase(t))
  const epochs = new Set([(await read(database)).epoch])
  const keys = new Set<string>()
  for (let i = 0; i < 3; i++) {
    epochs.add(await new InstanceStore(database).renew(generateKey()))
    const [key, ...others] = await new TokenStore(database).keys()
    t.strictSame(others, [])
    keys.add(String(key?.id))
    t.equal(await detectRestore(database), undefined)
  }
  t.equal(epochs.size, 4)
  t.equal(keys.size, 3)
})

t.test('a restored `vacuum into` backup of a running service is detected', async (t) => {
  const folder = createFolder(t)
  const database = await open(t, `file:${folder}/catalog.db`)
  await detectRestore(database)
  const script = `new (require('libsql'))('${folder}/catalog.db').exec("vacuum into '${folder}/backup.db'")`
  t.match(await new TestProcess(t, [process.execPath, '-e', script], {}).finished, { code: 0, stderr: '' })
  await setRevision(database, 1)
  await database.close()
  await restore(`file:${folder}/backup.db`, `file:${folder}/catalog.db`)
  const env = { DATABASE_URL: `file:${folder}/catalog.db` }
  const { code, stderr } = await new TestProcess(t, command('src/cli/catalog.js', 'keys', 'list'), env).finished
  t.equal(code, 0)
  t.match(stderr, /was restored from a backup/)
})

t.test('a restore is detected by the revision of the catalog or of the tokens alone', async (t) => {
  for (const table of ['catalog', 'auth_state'] as const) {
    const url = await createDatabase(t)
    await restoredAt(t, url)
    const backup = await backUp(t, url)
    await withDatabase(t, url, (database) => database.write.updateTable(table).set({ revision: 7 }).execute())
    await restore(backup, url)
    t.type(await restoredAt(t, url), 'string', table)
  }
})

t.test('only the owner can read the marker of a file, and it follows the commits', async (t) => {
  const url = await createDatabase(t)
  const path = `${url.slice('file:'.length)}-instance`
  const database = await open(t, url)
  t.throws(() => statSync(path), 'no marker before the first start')
  await detectRestore(database)
  t.equal(statSync(path).mode & 0o777, 0o600)
  const { identity } = await read(database)
  const expectMarker = (revision: number, authRevision: number) =>
    t.equal(
      readFileSync(path, 'utf8'),
      `${identity} ${String(revision).padStart(10)} ${String(authRevision).padStart(10)}\n`
    )
  expectMarker(0, 0)
  await setRevision(database, 12)
  expectMarker(12, 0)
  await database.write.transaction().execute((db) => db.updateTable('auth_state').set({ revision: 3 }).execute())
  expectMarker(12, 3)
  const rolledBack = database.write.transaction().execute(async (db) => {
    await db.updateTable('catalog').set({ revision: 99 }).execute()
    throw new Error('no')
  })
  await t.rejects(rolledBack, /no/)
  expectMarker(12, 3)
})

t.test('a file has the same marker through every link', async (t) => {
  const url = await createDatabase(t)
  const folder = createFolder(t)
  await restoredAt(t, url)
  symlinkSync(url.slice('file:'.length), `${folder}/link.db`)
  t.equal(await restoredAt(t, `file:${folder}/link.db`), undefined)
  await withDatabase(t, `file:${folder}/link.db`, (database) => setRevision(database, 5))
  t.match(readFileSync(`${url.slice('file:'.length)}-instance`, 'utf8'), /^[\w-]{16} {10}5 /)
  t.equal(await restoredAt(t, url), undefined)
})

t.test('an unwritable marker fails no write', async (t) => {
  const url = await createDatabase(t)
  const path = `${url.slice('file:'.length)}-instance`
  const database = await open(t, url)
  await detectRestore(database)
  rmSync(path)
  mkdirSync(path)
  await setRevision(database, 1)
  t.equal((await read(database)).revision, 1)
  await t.rejects(detectRestore(database), { code: 'EISDIR' } as unknown as Error, 'an unreadable marker fails a start')
})

t.test('a missing or damaged marker counts as a restore', async (t) => {
  const url = await createDatabase(t)
  const path = `${url.slice('file:'.length)}-instance`
  const damages = [() => rmSync(path), () => writeFileSync(path, ''), () => writeFileSync(path, '\0'.repeat(39))]
  await restoredAt(t, url)
  for (const damage of damages) {
    damage()
    t.type(await restoredAt(t, url), 'string')
    t.equal(await restoredAt(t, url), undefined)
  }
})

t.test('a first start that was killed before it stored the identity is not a restore', async (t) => {
  const url = await createDatabase(t)
  await withDatabase(t, url, (database) => setRevision(database, 4))
  await new SqliteMarker(url.slice('file:'.length)).mark()
  t.equal(await restoredAt(t, url), undefined)
})

t.test('a new file beside the marker of a deleted one counts as a restore', async (t) => {
  const url = await createDatabase(t)
  await withDatabase(t, url, async (database) => {
    await detectRestore(database)
    await setRevision(database, 1)
  })
  rmSync(url.slice('file:'.length))
  t.type(await restoredAt(t, url), 'string')
})

t.test('concurrent processes leave the newest revisions in the marker', async (t) => {
  const path = `${createFolder(t)}/catalog.db`
  const version = (revision: number, authRevision: number) => ({ revision, authRevision })
  t.equal(
    raiseMarker(path, () => version(1, 1)),
    undefined,
    'an unmarked database'
  )
  writeFileSync(path, '')
  await new SqliteMarker(path).mark()
  const marked = () => readFileSync(`${path}-instance`, 'utf8').trimEnd().split(/ +/).slice(1).map(Number)

  // Other processes commit while the marker is written.
  const commits = [version(1, 1), version(5, 1), version(5, 2)]
  t.strictSame(
    raiseMarker(path, () => commits.shift() ?? version(5, 2)),
    version(5, 2)
  )
  t.strictSame(marked(), [5, 2])
  raiseMarker(path, () => version(3, 9))
  t.strictSame(marked(), [5, 9], 'no revision decreases')
})

onEachEngine('the service works with a role that may not read the cluster identifier', async (t, engine) => {
  if (engine === 'SQLite') return
  const url = await createDatabase(t)
  const name = new URL(url).pathname.slice(1)
  await administer(url, `create role ${name} login password 'password'`)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('revoke execute on function pg_control_system() from public')
  await client.query(`grant all on schema public to ${name}`)
  await client.end()
  const roleUrl = url.replace('postgres:password', `${name}:password`)
  t.equal(await restoredAt(t, roleUrl), undefined)
  t.match((await withDatabase(t, roleUrl, read)).identity, /^-:\d+:\d+$/)
  t.equal(await restoredAt(t, roleUrl), undefined)
  await restore(await backUp(t, url), url)
  t.type(await restoredAt(t, roleUrl), 'string')
})
