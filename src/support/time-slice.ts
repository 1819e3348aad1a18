import { setImmediate } from 'node:timers/promises'

/** Milliseconds after which other work may run. */
const SLICE_MS = 5

/** Resolves when the last waiting loop continues. */
let lastTurn: Promise<unknown> = Promise.resolve()

/**
 * Divides a long loop into slices, so that it does not block the event loop for any size of input:
 *
 *     const slice = new TimeSlice()
 *     for (const item of items) {
 *       handle(item)
 *       await slice.turn()
 *     }
 *
 * A fixed number of items per slice would not bound the time, because items differ in cost. If several loops wait, each turn of the event
 * loop continues one of them, so together they block it no longer than one loop does.
 */
export class TimeSlice {
  #start = performance.now()

  /** Lets other work run and starts the next slice, if this one is used up. */
  turn(): Promise<void> | undefined {
    return performance.now() - this.#start < SLICE_MS ? undefined : this.#next()
  }

  async #next(): Promise<void> {
    lastTurn = lastTurn.then(() => setImmediate())
    await lastTurn
    this.#start = performance.now()
  }
}
