import type { FastifyBaseLogger } from 'fastify'
import type { SyncDryRun, SyncInput, SyncReport } from '../../schemas/sync.js'
import { toFreshness } from '../catalog/freshness.js'
import type { CatalogVersion } from '../products/catalog-version.js'
import type { ChangeCounts } from '../store/change-log.js'
import { now } from '../store/database.js'
import type { SourceProductStore } from '../store/source-products.js'
import type { SourceStateStore } from '../store/source-state.js'
import type { SourceStore } from '../store/sources.js'
import { tryReading } from './dry-run.js'
import { FetchedCatalog } from './fetched-catalog.js'
import { SourceError, type SourceReason } from './source-error.js'
import { SourceFollower } from './source-follower.js'
import type { SourceReader, Validator } from './source-reader.js'
import { SyncLog } from './sync-log.js'
import { planSync, toRefusal, untilAborted } from './sync-plan.js'

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
  /** Seconds for which the last usable version of a product in quarantine stays. */
  grace: number
}

export type SyncResult =
  | ({ quarantined: number; incomplete?: string } & ChangeCounts)
  /** `error` if the failure was not caused by the source. */
  | { failed: SourceReason | 'error'; message: string }

/** Maximum number of seconds between two syncs after failures. */
const LONGEST_PAUSE = 900
/** Number of consecutive failures that do not lengthen the pause. */
const FAILURES_ALLOWED = 1
/** A time after all others (ISO 8601). */
const NEVER = '9999'

/** Keeps the catalog up to date with its source, independently of requests. */
export class Synchronizer {
  readonly #options: SynchronizerOptions
  readonly #log: SyncLog
  readonly #abort = new AbortController()
  /** The running sync. Callers join it. Only a caller that accepts losses waits for its end and starts another one. */
  #current: Promise<SyncResult> | undefined
  #timer: NodeJS.Timeout | undefined
  /**
   * ETags of the source's pages. They are not stored: the first sync after a start fetches everything, because the source or the mapping
   * may have changed with the restart.
   */
  #validators: Validator[] = []
  /** The position of the last reading in the history of the source. Like the ETags, it is not stored. */
  #position: string | undefined
  /** The version of the catalog to which `#validators` and `#position` belong. */
  #version: CatalogVersion = { epoch: '', revision: 0 }
  /** Products missing from the last fetch, if products moved between its pages. If the next fetch lacks them too, they are removed. */
  #suspectedMissing = new Set<number>()
  /** The time at which the next version that was kept of a product in quarantine disappears (ISO 8601). */
  #keptUntil = NEVER
  /** Consecutive failures that were caused by the source. */
  #failures = 0
  /** Seconds until the source accepts requests again, as its `Retry-After` says. */
  #retryAfter = 0
  #report: SyncReport | undefined
  /** The running dry run. Callers join it. */
  #currentTry: Promise<SyncDryRun> | undefined
  #lastTry: SyncDryRun | undefined
  /** The epochs of the catalogs that this one reads, as the last reading has found them. */
  #epochs: readonly string[] = []
  /** Undefined before the first successful sync of a process that syncs by itself, and if the source does not tell when it changes. */
  #follower: SourceFollower | undefined
  /** Whether the process syncs by itself. */
  #isStarted = false
  /** A sync that waits for the running one to end. */
  #nextSync: Promise<unknown> | undefined

  constructor(options: SynchronizerOptions) {
    this.#options = options
    this.#log = new SyncLog(options.log)
  }

  get hasSource(): boolean {
    return this.#options.source !== undefined
  }

  /**
   * The report on the last whole reading of the source by this process; undefined before the first one. If the source has not changed, or
   * if it lists its changes, the earlier report stays.
   */
  get report(): SyncReport | undefined {
    return this.#report
  }

  /** The result of the last dry run in this process; undefined before its end. */
  get dryRun(): SyncDryRun | undefined {
    return this.#lastTry
  }

  /** The epochs of the catalogs that this one reads, directly or through others. Empty before the first sync, and for other sources. */
  get epochs(): readonly string[] {
    return this.#epochs
  }

  /** Syncs now and at every interval until `stop`. If the source tells when it changes, syncs then too. */
  start(): void {
    this.#isStarted = true
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
        this.#log.failed(error)
        return { failed: 'error', message: error.message }
      })
      .finally(() => {
        this.#current = undefined
      })
    return this.#current
  }

  /**
   * Finds out what a sync would change, or joins the running dry run. Reads the whole source, writes nothing, and does not influence the
   * next sync.
   * @returns The result, also if the source could not be read.
   * @throws if the database fails.
   */
  async tryRun(options: SyncInput = {}): Promise<SyncDryRun> {
    const { source } = this.#options
    if (!source) throw new Error('no source is configured')
    this.#currentTry ??= tryReading(source, options, {
      ...this.#options,
      suspectedMissing: this.#suspectedMissing,
      signal: this.#abort.signal
    })
      .then((result) => {
        this.#lastTry = result
        return result
      })
      .finally(() => {
        this.#currentTry = undefined
      })
    return await this.#currentTry
  }

  /** Aborts the running sync and closes the source. */
  async stop(): Promise<void> {
    this.#abort.abort()
    clearTimeout(this.#timer)
    await Promise.allSettled([this.#follower?.stop(), this.#current, this.#currentTry])
    await this.#nextSync
    await this.#options.source?.close()
  }

  async #repeat(): Promise<void> {
    await this.run()
    if (this.#abort.signal.aborted) return
    const pause = Math.max(toPauseSeconds(this.#failures, this.#options.interval), this.#retryAfter)
    this.#timer = setTimeout(() => this.#repeat(), pause * 1000)
  }

  /** Starts to follow the source, after the first sync that gave a position in its history. */
  #follow(): void {
    const { source, log } = this.#options
    if (
      !this.#isStarted ||
      this.#abort.signal.aborted ||
      this.#follower ||
      this.#position === undefined ||
      !source?.canFollow
    )
      return
    this.#follower = new SourceFollower({
      open: (signal) => (this.#position === undefined ? undefined : source.follow(this.#position, signal)),
      onPosition: (position, isFirst) => {
        // A source that fails gets no more requests than without events, unless it seems to work again.
        const isFailing = this.#failures > FAILURES_ALLOWED || this.#retryAfter > 0
        const hasMoved = position === undefined || position !== this.#position
        if (isFirst ? hasMoved || isFailing : hasMoved && !isFailing) this.#syncSoon()
      },
      log
    })
    this.#follower.start()
  }

  /** Syncs now or, because the running sync may have read the source before it changed, after that. */
  #syncSoon(): void {
    this.#nextSync ??= Promise.resolve(this.#current).then(() => {
      this.#nextSync = undefined
      return this.#abort.signal.aborted ? undefined : this.run()
    })
  }

  async #sync(options: SyncInput): Promise<SyncResult> {
    let result: SyncResult
    try {
      const read = await this.#fetch(options)
      result = read
      const { incomplete } = read
      if (incomplete === undefined) this.#log.succeeded()
      else this.#log.failed(new SourceError('incomplete', { detail: incomplete }))
      this.#failures = 0
      this.#retryAfter = 0
      this.#follow()
    } catch (error) {
      result = { failed: error instanceof SourceError ? error.reason : 'error', message: (error as Error).message }
      if (!this.#abort.signal.aborted) await this.#recordFailure(error as Error)
    }
    if (!this.#abort.signal.aborted && !('failed' in result && result.failed === 'error'))
      this.#log.freshness(toFreshness(await this.#options.state.get(), this.#options.interval))
    return result
  }

  async #fetch(options: SyncInput): Promise<Exclude<SyncResult, { failed: unknown }>> {
    const { acceptLoss = false } = options
    const { source, sources, products, state, log } = this.#options
    if (!source) throw new Error('no source is configured')
    const { signal } = this.#abort
    const id = await sources.ensure(source.name)
    const fetched = new FetchedCatalog(products, id, this.#options.currency)
    // Another process may have written an older catalog after this process stored its ETags. The source may be unchanged while a version
    // that was kept of a product in quarantine has to disappear.
    const isOutdated = this.#keptUntil <= now() || (await products.hasReplacedSince(this.#version))
    if (isOutdated) {
      this.#validators = []
      this.#position = undefined
    }
    const summary = await source.read(this.#validators, signal, fetched, this.#position)
    if (!summary) {
      const { quarantined } = await state.get()
      await state.succeeded()
      return { quarantined, created: 0, updated: 0, deleted: 0 }
    }
    fetched.settleCurrency()
    const { quarantined } = fetched
    const { version } = summary
    if (version?.isDifference && !(await this.#canApply(id, fetched))) {
      this.#position = undefined
      return await this.#fetch(options)
    }
    this.#epochs = version?.epochs ?? []
    this.#log.quarantine(fetched)
    const plan = await planSync(id, fetched, summary, { ...this.#options, suspectedMissing: this.#suspectedMissing })
    const { incomplete } = plan
    if (!version?.isDifference) this.#report = plan.report
    const refusal = toRefusal(plan, acceptLoss)
    if (refusal) throw refusal
    const { epoch, revision, ...counts } = await products.replace(
      { ...plan.content, changed: untilAborted(fetched.changed(), signal) },
      'source',
      async (db) => {
        if (incomplete === undefined) await state.succeeded(quarantined, db)
        else await state.failed('incomplete', quarantined, db)
        return true
      }
    )
    this.#suspectedMissing = plan.suspectedMissing
    this.#keptUntil = plan.keptUntil ?? NEVER
    this.#validators = fetched.isShifting ? [] : summary.validators
    this.#position = version?.position
    this.#version = { epoch, revision }
    if (counts.created + counts.updated + counts.deleted > 0) log.info(counts, 'catalog changed')
    return { quarantined, ...counts, ...(incomplete !== undefined && { incomplete }) }
  }

  /**
   * Returns whether changes can be applied. Only a whole reading can replace another source or currency, and counts all records that cannot
   * be used.
   */
  async #canApply(source: number, { quarantined, currency }: FetchedCatalog): Promise<boolean> {
    const { state, products } = this.#options
    const stored = await state.get()
    const hasSameCurrency = currency === undefined || currency === (await products.currency())
    return stored.source === source && stored.quarantined === 0 && quarantined === 0 && hasSameCurrency
  }

  async #recordFailure(error: Error): Promise<void> {
    this.#log.failed(error)
    // Only failures of the source delay the next sync.
    if (!(error instanceof SourceError)) return
    this.#failures++
    this.#retryAfter = Math.min(error.retryAfter / 1000, LONGEST_PAUSE)
    await this.#options.state.failed(error.reason, error.quarantined)
  }
}

/** Returns the seconds until the next sync. They grow with each failure and are random, so that several services do not retry together. */
export function toPauseSeconds(failures: number, interval: number): number {
  if (failures <= FAILURES_ALLOWED) return interval
  const longest = Math.max(interval, Math.min(interval * 2 ** (failures - FAILURES_ALLOWED), LONGEST_PAUSE))
  return interval + Math.random() * (longest - interval)
}
