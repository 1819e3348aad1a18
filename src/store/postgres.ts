import { createRequire } from 'node:module'
import { Kysely, PostgresAdapter, PostgresDriver, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import type { Client, Pool, PoolConfig } from 'pg'
import type { Database, Tables } from './database.js'
import { postgresFullText } from './postgres-full-text.js'

/** Connections that one process has at most, beside the one that listens. */
const CONNECTIONS = 10
/** Milliseconds until a connection has to stand, and until a statement has to have ended. */
const CONNECT_TIMEOUT = 5000
const STATEMENT_TIMEOUT = 60_000
/** Milliseconds after which a lost connection is set up again, and after which one that says nothing is tried. */
const RETRY = 1000
const HEARTBEAT = 2000

/** The channel on which every transaction that changes what is remembered of the database says so. */
export const CHANNEL = 'product_catalog'

/** The database on a PostgreSQL server. */
export function openPostgres(url: string): Database {
  // Loaded where it is needed: who has a SQLite file starts sooner without it.
  const pg = createRequire(import.meta.url)('pg') as typeof import('pg')
  const config: PoolConfig = {
    connectionString: url,
    application_name: 'product-catalog',
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    statement_timeout: STATEMENT_TIMEOUT,
    keepAlive: true
  }
  const pool = new pg.Pool({ ...config, max: CONNECTIONS })
  // One that was idle when it was lost: the next query gets another one, or says what is wrong.
  pool.on('error', () => {})
  const watch = new Watch(() => new pg.Client({ ...config, query_timeout: CONNECT_TIMEOUT }))
  const connect = (driver: PostgresDriver) =>
    new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => driver,
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => new PostgresQueryCompiler()
      }
    })
  const read = connect(new PostgresDriver({ pool }))
  const write = connect(new WritingDriver(pool, () => watch.count()))
  return {
    read,
    write,
    engine: 'postgresql',
    fullText: postgresFullText,
    dialect: { text: sql`text collate "C"`, indexEnd: ['id'] },
    version: () => watch.version(),
    async freeze() {
      const db = await read.startTransaction().setIsolationLevel('repeatable read').execute()
      return {
        db,
        async end() {
          await db.rollback().execute()
        }
      }
    },
    async close() {
      await watch.close()
      await write.destroy()
      await read.destroy()
    }
  }
}

/** Has what was written here seen at once: the server's own word of it comes a little later. */
class WritingDriver extends PostgresDriver {
  readonly #written: () => void

  constructor(pool: Pool, written: () => void) {
    super({ pool })
    this.#written = written
  }

  override async releaseConnection(connection: Parameters<PostgresDriver['releaseConnection']>[0]): Promise<void> {
    await super.releaseConnection(connection)
    this.#written()
  }

  /** The pool is not only its own. */
  override async destroy(): Promise<void> {}
}

/** Counts what is written, as the server tells it on a connection that listens (LISTEN and NOTIFY). */
class Watch {
  readonly #createClient: () => Client
  #version = 0
  /** Whether what the server says is heard. */
  #isListening = false
  /** Ends the pause before its time. */
  #wake = (): void => {}
  /** Ends when the watch is closed. */
  #watching: Promise<void> | undefined
  #isClosed = false

  constructor(createClient: () => Client) {
    this.#createClient = createClient
  }

  /** @throws while nothing is heard of the server, so that nobody relies on what it was. */
  version(): number {
    this.#watching ??= this.#watch()
    if (!this.#isListening) throw new Error('the database is not connected')
    return this.#version
  }

  count(): void {
    this.#version++
  }

  /** Also one that is still connecting: its connection would keep the process alive. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#wake()
    await this.#watching
  }

  async #watch(): Promise<void> {
    while (!this.#isClosed) {
      await this.#listen()
      await this.#pause(RETRY)
    }
  }

  /** Listens for as long as the connection stands. */
  async #listen(): Promise<void> {
    const client = this.#createClient()
    client.on('notification', () => this.count())
    // What else there is to it is told by the query that fails.
    client.on('error', () => {})
    client.on('end', () => {
      this.#isListening = false
      this.#wake()
    })
    try {
      await client.connect()
      await client.query(`listen ${CHANNEL}`)
      // What was said until now was not heard.
      this.count()
      this.#isListening = true
      while (!this.#isClosed) {
        await this.#pause(HEARTBEAT)
        await client.query('select 1')
      }
    } catch {
      // It is tried again.
    }
    this.#isListening = false
    await client.end().catch(() => {})
  }

  async #pause(milliseconds: number): Promise<void> {
    if (this.#isClosed) return
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      timer = setTimeout(resolve, milliseconds).unref()
    })
    clearTimeout(timer)
  }
}
