import type { CatalogState } from '../../schemas/service.js'
import { ALL_QUARANTINED } from '../../schemas/sync.js'
import { SAMPLE } from '../products/stored-product.js'
import type { SourceState } from '../store/source-state.js'

/** Number of sync intervals without a successful sync after which the catalog is stale. */
const INTERVALS_ALLOWED = 3

/** The age of the catalog. Times are in whole seconds. */
export interface Freshness {
  state: CatalogState
  /** Time since the last successful sync; undefined if there was none. */
  age: number | undefined
  /** Time until the catalog is stale; negative if it is stale. */
  ttl: number | undefined
  /** Why the catalog is not fresh, as one word. */
  reason: string | undefined
}

/**
 * Computes the freshness of the catalog.
 * @param syncInterval Seconds between two syncs; undefined if there is no source. Then the catalog is always fresh.
 */
export function toFreshness(
  { lastSuccess, lastError, source, hasProducts }: SourceState,
  syncInterval: number | undefined
): Freshness {
  const unknown = { age: undefined, ttl: undefined }
  if (syncInterval === undefined) return { state: 'fresh', ...unknown, reason: undefined }
  if (lastSuccess === undefined) {
    if (source === SAMPLE) return { state: 'sample', ...unknown, reason: 'sample' }
    return { state: hasProducts ? 'stale' : 'empty', ...unknown, reason: lastError }
  }
  const seconds = (Date.now() - Date.parse(lastSuccess)) / 1000
  const age = Math.max(0, Math.floor(seconds))
  const ttl = Math.floor(syncInterval * INTERVALS_ALLOWED - seconds)
  return { state: ttl >= 0 ? 'fresh' : 'stale', age, ttl, reason: ttl >= 0 ? undefined : lastError }
}

/** Explains why there is no catalog yet. */
export function explainEmptyCatalog(reason: string | undefined): string {
  if (reason === undefined) return 'The source has not responded yet.'
  if (reason === ALL_QUARANTINED)
    return 'The source has responded, but all of its products are in quarantine. `GET /sync` and the log say why.'
  return `The source could not be read yet (${reason}).`
}
