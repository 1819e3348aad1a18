import { fileURLToPath } from 'node:url'
import { type Driver, Kysely, SqliteAdapter, SqliteDriver, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely'
import type Libsql from 'libsql'
import type { Database } from '../database.js'
import type { Tables } from '../tables.js'
import { connect, connectForKysely, READ_TIMEOUT_MS } from './connection.js'
import { sqliteFullText } from './full-text.js'
import { SqliteMarker } from './marker.js'
import { ThreadReader } from './thread-reader.js'
import { WriteDriver } from './writer.js'

/** Milliseconds between two reads of the data version: a read takes about as long as sending a response. */
const CHECK_INTERVAL_MS = 5

/** Returns the path that follows `file:` in a URL. @throws if it is malformed. */
export const toPath = (location: string) => (location.startsWith('//') ? fileURLToPath(`file:${location}`) : location)

/** Returns the database in a SQLite file. @param location The part of the URL after `file:`. */
export function openSqlite(location: string): Database {
  const path = toPath(location)
  const createDatabase = (createDriver: () => Driver) =>
    new Kysely<Tables>({
      dialect: {
        createAdapter: () => new Adapter(),
        createDriver,
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler()
      }
    })
  const read = createDatabase(
    () => new SqliteDriver({ database: async () => connectForKysely(path, 'read', READ_TIMEOUT_MS) })
  )
  const openThreadReader = () => createDatabase(() => new ThreadReader(path))
  const search = openThreadReader()
  const writeCounter = new WriteCounter(path)
  const write = createDatabase(() => new WriteDriver(path, () => writeCounter.increment()))
  return {
    read,
    search,
    write,
    engine: 'sqlite',
    fullText: sqliteFullText,
    dialect: { text: sql`text`, indexEnd: [] },
    marker: new SqliteMarker(path),
    version: () => writeCounter.version(),
    isUnreachable: () => false,
    async openSnapshot() {
      const reader = openThreadReader()
      try {
        const db = await reader.startTransaction().execute()
        // The snapshot starts with the first read, not with `begin`.
        await db.selectFrom('catalog').select('revision').execute()
        return {
          db,
          async close() {
            // Without the rollback the transaction would stay open until libsql's connection is garbage-collected.
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
      writeCounter.close()
      await read.destroy()
      await search.destroy()
      await write.destroy()
    }
  }
}

/** Counts writes: by this process at once, by other processes within `CHECK_INTERVAL_MS`. */
class WriteCounter {
  readonly #path: string
  #connection: { db: Libsql.Database; version: Libsql.Statement } | undefined
  #ownWrites = 0
  #dataVersion = 0
  #checkedAt = 0
  #isClosed = false

  constructor(path: string) {
    this.#path = path
  }

  version(): number {
    const time = performance.now()
    if (time - this.#checkedAt >= CHECK_INTERVAL_MS) {
      this.#dataVersion = this.#readDataVersion()
      this.#checkedAt = time
    }
    // Both numbers only grow, so that different states have different sums.
    return this.#ownWrites + this.#dataVersion
  }

  increment(): void {
    this.#ownWrites++
  }

  close(): void {
    this.#isClosed = true
    this.#connection?.db.close()
  }

  /** Returns a number that changes with each commit on any other connection. The connection that reads it must never write. */
  #readDataVersion(): number {
    if (this.#isClosed) throw new Error('The database is closed.')
    if (!this.#connection) {
      const db = connect(this.#path, 'read', READ_TIMEOUT_MS)
      this.#connection = { db, version: db.prepare('pragma data_version') }
    }
    // `get` takes half the time of `all`.
    return (this.#connection.version.get() as { data_version: number }).data_version
  }
}

class Adapter extends SqliteAdapter {
  /** True, so that an interrupted migration is rolled back. Kysely's default is false. */
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}
