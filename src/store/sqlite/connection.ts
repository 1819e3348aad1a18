import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import Libsql from 'libsql'
import { LRUCache } from 'lru-cache'

/** Milliseconds that a reader waits for a lock. In WAL mode readers do not wait for the writer, so this is rare. */
export const READ_TIMEOUT_MS = 2000
/** Maximum number of prepared statements per connection. The service uses fewer different statements than this. */
const STATEMENTS_MAX = 2000
/** Size of the page cache of a connection, in kilobytes. */
const CACHE_SIZE_KB = 4000

/**
 * Opens a connection to a SQLite file. Creates the file if it is missing.
 * @param timeoutMs How long a statement waits for a lock. The wait blocks the thread.
 */
export function connect(path: string, mode: 'read' | 'write', timeoutMs: number): Libsql.Database {
  ensureFile(path)
  const db = open(path, timeoutMs)
  db.exec('pragma journal_mode = wal')
  // A commit that returned must survive a power failure, not only a crash of the process.
  db.exec('pragma synchronous = full')
  db.exec(`pragma cache_size = ${-CACHE_SIZE_KB}`)
  if (mode === 'read') db.exec('pragma query_only = on')
  return db
}

/** Opens a file and throws errors that have a code and a reason. Those of libsql have neither. */
function open(path: string, timeoutMs: number): Libsql.Database {
  try {
    return new Libsql(path, { timeout: timeoutMs })
  } catch (cause) {
    accessSync(path, constants.R_OK)
    const reason = statSync(path).isDirectory() ? 'it is a directory' : 'unable to open database file'
    throw Object.assign(new Error(reason, { cause }), { code: 'SQLITE_CANTOPEN' })
  }
}

/** Opens a connection as `connect` does, and adapts it to the interface that Kysely expects. */
export function connectForKysely(path: string, mode: 'read' | 'write', timeoutMs: number): SqliteDatabase {
  const db = connect(path, mode, timeoutMs)
  const statements = new LRUCache<string, SqliteStatement>({ max: STATEMENTS_MAX })
  return {
    close: () => {
      db.close()
    },
    prepare(sql) {
      if (TRANSACTION_CONTROL.test(sql)) {
        // If the disk is full or fails, SQLite has already rolled back.
        return toControlStatement(() => (sql !== 'rollback' || db.inTransaction) && db.exec(sql))
      }
      const cached = statements.get(sql)
      if (cached) return cached
      const prepared = db.prepare(sql)
      const statement: SqliteStatement = {
        reader: prepared.reader,
        all: (parameters) => prepared.all(rejectBooleans(parameters)),
        run: (parameters) => prepared.run(rejectBooleans(parameters)) as { changes: number; lastInsertRowid: number },
        iterate: (parameters) => prepared.iterate(rejectBooleans(parameters)) as IterableIterator<unknown>
      }
      statements.set(sql, statement)
      return statement
    }
  }
}

/**
 * Creates the file if it is missing. Only its owner can access it, because it contains the keys that sign tokens. SQLite gives the files
 * beside it the same permissions. Does not open an existing file, because closing it would release the locks that other connections of this
 * process hold on it. Another process could then delete the write-ahead log that they use.
 */
function ensureFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
}

const TRANSACTION_CONTROL = /^(begin|commit|rollback)/

/**
 * Returns a statement that begins or ends a transaction, without preparing it. If a prepared statement fails, libsql does not reset
 * it, and the connection cannot commit until the statement is garbage-collected.
 */
const toControlStatement = (execute: () => unknown): SqliteStatement => {
  const run = () => {
    execute()
    return { changes: 0, lastInsertRowid: 0 }
  }
  // Kysely uses no other members of a statement without rows.
  return { reader: false, run } as Partial<SqliteStatement> as SqliteStatement
}

/** Returns the parameters. Throws a TypeError if one is a boolean, which would make libsql abort the process. */
function rejectBooleans(parameters: readonly unknown[]): unknown[] {
  for (const value of parameters) {
    if (typeof value === 'boolean') throw new TypeError('SQLite has no booleans: pass 0 or 1.')
  }
  return parameters as unknown[]
}
