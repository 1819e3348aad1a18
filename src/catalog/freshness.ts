import type { CatalogState } from '../../schemas/service.js'
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
 * @param syncInterval Seconds between two syncs.
 */
export function freshnessOf({ lastSuccess, lastError, sample }: SourceState, syncInterval: number): Freshness {
  if (lastSuccess === undefined) {
    const [state, reason] = sample ? (['sample', 'sample'] as const) : (['empty', lastError] as const)
    return { state, age: undefined, ttl: undefined, reason }
  }
  const seconds = (Date.now() - Date.parse(lastSuccess)) / 1000
  const age = Math.max(0, Math.floor(seconds))
  const ttl = Math.floor(syncInterval * INTERVALS_ALLOWED - seconds)
  return { state: ttl >= 0 ? 'fresh' : 'stale', age, ttl, reason: ttl >= 0 ? undefined : lastError }
}
