import { setTimeout } from 'node:timers/promises'
import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult } from 'kysely'
import { BusyError } from '../errors.js'
import type { Result, Task } from './thread.js'
import { SqliteWorker, toQueryResult } from './worker.js'

/** Milliseconds that a write waits for others to end, and how long until it asks again whether those of another process have. */
const WRITE_DEADLINE = 10_000
const WRITE_RETRY = 10

const thread = new SqliteWorker()

/**
 * The one connection that writes. It takes the write lock at the start of every transaction, and makes a transaction of
 * every statement outside one. SQLite's own waiting for the lock would hold up all who write, so it is asked again and again.
 */
export class WriteDriver implements Driver, DatabaseConnection {
  readonly #path: string
  readonly #written: () => void
  readonly #file = thread.newFile()
  /** Who has the connection, and those who wait for it. */
  #turn: Promise<void> = Promise.resolve()
  #endTurn: (() => void) | undefined
  #isInTransaction = false

  /** @param written Is told of every write, before whoever asked for it is. */
  constructor(path: string, written: () => void) {
    this.#path = path
    this.#written = written
  }

  async init(): Promise<void> {
    await this.#retry({ kind: 'open', path: this.#path, mode: 'write' })
  }

  /** @throws {BusyError} where the one before takes too long, as an import of a large file may. */
  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#turn
    let endTurn!: () => void
    this.#turn = new Promise((resolve) => {
      endTurn = resolve
    })
    const waiting = new AbortController()
    const tooLong = setTimeout(WRITE_DEADLINE, true, { signal: waiting.signal }).catch(() => false)
    const isTooLate = await Promise.race([before, tooLong])
    waiting.abort()
    if (isTooLate) {
      before.then(endTurn)
      throw new BusyError()
    }
    this.#endTurn = endTurn
    return this
  }

  async releaseConnection(): Promise<void> {
    this.#isInTransaction = false
    this.#written()
    this.#endTurn?.()
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

  /** What is being written is written first. */
  async destroy(): Promise<void> {
    await this.#turn
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
