import type { FastifyBaseLogger } from 'fastify'
import type { Freshness } from '../catalog/freshness.js'
import type { ChangeCounts } from '../store/change-log.js'
import { toDatabaseFailure } from '../store/error-kinds.js'
import type { FetchedCatalog } from './fetched-catalog.js'
import { toSentence } from './field-reports.js'
import { SourceError } from './source-error.js'

/** Maximum number of quarantined products that one sync logs. */
const QUARANTINE_LINES_MAX = 100

/** Logs what changes from one sync to the next, so that a source that fails for hours fills no log. */
export class SyncLog {
  readonly #log: FastifyBaseLogger
  /** The last failure that was logged; undefined after a success. */
  #failure: string | undefined
  /** The last freshness; undefined before the end of the first sync. */
  #state: string | undefined
  /** The reasons for quarantine at the last sync, by product. */
  #reasons: ReadonlyMap<string, string> = new Map()

  constructor(log: FastifyBaseLogger) {
    this.#log = log
  }

  /** Logs that a sync failed or was incomplete, unless the previous one did for the same reason. */
  failed(error: Error): void {
    const failure = error instanceof SourceError ? error.reason : (toDatabaseFailure(error) ?? error.message)
    if (failure === this.#failure) return
    this.#failure = failure
    if (error instanceof SourceError) this.#log.warn({ reason: error.reason, cause: error.cause }, error.message)
    else this.#log.error(error, 'sync failed')
  }

  /** Logs that a sync succeeded, if the previous one did not. */
  succeeded(): void {
    if (this.#failure !== undefined) this.#log.info('sync works again')
    this.#failure = undefined
  }

  /** Logs what a sync has changed, if it has changed anything. */
  changes(counts: ChangeCounts): void {
    if (counts.created + counts.updated + counts.deleted > 0) this.#log.info(counts, 'catalog changed')
  }

  /** Logs how fresh the catalog is, if it was different after the previous sync. */
  freshness({ state, age }: Freshness): void {
    if (this.#state !== undefined && this.#state !== state)
      this.#log.info({ before: this.#state, age }, `the catalog is ${state}`)
    this.#state = state
  }

  /** Logs the products that are newly in quarantine or have a new reason. */
  quarantine({ reasons, quarantined }: FetchedCatalog): void {
    const sentences = new Map([...reasons].map(([product, problem]) => [product, toSentence(problem)]))
    const changed = [...sentences].filter(([product, reason]) => this.#reasons.get(product) !== reason)
    for (const [product, reason] of changed.slice(0, QUARANTINE_LINES_MAX)) {
      this.#log.warn({ product, reason }, 'product in quarantine')
    }
    if (changed.length > QUARANTINE_LINES_MAX) this.#log.warn({ quarantined }, 'more products in quarantine')
    this.#reasons = sentences
  }
}
