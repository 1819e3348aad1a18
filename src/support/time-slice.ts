import { setImmediate } from 'node:timers/promises'

/** Milliseconds after which other work gets its turn. */
const SLICE_MS = 5

/** Resolves when the last of the waiting loops has its turn. */
let lastTurn: Promise<unknown> = Promise.resolve()

/**
 * Divides a long loop into slices, so that it does not block the event loop, however much a caller or a source sends:
 *
 *     const slice = new TimeSlice()
 *     for (const item of items) {
 *       handle(item)
 *       await slice.turn()
 *     }
 *
 * A number of items is no such limit: it says nothing of what one item costs. If several loops wait, each turn of the event loop
 * continues one of them: together they block it no longer than one does.
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
