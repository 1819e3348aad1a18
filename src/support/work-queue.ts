/** Ends a task that was acquired. Calls after the first have no effect. */
export type Release = () => void

export interface WorkQueueOptions {
  /** Maximum number of tasks that run at the same time. */
  concurrency: number
  /** Maximum number of tasks that wait. */
  maxQueued: number
  /** Maximum waiting time of a task, in milliseconds; without it, a task waits until it can run. */
  maxWaitMs?: number
  /** Creates the error that is thrown if too many tasks wait, or if a task has waited too long. */
  createError: () => Error
}

interface Waiter {
  key: string | undefined
  start: () => void
}

/**
 * Limits concurrent work: at most `concurrency` tasks in total, and one per key. Further tasks wait in order of arrival. A task that waits
 * for its key does not delay tasks with other keys.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions
  #running = 0
  /** The keys of the tasks that run. */
  readonly #runningKeys = new Set<string>()
  readonly #waiting = new Set<Waiter>()
  #idleListeners: (() => void)[] = []

  constructor(options: WorkQueueOptions) {
    this.#options = options
  }

  /**
   * Runs a task as soon as the limits allow it.
   * @param key Tasks with the same key run one after the other. A task without a key does not wait for any other key.
   * @throws the error of `createError` if the task cannot run in time, or the error of the task.
   */
  async run<T>(task: () => Promise<T>, key?: string): Promise<T> {
    const release = await this.acquire(key)
    try {
      return await task()
    } finally {
      release()
    }
  }

  /**
   * Waits until the limits allow a task, for tasks that do not end with one function call.
   * @returns The function that ends the task.
   * @throws the error of `createError` if the task cannot run in time.
   */
  async acquire(key?: string): Promise<Release> {
    if (this.#canStart(key)) this.#start(key)
    else await this.#wait(key)
    let isReleased = false
    return () => {
      if (!isReleased) this.#end(key)
      isReleased = true
    }
  }

  /** Waits until no task runs or waits. */
  async idle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idleListeners.push(resolve))
  }

  #canStart(key: string | undefined): boolean {
    return this.#running < this.#options.concurrency && (key === undefined || !this.#runningKeys.has(key))
  }

  #start(key: string | undefined): void {
    this.#running++
    if (key !== undefined) this.#runningKeys.add(key)
  }

  #wait(key: string | undefined): Promise<void> {
    const { maxQueued, maxWaitMs, createError } = this.#options
    if (this.#waiting.size >= maxQueued) throw createError()
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined
      const waiter = {
        key,
        start: () => {
          clearTimeout(timer)
          this.#waiting.delete(waiter)
          // Counts the task before it continues, so that a task that arrives in the meantime cannot start instead.
          this.#start(key)
          resolve()
        }
      }
      this.#waiting.add(waiter)
      if (maxWaitMs === undefined) return
      timer = setTimeout(() => {
        this.#waiting.delete(waiter)
        reject(createError())
      }, maxWaitMs)
    })
  }

  #end(key: string | undefined): void {
    this.#running--
    if (key !== undefined) this.#runningKeys.delete(key)
    // One task has ended, so at most one can start.
    for (const waiter of this.#waiting) {
      if (this.#canStart(waiter.key)) {
        waiter.start()
        return
      }
    }
    if (this.#running > 0) return
    for (const notify of this.#idleListeners) notify()
    this.#idleListeners = []
  }
}
