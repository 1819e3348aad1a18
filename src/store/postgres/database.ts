import { createRequire } from 'node:module'
import { Kysely, PostgresAdapter, type PostgresDriver, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import type { PoolClient, PoolConfig } from 'pg'
import type { ConnectionReport, Database } from '../database.js'
import type { Tables } from '../tables.js'
import { ChangeListener } from './change-listener.js'
import { PoolDriver, WriteDriver } from './drivers.js'
import { postgresFullText } from './full-text.js'
import { postgresMarker } from './marker.js'

/** Maximum number of connections of one process, without the one that listens for changes. */
const CONNECTIONS = 10
/** Milliseconds to open a connection, and to run a statement. */
const CONNECT_TIMEOUT = 5000
const STATEMENT_TIMEOUT = 60_000

/** Loads the driver on demand: a service on SQLite starts faster without it. */
const loadDriver = () => createRequire(import.meta.url)('pg') as typeof import('pg')

/** Checks a URL without connecting. @throws if it is malformed. */
export function parsePostgresUrl(url: string): void {
  const { Client } = loadDriver()
  new Client({ connectionString: url })
}

/** Describes the database of a valid URL in messages, without the password. */
export function describePostgresUrl(url: string): string {
  const { Client } = loadDriver()
  // The driver would read the files of certificates and keys. A missing file may be the very error that the message is about.
  const connectionString = url.replace(/(?<=[?&])ssl(cert|key|rootcert)=[^&]*/g, '')
  const { database, host, port } = new Client({ connectionString })
  return `${database} at ${host}:${port}`
}

/** Returns a database on a PostgreSQL server. */
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
  // An idle connection was lost. The next query opens another one, or reports the error.
  pool.on('error', () => {})
  // A connection is lost between two statements of a transaction. The next one reports it; without a listener the process would end.
  pool.on('connect', (client) => client.on('error', () => {}))
  const busy = new Set<PoolClient>()
  pool.on('acquire', (client) => busy.add(client))
  pool.on('release', (_error, client) => busy.delete(client))
  const listener = new ChangeListener(
    () => new pg.Client({ ...config, query_timeout: CONNECT_TIMEOUT }),
    // Running queries would wait until the network gives up.
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
  const read = connect(new PoolDriver(pool, listener))
  const write = connect(new WriteDriver(pool, listener))
  return {
    read,
    search: read,
    write,
    engine: 'postgresql',
    fullText: postgresFullText,
    dialect: { text: sql`text collate "C"`, indexEnd: ['id'] },
    marker: postgresMarker,
    version: () => listener.version(),
    isUnreachable: () => listener.isUnreachable,
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
      await listener.close()
      await write.destroy()
      await read.destroy()
      // Kysely does not destroy a driver that was never used, so neither of the two can end the pool.
      if (!pool.ending) await pool.end()
    }
  }
}
