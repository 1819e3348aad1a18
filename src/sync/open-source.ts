import type { SourceAuth } from './source-auth.js'
import { SourceReader } from './source-reader.js'
import type { SourceKindName } from './sources/kinds.js'
import { readMapping } from './sources/mapped/mapping-file.js'

/** The settings of the source, as the configuration has them. */
export interface SourceConfig {
  sourceKind: SourceKindName | 'auto'
  sourceAuth: SourceAuth | undefined
  /** Path of the file that maps the source; undefined if its kind needs none. */
  sourceMapping: string | undefined
  /** Seconds to wait for a response, or for more of it. */
  sourceTimeout: number
  /** Maximum size of all responses of a sync, in bytes. */
  sourceMaxBytes: number
  currency: string | undefined
}

/** The currency of prices if neither the configuration nor the source names one. */
const DEFAULT_CURRENCY = 'USD'

/**
 * Opens the source of a configuration. Sends no request yet.
 * @param url `SOURCE_URL`, without slashes at the end of its path.
 * @throws {MappingFileError}
 */
export function openSource(url: string, config: SourceConfig): SourceReader {
  const { sourceKind: kind, sourceAuth: auth, sourceMapping, sourceTimeout, sourceMaxBytes } = config
  const { currency = DEFAULT_CURRENCY } = config
  const mapping = sourceMapping === undefined ? undefined : readMapping(sourceMapping)
  const limits = { response: sourceTimeout * 1000, bytes: sourceMaxBytes }
  return new SourceReader({ kind, url, currency, mapping, hasAuth: auth !== undefined, auth, limits })
}
