import { SourceError } from '../../source-error.js'
import type { SourceKind } from '../source-kind.js'
import { mapRecord } from './file-mapping.js'
import { firstPage, mayRepeatLastPage, nextPage } from './paging.js'

/** A slow enough rate for the APIs that limit it: most permit about five requests per second. */
const PACE = { requests: 4, period: 1000 }

/** Creates a kind of source whose pages and fields the file in `SOURCE_MAPPING` describes. @param read Reads one page. */
export const createMappedKind = (read: SourceKind['read']): SourceKind => ({
  pace: PACE,
  first: firstPage,
  async *read(body, head, settings) {
    const { 'content-type': type = '' } = head.headers
    // The page of a login or of an error.
    if (/^(text\/html|application\/xhtml)/i.test(type))
      throw new SourceError('invalid', { detail: `the response has the content type ${type.slice(0, 100)}` })
    return yield* read(body, head, settings)
  },
  map: mapRecord,
  mayRepeatLastPage,
  next: nextPage
})
