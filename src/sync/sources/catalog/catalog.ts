import type { SourceKind } from '../source-kind.js'
import { toAddress } from './catalog-address.js'
import { mapRecord } from './catalog-mapping.js'
import { readResponse, requestChanges, requestInfo } from './catalog-reading.js'

/** Milliseconds without data after which a stream of changes counts as broken. The service sends something every 15 seconds. */
const SILENCE_MS = 40_000

/**
 * Another instance of this service. The first reading takes all products from an export. Later ones take the changes since the position
 * of the last reading, which is the ID of an event in the change feed: the epoch and the revision of the catalog.
 */
export const catalog: SourceKind = {
  // Instances allow 600 requests a minute by default, also for other clients with the same address.
  pace: { requests: 30, period: 5000 },

  signIn: {
    request: (settings, username, password) => ({ url: toAddress(settings, '/auth'), body: { username, password } }),
    readToken(body) {
      const { token } = Object(body) as { token?: unknown }
      return typeof token === 'string' ? token : undefined
    }
  },

  first: (settings, position) => (position === undefined ? requestInfo(settings) : requestChanges(settings, position)),

  read: readResponse,

  map: mapRecord,

  next: () => 'whole',

  follow: (settings, position) => ({ ...requestChanges(settings, position), silenceMs: SILENCE_MS })
}
