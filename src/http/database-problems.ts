import { type DatabaseFailure, toDatabaseFailure } from '../store/error-kinds.js'
import { ProblemError } from './problems.js'

const NOT_WRITTEN =
  'Nothing was written. Reads still work. Writes work again as soon as the operator has fixed the database.'

/** The problem details of each database failure. `retryAfter` is in seconds. */
const failures: Record<DatabaseFailure, { retryAfter: number; detail?: string }> = {
  'database-busy': { retryAfter: 1 },
  'database-full': { retryAfter: 60, detail: NOT_WRITTEN },
  'database-read-only': { retryAfter: 60, detail: NOT_WRITTEN }
}

/** Returns the problem of an error of the database; undefined if the error is another one. */
export function toDatabaseProblem(error: Error): ProblemError | undefined {
  const failure = toDatabaseFailure(error)
  if (!failure) return undefined
  const { retryAfter, detail } = failures[failure]
  return new ProblemError(failure, detail, { headers: { 'retry-after': retryAfter } })
}
