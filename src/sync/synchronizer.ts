import type { FastifyBaseLogger } from 'fastify'
import { FAILURE_MAX, REPORTED_MAX, type SyncDryRun, type SyncInput, type SyncReport } from '../../schemas/sync.js'
import { toFreshness } from '../catalog/freshness.js'
import type { CatalogVersion } from '../products/catalog-version.js'
import type { ChangeCounts } from '../store/change-log.js'
import { now } from '../store/database.js'
import { toDatabaseFailure } from '../store/error-kinds.js'
import type { SourceProductRow, SourceProductStore } from '../store/source-products.js'
import type { SourceStateStore } from '../store/source-state.js'
import type { SourceStore } from '../store/sources.js'
import { FetchedCatalog } from './fetched-catalog.js'
import { toSentence } from './field-reports.js'
import { SourceError, type SourceReason } from './source-error.js'
import { SourceFollower } from './source-follower.js'
import type { ReadingSummary, SourceReader, Validator } from './source-reader.js'
import { planSync, type SyncPlan } from './sync-plan.js'

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
  /** The position of the last reading in the history of the source. Like the ETags, it is not stored. */
  #position: string | undefined
  /** The version of the catalog to which `#validators` and `#position` belong. */
  #version: CatalogVersion = { epoch: '', revision: 0 }
  /** Products missing from the last fetch, if products moved between its pages. If the next fetch lacks them too, they are removed. */
  #suspectedMissing = new Set<number>()
  /** The time at which the next version that was kept of a product in quarantine disappears (ISO 8601). */
  #keptUntil = NEVER
  /** The last failure that was logged; undefined after a success. */
  #loggedFailure: string | undefined
  /** Consecutive failures that were caused by the source. */
  #failures = 0
  /** Seconds until the source accepts requests again, as its `Retry-After` says. */
  #retryAfter = 0
  /** The freshness that was last logged. */
  #loggedState: string | undefined
  #report: SyncReport | undefined
  /** The running dry run. Callers join it. */
  #currentTry: Promise<SyncDryRun> | undefined
  #lastTry: SyncDryRun | undefined
  /** The reasons for quarantine at the last sync, by product. */
  #loggedReasons: ReadonlyMap<string, string> = new Map()

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
        this.#logFailure(error)
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
  tryRun(options: SyncInput = {}): Promise<SyncDryRun> {
    this.#currentTry ??= this.#tryRun(options)
      .then((result) => {
        this.#lastTry = result
        return result
      })
      .finally(() => {
        this.#currentTry = undefined
      })
    return this.#currentTry
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
    if (!this.#isStarted || this.#follower || this.#position === undefined || !source?.canFollow) return
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
      if (incomplete !== undefined) this.#logFailure(new SourceError('incomplete', { detail: incomplete }))
      else if (this.#loggedFailure !== undefined) this.#options.log.info('sync works again')
      if (incomplete === undefined) this.#loggedFailure = undefined
      this.#failures = 0
      this.#retryAfter = 0
      this.#follow()
    } catch (error) {
      result = { failed: error instanceof SourceError ? error.reason : 'error', message: (error as Error).message }
      if (!this.#abort.signal.aborted) await this.#recordFailure(error as Error)
    }
    if (!this.#abort.signal.aborted && !('failed' in result && result.failed === 'error')) await this.#logState()
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
    this.#logQuarantine(fetched)
    const plan = await this.#plan(id, fetched, summary)
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

  /** Returns whether changes can be applied. Only a whole reading can replace another source, and counts all records that cannot be used. */
  async #canApply(source: number, { quarantined }: FetchedCatalog): Promise<boolean> {
    const stored = await this.#options.state.get()
    return stored.source === source && stored.quarantined === 0 && quarantined === 0
  }

  async #plan(source: number, fetched: FetchedCatalog, summary: ReadingSummary): Promise<SyncPlan> {
    return await planSync(source, fetched, summary, { ...this.#options, suspectedMissing: this.#suspectedMissing })
  }

  async #tryRun({ acceptLoss = false }: SyncInput): Promise<SyncDryRun> {
    const { source, sources, products, currency } = this.#options
    if (!source) throw new Error('no source is configured')
    const { signal } = this.#abort
    const { id } = await sources.identify(source.name)
    const fetched = new FetchedCatalog(products, id, currency)
    const noChanges = { created: 0, updated: 0, deleted: 0, changes: [] }
    try {
      const summary = (await source.read([], signal, fetched)) as ReadingSummary
      fetched.settleCurrency()
      const plan = await this.#plan(id, fetched, summary)
      const { content, incomplete, report } = plan
      const refusal = toRefusal(plan, acceptLoss)
      const writesNothing = plan.refusal?.canBeAccepted === false
      const preview = writesNothing
        ? noChanges
        : await products.preview(
            { ...content, changed: untilAborted(fetched.changed(), signal) },
            (db) => sources.store(source.name, db),
            REPORTED_MAX
          )
      return {
        endedAt: now(),
        ...(refusal && { failure: toFailure(refusal) }),
        ...(incomplete !== undefined && { incomplete: incomplete.slice(0, FAILURE_MAX) }),
        ...preview,
        report
      }
    } catch (error) {
      if (!(error instanceof SourceError)) throw error
      return { endedAt: now(), failure: toFailure(error), ...noChanges }
    }
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

/** Returns why a sync must not write what was planned; undefined if it may. */
function toRefusal({ refusal }: SyncPlan, acceptLoss: boolean): SourceError | undefined {
  return refusal && acceptLoss && refusal.canBeAccepted ? undefined : refusal?.error
}

const toFailure = ({ message }: SourceError) => message.slice(0, FAILURE_MAX)

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
