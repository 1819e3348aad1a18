import type { FastifyBaseLogger } from 'fastify'
import { ALL_QUARANTINED, REPORTED_MAX, type SyncInput, type SyncReport } from '../../schemas/sync.js'
import { toFreshness } from '../catalog/freshness.js'
import type { CatalogVersion } from '../products/catalog-version.js'
import { SAMPLE } from '../products/stored-product.js'
import type { ChangeCounts } from '../store/change-log.js'
import { toDatabaseFailure } from '../store/error-kinds.js'
import type { SourceProductRow, SourceProductStore } from '../store/source-products.js'
import type { SourceStateStore } from '../store/source-state.js'
import type { SourceStore } from '../store/sources.js'
import { FetchedCatalog } from './fetched-catalog.js'
import { toSentence } from './field-reports.js'
import { SourceError, type SourceReason } from './source-error.js'
import type { SourceReader, Validator } from './source-reader.js'

export interface SynchronizerOptions {
  /** Undefined if the catalog has local products only. */
  source: SourceReader | undefined
  sources: SourceStore
  /** The currency of the products (ISO 4217); undefined if the source decides. */
  currency: string | undefined
  products: SourceProductStore
  state: SourceStateStore
  log: FastifyBaseLogger
  /** Seconds from the end of a successful sync to the start of the next. */
  interval: number
  /** Share of the catalog that a sync may remove, from 0 to 1. */
  maxLoss: number
}

export type SyncResult =
  | ({ quarantined: number; incomplete?: string } & ChangeCounts)
  /** `error` if the failure was not caused by the source. */
  | { failed: SourceReason | 'error'; message: string }

/** Minimum number of products for which the loss is limited. Smaller catalogs may change in any way. */
const LOSS_CHECK_MIN = 20
/** Maximum number of seconds between two syncs after failures. */
const LONGEST_PAUSE = 900
/** Number of consecutive failures that do not lengthen the pause. */
const FAILURES_ALLOWED = 1
/** Maximum number of quarantined products that one sync logs. */
const QUARANTINE_LINES_MAX = 100

/** Keeps the catalog up to date with its source, independently of requests. */
export class Synchronizer {
  readonly #options: SynchronizerOptions
  readonly #abort = new AbortController()
  /** The running sync. Callers join it. Only a caller that accepts losses waits for its end and starts another one. */
  #current: Promise<SyncResult> | undefined
  #timer: NodeJS.Timeout | undefined
  /**
   * ETags of the source's pages. They are not stored: the first sync after a start fetches everything, because the source or the mapping
   * may have changed with the restart.
   */
  #validators: Validator[] = []
  /** The version of the catalog to which `#validators` belongs. */
  #version: CatalogVersion = { epoch: '', revision: 0 }
  /** Products missing from the last fetch, if products moved between its pages. If the next fetch lacks them too, they are removed. */
  #suspectedMissing = new Set<number>()
  /** The last failure that was logged; undefined after a success. */
  #loggedFailure: string | undefined
  /** Consecutive failures that were caused by the source. */
  #failures = 0
  /** Seconds until the source accepts requests again, as its `Retry-After` says. */
  #retryAfter = 0
  /** The freshness that was last logged. */
  #loggedState: string | undefined
  #report: SyncReport | undefined
  /** The reasons for quarantine at the last sync, by product. */
  #loggedReasons: ReadonlyMap<string, string> = new Map()

  constructor(options: SynchronizerOptions) {
    this.#options = options
  }

  get hasSource(): boolean {
    return this.#options.source !== undefined
  }

  /**
   * The report on the last reading of the source by this process; undefined before the first one. If the source has not changed, the earlier
   * report stays.
   */
  get report(): SyncReport | undefined {
    return this.#report
  }

  /** Syncs now and at every interval until `stop`. */
  start(): void {
    if (this.hasSource) void this.#repeat()
  }

  /**
   * Syncs with the source, or joins the running sync. With `acceptLoss`, starts another sync after the running one, which may fail because
   * of a loss. Never throws: failures are logged and stored.
   */
  run(options: SyncInput = {}): Promise<SyncResult> {
    if (this.#current && options.acceptLoss) return this.#current.then(() => this.run(options))
    this.#current ??= this.#sync(options)
      .catch((error: Error): SyncResult => {
        // The result could not be stored or logged.
        this.#logFailure(error)
        return { failed: 'error', message: error.message }
      })
      .finally(() => {
        this.#current = undefined
      })
    return this.#current
  }

  /** Aborts the running sync and closes the source. */
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
      const read = await this.#fetch(options)
      result = read
      const { incomplete } = read
      if (incomplete !== undefined) this.#logFailure(new SourceError('incomplete', { detail: incomplete }))
      else if (this.#loggedFailure !== undefined) this.#options.log.info('sync works again')
      if (incomplete === undefined) this.#loggedFailure = undefined
      this.#failures = 0
      this.#retryAfter = 0
    } catch (error) {
      result = { failed: error instanceof SourceError ? error.reason : 'error', message: (error as Error).message }
      if (!this.#abort.signal.aborted) await this.#recordFailure(error as Error)
    }
    if (!this.#abort.signal.aborted && !('failed' in result && result.failed === 'error')) await this.#logState()
    return result
  }

  async #fetch({ acceptLoss = false }: SyncInput): Promise<Exclude<SyncResult, { failed: unknown }>> {
    const { source, sources, products, state, log } = this.#options
    if (!source) throw new Error('no source is configured')
    const { signal } = this.#abort
    const id = await sources.ensure(source.name)
    const fetched = new FetchedCatalog(products, id, this.#options.currency)
    // Another process may have written an older catalog after this process stored its ETags.
    if (this.#validators.length > 0 && (await products.hasReplacedSince(this.#version))) this.#validators = []
    const summary = await source.read(this.#validators, signal, fetched)
    if (!summary) {
      const { quarantined } = await state.get()
      await state.succeeded()
      return { quarantined, created: 0, updated: 0, deleted: 0 }
    }
    fetched.settleCurrency()
    const { externalIds, quarantined } = fetched
    this.#logQuarantine(fetched)
    this.#report = toReport(fetched)
    if (externalIds.size === 0 && quarantined > 0) {
      throw new SourceError(ALL_QUARANTINED, { detail: `all ${quarantined} products are in quarantine`, quarantined })
    }
    if (externalIds.size === 0 && summary.incomplete !== undefined)
      throw new SourceError('incomplete', { detail: summary.incomplete })
    const isShifting = summary.isShifting || fetched.isShifting
    const { count: storedCount, missing } = await products.findMissing(id, externalIds)
    // If products are added or removed during a fetch, others move between pages. The fetch may miss them, but hardly twice in a row. The
    // first fetch of a source replaces all products of the previous source or of the sample.
    const { source: served } = await state.get()
    const isFirst = served !== id
    const missed = isShifting && !isFirst ? missing.filter((id) => this.#suspectedMissing.has(id)) : missing
    const { incomplete } = summary
    if (incomplete !== undefined && isFirst && served !== undefined && served !== SAMPLE && !acceptLoss) {
      const advice = 'The products of the previous source stay. To replace them nevertheless, accept the loss.'
      throw new SourceError('incomplete', { detail: `${incomplete}. ${advice}` })
    }
    // Products that an incomplete reading lacks may still exist.
    const removed = incomplete === undefined ? missed : []
    if (!acceptLoss && !isFirst) this.#checkLoss(removed.length, storedCount)
    const { epoch, revision, ...counts } = await products.replace(
      {
        source: id,
        changed: untilAborted(fetched.changed(), signal),
        removedIds: removed,
        currency: fetched.currency,
        // Like products, categories that a shifting or incomplete reading may have missed stay.
        categories: { list: fetched.categories.list(), isComplete: !isShifting && incomplete === undefined }
      },
      'source',
      async (db) => {
        if (incomplete === undefined) await state.succeeded(quarantined, db)
        else await state.failed('incomplete', quarantined, db)
        return true
      }
    )
    this.#suspectedMissing = new Set(isShifting ? missing : [])
    this.#validators = isShifting ? [] : summary.validators
    this.#version = { epoch, revision }
    if (counts.created + counts.updated + counts.deleted > 0) log.info(counts, 'catalog changed')
    return { quarantined, ...counts, ...(incomplete !== undefined && { incomplete }) }
  }

  /**
   * Checks that a sync does not remove too much of the catalog. A large loss is more often an error of the source than a real change.
   * @throws {SourceError} `shrunk`
   */
  #checkLoss(removed: number, stored: number): void {
    const { maxLoss } = this.#options
    if (stored < LOSS_CHECK_MIN || removed <= stored * maxLoss) return
    const percentage = Math.round(maxLoss * 100)
    const detail =
      `${removed} of ${stored} products would disappear, more than SYNC_MAX_LOSS (${percentage}%) allows. ` +
      'If the source has really become smaller, accept the loss.'
    throw new SourceError('shrunk', { detail })
  }

  async #recordFailure(error: Error): Promise<void> {
    this.#logFailure(error)
    // Only failures of the source delay the next sync.
    if (!(error instanceof SourceError)) return
    this.#failures++
    this.#retryAfter = Math.min(error.retryAfter / 1000, LONGEST_PAUSE)
    await this.#options.state.failed(error.reason, error.quarantined)
  }

  /** Logs a failure, unless the previous sync failed for the same reason. */
  #logFailure(error: Error): void {
    const { log } = this.#options
    const failure = error instanceof SourceError ? error.reason : (toDatabaseFailure(error) ?? error.message)
    if (failure === this.#loggedFailure) return
    this.#loggedFailure = failure
    if (error instanceof SourceError) log.warn({ reason: error.reason, cause: error.cause }, error.message)
    else log.error(error, 'sync failed')
  }

  /** Logs the freshness of the catalog if it has changed. */
  async #logState(): Promise<void> {
    const { interval, log, state } = this.#options
    const { state: currentState, age } = toFreshness(await state.get(), interval)
    if (this.#loggedState !== undefined && this.#loggedState !== currentState)
      log.info({ before: this.#loggedState, age }, `the catalog is ${currentState}`)
    this.#loggedState = currentState
  }

  /** Logs the products that are newly in quarantine or have a new reason. */
  #logQuarantine({ reasons, quarantined }: FetchedCatalog): void {
    const sentences = new Map([...reasons].map(([product, problem]) => [product, toSentence(problem)]))
    const changed = [...sentences].filter(([product, reason]) => this.#loggedReasons.get(product) !== reason)
    for (const [product, reason] of changed.slice(0, QUARANTINE_LINES_MAX)) {
      this.#options.log.warn({ product, reason }, 'product in quarantine')
    }
    if (changed.length > QUARANTINE_LINES_MAX) this.#options.log.warn({ quarantined }, 'more products in quarantine')
    this.#loggedReasons = sentences
  }
}

function toReport({ externalIds, quarantined, reasons, reports }: FetchedCatalog): SyncReport {
  const products = [...reasons].slice(0, REPORTED_MAX)
  return {
    readAt: new Date().toISOString(),
    products: externalIds.size,
    quarantined,
    quarantine: products.map(([product, problem]) => ({ product, ...problem })),
    fields: reports.counts
  }
}

/** Returns the seconds until the next sync. They grow with each failure and are random, so that several services do not retry together. */
export function toPauseSeconds(failures: number, interval: number): number {
  if (failures <= FAILURES_ALLOWED) return interval
  const longest = Math.max(interval, Math.min(interval * 2 ** (failures - FAILURES_ALLOWED), LONGEST_PAUSE))
  return interval + Math.random() * (longest - interval)
}

/** Yields batches of rows until the signal aborts, so that a process that stops does not finish a large write first. */
async function* untilAborted(
  rows: AsyncIterable<SourceProductRow[]>,
  signal: AbortSignal
): AsyncGenerator<SourceProductRow[]> {
  for await (const batch of rows) {
    signal.throwIfAborted()
    yield batch
  }
}
