import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'
import type { Encoding } from '../products/entity-tags.js'
import { ProblemError } from './problems.js'

/** The codings that a client prefers: for bodies too short to compress, and for all others. */
export interface PreferredEncodings {
  short: Encoding
  long: Encoding
}

const IDENTITY: PreferredEncodings = { short: 'identity', long: 'identity' }
/** The most compact coding first: most clients accept several without a preference. */
const ENCODINGS: Encoding[] = ['br', 'gzip', 'identity']
/** Maximum number of `Accept-Encoding` values whose result is cached. Clients send few different ones. */
const HEADERS_KEPT = 100

/** Compresses bodies. */
export const compress = {
  // Brotli's best quality (11) takes a hundred times as long as 5 and saves little more.
  br: (bytes: Buffer) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes)
}

/** Negotiates the content coding of responses (RFC 9110, section 12.5.3). */
export class ContentNegotiation {
  readonly #results = new LRUCache<string, PreferredEncodings | 'none'>({ max: HEADERS_KEPT })

  /** @throws {ProblemError} `not-acceptable` if the client accepts none of the available codings. */
  negotiate(request: FastifyRequest): PreferredEncodings {
    const header = request.headers['accept-encoding']
    if (header === undefined) return IDENTITY
    let result = this.#results.get(header)
    if (result === undefined) {
      result = toPreferredEncodings(request)
      this.#results.set(header, result)
    }
    if (result === 'none') throw new ProblemError('not-acceptable', 'Accept-Encoding must accept br, gzip or identity.')
    return result
  }
}

/** The published types of `negotiator` lack the parameter `options`. */
interface Negotiating {
  encodings(available: Encoding[], options: { preferred: Encoding[] }): Encoding[]
}

function toPreferredEncodings(request: FastifyRequest): PreferredEncodings | 'none' {
  const negotiator = new Negotiator(request) as Negotiating
  const encodings = negotiator.encodings(ENCODINGS, { preferred: ENCODINGS })
  const [long] = encodings
  if (long === undefined) return 'none'
  return { short: encodings.includes('identity') ? 'identity' : long, long }
}
