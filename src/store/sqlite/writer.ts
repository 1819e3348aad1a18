import { setTimeout } from 'node:timers/promises'
import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult } from 'kysely'
import { type Release, WorkQueue } from '../../support/work-queue.js'
import { BusyError } from '../failures.js'
import type { Result, Task } from './thread.js'
import { SqliteWorker, toQueryResult } from './worker.js'

/** Milliseconds that a write waits for other writes, and milliseconds until it retries while another process holds the lock. */
const WRITE_DEADLINE = 10_000
const WRITE_RETRY = 10

const thread = new SqliteWorker()

/**
 * The one connection that writes; transactions use it one after the other. It takes the write lock at the start of every transaction,
 * and makes a transaction of every statement outside one. SQLite's own waiting for the lock would block its thread, so the driver retries.
 */
export class WriteDriver implements Driver, DatabaseConnection {
  readonly #path: string
  readonly #written: () => void
  readonly #file = thread.newFile()
  readonly #queue = new WorkQueue({
    concurrency: 1,
    maxQueued: Number.POSITIVE_INFINITY,
    maxWaitMs: WRITE_DEADLINE,
    createError: () => new BusyError()
  })
  #release: Release | undefined
  #isInTransaction = false

  /** @param written Called after every write, before the writer continues. */
  constructor(path: string, written: () => void) {
    this.#path = path
    this.#written = written
  }

  async init(): Promise<void> {
    await this.#retry({ kind: 'open', path: this.#path, mode: 'write' })
  }

  /** @throws {BusyError} if other writers take too long. An import of a large file can. */
  async acquireConnection(): Promise<DatabaseConnection> {
    this.#release = await this.#queue.acquire()
    return this
  }

  async releaseConnection(): Promise<void> {
    this.#isInTransaction = false
    this.#written()
    this.#release?.()
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const task = { sql, parameters }
    return toQueryResult(
      this.#isInTransaction
        ? await thread.run(this.#file, { kind: 'query', ...task })
        : await this.#retry({ kind: 'transaction', ...task })
    )
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new Error('rows are streamed from the connection that reads')
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

  /** Closes the connection after the writes that wait for it. */
  async destroy(): Promise<void> {
    await this.#queue.idle()
    await thread.run(this.#file, { kind: 'close' })
  }

  async #retry(task: Task): Promise<Result> {
    const deadline = Date.now() + WRITE_DEADLINE
    for (;;) {
      try {
        return await thread.run(this.#file, task)
      } catch (error) {
        if ((error as { code?: string }).code !== 'SQLITE_BUSY' || Date.now() > deadline) throw error
      }
      await setTimeout(WRITE_RETRY)
    }
  }
}

const BEGIN = { sql: 'begin immediate', parameters: [] }
const COMMIT = CompiledQuery.raw('commit')
const ROLLBACK = CompiledQuery.raw('rollback')
