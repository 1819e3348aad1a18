import { PROBLEM_TYPE } from './generated/operations.js'
import type { Problem, ProblemName } from './generated/types.js'

type Members = { readonly [Member in keyof Required<Problem>]: Problem[Member] | undefined }

/** A request that was refused, or failed: the service answered with a problem (RFC 9457). */
export class ProblemError extends Error implements Members {
  override readonly name = 'ProblemError'
  /**
   * The kind of problem, to act on: the end of `type`. Where something between here and the service has answered, it is the
   * whole of `type`, or `about:blank` where there is none.
   */
  readonly problem: ProblemName | (string & {})
  readonly type: string
  /** The kind of problem, in words. */
  readonly title: string
  /** The status code of the answer. */
  readonly status: number
  /** What happened in this case, and what to do about it. */
  readonly detail: string | undefined
  /** Names the request in the log of the service. Empty where it was not the service that answered. */
  readonly requestId: string
  /** Each value that was refused. */
  readonly errors: Problem['errors'] | undefined
  /** What was checked, where the service is not ready. */
  readonly checks: Problem['checks'] | undefined
  /** What became of the rows of an import that was refused. */
  readonly report: Problem['report'] | undefined
  /** The `ETag` that the product has now, where the write was based on another one (412). */
  readonly etag: string | undefined
  /** Milliseconds after which it may be otherwise, as `Retry-After` says (429, 503). */
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

/** What an answer that is none of success says of itself. */
export async function readProblem(response: Response): Promise<ProblemError> {
  const { status, statusText, headers } = response
  const text = await response.text()
  const isProblem = headers.get('content-type')?.startsWith('application/problem+json')
  const said = isProblem ? (JSON.parse(text) as Partial<Problem>) : {}
  const title = statusText === '' ? `Status ${status}` : statusText
  return new ProblemError({ type: 'about:blank', title, requestId: '', ...said, status }, headers)
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function toMilliseconds(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined
  const time = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now()
  return Number.isNaN(time) ? undefined : Math.max(0, time)
}
