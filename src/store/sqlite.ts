import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type SqliteStatement
} from 'kysely'
import Libsql from 'libsql'
import type { Database, Tables } from './database.js'

/** Milliseconds that a reader waits where it has to, which is rare: it needs no lock that a writer holds. */
const READ_TIMEOUT = 2000
/** Milliseconds that a write waits for the write of another process to end, and how long until it asks again. */
const WRITE_DEADLINE = 5000
const WRITE_RETRY = 10

/** The database in a SQLite file. */
export function openSqlite(location: string): Database {
  const path = location.startsWith('//') ? fileURLToPath(`file:${location}`) : location
  const createKysely = (driver: typeof SqliteDriver, mode: 'read' | 'write') =>
    new Kysely<Tables>({
      dialect: {
        createAdapter: () => new Adapter(),
        createDriver: () => new driver({ database: async () => openFile(path, mode) }),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler()
      }
    })
  const read = createKysely(SqliteDriver, 'read')
  const write = createKysely(WritingDriver, 'write')
  // A connection that never writes: what it is told changes with the writes of all others.
  let watch: { db: Libsql.Database; version: Libsql.Statement } | undefined
  let isClosed = false
  return {
    read,
    write,
    version() {
      if (isClosed) throw new Error('the database is closed')
      if (!watch) {
        const db = connect(path, 'read')
        watch = { db, version: db.prepare('pragma data_version') }
      }
      // Not `all`, which takes twice as long.
      return (watch.version.get() as { data_version: number }).data_version
    },
    async close() {
      isClosed = true
      watch?.db.close()
      await read.destroy()
      await write.destroy()
    }
  }
}

class Adapter extends SqliteAdapter {
  /** SQLite can; so a migration that is cut off leaves nothing behind. */
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/**
 * Takes the write lock at the start of every transaction, and makes a transaction of every statement outside one. SQLite's
 * own waiting would hold up the event loop, so it is asked again and again instead.
 */
class WritingDriver extends SqliteDriver {
  #isInTransaction = false

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection()
    return {
      executeQuery: async <R>(query: CompiledQuery) => {
        if (this.#isInTransaction) return await connection.executeQuery<R>(query)
        await begin(connection)
        try {
          const result = await connection.executeQuery<R>(query)
          await connection.executeQuery(COMMIT)
          return result
        } catch (error) {
          await connection.executeQuery(ROLLBACK)
          throw error
        }
      },
      streamQuery: connection.streamQuery.bind(connection)
    }
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    this.#isInTransaction = true
    try {
      await begin(connection)
    } catch (error) {
      this.#isInTransaction = false
      throw error
    }
  }

  override async releaseConnection(): Promise<void> {
    this.#isInTransaction = false
    await super.releaseConnection()
  }
}

const BEGIN = CompiledQuery.raw('begin immediate')
const COMMIT = CompiledQuery.raw('commit')
const ROLLBACK = CompiledQuery.raw('rollback')

async function begin(connection: DatabaseConnection): Promise<void> {
  const deadline = Date.now() + WRITE_DEADLINE
  for (;;) {
    try {
      await connection.executeQuery(BEGIN)
      return
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY' || Date.now() > deadline) throw error
    }
    await setTimeout(WRITE_RETRY)
  }
}

function connect(path: string, mode: 'read' | 'write'): Libsql.Database {
  create(path)
  const db = new Libsql(path, { timeout: READ_TIMEOUT })
  db.exec('pragma journal_mode = wal')
  // Whatever was acknowledged survives a loss of power, not only the end of the process.
  db.exec('pragma synchronous = full')
  if (mode === 'write') db.exec('pragma busy_timeout = 0')
  return db
}

/** A connection as Kysely wants it. */
function openFile(path: string, mode: 'read' | 'write'): SqliteDatabase {
  const db = connect(path, mode)
  return {
    close: () => {
      db.close()
    },
    prepare(sql) {
      if (CONTROL.test(sql)) return control(() => db.exec(sql))
      const statement = db.prepare(sql)
      return {
        reader: statement.reader,
        all: (parameters) => statement.all(bindable(parameters)),
        run: (parameters) => statement.run(bindable(parameters)) as { changes: number; lastInsertRowid: number },
        iterate: (parameters) => statement.iterate(bindable(parameters)) as IterableIterator<unknown>
      }
    }
  }
}

/**
 * Makes the file where it is missing, for its owner only, as it holds the keys that sign tokens. SQLite gives its other
 * files the same permissions. One that exists is not touched: to open and close it would take away the locks that other
 * connections of this process hold on it, and another process could then remove the log that they are writing to.
 */
function create(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
}

const CONTROL = /^(begin|commit|rollback)/

/**
 * A statement that begins or ends a transaction. libsql leaves a prepared one open when it fails, and nothing can be
 * committed on the connection any more until it is collected as garbage; one that is executed at once it does not.
 */
const control = (execute: () => void): SqliteStatement => {
  const run = () => {
    execute()
    return { changes: 0, lastInsertRowid: 0 }
  }
  // Kysely asks for nothing else of a statement that has no rows.
  return { reader: false, run } as Partial<SqliteStatement> as SqliteStatement
}

/** libsql ends the process when it is given a boolean, so such a mistake is caught here. */
function bindable(parameters: readonly unknown[]): unknown[] {
  for (const value of parameters) {
    if (typeof value === 'boolean') throw new TypeError('SQLite has no booleans: pass 0 or 1')
  }
  return parameters as unknown[]
}
