import { Worker } from 'node:worker_threads'
import type { QueryResult } from 'kysely'
import type { Result, ResultMessage, Task, TaskMessage } from './thread.js'

/** Limits the memory for short-lived objects, because the thread creates few. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 }

/**
 * Calls SQLite in a worker thread. The thread starts with the first task, and keeps the process alive only while tasks are pending. If
 * the thread exits, an uncaught error ends the process.
 */
export class SqliteWorker {
  #worker: Worker | undefined
  readonly #pending = new Map<number, { resolve: (result: Result) => void; reject: (error: Error) => void }>()
  #taskCount = 0
  #connectionCount = 0

  /** Returns the number of a new connection. Its first task must be `open`. */
  newConnection(): number {
    return this.#connectionCount++
  }

  /** Runs a task in the thread, after all earlier tasks. */
  run(connectionId: number, task: Task): Promise<Result> {
    this.#worker ??= this.#start()
    return new Promise((resolve, reject) => {
      const id = this.#taskCount++
      this.#pending.set(id, { resolve, reject })
      this.#worker?.ref()
      this.#worker?.postMessage({ id, connectionId, task } satisfies TaskMessage)
    })
  }

  #start(): Worker {
    const worker = new Worker(new URL('./thread.js', import.meta.url), { resourceLimits })
    let cause: unknown
    worker.on('error', (error: unknown) => {
      cause = error
    })
    worker.on('exit', (code) => {
      const failure = new Error(`The thread that calls SQLite exited with code ${code}.`, { cause })
      for (const { reject } of this.#pending.values()) reject(failure)
      this.#pending.clear()
      // The open transaction is lost, and parts of it may have been read, so the process must restart.
      throw failure
    })
    worker.on('message', (message: ResultMessage) => {
      const task = this.#pending.get(message.id)
      this.#pending.delete(message.id)
      if (this.#pending.size === 0) worker.unref()
      if ('result' in message) task?.resolve(message.result)
      else task?.reject(Object.assign(new Error(message.error.message), message.error))
    })
    return worker
  }
}

/** Converts the result of a task to the form that Kysely expects. */
export const toQueryResult = <R>({ rows, changes }: Result): QueryResult<R> => ({
  rows: rows as R[],
  numAffectedRows: BigInt(changes)
})
