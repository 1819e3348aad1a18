import { AsyncLocalStorage } from 'node:async_hooks'
import { copyFileSync, rmSync } from 'node:fs'
import { sql } from 'kysely'
import pg from 'pg'
import root, { type Test } from 'tap'
import { openDatabase } from '../../src/store/open-database.js'
import { createFolder } from './folder.js'
import { PostgresServer } from './postgres-server.js'

export const engines = ['SQLite', 'PostgreSQL'] as const
type Engine = (typeof engines)[number]

const current = new AsyncLocalStorage<Engine>()

/** Runs a test once for each engine. `createDatabase` creates databases of the current engine. */
export function onEachEngine(title: string, claim: (t: Test, engine: Engine) => Promise<void>): void {
  for (const engine of engines) {
    root.test(`${title} (${engine})`, (t) => current.run(engine, () => claim(t, engine)))
  }
}

/** Returns the URL of a new database of the current engine. Default: SQLite. */
export async function createDatabase(t: Test): Promise<string> {
  if (current.getStore() !== 'PostgreSQL') return `file:${createFolder(t)}/catalog.db`
  server ??= PostgresServer.start(root)
  return await (await server).createDatabase()
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
export async function damage(url: string): Promise<unknown[]> {
  if (!url.startsWith('file:')) return []
  const database = openDatabase(url)
  const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(database.read)
  await database.close()
  return rows.map((row) => row.integrity_check).filter((line) => line !== 'ok')
}

/** The server for all tests of a file. */
let server: Promise<PostgresServer> | undefined
