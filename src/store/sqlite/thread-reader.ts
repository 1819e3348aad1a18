import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult } from 'kysely'
import { SqliteWorker, toQueryResult } from './worker.js'

const thread = new SqliteWorker()

/**
 * A connection that reads in a thread, for queries that may take long. A transaction needs a connection of its own: it would
 * include the queries of all other callers.
 */
export class ThreadReader implements Driver, DatabaseConnection {
  readonly #path: string
  readonly #file = thread.newFile()

  constructor(path: string) {
    this.#path = path
  }

  async init(): Promise<void> {
    await thread.run(this.#file, { kind: 'open', path: this.#path, mode: 'read' })
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return this
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    return toQueryResult(await thread.run(this.#file, { kind: 'query', sql, parameters }))
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new Error('rows are streamed from the connection of the main thread')
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
    await thread.run(this.#file, { kind: 'close' })
  }
}
