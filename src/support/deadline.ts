/**
 * A signal that ends when another one does, or when the time is over, as `TimeoutError`. (What `AbortSignal.any` makes of
 * `AbortSignal.timeout` may be collected as garbage on Node.js 20 while it is waited for, and then never ends.)
 */
export class Deadline {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #parent: AbortSignal
  readonly #stop = (): void => this.#controller.abort(this.#parent.reason)

  /** @param time Milliseconds. */
  constructor(time: number, parent: AbortSignal) {
    this.#parent = parent
    this.#timer = setTimeout(() => this.#controller.abort(new DOMException('the time is over', 'TimeoutError')), time)
    parent.addEventListener('abort', this.#stop)
    if (parent.aborted) this.#stop()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** It is not needed any more. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#parent.removeEventListener('abort', this.#stop)
  }
}
