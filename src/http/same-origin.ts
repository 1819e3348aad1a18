import type { FastifyRequest } from 'fastify'
import { ProblemError } from './problems.js'

/** Methods that change nothing (RFC 9110, section 9.2.1). */
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']

/**
 * Protects against cross-site request forgery. A browser sends the cookie with requests of any page. A request that changes something must
 * therefore come from a page of the service's own origin or of a trusted origin.
 * @param trustedOrigins Origins whose pages may also write with the cookie.
 * @throws {ProblemError} `cross-site-request`
 */
export function requireSameOrigin(request: FastifyRequest, trustedOrigins: readonly string[]): void {
  if (SAFE_METHODS.includes(request.method)) return
  const { origin, 'sec-fetch-site': site } = request.headers
  if (origin !== undefined && trustedOrigins.includes(origin)) return
  // Over plain http, browsers send `Sec-Fetch-Site` to localhost only. For other hosts, they send only `Origin`.
  if (site === undefined ? origin === ownOrigin(request) : site === 'same-origin') return
  throw new ProblemError(
    'cross-site-request',
    'A write with the cookie must come from a page of this origin, as Sec-Fetch-Site or Origin states. ' +
      'Send the token as a bearer token instead.'
  )
}

/** Returns the origin that the request was sent to, as a browser writes it; undefined if the Host header is invalid. */
function ownOrigin({ protocol, host }: FastifyRequest): string | undefined {
  const url = `${protocol}://${host}`
  return URL.canParse(url) ? new URL(url).origin : undefined
}
