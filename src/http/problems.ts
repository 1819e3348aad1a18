import { DETAIL_MAX, type InvalidField, PROBLEM_MEDIA_TYPE, type Problem, problemType } from '../../schemas/problem.js'

/** Every failure that a response can report. The name is the end of the problem's `type`. */
export const problems = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  'not-signed-in': { status: 401, title: 'A token is needed' },
  'invalid-token': { status: 401, title: 'The token is not valid' },
  'wrong-credentials': { status: 401, title: 'The username or the password is wrong' },
  'insufficient-scope': { status: 403, title: 'The token does not allow this' },
  'cross-site-request': { status: 403, title: 'The request does not come from a page of ours' },
  'not-found': { status: 404, title: 'There is nothing at this address' },
  'product-not-found': { status: 404, title: 'There is no such product' },
  'method-not-allowed': { status: 405, title: 'This address does not take this method' },
  'not-acceptable': { status: 406, title: 'No content coding that the request accepts is available' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  'duplicate-sku': { status: 409, title: 'Another product has this SKU' },
  'no-source': { status: 409, title: 'There is no source' },
  'revision-gone': { status: 410, title: 'Changes from then on are not kept any more' },
  'precondition-failed': { status: 412, title: 'A precondition of the request does not hold' },
  'content-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The body is of an unsupported media type' },
  'expectation-failed': { status: 417, title: 'The service does not know what the request expects' },
  'idempotency-key-reused': { status: 422, title: 'The key was used for another request' },
  'import-refused': { status: 422, title: 'Some rows were refused, so nothing was written' },
  'precondition-required': { status: 428, title: 'The write has to say what it is based on' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'too-many-attempts': { status: 429, title: 'Too many failed sign-ins' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  'internal-error': { status: 500, title: 'The service failed' },
  'catalog-unavailable': { status: 503, title: 'There is no catalog yet' },
  'database-busy': { status: 503, title: 'The database does not answer now' },
  overloaded: { status: 503, title: 'The service has more to do than it can' },
  'too-many-sign-ins': { status: 503, title: 'Too many sign-ins are under way' },
  'database-full': { status: 503, title: 'The database has no room' },
  'database-read-only': { status: 503, title: 'The database cannot be written' },
  'too-many-transfers': { status: 503, title: 'Too many exports or imports are under way' },
  'not-ready': { status: 503, title: 'The service is not ready' }
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemName = keyof typeof problems

interface ProblemExtras {
  errors?: InvalidField[]
  checks?: Problem['checks']
  report?: Problem['report']
  /** Response headers that belong to the problem, such as `Retry-After`. */
  headers?: Record<string, string | number>
}

/** A failure that a client is told about. Only code that knows of HTTP throws it; the error handler sends the response. */
export class ProblemError extends Error {
  override name = 'ProblemError'
  readonly statusCode: number

  /** @param detail What happened in this case. The client reads it, so it contains nothing that clients must not know. */
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
