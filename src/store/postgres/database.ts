import { createRequire } from 'node:module'
import { Kysely, PostgresAdapter, type PostgresDriver, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely'
import type { PoolClient, PoolConfig } from 'pg'
import type { ConnectionReport, Database } from '../database.js'
import type { Tables } from '../tables.js'
import { ChangeListener } from './change-listener.js'
import { PoolDriver, WriteDriver } from './drivers.js'
import { postgresFullText } from './full-text.js'
import { postgresMarker } from './marker.js'

/** Maximum number of connections in the pool of a process. The listener uses one more. */
const CONNECTIONS_MAX = 10
const CONNECT_TIMEOUT_MS = 5000
const STATEMENT_TIMEOUT_MS = 60_000

/** Loads the driver on demand, so that a service on SQLite starts faster. */
const loadDriver = () => createRequire(import.meta.url)('pg') as typeof import('pg')

/** Validates a URL without connecting. @throws if it is malformed. */
export function parsePostgresUrl(url: string): void {
  const { Client } = loadDriver()
  new Client({ connectionString: url })
}

/** Describes the database of a valid URL in messages, without the password. */
export function describePostgresUrl(url: string): string {
  const { Client } = loadDriver()
  // Without these parameters, the driver does not read certificates and keys. A missing file may be the error to explain.
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
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true
  }
  const pool = new pg.Pool({ ...config, max: CONNECTIONS_MAX })
  // Idle connections: the next query opens another one, or throws.
  pool.on('error', () => {})
  // Connections in use: the next statement throws. Without a listener, an error between two statements would end the process.
  pool.on('connect', (client) => client.on('error', () => {}))
  const busyClients = new Set<PoolClient>()
  pool.on('acquire', (client) => busyClients.add(client))
  pool.on('release', (_error, client) => busyClients.delete(client))
  const listener = new ChangeListener(
    () => new pg.Client({ ...config, query_timeout: CONNECT_TIMEOUT_MS }),
    // Otherwise running queries would wait for the timeout of TCP.
    () => {
      for (const client of busyClients) void client.end()
    },
    report
  )
  const createDatabase = (driver: PostgresDriver) =>
    new Kysely<Tables>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => driver,
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => new PostgresQueryCompiler()
      }
    })
  const read = createDatabase(new PoolDriver(pool, listener))
  const write = createDatabase(new WriteDriver(pool, listener))
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
      // Not in `destroy` of a driver, because Kysely does not destroy drivers that were never used.
      if (!pool.ending) await pool.end()
    }
  }
}
