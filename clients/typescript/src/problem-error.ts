import { PROBLEM_TYPE } from './generated/operations.js'
import type { Problem, ProblemName } from './generated/types.js'

type Members = { readonly [Member in keyof Required<Problem>]: Problem[Member] | undefined }

/** Thrown when the service responds with a problem (RFC 9457). */
export class ProblemError extends Error implements Members {
  override readonly name = 'ProblemError'
  /**
   * The last part of `type`. Compare it to decide what to do. If the response is from a proxy, it is the whole `type`, or
   * `about:blank` if there is none.
   */
  readonly problem: ProblemName | (string & {})
  readonly type: string
  /** Summary of the kind of problem. */
  readonly title: string
  /** Status code of the response. */
  readonly status: number
  /** Explanation of this occurrence, and what to do about it. */
  readonly detail: string | undefined
  /** Identifies the request in the log of the service. Empty if the response is not from the service. */
  readonly requestId: string
  /** The rejected values. */
  readonly errors: Problem['errors'] | undefined
  /** Results of the checks, if the service is not ready. */
  readonly checks: Problem['checks'] | undefined
  /** Report of a rejected import. */
  readonly report: Problem['report'] | undefined
  /** Current `ETag` of the product, if the write was based on another one (412). */
  readonly etag: string | undefined
  /** Milliseconds to wait before a retry, from `Retry-After` (429, 503). */
  readonly retryAfter: number | undefined

  constructor(problem: Problem, headers: Headers) {
    super(problem.detail === undefined ? problem.title : `${problem.title}: ${problem.detail}`)
    const { type } = problem
    this.problem = type.startsWith(PROBLEM_TYPE) ? type.slice(PROBLEM_TYPE.length) : type
    this.type = type
    this.title = problem.title
    this.status = problem.status
    this.detail = problem.detail
    this.requestId = problem.requestId
    this.errors = problem.errors
    this.checks = problem.checks
    this.report = problem.report
    this.etag = headers.get('etag') ?? undefined
    this.retryAfter = toMilliseconds(headers.get('retry-after'))
  }
}

/** Reads the problem of an error response. Makes one up from the status if the body is not a problem. */
export async function readProblem(response: Response): Promise<ProblemError> {
  const { status, statusText, headers } = response
  const text = await response.text()
  const isProblem = headers.get('content-type')?.startsWith('application/problem+json')
  const members = isProblem ? (JSON.parse(text) as Partial<Problem>) : {}
  const title = statusText === '' ? `Status ${status}` : statusText
  return new ProblemError({ type: 'about:blank', title, requestId: '', ...members, status }, headers)
}

/** Parses `Retry-After`: seconds or a date (RFC 9110, section 10.2.3). */
function toMilliseconds(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined
  const time = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now()
  return Number.isNaN(time) ? undefined : Math.max(0, time)
}
