import type { FastifyBaseLogger } from 'fastify'
import { type DatabaseFailure, toDatabaseFailure } from '../store/failures.js'
import type { ProductRow, ProductStore } from '../store/products.js'
import type { SourceStateStore } from '../store/source-state.js'
import { type DummyJsonSource, SourceError } from './dummyjson.js'
import { Reading } from './reading.js'
import { readSample } from './sample.js'

export interface SynchronizerOptions {
  source: DummyJsonSource
  products: ProductStore
  state: SourceStateStore
  log: FastifyBaseLogger
  /** Seconds from the end of one run to the start of the next. */
  interval: number
  /** Whether the sample catalog is served until the source first answers. */
  sample: boolean
}

/** Keeps the catalog up to date with its source, beside the requests: none of them ever waits for it. */
export class Synchronizer {
  readonly #options: SynchronizerOptions
  readonly #abort = new AbortController()
  #running: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  /**
   * ETags of the source's pages. Of this process only: the first sync after a start reads everything, so that another
   * source, or a release that maps otherwise, brings the catalog up to date.
   */
  #validators: string[] = []
  /** Why the newest sync failed, as it was logged. */
  #failure: string | undefined
  /** What was wrong with the database in the newest sync, as it was logged. */
  #databaseFailure: DatabaseFailure | undefined
  /** Why each product is in quarantine, as it was last logged. */
  #quarantine = new Map<string, string>()

  constructor(options: SynchronizerOptions) {
    this.#options = options
  }

  /** Sees to it that there is a catalog if there can be one before the source was asked. */
  async prepare(): Promise<void> {
    const { products, state, sample, log } = this.#options
    if ((await state.get()).lastSuccess === undefined) {
      const reading = new Reading(products)
      if (sample) await reading.take(await readSample())
      let isServed = false
      await products.replaceAll(reading.taken, reading.changed, 'sample', async (db) => {
        // Asked again in the transaction: another process may have read the source meanwhile.
        if ((await state.get(db)).lastSuccess !== undefined) return false
        await state.setSample(sample, db)
        isServed = sample
        return true
      })
      if (isServed) log.warn('serving the sample catalog until the source first answers')
    }
  }

  /** Runs from now on, again and again. */
  start(): void {
    void this.#repeat()
  }

  /** One sync with the source. Where one is already running, that one. Never throws: a failure is logged and kept. */
  run(): Promise<void> {
    this.#running ??= this.#sync()
      .catch((error) => this.#reportFault(error))
      .finally(() => {
        this.#running = undefined
      })
    return this.#running
  }

  /** Ends what is running. */
  async stop(): Promise<void> {
    this.#abort.abort()
    clearTimeout(this.#timer)
    await this.#running
    await this.#options.source.close()
  }

  async #repeat(): Promise<void> {
    await this.run()
    if (this.#abort.signal.aborted) return
    this.#timer = setTimeout(() => this.#repeat(), this.#options.interval * 1000)
  }

  async #sync(): Promise<void> {
    const { source, products, state, log } = this.#options
    const { signal } = this.#abort
    try {
      const reading = new Reading(products)
      const validators = await source.read(this.#validators, signal, (products) => reading.take(products))
      if (validators) {
        const { taken, quarantine, changed } = reading
        this.#report(quarantine)
        if (taken.size === 0 && quarantine.size > 0) throw new SourceError('invalid')
        const difference = await products.replaceAll(taken, whileNotAborted(changed, signal), 'source', async (db) => {
          await state.succeeded(quarantine.size, db)
          return true
        })
        this.#validators = validators
        if (difference.created + difference.updated + difference.deleted > 0) log.info(difference, 'catalog changed')
      } else {
        await state.succeeded()
      }
      if (this.#failure !== undefined) log.info('the source answers again')
      if (this.#databaseFailure !== undefined) log.info('the catalog is written again')
      this.#databaseFailure = undefined
      this.#failure = undefined
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof SourceError)) throw error
      if (error.reason === this.#failure) return
      this.#failure = error.reason
      log.warn({ reason: error.reason, cause: error.cause }, error.message)
      await state.failed(error.reason)
    }
  }

  /** A sync failed, and not for its source. As long as it is for the same failure of the database, once is enough. */
  #reportFault(error: unknown): void {
    const failure = toDatabaseFailure(error)
    if (failure === undefined || failure !== this.#databaseFailure) this.#options.log.error(error, 'sync failed')
    this.#databaseFailure = failure
  }

  /** Logs each product that is newly in quarantine, or for another reason than before. */
  #report(quarantine: Map<string, string>): void {
    for (const [product, reason] of quarantine) {
      if (this.#quarantine.get(product) !== reason) this.#options.log.warn({ product, reason }, 'product in quarantine')
    }
    this.#quarantine = quarantine
  }
}

/** So that a process that is to stop does not first write all that it has read. */
async function* whileNotAborted(rows: AsyncIterable<ProductRow[]>, signal: AbortSignal): AsyncGenerator<ProductRow[]> {
  for await (const some of rows) {
    signal.throwIfAborted()
    yield some
  }
}
