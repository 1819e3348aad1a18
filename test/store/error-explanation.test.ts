/* Unusable databases: the service and the commands print one line and exit with code 1. */
import { randomBytes } from 'node:crypto'
import { chmodSync, copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { explainFailure } from '../../src/store/error-explanation.js'
import { BusyError, ConnectionError } from '../../src/store/errors.js'
import { migrate } from '../../src/store/migrate.js'
import { openDatabase } from '../../src/store/open-database.js'
import { isRoot } from '../helpers/disk.js'
import { administer, createDatabase, onEachEngine } from '../helpers/engines.js'
import { createFolder } from '../helpers/folder.js'
import { PostgresServer } from '../helpers/postgres-server.js'
import { command, TestProcess } from '../helpers/process.js'
import { isDeep, sample } from '../helpers/runs.js'

const COMMANDS = [['accounts', 'list'], ['keys', 'list'], ['sync'], ['import'], ['export'], ['restored']]
const SOURCE = { SOURCE_URL: 'http://127.0.0.1:1' }

let expected = 0

/**
 * Expects one line from a command and from the service, because both open the database in the same way. In `npm test`, only every fourth
 * call also starts the service, which takes longest.
 */
async function expectLine(t: Test, url: string, line: string | RegExp, wrap = (words: string[]) => words) {
  const env = { DATABASE_URL: url, PORT: '0', ...SOURCE }
  const keys = command('src/cli/catalog.js', 'keys', 'list')
  const programs = isDeep || expected++ % 4 === 0 ? [keys, command('src/server.js')] : [keys]
  const runs = programs.map((words) => new TestProcess(t, wrap(words), env).finished)
  for (const { code, stdout, stderr } of await Promise.all(runs)) {
    t.match({ code, stdout }, { code: 1, stdout: '' }, url)
    if (typeof line === 'string') t.equal(stderr, `${line}\n`)
    else t.match(stderr, line)
  }
}

/** Creates a database file with a command, which closes it at its end. */
async function createFile(t: Test): Promise<string> {
  const path = `${createFolder(t)}/catalog.db`
  const list = command('src/cli/catalog.js', 'keys', 'list')
  await new TestProcess(t, list, { DATABASE_URL: `file:${path}` }).finished
  return path
}

t.test('every command names a file that is not a database and leaves it unchanged', async (t) => {
  const path = `${createFolder(t)}/catalog.db`
  const text = 'this is no database, but a text that is long enough to be looked at'.repeat(20)
  writeFileSync(path, text)
  const line = `The database ${path} cannot be used: file is not a database. Set DATABASE_URL to the path of a SQLite database or of a new file.`
  await expectLine(t, `file:${path}`, line)
  const run = (words: string[]) =>
    new TestProcess(t, command('src/cli/catalog.js', ...words), { DATABASE_URL: `file:${path}`, ...SOURCE }).finished
  for (const finished of await Promise.all(sample(COMMANDS, 4).map(run))) {
    t.match(finished, { code: 1, stdout: '', stderr: `${line}\n` })
  }
  t.equal(readFileSync(path, 'utf8'), text)
  writeFileSync(path, randomBytes(40_960))
  await expectLine(t, `file:${path}`, line)
})

t.test('a path that cannot be a file is named', { skip: !isDeep }, async (t) => {
  const folder = createFolder(t)
  await expectLine(
    t,
    `file:${folder}`,
    `The database ${folder} cannot be used: it is a directory. Set DATABASE_URL to the path of a file in a folder that the service can write to.`
  )
  const socket = createServer()
  await new Promise<void>((resolve) => socket.listen(`${folder}/socket`, resolve))
  t.teardown(() => socket.close())
  await expectLine(
    t,
    `file:${folder}/socket`,
    `The database ${folder}/socket cannot be used: unable to open database file. Set DATABASE_URL to the path of a file in a folder that the service can write to.`
  )
  await expectLine(
    t,
    'file:/dev/null/catalog.db',
    /^The database \/dev\/null\/catalog\.db cannot be used: E[A-Z]+: .*\n$/
  )
  await expectLine(t, 'file:', /^Environment variables are not valid:\n {2}DATABASE_URL must be file:PATH, or .*\n$/)
})

t.test('a file without read or write permission is named', { skip: !isDeep }, async (t) => {
  const path = await createFile(t)
  const folder = path.slice(0, path.lastIndexOf('/'))
  // Root ignores permissions unless it drops its capabilities.
  const confined = (words: string[]) => (isRoot ? ['setpriv', '--bounding-set=-all', ...words] : words)
  chmodSync(path, 0o000)
  chmodSync(folder, 0o555)
  t.teardown(() => chmodSync(folder, 0o755))
  const remedy = 'The user that the service runs as needs read and write access to the file and its folder.'
  await expectLine(
    t,
    `file:${path}`,
    `The database ${path} cannot be used: EACCES: permission denied, access '${path}'. ${remedy}`,
    confined
  )
  await expectLine(
    t,
    `file:${folder}/new.db`,
    `The database ${folder}/new.db cannot be used: EACCES: permission denied, open '${folder}/new.db'. ${remedy}`,
    confined
  )
  chmodSync(path, 0o444)
  await expectLine(
    t,
    `file:${path}`,
    `The database ${path} cannot be used: attempt to write a readonly database. The user that the service runs as needs write access to it.`,
    confined
  )
})

t.test('a damaged file is named', async (t) => {
  const path = await createFile(t)
  const line = (file: string) =>
    `The database ${file} cannot be used: database disk image is malformed. The file is damaged: restore it from a backup.`
  copyFileSync(path, `${path}-cut`)
  truncateSync(`${path}-cut`, 6000)
  await expectLine(t, `file:${path}-cut`, line(`${path}-cut`))
  const bytes = readFileSync(path)
  randomBytes(bytes.length - 4096).copy(bytes, 4096)
  writeFileSync(path, bytes)
  await expectLine(t, `file:${path}`, line(path))
})

onEachEngine('a database of a newer release is rejected', async (t) => {
  const url = await createDatabase(t)
  const database = openDatabase(url)
  t.teardown(() => database.close())
  await migrate(database)
  await sql`insert into kysely_migration values ('9999-later', '2030-01-01')`.execute(database.write)
  await expectLine(
    t,
    url,
    /^The database .* cannot be used: a newer release wrote it \(migration 9999-later\)\. Run that release, or restore a backup that this release made\.\n$/
  )
})

t.test(
  'a PostgreSQL server that rejects the connection is named, without the password',
  { skip: !isDeep },
  async (t) => {
    const server = await PostgresServer.start(t)
    const url = new URL(await server.createDatabase())
    const name = url.pathname.slice(1)
    const start = (database: string) => `The database ${database} at 127.0.0.1:${server.port} cannot be used: `
    const change = (values: Partial<URL>) => String(Object.assign(new URL(url), values))
    const check = 'Check the user, the password and the database in DATABASE_URL.'

    await expectLine(
      t,
      change({ password: 'hunter2' }),
      `${start(name)}password authentication failed for user "postgres". ${check}`
    )
    await expectLine(
      t,
      change({ pathname: '/missing' }),
      `${start('missing')}database "missing" does not exist. ${check}`
    )
    await expectLine(
      t,
      change({ search: '?sslrootcert=/no/such/file' }),
      `${start(name)}ENOENT: no such file or directory, open '/no/such/file'. Check DATABASE_URL.`
    )
    await administer(String(url), "create user weak password 'hunter2'")
    await expectLine(
      t,
      change({ username: 'weak', password: 'hunter2' }),
      `${start(name)}permission denied for schema public. Its user must be allowed to create and use tables.`
    )
  }
)

t.test('an unreachable server is named, without the password', async (t) => {
  const remedy = 'Check that it can be reached and that DATABASE_URL is right, or try again later.'
  await expectLine(
    t,
    'postgres://ada:hunter2@127.0.0.1:1/catalog',
    `The database catalog at 127.0.0.1:1 cannot be used: connect ECONNREFUSED 127.0.0.1:1. ${remedy}`
  )
  await expectLine(
    t,
    'postgres://ada:hunter2@host.invalid/catalog',
    /^The database catalog at host\.invalid:5432 cannot be used: getaddrinfo [A-Z_]+ host\.invalid\. Check that.*\n$/
  )
  const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.teardown(() => other.close())
  const { port } = other.address() as { port: number }
  await expectLine(
    t,
    `postgres://ada:hunter2@127.0.0.1:${port}/catalog`,
    new RegExp(`^The database catalog at 127\\.0\\.0\\.1:${port} cannot be used: .*\\.\n$`)
  )
})

t.test('a host with several addresses is named with each of them', async (t) => {
  const refused = ['::1', '127.0.0.1'].map((address) => new Error(`connect ECONNREFUSED ${address}:1`))
  const error = Object.assign(new AggregateError(refused), { code: 'ECONNREFUSED' })
  t.equal(
    explainFailure(new ConnectionError(error), 'postgres://ada:hunter2@localhost:1/catalog'),
    'The database catalog at localhost:1 cannot be used: connect ECONNREFUSED ::1:1, connect ECONNREFUSED 127.0.0.1:1. ' +
      'Check that it can be reached and that DATABASE_URL is right, or try again later.'
  )
})

t.test('other errors are not explained as database failures', async (t) => {
  const url = 'file:catalog.db'
  const path = `${process.cwd()}/catalog.db`
  t.equal(explainFailure(new TypeError('a fault in the code'), url), undefined)
  const listening = Object.assign(new Error('getaddrinfo ENOTFOUND x'), { code: 'ENOTFOUND', syscall: 'getaddrinfo' })
  t.equal(explainFailure(listening, url), undefined)
  t.equal(
    explainFailure(new BusyError(), url),
    `The database ${path} cannot be used: timed out waiting for other writes. Another process is using it: try again later.`
  )
})
