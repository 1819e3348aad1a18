import { randomUUID } from 'node:crypto'
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchemaValidationError,
  HookHandlerDoneFunction,
  HTTPMethods,
  RouteOptions
} from 'fastify'
import {
  DETAIL_MAX,
  type InvalidField,
  PROBLEM_MEDIA_TYPE,
  type Problem,
  problemType,
  type RequestPart
} from '../../schemas/problem.js'
import { readOnlyFields } from '../../schemas/product-input.js'
import { type DatabaseFailure, toDatabaseFailure } from '../store/error-kinds.js'
import { givenId } from './request-ids.js'

/** Every failure that the service can answer with. The name is the end of the problem's `type`. */
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

/** A failure that a caller is told about. Throw it; the error handler makes the answer. */
export class ProblemError extends Error {
  override name = 'ProblemError'
  readonly statusCode: number

  /** @param detail What happened in this case; it is sent to the caller, so it holds nothing that is not theirs to know. */
  constructor(
    readonly problem: ProblemName,
    detail?: string,
    readonly extras: ProblemExtras = {}
  ) {
    super(detail ?? '')
    this.statusCode = problems[problem].status
  }
}

/** The body of a problem, RFC 9457. */
export function toProblem({ problem, message, extras: particulars }: ProblemError, requestId: string): Problem {
  const { status, title } = problems[problem]
  return {
    type: problemType(problem),
    title,
    status,
    ...(message !== '' && { detail: message.slice(0, DETAIL_MAX) }),
    requestId,
    ...(particulars.errors && { errors: particulars.errors }),
    ...(particulars.checks && { checks: particulars.checks }),
    ...(particulars.report && { report: particulars.report })
  }
}

/** Returns the headers of every problem, including those that are sent before any hook runs. Clients must not cache a problem. */
const headersOf = (requestId: string) => ({
  'Content-Type': PROBLEM_MEDIA_TYPE,
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Request-Id': requestId
})

/** What was already said of the answer that it would have been. */
const OF_CATALOG = ['age', 'cache-status', 'content-disposition']

/** Makes every error, unknown path and wrong method of the service answer with a problem. */
export function answerWithProblems(app: FastifyInstance): void {
  /** The methods of each route, by its path or pattern. */
  const routes = new Map<string, string[]>()
  app.addHook('onRoute', (route: RouteOptions) => {
    routes.set(route.url, [])
    if (route.url.includes(':')) route.onRequest = [requireOwnMethod, ...[route.onRequest ?? []].flat()]
  })
  // Only the router knows them all: of `/docs` and `/docs/`, which are one route, Fastify calls `onRoute` for one.
  app.addHook('onReady', async () => {
    for (const url of routes.keys()) {
      routes.set(
        url,
        app.supportedMethods.filter((method) => app.hasRoute({ url, method: method as HTTPMethods }))
      )
    }
  })

  /**
   * Refuses the methods that a path does not take but a pattern that matches it does: `PATCH /products/export` is no change
   * of a product with the id `export`.
   */
  function requireOwnMethod(request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void {
    const methods = routes.get(toPath(request))
    done(methods && methodNotAllowed(methods))
  }

  // Before a body is read: what it is like does not matter here.
  app.addHook('onRequest', (request, _reply, done) => done(request.is404 ? notFound(request, routes) : undefined))
  app.setNotFoundHandler((request, reply) => send(notFound(request, routes), request, reply))
  app.setErrorHandler((error: FastifyError, request, reply) =>
    send(toProblemError(error, request), request, reply, error)
  )
}

/** The path that the router looked for. It has decoded it before: only what precedes and follows the path may not be decodable. */
const toPath = ({ url }: FastifyRequest) => decodeURI(pathOf(url))

/** The path of a request target (RFC 9112, section 3.2), still encoded: without scheme and authority, query and fragment. */
export const pathOf = (target: string): string =>
  target.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0] as string

/** Returns `not-found` for an unknown path, and `method-not-allowed` for a path that takes other methods. */
function notFound(request: FastifyRequest, routes: Map<string, string[]>): ProblemError {
  const path = toPath(request)
  const methods = routes.get(path) ?? [...routes].find(([pattern]) => matches(pattern, path))?.[1]
  if (!methods || methods.includes(request.method)) {
    return new ProblemError('not-found', 'See GET /docs for what there is.')
  }
  return methodNotAllowed(methods)
}

/** RFC 9110, section 15.5.6. */
function methodNotAllowed(methods: string[]): ProblemError {
  const allow = methods.join(', ')
  return new ProblemError('method-not-allowed', `It takes ${allow}.`, { headers: { allow } })
}

/** Answers an error from before the routing, such as a malformed address. */
export function answerFrameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  // The hook that refuses ambiguous requests did not run.
  reply.header('connection', 'close')
  send(toProblemError(error, request), request, reply, error)
}

/** Milliseconds from the last response on a connection until the connection is destroyed. */
const LINGER = 1000

/** Answers what never became a request, as the bytes were no HTTP, too many or too slow; then closes the connection. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  // As Node.js itself does: in the middle of another answer a problem would be taken for a part of that.
  const { _httpMessage: answer } = socket as Socket & { _httpMessage?: ServerResponse | null }
  if (error.code === 'ECONNRESET' || !socket.writable || answer?.headersSent) {
    socket.destroy()
    return
  }
  const problem = new ProblemError(
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'headers-too-large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'request-timeout'
        : 'malformed-request'
  )
  // The problem takes the place of the response that the connection waits for, if it waits for one.
  const id = (answer && givenId(answer.req)) ?? randomUUID()
  const body = JSON.stringify(toProblem(problem, id))
  const headers = { ...headersOf(id), 'Content-Length': Buffer.byteLength(body), Connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${problem.statusCode} ${STATUS_CODES[problem.statusCode]}\r\n${lines.join('')}\r\n${body}`)
  // A client may keep sending on a half-closed connection. It has this long to read the response.
  setTimeout(() => socket.destroy(), LINGER)
}

function send(
  problem: ProblemError,
  request: FastifyRequest,
  reply: FastifyReply,
  cause: Error = problem
): FastifyReply {
  const { statusCode, extras: particulars } = problem
  const told = {
    problem: problem.problem,
    method: request.method,
    path: pathOf(request.url),
    ip: request.ip,
    account: request.user?.sub
  }
  // What the service refuses by itself, as when there is too much to do, is no fault of it.
  if (statusCode >= 500 && cause !== problem) request.log.error({ ...told, err: cause }, 'request failed')
  else {
    // Scanners send such requests all day.
    const isRoutine = statusCode < 500 && !request.user
    request.log[isRoutine ? 'debug' : 'info']({ ...told, detail: problem.message }, 'request refused')
  }
  for (const name of OF_CATALOG) reply.removeHeader(name)
  return (
    reply
      .code(statusCode)
      .headers(particulars.headers ?? {})
      .headers(headersOf(request.id))
      // Bytes, as Fastify adds a charset to JSON text, and this media type has no such parameter.
      .send(Buffer.from(JSON.stringify(toProblem(problem, request.id))))
  )
}

/** A path of a route against its pattern: `:name` stands for one segment, `*` for any rest. */
function matches(pattern: string, path: string): boolean {
  const segments = path.split('/')
  const expected = pattern.split('/')
  const open = expected.at(-1) === '*'
  if (open ? segments.length < expected.length : segments.length !== expected.length) return false
  return expected.every((segment, i) => segment === '*' || segment.startsWith(':') || segment === segments[i])
}

/** Returns the problem that a caller is told. Any error that is not foreseen here is a fault of the service, and says no more than that. */
export function toProblemError(error: FastifyError, request: FastifyRequest): ProblemError {
  if (error instanceof ProblemError) return error
  if (error.validation) return invalidRequest(error.validation, error.validationContext)
  return toRequestProblem(error, request) ?? toDatabaseProblem(error) ?? new ProblemError('internal-error')
}

/**
 * Returns the problem of an error that Fastify found in the request itself; undefined if it is none. It is told apart by its status
 * before its code is looked at: a body that is cut off ends with `ECONNRESET`, and so does a connection to the database.
 */
function toRequestProblem(error: FastifyError, { routeOptions }: FastifyRequest): ProblemError | undefined {
  switch (error.statusCode) {
    case 400:
      return new ProblemError('malformed-request', MALFORMED[error.code] ?? error.message)
    // Paths that lead out of the folder of the documentation.
    case 403:
      return new ProblemError('not-found', 'See GET /docs for what there is.')
    case 413:
      return new ProblemError('content-too-large', `A body may have ${routeOptions.bodyLimit} bytes at most.`)
    default:
      return undefined
  }
}

/** The `detail` of a request whose connection ended before its body did. */
export const BODY_CUT_OFF = 'The connection ended before the body was complete.'

/** What is told instead of the message of an error: that of an address holds its query, which belongs into no log. */
const MALFORMED: Record<string, string> = {
  ECONNRESET: BODY_CUT_OFF,
  FST_ERR_BAD_URL: 'The path cannot be decoded: it must be percent-encoded UTF-8.'
}

/** Returns the problem of an error of the database; undefined if it is none. */
function toDatabaseProblem(error: FastifyError): ProblemError | undefined {
  const failure = toDatabaseFailure(error)
  if (!failure) return undefined
  const { retryAfter, detail } = databaseFailures[failure]
  return new ProblemError(failure, detail, { headers: { 'retry-after': retryAfter } })
}

const NOT_WRITTEN = 'Nothing was written. Reading goes on, and so does writing once the database takes it again.'

/** What is told of each failure of the database: seconds after which it is worth trying again, and what goes on meanwhile. */
const databaseFailures: Record<DatabaseFailure, { retryAfter: number; detail?: string }> = {
  'database-busy': { retryAfter: 1 },
  'database-full': { retryAfter: 60, detail: NOT_WRITTEN },
  'database-read-only': { retryAfter: 60, detail: NOT_WRITTEN }
}

const parts: Record<string, RequestPart> = { body: 'body', querystring: 'query', params: 'path', headers: 'header' }

function invalidRequest(found: FastifySchemaValidationError[], context: string | undefined): ProblemError {
  const part = parts[String(context)] as RequestPart
  const errors = found.map((error): InvalidField => {
    const pointer = (error.instancePath + pointerTo(error.params)).slice(0, 1000)
    return { in: part, pointer, detail: explain(error) }
  })
  const detail = errors.map(({ pointer, detail }) => `${pointer || part} ${detail}`).join('; ')
  return new ProblemError('invalid-request', detail, { errors })
}

/** Unknown and missing properties are named by the error's parameters, not by its path. */
function pointerTo(params: Record<string, unknown>): string {
  const property = params.additionalProperty ?? params.missingProperty
  return property === undefined ? '' : `/${String(property).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** What is wrong with a value, in words that need no knowledge of JSON Schema. */
export function explain({ keyword, instancePath, params, message }: FastifySchemaValidationError): string {
  if ('allowedValues' in params) return `must be one of ${(params.allowedValues as string[]).join(', ')}`
  if (keyword === 'required') return 'is missing'
  if (keyword !== 'additionalProperties') return String(message)
  const isReadOnly = instancePath === '' && readOnlyFields.has(String(params.additionalProperty))
  return isReadOnly ? 'is read-only' : 'is not known here'
}
