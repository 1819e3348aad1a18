import { setTimeout as sleep } from 'node:timers/promises'

/** Lets so many requests go in any period, and has the others wait for their turn. */
export class RequestPacer {
  readonly #period: number
  /** When each of the last requests went, the oldest at `#next`. */
  readonly #times: number[]
  #next = 0

  /** @param period Milliseconds. */
  constructor(requests: number, period: number) {
    this.#period = period
    this.#times = Array<number>(requests).fill(Number.NEGATIVE_INFINITY)
  }

  /** Waits until a request may go. Requests ask for their turn one after the other. */
  async wait(stop: AbortSignal): Promise<void> {
    const wait = (this.#times[this.#next] as number) + this.#period - performance.now()
    if (wait > 0) await sleep(wait, undefined, { signal: stop })
    this.#times[this.#next] = performance.now()
    this.#next = (this.#next + 1) % this.#times.length
  }
}
