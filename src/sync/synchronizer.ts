import { setImmediate } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { ProductRow, ProductStore } from '../store/products.js'
import type { SourceStateStore } from '../store/source-state.js'
import { type DummyJsonSource, SourceError } from './dummyjson.js'
import { mapProduct } from './mapping.js'
import { readSample } from './sample.js'

/** Products that are mapped before other work gets its turn: a few milliseconds. */
const MAPPED_AT_ONCE = 100

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
  /** Why each product is in quarantine, as it was last logged. */
  #quarantine = new Map<string, string>()

  constructor(options: SynchronizerOptions) {
    this.#options = options
  }

  /** Sees to it that there is a catalog if there can be one, and starts the first run without waiting for its end. */
  async start(): Promise<void> {
    const { products, state, sample, log } = this.#options
    if ((await state.get()).lastSuccess === undefined) {
      const { rows } = await this.#map(sample ? await readSample() : [])
      let isServed = false
      await products.replaceAll(rows, 'sample', async (db) => {
        // Asked again in the transaction: another process may have read the source meanwhile.
        if ((await state.get(db)).lastSuccess !== undefined) return false
        await state.setSample(sample, db)
        isServed = sample
        return true
      })
      if (isServed) log.warn('serving the sample catalog until the source first answers')
    }
    this.#repeat()
  }

  /** One sync with the source. Where one is already running, that one. Never throws: a failure is logged and kept. */
  run(): Promise<void> {
    this.#running ??= this.#sync()
      .catch((error) => this.#options.log.error(error, 'sync failed'))
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
    try {
      const read = await source.read(this.#validators, this.#abort.signal)
      if (read) {
        const { rows, quarantined } = await this.#map(read.products)
        if (rows.length === 0 && quarantined > 0) throw new SourceError('invalid')
        const difference = await products.replaceAll(rows, 'source', async (db) => {
          await state.succeeded(quarantined, db)
          return true
        })
        this.#validators = read.validators
        if (difference.created + difference.updated + difference.deleted > 0) log.info(difference, 'catalog changed')
      } else {
        await state.succeeded()
      }
      if (this.#failure !== undefined) log.info('the source answers again')
      this.#failure = undefined
    } catch (error) {
      if (!(error instanceof SourceError)) throw error
      if (this.#abort.signal.aborted || error.reason === this.#failure) return
      this.#failure = error.reason
      log.warn({ reason: error.reason, cause: error.cause }, error.message)
      await state.failed(error.reason)
    }
  }

  /** Maps what the source sent, a little at a time. The last of several products with the same id counts. */
  async #map(products: unknown[]): Promise<{ rows: ProductRow[]; quarantined: number }> {
    const rows = new Map<number, ProductRow>()
    const quarantine = new Map<string, string>()
    for (const [position, product] of products.entries()) {
      const mapped = mapProduct(product)
      if ('row' in mapped) rows.set(mapped.row.product.id, mapped.row)
      else quarantine.set(mapped.id === undefined ? `at position ${position}` : String(mapped.id), mapped.refused)
      if (position % MAPPED_AT_ONCE === 0) await setImmediate()
    }
    for (const [product, reason] of quarantine) {
      if (this.#quarantine.get(product) !== reason) this.#options.log.warn({ product, reason }, 'product in quarantine')
    }
    this.#quarantine = quarantine
    return { rows: [...rows.values()], quarantined: quarantine.size }
  }
}
