/** What is not to be done twice at a time: a symbol of its own is no other's. */
type Key = string | symbol

/** There is no room, and none comes soon. */
export class NotAdmittedError extends Error {
  override name = 'NotAdmittedError'
}

export interface AdmissionOptions {
  /** How much may be under way at a time. */
  places: number
  /** How much may wait for a place. */
  queue: number
  /** Milliseconds that it may wait. */
  patience: number
}

/**
 * Lets so much work be under way at a time, and of the work for one key one piece; a little more waits for a short while. What
 * waits for its key holds no place.
 */
export class Admission {
  readonly #options: AdmissionOptions
  /** The keys of what is under way. */
  readonly #underWay = new Set<Key>()
  /** In the order in which it came. */
  readonly #waiting = new Set<{ key: Key; begin: () => void }>()

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /**
   * Does the work when there is a place for it.
   * @throws {NotAdmittedError}
   */
  async admit<T>(key: Key, work: () => Promise<T>): Promise<T> {
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
    return this.#underWay.size < this.#options.places && !this.#underWay.has(key)
  }

  #wait(key: Key): Promise<void> {
    if (this.#waiting.size >= this.#options.queue) throw new NotAdmittedError()
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
        reject(new NotAdmittedError())
      }, this.#options.patience)
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
