import { fileURLToPath } from 'node:url'
import { type Driver, Kysely, SqliteAdapter, SqliteDriver, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely'
import type Libsql from 'libsql'
import type { Database } from '../database.js'
import type { Tables } from '../tables.js'
import { connect, openFile, READ_TIMEOUT } from './connection.js'
import { sqliteFullText } from './full-text.js'
import { SqliteMarker } from './marker.js'
import { ThreadReader } from './thread-reader.js'
import { WriteDriver } from './writer.js'

/** Milliseconds after which it is asked again whether another process has written: to ask takes as long as to send an answer. */
const ASK_INTERVAL = 5

/** Returns the path that follows `file:` in a URL. @throws if it is malformed. */
export const toPath = (location: string) => (location.startsWith('//') ? fileURLToPath(`file:${location}`) : location)

/** The database in a SQLite file. */
export function openSqlite(location: string): Database {
  const path = toPath(location)
  const build = (createDriver: () => Driver) =>
    new Kysely<Tables>({
      dialect: {
        createAdapter: () => new Adapter(),
        createDriver,
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler()
      }
    })
  const read = build(() => new SqliteDriver({ database: async () => openFile(path, 'read', READ_TIMEOUT) }))
  const openThreadReader = () => build(() => new ThreadReader(path))
  const search = openThreadReader()
  const watch = new WriteCounter(path)
  const write = build(() => new WriteDriver(path, () => watch.increment()))
  return {
    read,
    search,
    write,
    engine: 'sqlite',
    fullText: sqliteFullText,
    dialect: { text: sql`text`, indexEnd: [] },
    marker: new SqliteMarker(path),
    version: () => watch.version(),
    isUnreachable: () => false,
    async openSnapshot() {
      const reader = openThreadReader()
      try {
        const db = await reader.startTransaction().execute()
        // SQLite takes the snapshot when the transaction reads for the first time.
        await db.selectFrom('catalog').select('revision').execute()
        return {
          db,
          async close() {
            // libsql closes a connection, and with it the transaction, only when it is garbage-collected.
            await db.rollback().execute()
            await reader.destroy()
          }
        }
      } catch (error) {
        await reader.destroy()
        throw error
      }
    },
    async close() {
      watch.close()
      await read.destroy()
      await search.destroy()
      await write.destroy()
    }
  }
}

/** Counts what is written: here at once, by other processes soon after. */
class WriteCounter {
  readonly #path: string
  #connection: { db: Libsql.Database; version: Libsql.Statement } | undefined
  #written = 0
  #writtenByOthers = 0
  #askedAt = 0
  #isClosed = false

  constructor(path: string) {
    this.#path = path
  }

  version(): number {
    const time = performance.now()
    if (time - this.#askedAt >= ASK_INTERVAL) {
      this.#writtenByOthers = this.#ask()
      this.#askedAt = time
    }
    // Both only grow, so that no two states have the same sum.
    return this.#written + this.#writtenByOthers
  }

  increment(): void {
    this.#written++
  }

  close(): void {
    this.#isClosed = true
    this.#connection?.db.close()
  }

  /** A connection that never writes is told another number after each commit of any other. */
  #ask(): number {
    if (this.#isClosed) throw new Error('the database is closed')
    if (!this.#connection) {
      const db = connect(this.#path, 'read', READ_TIMEOUT)
      this.#connection = { db, version: db.prepare('pragma data_version') }
    }
    // Not `all`, which takes twice as long.
    return (this.#connection.version.get() as { data_version: number }).data_version
  }
}

class Adapter extends SqliteAdapter {
  /** SQLite can; so a migration that is cut off leaves nothing behind. */
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}
