/** What is not to be done twice at a time: a symbol of its own is no other's. */
type Key = string | symbol

/** There is no room, and none comes soon. */
export class QueueFullError extends Error {
  override name = 'NotAdmittedError'
}

export interface WorkQueueOptions {
  /** How much may be under way at a time. */
  concurrency: number
  /** How much may wait for a place. */
  maxQueued: number
  /** Milliseconds that it may wait. */
  maxWaitMs: number
}

/**
 * Lets so much work be under way at a time, and of the work for one key one piece; a little more waits for a short while. What
 * waits for its key holds no place.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions
  /** The keys of what is under way. */
  readonly #underWay = new Set<Key>()
  /** In the order in which it came. */
  readonly #waiting = new Set<{ key: Key; begin: () => void }>()

  constructor(options: WorkQueueOptions) {
    this.#options = options
  }

  /**
   * Does the work when there is a place for it.
   * @throws {QueueFullError}
   */
  async run<T>(key: Key, work: () => Promise<T>): Promise<T> {
    if (this.#hasRoom(key)) this.#underWay.add(key)
    else await this.#wait(key)
    try {
      return await work()
    } finally {
      this.#underWay.delete(key)
      this.#beginNext()
    }
  }

  #hasRoom(key: Key): boolean {
    return this.#underWay.size < this.#options.concurrency && !this.#underWay.has(key)
  }

  #wait(key: Key): Promise<void> {
    if (this.#waiting.size >= this.#options.maxQueued) throw new QueueFullError()
    return new Promise((resolve, reject) => {
      const waiter = {
        key,
        begin: () => {
          clearTimeout(timer)
          this.#waiting.delete(waiter)
          // At once, and not when it has noticed: until then the place could be given away again.
          this.#underWay.add(key)
          resolve()
        }
      }
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter)
        reject(new QueueFullError())
      }, this.#options.maxWaitMs)
      this.#waiting.add(waiter)
    })
  }

  #beginNext(): void {
    for (const waiter of this.#waiting) {
      if (this.#hasRoom(waiter.key)) {
        waiter.begin()
        return
      }
    }
  }
}
