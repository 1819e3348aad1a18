/**
 * An abort signal that fires when its parent does, or after a time with a `TimeoutError`. On Node.js 20, the combination of
 * `AbortSignal.any` and `AbortSignal.timeout` may be garbage-collected while it is awaited, and then never fires.
 */
export class Deadline {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #parent: AbortSignal
  readonly #stop = (): void => this.#controller.abort(this.#parent.reason)

  /** @param time Milliseconds. */
  constructor(time: number, parent: AbortSignal) {
    this.#parent = parent
    this.#timer = setTimeout(
      () => this.#controller.abort(new DOMException('the deadline has passed', 'TimeoutError')),
      time
    )
    parent.addEventListener('abort', this.#stop)
    if (parent.aborted) this.#stop()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Releases the timer and the listener. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#parent.removeEventListener('abort', this.#stop)
  }
}
