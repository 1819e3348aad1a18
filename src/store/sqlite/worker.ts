import { Worker } from 'node:worker_threads'
import type { QueryResult } from 'kysely'
import type { Result, ResultMessage, Task, TaskMessage } from './thread.js'

/** Megabytes for short-lived objects in the thread: less than the process has, as the thread makes few. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 }

/**
 * Calls SQLite in a thread, which starts with the first task and does not keep the process alive. If the thread ends by itself,
 * an uncaught error ends the process.
 */
export class SqliteWorker {
  #worker: Worker | undefined
  readonly #pending = new Map<number, { resolve: (result: Result) => void; reject: (error: Error) => void }>()
  #ids = 0
  #files = 0

  /** A number for a file that the thread is to open. */
  newFile(): number {
    return this.#files++
  }

  /** Has the thread do a task. Tasks are done one after the other. */
  run(file: number, task: Task): Promise<Result> {
    this.#worker ??= this.#start()
    return new Promise((resolve, reject) => {
      const id = this.#ids++
      this.#pending.set(id, { resolve, reject })
      this.#worker?.ref()
      this.#worker?.postMessage({ id, file, task } satisfies TaskMessage)
    })
  }

  #start(): Worker {
    const worker = new Worker(new URL('./thread.js', import.meta.url), { resourceLimits })
    let cause: unknown
    worker.on('error', (error: unknown) => {
      cause = error
    })
    worker.on('exit', (code) => {
      const failure = new Error(`The thread that calls SQLite has ended (exit code ${code}).`, { cause })
      for (const { reject } of this.#pending.values()) reject(failure)
      this.#pending.clear()
      // The open transaction is lost, and callers may have seen parts of it, so the process must restart.
      throw failure
    })
    worker.on('message', (message: ResultMessage) => {
      const asked = this.#pending.get(message.id)
      this.#pending.delete(message.id)
      if (this.#pending.size === 0) worker.unref()
      if ('result' in message) asked?.resolve(message.result)
      else asked?.reject(Object.assign(new Error(message.error.message), message.error))
    })
    return worker
  }
}

/** The result of a task, as Kysely wants it. */
export const toQueryResult = <R>({ rows, changes }: Result): QueryResult<R> => ({
  rows: rows as R[],
  numAffectedRows: BigInt(changes)
})
