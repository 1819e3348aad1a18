import type { FastifyBaseLogger } from 'fastify'
import type { SyncInput } from '../../schemas/sync.js'
import { ALL_QUARANTINED } from '../../schemas/sync.js'
import { toFreshness } from '../catalog/freshness.js'
import type { CatalogVersion } from '../products/catalog-version.js'
import { SAMPLE } from '../products/stored-product.js'
import type { ChangeCounts } from '../store/change-log.js'
import { toDatabaseFailure } from '../store/error-kinds.js'
import type { ProductStore, SourceProductRow } from '../store/products.js'
import type { SourceStateStore } from '../store/source-state.js'
import type { SourceStore } from '../store/sources.js'
import { FetchedCatalog } from './fetched-catalog.js'
import { mapPage } from './page.js'
import { readSample } from './sample.js'
import { SourceError, type SourceReason } from './source-error.js'
import type { DummyJsonSource, Validator } from './sources/dummyjson.js'

export interface SynchronizerOptions {
  /** Undefined if the catalog is only what is written here. */
  source: DummyJsonSource | undefined
  sources: SourceStore
  products: ProductStore
  state: SourceStateStore
  log: FastifyBaseLogger
  /** Seconds from the end of one run to the start of the next, where nothing fails. */
  interval: number
  /** Share of the catalog that a sync may take away, from 0 to 1. */
  maxLoss: number
  /** Whether the sample catalog is served until the source first answers. */
  sample: boolean
}

/** What came of a sync. */
export type SyncResult =
  | ({ quarantined: number } & ChangeCounts)
  /** Why it failed: a word, where it is the source's fault. */
  | { failed: SourceReason | 'error'; message: string }

/** A catalog of fewer products may change in any way. */
const LOSS_CHECK_MIN = 20
/** Seconds between two syncs at most, where the source fails; and failures in a row from which on they are spaced out. */
const LONGEST_PAUSE = 900
const FAILURES_ALLOWED = 1
/** Products in quarantine that one sync has a line in the log for. */
const LINES_MAX = 100

/** Keeps the catalog up to date with its source, beside the requests: none of them ever waits for it. */
export class Synchronizer {
  readonly #options: SynchronizerOptions
  readonly #abort = new AbortController()
  /** The sync that runs. It is not a queue: callers join it, and only one that accepts losses waits for its end. */
  #current: Promise<SyncResult> | undefined
  #timer: NodeJS.Timeout | undefined
  /**
   * ETags of the source's pages. Of this process only: the first sync after a start reads everything, so that another
   * source, or a release that maps otherwise, brings the catalog up to date.
   */
  #validators: Validator[] = []
  /** The version that the catalog had then. */
  #version: CatalogVersion = { epoch: '', revision: 0 }
  /** Products that the newest reading did not have, where that may have been by accident. */
  #missingOnce = new Set<number>()
  /** Why the newest sync failed, as it was logged. */
  #failure: string | undefined
  /** How many have failed since one succeeded, by the fault of the source. */
  #failures = 0
  /** Seconds that the source has asked to be left alone for. */
  #retryAfter = 0
  /** How the catalog stands, as it was last logged. */
  #stands: string | undefined
  /** Why each product is in quarantine, as it was last logged. */
  #reasons: ReadonlyMap<string, string> = new Map()

  constructor(options: SynchronizerOptions) {
    this.#options = options
  }

  /** Whether there is a source to sync with. */
  get hasSource(): boolean {
    return this.#options.source !== undefined
  }

  /**
   * Serves the sample until the source first answers, or takes it away if it is not wanted any more. Without a source, takes away
   * the products of the last one.
   */
  async prepare(): Promise<void> {
    const { products, state, sample, log } = this.#options
    const before = await state.get()
    if (!this.hasSource) {
      if (before.source === undefined) return
      const { deleted } = await products.replaceSourceProducts(undefined, [], [], 'source', async () => true)
      log.warn({ deleted }, 'there is no source any more: its products are not served')
      return
    }
    if (before.lastSuccess !== undefined) return
    const source = sample ? SAMPLE : undefined
    const reading = new FetchedCatalog(products, SAMPLE)
    if (sample) {
      const products = await readSample()
      await reading.addPage(mapPage(products, products.length))
    }
    const { missing } = await products.findMissing(SAMPLE, reading.externalIds)
    let isServed = sample
    // A start that has nothing to write succeeds though the database takes no writes.
    const isPrepared = reading.changed.isEmpty && missing.length === 0 && before.source === source
    if (!isPrepared) {
      await products.replaceSourceProducts(source, reading.changed, missing, 'sample', async (db) => {
        // Asked again in the transaction: another process may have read the source meanwhile.
        const isFirst = (await state.get(db)).lastSuccess === undefined
        isServed = sample && isFirst
        return isFirst
      })
    }
    if (isServed) log.warn('serving the sample catalog until the source first answers')
  }

  /** Runs from now on, again and again. */
  start(): void {
    if (this.hasSource) void this.#repeat()
  }

  /**
   * Syncs with the source, or joins the sync that already runs. With `acceptLoss`, runs after that one, which may have refused a loss.
   * Never throws: a failure is logged and stored.
   */
  run(options: SyncInput = {}): Promise<SyncResult> {
    if (this.#current && options.acceptLoss) return this.#current.then(() => this.run(options))
    this.#current ??= this.#sync(options)
      .catch((error: Error): SyncResult => {
        // What came of it could not be stored or told.
        this.#logFailure(error)
        return { failed: 'error', message: error.message }
      })
      .finally(() => {
        this.#current = undefined
      })
    return this.#current
  }

  /** Ends what is running. */
  async stop(): Promise<void> {
    this.#abort.abort()
    clearTimeout(this.#timer)
    await this.#current
    await this.#options.source?.close()
  }

  async #repeat(): Promise<void> {
    await this.run()
    if (this.#abort.signal.aborted) return
    const pause = Math.max(toPauseSeconds(this.#failures, this.#options.interval), this.#retryAfter)
    this.#timer = setTimeout(() => this.#repeat(), pause * 1000)
  }

  async #sync(options: SyncInput): Promise<SyncResult> {
    let result: SyncResult
    try {
      result = await this.#read(options)
      if (this.#failure !== undefined) this.#options.log.info('sync works again')
      this.#failure = undefined
      this.#failures = 0
      this.#retryAfter = 0
    } catch (error) {
      result = { failed: error instanceof SourceError ? error.reason : 'error', message: (error as Error).message }
      if (!this.#abort.signal.aborted) await this.#recordFailure(error as Error)
    }
    if (!this.#abort.signal.aborted && !('failed' in result && result.failed === 'error')) await this.#logState()
    return result
  }

  async #read({ acceptLoss = false }: SyncInput): Promise<SyncResult> {
    const { source, sources, products, state, log } = this.#options
    if (!source) throw new Error('there is no source to sync with')
    const { signal } = this.#abort
    const id = await sources.ensure(source.name)
    const reading = new FetchedCatalog(products, id)
    // Another process that began to read before this one, and ended after it, has written what was true before.
    if (this.#validators.length > 0 && (await products.hasReplacedSince(this.#version))) this.#validators = []
    const read = await source.read(this.#validators, signal, (page) => reading.addPage(page))
    if (!read) {
      const { quarantined } = await state.get()
      await state.succeeded()
      return { quarantined, created: 0, updated: 0, deleted: 0 }
    }
    const { externalIds: taken, quarantined, changed } = reading
    this.#logQuarantine(reading)
    if (taken.size === 0 && quarantined > 0)
      throw new SourceError(ALL_QUARANTINED, { detail: `all of its ${quarantined} products were refused`, quarantined })
    const isShifting = read.isShifting || reading.isShifting
    const { count: known, missing } = await products.findMissing(id, taken)
    // One that came or went while the pages were read can push another one past them. Not twice in a row, though.
    // The products of another source, or of the sample, go with the first reading, whatever that is like.
    const isFirst = (await state.get()).source !== id
    const gone = isShifting && !isFirst ? missing.filter((id) => this.#missingOnce.has(id)) : missing
    if (!acceptLoss && !isFirst) this.#checkLoss(gone.length, known)
    const { epoch, revision, ...tally } = await products.replaceSourceProducts(
      id,
      untilAborted(changed, signal),
      gone,
      'source',
      async (db) => {
        await state.succeeded(quarantined, db)
        return true
      }
    )
    this.#missingOnce = new Set(isShifting ? missing : [])
    this.#validators = isShifting ? [] : read.validators
    this.#version = { epoch, revision }
    if (tally.created + tally.updated + tally.deleted > 0) log.info(tally, 'catalog changed')
    return { quarantined, ...tally }
  }

  /** Refuses a reading that would take too much of the catalog away: sooner has a source failed than a shop sold out. */
  #checkLoss(lost: number, known: number): void {
    if (known < LOSS_CHECK_MIN || lost <= known * this.#options.maxLoss) return
    throw new SourceError('shrunk', { detail: `it would take away ${lost} of ${known} products (see SYNC_MAX_LOSS)` })
  }

  async #recordFailure(error: Error): Promise<void> {
    this.#logFailure(error)
    // A fault of ours is no reason to spare the source.
    if (!(error instanceof SourceError)) return
    this.#failures++
    this.#retryAfter = Math.min(error.retryAfter / 1000, LONGEST_PAUSE)
    await this.#options.state.failed(error.reason, error.quarantined)
  }

  /** Logs why a sync failed, unless it is what the one before failed for. */
  #logFailure(error: Error): void {
    const { log } = this.#options
    const failure = error instanceof SourceError ? error.reason : (toDatabaseFailure(error) ?? error.message)
    if (failure === this.#failure) return
    this.#failure = failure
    if (error instanceof SourceError) log.warn({ reason: error.reason, cause: error.cause }, error.message)
    else log.error(error, 'sync failed')
  }

  /** Logs how the catalog stands, where that has changed. */
  async #logState(): Promise<void> {
    const { interval, log, state } = this.#options
    const { state: lastState, age } = toFreshness(await state.get(), interval)
    if (this.#stands !== undefined && this.#stands !== lastState)
      log.info({ before: this.#stands, age }, `the catalog is ${lastState}`)
    this.#stands = lastState
  }

  /** Logs each product that is newly in quarantine, or for another reason than before. */
  #logQuarantine({ reasons, quarantined }: FetchedCatalog): void {
    const news = [...reasons].filter(([product, reason]) => this.#reasons.get(product) !== reason)
    for (const [product, reason] of news.slice(0, LINES_MAX)) {
      this.#options.log.warn({ product, reason }, 'product in quarantine')
    }
    if (news.length > LINES_MAX) this.#options.log.warn({ quarantined }, 'more products in quarantine')
    this.#reasons = reasons
  }
}

/** Seconds until the next sync: more after each failure in a row, and by chance, so that many services do not ask as one. */
export function toPauseSeconds(failures: number, interval: number): number {
  if (failures <= FAILURES_ALLOWED) return interval
  const longest = Math.max(interval, Math.min(interval * 2 ** (failures - FAILURES_ALLOWED), LONGEST_PAUSE))
  return interval + Math.random() * (longest - interval)
}

/** So that a process that is to stop does not first write all that it has read. */
async function* untilAborted(
  rows: AsyncIterable<SourceProductRow[]>,
  signal: AbortSignal
): AsyncGenerator<SourceProductRow[]> {
  for await (const some of rows) {
    signal.throwIfAborted()
    yield some
  }
}
