import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import Libsql from 'libsql'
import { LRUCache } from 'lru-cache'

/** Milliseconds that a reader waits for a lock, which is rare: it needs no lock that a writer holds. */
export const READ_TIMEOUT = 2000
/** Statements that stay prepared: more than the common questions have forms. */
const STATEMENTS_KEPT = 2000
/** Kilobytes of the file that a connection keeps in memory. */
const CACHE_SIZE = 4000

/**
 * Opens one connection to a SQLite file.
 * @param timeout Milliseconds that it waits for a lock. It holds up its thread meanwhile.
 */
export function connect(path: string, mode: 'read' | 'write', timeout: number): Libsql.Database {
  create(path)
  const db = open(path, timeout)
  db.exec('pragma journal_mode = wal')
  // Whatever was acknowledged survives a loss of power, not only the end of the process.
  db.exec('pragma synchronous = full')
  db.exec(`pragma cache_size = ${-CACHE_SIZE}`)
  if (mode === 'read') db.exec('pragma query_only = on')
  return db
}

/** libsql does not say why it cannot open a file, and gives the error no code. */
function open(path: string, timeout: number): Libsql.Database {
  try {
    return new Libsql(path, { timeout })
  } catch (cause) {
    accessSync(path, constants.R_OK)
    const reason = statSync(path).isDirectory() ? 'it is a directory' : 'unable to open database file'
    throw Object.assign(new Error(reason, { cause }), { code: 'SQLITE_CANTOPEN' })
  }
}

/** One connection, as Kysely wants it. */
export function openFile(path: string, mode: 'read' | 'write', timeout: number): SqliteDatabase {
  const db = connect(path, mode, timeout)
  const statements = new LRUCache<string, SqliteStatement>({ max: STATEMENTS_KEPT })
  return {
    close: () => {
      db.close()
    },
    prepare(sql) {
      // Where the disk is full or fails it has rolled back by itself.
      if (CONTROL.test(sql)) return control(() => (sql !== 'rollback' || db.inTransaction) && db.exec(sql))
      const known = statements.get(sql)
      if (known) return known
      const prepared = db.prepare(sql)
      const statement: SqliteStatement = {
        reader: prepared.reader,
        all: (parameters) => prepared.all(bindable(parameters)),
        run: (parameters) => prepared.run(bindable(parameters)) as { changes: number; lastInsertRowid: number },
        iterate: (parameters) => prepared.iterate(bindable(parameters)) as IterableIterator<unknown>
      }
      statements.set(sql, statement)
      return statement
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
const control = (execute: () => unknown): SqliteStatement => {
  const run = () => {
    execute()
    return { changes: 0, lastInsertRowid: 0 }
  }
  // Nothing else is asked of a statement that has no rows.
  return { reader: false, run } as Partial<SqliteStatement> as SqliteStatement
}

/** libsql ends the process when it is given a boolean, so such a mistake is caught here. */
function bindable(parameters: readonly unknown[]): unknown[] {
  for (const value of parameters) {
    if (typeof value === 'boolean') throw new TypeError('SQLite has no booleans: pass 0 or 1')
  }
  return parameters as unknown[]
}
