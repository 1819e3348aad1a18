import { DETAIL_MAX, type InvalidField, PROBLEM_MEDIA_TYPE, type Problem, problemType } from '../../schemas/problem.js'

/** Every failure that a response can report. The name is the end of the problem's `type`. */
export const problems = {
  'invalid-request': { status: 400, title: 'Invalid request' },
  'malformed-request': { status: 400, title: 'Malformed request' },
  'not-signed-in': { status: 401, title: 'Authentication required' },
  'invalid-token': { status: 401, title: 'Invalid token' },
  'wrong-credentials': { status: 401, title: 'Wrong username or password' },
  'insufficient-scope': { status: 403, title: 'Insufficient scope' },
  'cross-site-request': { status: 403, title: 'Cross-site request rejected' },
  'not-found': { status: 404, title: 'Not found' },
  'product-not-found': { status: 404, title: 'Product not found' },
  'category-not-found': { status: 404, title: 'Category not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'not-acceptable': { status: 406, title: 'No acceptable content coding' },
  'request-timeout': { status: 408, title: 'Request timeout' },
  'duplicate-sku': { status: 409, title: 'SKU already in use' },
  'no-source': { status: 409, title: 'No source' },
  'invalid-parent': { status: 409, title: 'Invalid parent category' },
  'revision-gone': { status: 410, title: 'Revision no longer available' },
  'precondition-failed': { status: 412, title: 'Precondition failed' },
  'content-too-large': { status: 413, title: 'Content too large' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'expectation-failed': { status: 417, title: 'Expectation failed' },
  'idempotency-key-reused': { status: 422, title: 'Idempotency key already used' },
  'inconsistent-product': { status: 422, title: 'Inconsistent product' },
  'import-refused': { status: 422, title: 'Import rejected' },
  'precondition-required': { status: 428, title: 'Precondition required' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'too-many-attempts': { status: 429, title: 'Too many failed sign-ins' },
  'headers-too-large': { status: 431, title: 'Request headers too large' },
  'internal-error': { status: 500, title: 'Internal server error' },
  'catalog-unavailable': { status: 503, title: 'Catalog not available yet' },
  'database-busy': { status: 503, title: 'Database busy' },
  overloaded: { status: 503, title: 'Service overloaded' },
  'too-many-sign-ins': { status: 503, title: 'Too many concurrent sign-ins' },
  'database-full': { status: 503, title: 'Database full' },
  'database-read-only': { status: 503, title: 'Database read-only' },
  'too-many-transfers': { status: 503, title: 'Too many concurrent exports or imports' },
  'not-ready': { status: 503, title: 'Service not ready' }
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemName = keyof typeof problems

interface ProblemExtras {
  errors?: InvalidField[]
  checks?: Problem['checks']
  report?: Problem['report']
  /** Detail for the log, if that of the response quotes values of the request: a client may have sent a secret in the wrong place. */
  logDetail?: string
  /** Response headers that belong to the problem, such as `Retry-After`. */
  headers?: Record<string, string | number>
}

/** A failure that the service reports to the client. Only HTTP code throws it; the error handler sends the response. */
export class ProblemError extends Error {
  override name = 'ProblemError'
  readonly statusCode: number

  /** @param detail What happened in this case. The client reads it, so it must not contain secrets. */
  constructor(
    readonly problem: ProblemName,
    detail?: string,
    readonly extras: ProblemExtras = {}
  ) {
    super(detail ?? '')
    this.statusCode = problems[problem].status
  }
}

/** Returns the body of the response (RFC 9457). */
export function toProblem({ problem, message, extras }: ProblemError, requestId: string): Problem {
  const { status, title } = problems[problem]
  return {
    type: problemType(problem),
    title,
    status,
    ...(message !== '' && { detail: message.slice(0, DETAIL_MAX) }),
    requestId,
    ...(extras.errors && { errors: extras.errors }),
    ...(extras.checks && { checks: extras.checks }),
    ...(extras.report && { report: extras.report })
  }
}

/** Returns the headers of every problem, including those that are sent before any hook runs. Clients must not cache a problem. */
export const problemHeaders = (requestId: string) => ({
  'Content-Type': PROBLEM_MEDIA_TYPE,
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Request-Id': requestId
})
