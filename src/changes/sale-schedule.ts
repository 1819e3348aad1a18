import type { FastifyBaseLogger } from 'fastify'
import type { SaleStore } from '../store/sales.js'

/** Milliseconds between two checks. A sale starts and ends at most this much late. */
const INTERVAL = 1000

/**
 * Records in the change log that sales start and end. ETags, caches, the index and followers depend on the change log only, so no request has to
 * read the clock. Several processes may run at the same time: the first one to write records the change.
 */
export class SaleSchedule {
  readonly #sales: SaleStore
  readonly #log: FastifyBaseLogger
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  /** Whether the last check failed. Only the first of several failures is logged. */
  #hasFailed = false

  constructor(sales: SaleStore, log: FastifyBaseLogger) {
    this.#sales = sales
    this.#log = log
  }

  /** Checks every second until `stop`. */
  start(): void {
    this.#timer = setInterval(() => {
      this.#running ??= this.run().finally(() => {
        this.#running = undefined
      })
    }, INTERVAL)
  }

  /** Records the sales that have started or ended. Never throws: a failure is logged, and the next run tries again. */
  async run(): Promise<void> {
    try {
      if (await this.#sales.hasDue()) {
        const changed = await this.#sales.applyDue()
        if (changed > 0) this.#log.info({ products: changed }, 'sales started or ended')
      }
      this.#hasFailed = false
    } catch (error) {
      if (!this.#hasFailed) this.#log.error(error, 'recording the start or end of sales failed')
      this.#hasFailed = true
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }
}
