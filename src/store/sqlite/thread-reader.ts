import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult } from 'kysely'
import { SqliteWorker, toQueryResult } from './worker.js'

const worker = new SqliteWorker()

/**
 * A connection that reads in a worker thread, for slow queries. Each transaction needs a `ThreadReader` of its own: otherwise it would
 * include the queries of other callers.
 */
export class ThreadReader implements Driver, DatabaseConnection {
  readonly #path: string
  readonly #connectionId = worker.newConnection()

  constructor(path: string) {
    this.#path = path
  }

  async init(): Promise<void> {
    await worker.run(this.#connectionId, { kind: 'open', path: this.#path, mode: 'read' })
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return this
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    return toQueryResult(await worker.run(this.#connectionId, { kind: 'query', sql, parameters }))
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new Error('Streaming is not supported in a worker thread. Use `Database.read`.')
  }

  async beginTransaction(): Promise<void> {
    await this.executeQuery(CompiledQuery.raw('begin'))
  }

  async commitTransaction(): Promise<void> {
    await this.executeQuery(CompiledQuery.raw('commit'))
  }

  async rollbackTransaction(): Promise<void> {
    await this.executeQuery(CompiledQuery.raw('rollback'))
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    await worker.run(this.#connectionId, { kind: 'close' })
  }
}
