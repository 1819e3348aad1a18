import { FAILURE_MAX, REPORTED_MAX, type SyncDryRun, type SyncInput, type SyncReport } from '../../schemas/sync.js'
import type { CatalogVersion } from '../products/catalog-version.js'
import type { ChangeCounts } from '../store/change-log.js'
import { now } from '../store/database.js'
import type { SourceProductRow, SourceProductStore } from '../store/source-products.js'
import type { SourceStateStore } from '../store/source-state.js'
import type { SourceStore } from '../store/sources.js'
import { FetchedCatalog } from './fetched-catalog.js'
import { SourceError } from './source-error.js'
import type { ReadingSummary, SourceReader, Validator } from './source-reader.js'
import type { SyncLog } from './sync-log.js'
import { planSync, type SyncPlan } from './sync-plan.js'

export interface SourceSyncOptions {
  /** Undefined if the catalog has local products only. */
  source: SourceReader | undefined
  sources: SourceStore
  /** The currency of the products (ISO 4217); undefined if the source decides. */
  currency: string | undefined
  products: SourceProductStore
  state: SourceStateStore
  /** Share of the catalog that a sync may remove, from 0 to 1. */
  maxLoss: number
  /** Seconds for which the last usable version of a product in quarantine stays. */
  grace: number
}

/** The changes that a sync has made. */
export interface SyncChanges extends ChangeCounts {
  quarantined: number
  /** Why the source did not send all of its products; undefined if it did. */
  incomplete?: string
}

/** A time after all others (ISO 8601). */
const NEVER = '9999'

/** Syncs the catalog with its source, and remembers what the next sync needs to read less. Callers run one sync at a time. */
export class SourceSync {
  readonly #options: SourceSyncOptions
  readonly #log: SyncLog
  /**
   * ETags of the source's pages. They are not stored: the first sync after a start fetches everything, because the source or the mapping
   * may have changed with the restart.
   */
  #validators: Validator[] = []
  #position: string | undefined
  /** The version of the catalog to which `#validators` and `#position` belong. */
  #version: CatalogVersion = { epoch: '', revision: 0 }
  /** Products missing from the last fetch, if products moved between its pages. If the next fetch lacks them too, they are removed. */
  #suspectedMissing = new Set<number>()
  /** The time at which the next version that was kept of a product in quarantine disappears (ISO 8601). */
  #keptUntil = NEVER
  #report: SyncReport | undefined
  #epochs: readonly string[] = []

  constructor(options: SourceSyncOptions, log: SyncLog) {
    this.#options = options
    this.#log = log
  }

  /** The position of the last reading in the history of the source. Like the ETags, it is not stored. */
  get position(): string | undefined {
    return this.#position
  }

  /** The report on the last whole reading; undefined before the first one. */
  get report(): SyncReport | undefined {
    return this.#report
  }

  /** The epochs of the catalogs that this one reads, as the last reading has found them. */
  get epochs(): readonly string[] {
    return this.#epochs
  }

  /**
   * Reads the source, and stores its products.
   * @throws {SourceError} if the source could not be read, or if the sync was rejected.
   */
  async run(options: SyncInput, signal: AbortSignal): Promise<SyncChanges> {
    const { acceptLoss = false } = options
    const { sources, products, state, currency } = this.#options
    const source = this.#source
    const id = await sources.ensure(source.name)
    const fetched = new FetchedCatalog(products, id, currency)
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
      return await this.run(options, signal)
    }
    this.#epochs = version?.epochs ?? []
    this.#log.quarantine(fetched)
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
    this.#validators = fetched.isShifting || !plan.isSettled ? [] : summary.validators
    this.#position = version?.position
    this.#version = { epoch, revision }
    this.#log.changes(counts)
    return { quarantined, ...counts, ...(incomplete !== undefined && { incomplete }) }
  }

  /**
   * Finds out what a sync would change. Reads the whole source, writes nothing, and does not influence the next sync.
   * @returns The result, also if the source could not be read.
   * @throws if the database fails.
   */
  async tryRun({ acceptLoss = false }: SyncInput, signal: AbortSignal): Promise<SyncDryRun> {
    const { sources, products, currency } = this.#options
    const source = this.#source
    const { id } = await sources.identify(source.name)
    const fetched = new FetchedCatalog(products, id, currency)
    const noChanges = { created: 0, updated: 0, deleted: 0, changes: [] }
    try {
      // Without ETags and a position, the source is read even if it has not changed.
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

  get #source(): SourceReader {
    const { source } = this.#options
    if (!source) throw new Error('no source is configured')
    return source
  }

  async #plan(source: number, fetched: FetchedCatalog, summary: ReadingSummary): Promise<SyncPlan> {
    return await planSync(source, fetched, summary, { ...this.#options, suspectedMissing: this.#suspectedMissing })
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
}

const toFailure = ({ message }: SourceError) => message.slice(0, FAILURE_MAX)

/** Returns why a sync must not write what was planned; undefined if it may. */
function toRefusal({ refusal }: SyncPlan, acceptLoss: boolean): SourceError | undefined {
  return refusal && acceptLoss && refusal.canBeAccepted ? undefined : refusal?.error
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
