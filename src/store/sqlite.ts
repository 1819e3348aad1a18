import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler
} from 'kysely'
import Libsql from 'libsql'
import type { Database, Tables } from './database.js'

/** How long a statement waits for another process that is writing, in milliseconds. The event loop stands still meanwhile. */
const BUSY_TIMEOUT = 2000

/** The database in a SQLite file. */
export function openSqlite(location: string): Database {
  const path = location.startsWith('//') ? fileURLToPath(`file:${location}`) : location
  const connect = (driver: typeof SqliteDriver) =>
    new Kysely<Tables>({
      dialect: {
        createAdapter: () => new Adapter(),
        createDriver: () => new driver({ database: async () => openFile(path) }),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler()
      }
    })
  const read = connect(SqliteDriver)
  const write = connect(WritingDriver)
  return {
    read,
    write,
    async close() {
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

class WritingDriver extends SqliteDriver {
  /** Takes the write lock at once: one taken midway fails without waiting when another process has written meanwhile. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}

function openFile(path: string): SqliteDatabase {
  // Only the owner: the file holds the keys that sign tokens.
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const db = new Libsql(path, { timeout: BUSY_TIMEOUT })
  db.exec('pragma journal_mode = wal')
  // Whatever was acknowledged survives a loss of power, not only the end of the process.
  db.exec('pragma synchronous = full')
  return {
    close: () => {
      db.close()
    },
    prepare(sql) {
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

/** libsql ends the process when it is given a boolean, so such a mistake is caught here. */
function bindable(parameters: readonly unknown[]): unknown[] {
  for (const value of parameters) {
    if (typeof value === 'boolean') throw new TypeError('SQLite has no booleans: pass 0 or 1')
  }
  return parameters as unknown[]
}
