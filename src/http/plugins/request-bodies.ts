import { isUtf8 } from 'node:buffer'
import type { FastifyReply, FastifyRequest, FastifySchema, HookHandlerDoneFunction, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { findExceededLimit } from '../../support/json-limits.js'
import { ProblemError } from '../problems.js'

declare module 'fastify' {
  interface FastifySchema {
    /** Whether the operation also works without a body. If so, the document says `required: false`. */
    'x-optional-body'?: boolean
  }
}

/** Maximum nesting depth and number of values of a JSON body. A product has three levels and at most about 300 values. */
const LIMITS = { depthMax: 20, valuesMax: 10_000 }
export const MERGE_PATCH = 'application/merge-patch+json'

/** UTF-8 and its subsets, the only charsets of JSON (RFC 8259, section 8.1). */
const CHARSETS = /^(utf-?8|us-ascii)$/i
/** The parameter `charset` of a media type, with or without quotes (RFC 9110, section 8.3.2). */
const CHARSET = /;\s*charset\s*=\s*"?([^\s";]*)/i

/**
 * Parses JSON bodies. Rejects media types that the operation does not declare (415) and missing bodies (400).
 *
 * Fastify validates only media types that the schema lists, and a parser of one route serves all routes of its scope. Without this check,
 * a body of another type would reach the handler without validation. The check runs after authentication and before the body is read.
 */
export const checkRequestBodies = fp(async (app) => {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser<Buffer>(['application/json', MERGE_PATCH], { parseAs: 'buffer' }, (request, body, done) => {
    const problem = findUnreadable(body)
    if (problem) done(problem)
    else parse(request, body.toString(), done)
  })

  app.addHook('onRoute', (route: RouteOptions) => {
    const { schema } = route
    if (!schema?.body) return
    const declared = declaredMediaTypes(schema)
    const isOptional = schema['x-optional-body'] === true
    const check = (
      request: FastifyRequest,
      _reply: FastifyReply,
      payload: unknown,
      done: HookHandlerDoneFunction
    ): void => {
      const problem = findProblem(request, declared, isOptional)
      if (problem) done(problem)
      else (done as (error: null, payload: unknown) => void)(null, payload)
    }
    route.preParsing = [check, ...[route.preParsing ?? []].flat()] as NonNullable<RouteOptions['preParsing']>
  })
})

/** Returns the media types that an operation declares for its body. */
export function declaredMediaTypes(schema: FastifySchema): string[] {
  const { content } = schema.body as { content?: object }
  return Object.keys(content ?? { 'application/json': true })
}

function findProblem(
  request: FastifyRequest,
  declared: readonly string[],
  isOptional: boolean
): ProblemError | undefined {
  const { 'content-type': type, 'content-length': length, 'transfer-encoding': encoding } = request.headers
  const expected = declared.join(' or ')
  if (type === undefined && encoding === undefined && (length === undefined || length === '0')) {
    return isOptional
      ? undefined
      : new ProblemError('malformed-request', `The request needs a body of the type ${expected}.`)
  }
  if (!declared.includes(String(request.mediaType))) {
    const got = type === undefined ? 'it is missing' : `got ${JSON.stringify(type.slice(0, 100))}`
    return new ProblemError('unsupported-media-type', `Content-Type must be ${expected} (${got}).`)
  }
  const charset = CHARSET.exec(String(type))?.[1]
  if (charset === undefined || CHARSETS.test(charset)) return undefined
  return new ProblemError(
    'unsupported-media-type',
    `The charset must be utf-8 (got ${JSON.stringify(charset.slice(0, 100))}).`
  )
}

/** Returns the problem of a JSON body that is not UTF-8, or that would take too long to parse. */
function findUnreadable(body: Buffer): ProblemError | undefined {
  if (!isUtf8(body)) return new ProblemError('malformed-request', 'The body must be encoded as UTF-8.')
  const excess = findExceededLimit(body, LIMITS)
  if (!excess) return undefined
  const { depthMax, valuesMax } = LIMITS
  return new ProblemError(
    'malformed-request',
    excess === 'depth'
      ? `The body must not be nested more than ${depthMax} levels deep.`
      : `The body must have at most ${valuesMax} values.`
  )
}
