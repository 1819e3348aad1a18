import { setTimeout as sleep } from 'node:timers/promises'

/** Limits the rate of requests: at most `requests` per sliding period. Further requests wait. */
export class RequestPacer {
  readonly #period: number
  /** Times of the last requests, a ring buffer with the oldest at `#next`. */
  readonly #times: number[]
  #next = 0
  /** Resolves when the previous request may be sent. */
  #turn: Promise<void> = Promise.resolve()

  /** @param period Length of the period in milliseconds. */
  constructor(requests: number, period: number) {
    this.#period = period
    this.#times = Array<number>(requests).fill(Number.NEGATIVE_INFINITY)
  }

  /** Resolves when the next request may be sent, after those of earlier calls. */
  async wait(stop: AbortSignal): Promise<void> {
    const turn = this.#turn.then(() => this.#waitForNext(stop))
    this.#turn = turn.catch(() => {})
    await turn
  }

  async #waitForNext(stop: AbortSignal): Promise<void> {
    const wait = (this.#times[this.#next] as number) + this.#period - performance.now()
    if (wait > 0) await sleep(wait, undefined, { signal: stop })
    this.#times[this.#next] = performance.now()
    this.#next = (this.#next + 1) % this.#times.length
  }
}
