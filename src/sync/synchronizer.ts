import type { FastifyBaseLogger } from 'fastify'
import type { SyncDryRun, SyncInput, SyncReport } from '../../schemas/sync.js'
import { toFreshness } from '../catalog/freshness.js'
import { SourceError, type SourceReason } from './source-error.js'
import { SourceFollower } from './source-follower.js'
import { SourceSync, type SourceSyncOptions, type SyncChanges } from './source-sync.js'
import { SyncLog } from './sync-log.js'

export interface SynchronizerOptions extends SourceSyncOptions {
  log: FastifyBaseLogger
  /** Seconds from the end of a successful sync to the start of the next. */
  interval: number
}

export type SyncResult =
  | SyncChanges
  /** `error` if the failure was not caused by the source. */
  | { failed: SourceReason | 'error'; message: string }

/** Maximum number of seconds between two syncs after failures. */
const LONGEST_PAUSE = 900
/** Number of consecutive failures that do not lengthen the pause. */
const FAILURES_ALLOWED = 1

/** Decides when the catalog syncs with its source, independently of requests. */
export class Synchronizer {
  readonly #options: SynchronizerOptions
  readonly #log: SyncLog
  readonly #sourceSync: SourceSync
  readonly #abort = new AbortController()
  /** The running sync. Callers join it. Only a caller that accepts losses waits for its end and starts another one. */
  #current: Promise<SyncResult> | undefined
  #timer: NodeJS.Timeout | undefined
  /** Consecutive failures that were caused by the source. */
  #failures = 0
  /** Seconds until the source accepts requests again, as its `Retry-After` says. */
  #retryAfter = 0
  /** The running dry run. Callers join it. */
  #currentTry: Promise<SyncDryRun> | undefined
  #lastTry: SyncDryRun | undefined
  /** Undefined before the first successful sync of a process that syncs by itself, and if the source does not tell when it changes. */
  #follower: SourceFollower | undefined
  /** Whether the process syncs by itself. */
  #isStarted = false
  /** A sync that waits for the running one to end. */
  #nextSync: Promise<unknown> | undefined

  constructor(options: SynchronizerOptions) {
    this.#options = options
    this.#log = new SyncLog(options.log)
    this.#sourceSync = new SourceSync(options, this.#log)
  }

  get hasSource(): boolean {
    return this.#options.source !== undefined
  }

  /**
   * The report on the last whole reading of the source by this process; undefined before the first one. If the source has not changed, or
   * if it lists its changes, the earlier report stays.
   */
  get report(): SyncReport | undefined {
    return this.#sourceSync.report
  }

  /** The result of the last dry run in this process; undefined before its end. */
  get dryRun(): SyncDryRun | undefined {
    return this.#lastTry
  }

  /** The epochs of the catalogs that this one reads, directly or through others. Empty before the first sync, and for other sources. */
  get epochs(): readonly string[] {
    return this.#sourceSync.epochs
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

  /** Does a dry run (see `SourceSync.tryRun`), or joins the running one. */
  async tryRun(options: SyncInput = {}): Promise<SyncDryRun> {
    this.#currentTry ??= this.#sourceSync
      .tryRun(options, this.#abort.signal)
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
    const isRunning = this.#isStarted && !this.#abort.signal.aborted
    if (!isRunning || this.#follower || this.#sourceSync.position === undefined || !source?.canFollow) return
    this.#follower = new SourceFollower({
      open: (signal) => {
        const { position } = this.#sourceSync
        return position === undefined ? undefined : source.follow(position, signal)
      },
      onPosition: (position, isFirst) => {
        // A source that fails gets no more requests than without events, unless it seems to work again.
        const isFailing = this.#failures > FAILURES_ALLOWED || this.#retryAfter > 0
        const hasMoved = position === undefined || position !== this.#sourceSync.position
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
      const read = await this.#sourceSync.run(options, this.#abort.signal)
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
