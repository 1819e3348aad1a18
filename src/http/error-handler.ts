import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DomainError } from '../support/domain-error.js'
import { toDatabaseProblem } from './database-problems.js'
import { toDomainProblem } from './domain-problems.js'
import { ProblemError, problemHeaders, toProblem } from './problems.js'
import { pathOf } from './request-path.js'
import { toRequestProblem } from './request-problems.js'
import { refuseUnknownRoutes } from './unknown-routes.js'

/** Responds with a problem to every error, unknown path and method that a path does not support. */
export function answerWithProblems(app: FastifyInstance): void {
  refuseUnknownRoutes(app)
  app.setErrorHandler(sendProblem)
}

/** Responds to an error from before the routing, such as a malformed path. */
export function answerFrameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  // `refuseAmbiguity` did not run, so the connection may carry a smuggled request.
  reply.header('connection', 'close')
  sendProblem(error, request, reply)
}

/** Returns the problem of an error. An error of an unknown kind is a fault of the service, and its problem says no more than that. */
export function toProblemError(error: FastifyError, request: FastifyRequest): ProblemError {
  if (error instanceof ProblemError) return error
  return (
    toDomainProblem(error) ??
    toRequestProblem(error, request) ??
    toDatabaseProblem(error) ??
    new ProblemError('internal-error')
  )
}

/** Headers that describe a successful response. A problem must not have them. */
const headersOfSuccess = ['age', 'cache-status', 'content-disposition']

function sendProblem(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblemError(error, request)
  logProblem(problem, error, request)
  for (const name of headersOfSuccess) reply.removeHeader(name)
  return (
    reply
      .code(problem.statusCode)
      .headers(problem.extras.headers ?? {})
      .headers(problemHeaders(request.id))
      // Fastify would add a charset to text, and this media type has no such parameter.
      .send(Buffer.from(JSON.stringify(toProblem(problem, request.id))))
  )
}

function logProblem(problem: ProblemError, error: Error, request: FastifyRequest): void {
  const fields = {
    problem: problem.problem,
    method: request.method,
    path: pathOf(request.url),
    ip: request.ip,
    account: request.user?.sub
  }
  // A refusal is deliberate even with a status of 500 or above, for example while the service is overloaded.
  const isRefusal = error instanceof ProblemError || error instanceof DomainError
  if (problem.statusCode >= 500 && !isRefusal) {
    request.log.error({ ...fields, err: error }, 'request failed')
    return
  }
  // Scanners send such requests all day.
  const isRoutine = problem.statusCode < 500 && !request.user
  request.log[isRoutine ? 'debug' : 'info'](
    { ...fields, detail: problem.extras.logDetail ?? problem.message },
    'request refused'
  )
}
