import type { CatalogState } from '../../schemas/service.js'
import { ALL_QUARANTINED } from '../../schemas/sync.js'
import { SAMPLE } from '../products/stored-product.js'
import type { SourceState } from '../store/source-state.js'

/** The catalog is stale when this many sync intervals have gone by without a success. */
const INTERVALS_ALLOWED = 3

/** How old the catalog is, and whether that is as it should be. Times are in whole seconds. */
export interface Freshness {
  state: CatalogState
  /** Since the source was last read successfully; undefined where it never was. */
  age: number | undefined
  /** Until the catalog counts as stale; negative where it does. */
  ttl: number | undefined
  /** Why it is not fresh, in a word. */
  reason: string | undefined
}

/**
 * How the catalog stands to its source.
 * @param syncInterval Seconds between two syncs; undefined if there is no source, so that the catalog is never out of date.
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

/** Says why there is no catalog yet. */
export function explainEmptyCatalog(reason: string | undefined): string {
  if (reason === undefined) return 'The source has not answered yet.'
  if (reason === ALL_QUARANTINED)
    return 'The source has answered, but all of its products were refused. The log says why.'
  return `The source could not be read yet (${reason}).`
}
