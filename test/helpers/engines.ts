import { AsyncLocalStorage } from 'node:async_hooks'
import { copyFileSync, rmSync } from 'node:fs'
import { sql } from 'kysely'
import pg from 'pg'
import root, { type Test } from 'tap'
import { openDatabase } from '../../src/store/open-database.js'
import { createFolder } from './folder.js'
import { PostgresServer } from './postgres-server.js'
import { isDeep } from './runs.js'

export const engines = ['SQLite', 'PostgreSQL'] as const
type Engine = (typeof engines)[number]
type Claim = (t: Test, engine: Engine) => Promise<void>

const current = new AsyncLocalStorage<Engine>()

/** Runs a test of the store, or of writes, on each engine. `createDatabase` creates databases of the current engine. */
export function onEachEngine(title: string, claim: Claim): void {
  for (const engine of engines) testOn(engine, title, claim)
}

/** Runs a test of behavior above the store on SQLite in `npm test`, and on PostgreSQL in `npm run test:deep`. */
export function onOneEngine(title: string, claim: Claim): void {
  testOn(isDeep ? 'PostgreSQL' : 'SQLite', title, claim)
}

/** Like `onEachEngine`, but only on SQLite in `npm test`, for random tests that have more runs in `npm run test:deep`. */
export function ifDeepOnEachEngine(title: string, claim: Claim): void {
  for (const engine of isDeep ? engines : (['SQLite'] as const)) testOn(engine, title, claim)
}

function testOn(engine: Engine, title: string, claim: Claim): void {
  root.test(`${title} (${engine})`, (t) => current.run(engine, () => claim(t, engine)))
}

type Fill = (url: string) => Promise<void>

/**
 * Creates a database of the current engine. Default: SQLite.
 * @param fill Fills a template once per process and engine. The new database is a copy of it; without `fill`, it is empty.
 */
export async function createDatabase(t: Test, fill?: Fill): Promise<string> {
  const engine = current.getStore() ?? 'SQLite'
  const template = fill && (await templateOf(engine, fill))
  if (engine === 'PostgreSQL') return await (await sharedServer()).createDatabase({ template })
  const path = `${createFolder(t)}/catalog.db`
  if (template !== undefined) copyFileSync(template, path)
  return `file:${path}`
}

/** Returns the file or the name of a database that `fill` has filled. */
async function templateOf(engine: Engine, fill: Fill): Promise<string> {
  const key = templates.get(fill) ?? new Map<Engine, Promise<string>>()
  templates.set(fill, key)
  const template = key.get(engine) ?? createTemplate(engine, fill)
  key.set(engine, template)
  return await template
}

async function createTemplate(engine: Engine, fill: Fill): Promise<string> {
  const url =
    engine === 'PostgreSQL' ? await (await sharedServer()).createDatabase() : `file:${createFolder(root)}/template.db`
  await fill(url)
  return engine === 'PostgreSQL' ? nameOf(url) : url.slice('file:'.length)
}

/** Starts the PostgreSQL server that all tests of this process share. */
function sharedServer(): Promise<PostgresServer> {
  server ??= PostgresServer.start(root)
  return server
}

/** Backs up the database of a stopped service. Returns the URL of the backup. */
export async function backUp(t: Test, url: string): Promise<string> {
  if (url.startsWith('file:')) {
    const backup = `${createFolder(t)}/backup.db`
    copyFileSync(url.slice('file:'.length), backup)
    return `file:${backup}`
  }
  const backup = `${url}_backup`
  await administer(url, `create database ${nameOf(backup)} template ${nameOf(url)}`)
  return backup
}

/** Replaces the database of a stopped service with a backup. */
export async function restore(backup: string, url: string): Promise<void> {
  if (url.startsWith('file:')) {
    const path = url.slice('file:'.length)
    for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
    copyFileSync(backup.slice('file:'.length), path)
    return
  }
  // Like pg_restore, a copy from a template gives the database a new OID.
  await administer(url, `drop database ${nameOf(url)} with (force)`)
  await administer(url, `create database ${nameOf(url)} template ${nameOf(backup)}`)
}

/** Runs a statement in the maintenance database of the PostgreSQL server. */
export async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url.replace(/[^/]+$/, 'postgres') })
  await client.connect()
  await client.query(statement)
  await client.end()
}

const nameOf = (url: string) => url.split('/').at(-1) as string

/** Runs the integrity check of SQLite. Does nothing on PostgreSQL. */
export async function findDamage(url: string): Promise<unknown[]> {
  if (!url.startsWith('file:')) return []
  const database = openDatabase(url)
  const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(database.read)
  await database.close()
  return rows.map((row) => row.integrity_check).filter((line) => line !== 'ok')
}

let server: Promise<PostgresServer> | undefined
const templates = new Map<Fill, Map<Engine, Promise<string>>>()
