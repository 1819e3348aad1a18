import type { FastifyBaseLogger } from 'fastify'
import type { ProductStore } from '../store/products.js'

/** Milliseconds between two checks: the most by which a change of a sale is late. */
const INTERVAL = 1000

/**
 * Records in the change log that sales start and end. ETags, caches, the index and followers depend on the change log only, so no request has to
 * read the clock. Several processes may run at the same time: the first one to write records the change.
 */
export class SaleSchedule {
  readonly #products: ProductStore
  readonly #log: FastifyBaseLogger
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  /** Whether the last check failed. Only the first of several failures is logged. */
  #hasFailed = false

  constructor(products: ProductStore, log: FastifyBaseLogger) {
    this.#products = products
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
      if (await this.#products.hasDueSales()) {
        const changed = await this.#products.applyDueSales()
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
