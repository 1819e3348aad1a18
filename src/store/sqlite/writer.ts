import { setTimeout } from 'node:timers/promises'
import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult } from 'kysely'
import { type Release, WorkQueue } from '../../support/work-queue.js'
import { BusyError } from '../errors.js'
import type { Result, Task } from './thread.js'
import { SqliteWorker, toQueryResult } from './worker.js'

/** Milliseconds that a write waits: for other writes of this process, and for the lock if another process holds it. */
const WRITE_TIMEOUT_MS = 10_000
/** Milliseconds between two attempts to get the lock. */
const RETRY_INTERVAL_MS = 10

const worker = new SqliteWorker()

/**
 * The only connection that writes. Transactions use it one after the other. It takes the write lock at the start of each transaction,
 * and runs each statement outside a transaction as a transaction of its own. SQLite would block the thread while it waits for the lock,
 * so the driver retries instead.
 */
export class WriteDriver implements Driver, DatabaseConnection {
  readonly #path: string
  readonly #onWrite: () => void
  readonly #connectionId = worker.newConnection()
  readonly #queue = new WorkQueue({
    concurrency: 1,
    maxQueued: Number.POSITIVE_INFINITY,
    maxWaitMs: WRITE_TIMEOUT_MS,
    createError: () => new BusyError()
  })
  #release: Release | undefined
  #isInTransaction = false

  /** @param onWrite Called after every write, before its caller continues. */
  constructor(path: string, onWrite: () => void) {
    this.#path = path
    this.#onWrite = onWrite
  }

  async init(): Promise<void> {
    await this.#retry({ kind: 'open', path: this.#path, mode: 'write' })
  }

  /** @throws {BusyError} after `WRITE_TIMEOUT_MS`, for example during the import of a large file. */
  async acquireConnection(): Promise<DatabaseConnection> {
    this.#release = await this.#queue.acquire()
    return this
  }

  async releaseConnection(): Promise<void> {
    this.#isInTransaction = false
    this.#onWrite()
    this.#release?.()
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const task = { sql, parameters }
    return toQueryResult(
      this.#isInTransaction
        ? await worker.run(this.#connectionId, { kind: 'query', ...task })
        : await this.#retry({ kind: 'transaction', ...task })
    )
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new Error('Streaming is not supported on the connection that writes. Use `Database.read`.')
  }

  async beginTransaction(): Promise<void> {
    await this.#retry({ kind: 'query', ...BEGIN })
    this.#isInTransaction = true
  }

  async commitTransaction(): Promise<void> {
    await this.executeQuery(COMMIT)
  }

  async rollbackTransaction(): Promise<void> {
    await this.executeQuery(ROLLBACK)
  }

  /** Closes the connection after all queued writes. */
  async destroy(): Promise<void> {
    await this.#queue.idle()
    await worker.run(this.#connectionId, { kind: 'close' })
  }

  /** Runs a task, and retries while another process holds the write lock. */
  async #retry(task: Task): Promise<Result> {
    const deadline = Date.now() + WRITE_TIMEOUT_MS
    for (;;) {
      try {
        return await worker.run(this.#connectionId, task)
      } catch (error) {
        if ((error as { code?: string }).code !== 'SQLITE_BUSY' || Date.now() > deadline) throw error
      }
      await setTimeout(RETRY_INTERVAL_MS)
    }
  }
}

const BEGIN = { sql: 'begin immediate', parameters: [] }
const COMMIT = CompiledQuery.raw('commit')
const ROLLBACK = CompiledQuery.raw('rollback')
