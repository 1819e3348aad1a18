/**
 * Limits the time that a sync waits for its source. Only waiting counts, not the work of the service in between. The limit grows with the
 * data that arrives, so that a large catalog may take long, but a source that stalls or drips is cut off.
 *
 * On Node.js 20, the combination of `AbortSignal.any` and `AbortSignal.timeout` may be garbage-collected while it is awaited, and then never
 * fires. Therefore it has a controller of its own.
 */
export class WaitingLimit {
  readonly #controller = new AbortController()
  readonly #parent: AbortSignal
  readonly #longest: number
  #left: number
  readonly #now: () => number
  readonly #stop = (): void => this.#controller.abort(this.#parent.reason)

  /**
   * @param time Milliseconds: the limit of a single wait, and of all waits until `extend`.
   * @param now Returns milliseconds of a clock that cannot be set.
   */
  constructor(time: number, parent: AbortSignal, now: () => number = () => performance.now()) {
    this.#now = now
    this.#longest = time
    this.#left = time
    this.#parent = parent
    parent.addEventListener('abort', this.#stop)
    if (parent.aborted) this.#stop()
  }

  /** Fires when the parent does, or with a `TimeoutError`. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Runs a function that waits for the source. It must stop when the signal fires. */
  async during<T>(wait: () => Promise<T>): Promise<T> {
    const start = this.#now()
    const timer = setTimeout(
      () => this.#controller.abort(new DOMException('the source is too slow', 'TimeoutError')),
      Math.min(this.#longest, Math.max(0, this.#left))
    )
    try {
      return await wait()
    } finally {
      clearTimeout(timer)
      this.#left -= this.#now() - start
    }
  }

  /** Adds milliseconds to the limit of all waits. */
  extend(time: number): void {
    this.#left += time
  }

  /** Releases the listener of the parent. */
  clear(): void {
    this.#parent.removeEventListener('abort', this.#stop)
  }
}
