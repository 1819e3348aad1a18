import { createRequire } from 'node:module'
import { Kysely, PostgresAdapter, PostgresDriver, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import type { Client, Pool, PoolClient, PoolConfig } from 'pg'
import type { ConnectionReport, Database, Marker, Tables } from '../database.js'
import { isQueryTimeout, isUnreachable, UnreachableError } from '../failures.js'
import { postgresFullText } from './full-text.js'

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

/** Loads the driver when it is needed: a service on a SQLite file starts sooner without it. */
const loadDriver = () => createRequire(import.meta.url)('pg') as typeof import('pg')

/** @throws if a URL is malformed. Nothing is connected: the driver reads it when it makes a client. */
export function parsePostgresUrl(url: string): void {
  const { Client } = loadDriver()
  new Client({ connectionString: url })
}

/** Names the database that a valid URL points to, without the password in it. */
export function describePostgresUrl(url: string): string {
  const { Client } = loadDriver()
  // The driver would read the files of certificates and keys, and a missing file may be the error to explain.
  const connectionString = url.replace(/(?<=[?&])ssl(cert|key|rootcert)=[^&]*/g, '')
  const { database, host, port } = new Client({ connectionString })
  return `${database} at ${host}:${port}`
}

/** The database on a PostgreSQL server. */
export function openPostgres(url: string, report: ConnectionReport): Database {
  const pg = loadDriver()
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
  // One that is lost between two statements of a transaction: the next one says so. Unheard it would end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  const busy = new Set<PoolClient>()
  pool.on('acquire', (client) => busy.add(client))
  pool.on('release', (_error, client) => busy.delete(client))
  const watch = new ChangeListener(
    () => new pg.Client({ ...config, query_timeout: CONNECT_TIMEOUT }),
    // Queries under way would wait for as long as the network takes to give up.
    () => {
      for (const client of busy) void client.end()
    },
    report
  )
  const connect = (driver: PostgresDriver) =>
    new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => driver,
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => new PostgresQueryCompiler()
      }
    })
  const read = connect(new PoolDriver(pool, watch))
  const write = connect(new WriteDriver(pool, watch))
  return {
    read,
    search: read,
    write,
    engine: 'postgresql',
    fullText: postgresFullText,
    dialect: { text: sql`text collate "C"`, indexEnd: ['id'] },
    marker,
    version: () => watch.version(),
    isUnreachable: () => watch.isUnreachable,
    async openSnapshot() {
      const db = await read.startTransaction().setIsolationLevel('repeatable read').execute()
      return {
        db,
        async close() {
          await db.rollback().execute()
        }
      }
    },
    async close() {
      await watch.close()
      await write.destroy()
      await read.destroy()
      // Kysely tells no driver that was never used, so neither of them may be the one that ends the pool.
      if (!pool.ending) await pool.end()
    }
  }
}

/**
 * Marks a database by where the server keeps it: the identifier of the cluster, and the OIDs of the database and of one table. A
 * dump has none of them, so a restored database has others. (So no migration may make the table `catalog` anew.)
 */
const marker: Marker = {
  async isRestored(db, { identity }) {
    return identity !== null && identity !== (await this.mark(db))
  },

  async mark(db) {
    // Hardened servers take the function away from ordinary roles. The OIDs alone then have to do.
    const allowed = sql<boolean>`has_function_privilege('pg_control_system()', 'execute')`.as('allowed')
    const { allowed: isAllowed } = await db.selectNoFrom(allowed).executeTakeFirstOrThrow()
    const cluster = isAllowed ? sql`(select system_identifier from pg_control_system())` : sql`'-'`
    const identity = sql<string>`concat_ws(':', ${cluster},
      (select oid from pg_database where datname = current_database()), 'catalog'::regclass::oid)`
    return (await db.selectNoFrom(identity.as('identity')).executeTakeFirstOrThrow()).identity
  }
}

type Connection = Parameters<PostgresDriver['releaseConnection']>[0]

/** Takes no connection while the server is away: each would be waited for until its time is over. */
class PoolDriver extends PostgresDriver {
  protected readonly watch: ChangeListener

  constructor(pool: Pool, watch: ChangeListener) {
    super({ pool })
    this.watch = watch
  }

  override async acquireConnection(): ReturnType<PostgresDriver['acquireConnection']> {
    if (this.watch.isUnreachable) throw new UnreachableError()
    return await super.acquireConnection()
  }

  /** The other driver uses the pool too. */
  override async destroy(): Promise<void> {}

  override async rollbackTransaction(connection: Connection): Promise<void> {
    try {
      await super.rollbackTransaction(connection)
    } catch {
      // The connection is lost, and the transaction with it. What there is to tell is why it was to be rolled back.
    }
  }
}

/** Has what was written here seen at once: the server's own word of it comes a little later. */
class WriteDriver extends PoolDriver {
  override async releaseConnection(connection: Connection): Promise<void> {
    await super.releaseConnection(connection)
    this.watch.increment()
  }
}

/** Counts what is written, as the server tells it on a connection that listens (LISTEN and NOTIFY). */
class ChangeListener {
  /** Whether the server cannot be reached: it was lost, and to connect again has failed, or it does not say anything. */
  isUnreachable = false
  readonly #createClient: () => Client
  readonly #lost: () => void
  readonly #report: ConnectionReport
  /** Whether a loss was reported, and the connection is not there again. */
  #isLost = false
  #version = 0
  /** Whether what the server says is heard. */
  #isListening = false
  /** Ends the pause before its time. */
  #wake = (): void => {}
  /** Ends when the watch is closed. */
  #watching: Promise<void> | undefined
  #isClosed = false

  /** @param lost Is told when the server is away. */
  constructor(createClient: () => Client, lost: () => void, report: ConnectionReport) {
    this.#createClient = createClient
    this.#lost = lost
    this.#report = report
  }

  /** @throws while nothing is heard of the server, so that nobody relies on what it was. */
  version(): number {
    this.#watching ??= this.#watch()
    if (!this.#isListening) throw new Error('the database is not connected')
    return this.#version
  }

  increment(): void {
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
    let hasListened = false
    const client = this.#createClient()
    client.on('notification', () => this.increment())
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
      this.increment()
      this.#isListening = true
      this.isUnreachable = false
      hasListened = true
      if (this.#isLost) this.#report('regained')
      this.#isLost = false
      while (!this.#isClosed) {
        await this.#pause(HEARTBEAT)
        await client.query('select 1')
      }
    } catch (error) {
      if (!this.#isLost && !this.#isClosed) this.#report('lost', error as Error)
      this.#isLost = true
      // It is tried again. A server that cuts a connection, or has none to spare, need not be away.
      if (hasListened ? isQueryTimeout(error) : isUnreachable(error)) {
        this.isUnreachable = true
        this.#lost()
      }
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
