import type { FastifyBaseLogger } from 'fastify'
import type { ChangeStore } from '../store/change-log.js'

const DAY = 86_400_000
/** Milliseconds from one time to the next. */
const INTERVAL = 3_600_000

/** Removes changes that were kept long enough. */
export class Retention {
  readonly #changes: ChangeStore
  /** Days. */
  readonly #kept: number
  readonly #log: FastifyBaseLogger
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined

  /** @param kept Days. */
  constructor(changes: ChangeStore, kept: number, log: FastifyBaseLogger) {
    this.#changes = changes
    this.#kept = kept
    this.#log = log
  }

  /** Runs from now on, again and again. */
  start(): void {
    this.#running = this.run()
    this.#timer = setInterval(() => {
      this.#running = this.run()
    }, INTERVAL)
  }

  /** Never throws: a failure is logged, and it is tried again later. */
  async run(): Promise<void> {
    try {
      const removed = await this.#changes.prune(new Date(Date.now() - this.#kept * DAY).toISOString())
      if (removed > 0) this.#log.info({ removed }, 'old changes removed')
    } catch (error) {
      this.#log.error(error, 'removing old changes failed')
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }
}
