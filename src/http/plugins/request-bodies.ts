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
  interface FastifyContextConfig {
    /** Other names of the declared media types. The operation accepts them, and the document does not list them. */
    mediaTypeAliases?: readonly string[]
  }
}

/** Maximum nesting depth and number of values of a JSON body. A product has five levels, and a few thousand values if it has all variants. */
const LIMITS = { depthMax: 20, valuesMax: 10_000 }
export const MERGE_PATCH = 'application/merge-patch+json'

/** UTF-8 and its subsets, the only charsets of JSON (RFC 8259, section 8.1). */
const CHARSETS = /^(utf-?8|us-ascii)$/i
/** The parameter `charset` of a media type, with or without quotes (RFC 9110, section 8.3.2). */
const CHARSET = /;\s*charset\s*=\s*"?([^\s";]*)/i

/**
 * Parses JSON bodies. Rejects media types that the operation does not declare and compressed bodies (415), and missing bodies (400).
 *
 * Fastify validates only media types that the schema lists, and a parser of one route serves all routes of its scope. Without this check,
 * a body of another type would reach the handler without validation. The check runs after authentication and before the body is read.
 */
export const checkRequestBodies = fp(async (app) => {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser<Buffer>(['application/json', MERGE_PATCH], { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0) {
      if (isOptional(request)) done(null, {})
      else done(missingBody(request))
      return
    }
    const problem = findUnreadable(body)
    if (problem) done(problem)
    else parse(request, body.toString(), done)
  })
  // Only a chunked body without a type gets here. Whether it is empty is known after it was read.
  app.addContentTypeParser<Buffer>('*', { parseAs: 'buffer' }, (request, body, done) =>
    done(body.length === 0 ? null : (findUnsupportedType(request) as ProblemError))
  )

  app.addHook('onRoute', (route: RouteOptions) => {
    if (!route.schema?.body) return
    const check = (
      request: FastifyRequest,
      _reply: FastifyReply,
      payload: unknown,
      done: HookHandlerDoneFunction
    ): void => {
      const problem = findProblem(request)
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

const schemaOf = ({ routeOptions }: FastifyRequest) => routeOptions.schema as FastifySchema
const isOptional = (request: FastifyRequest) => schemaOf(request)['x-optional-body'] === true

/** Returns the problem of a body that the operation does not accept, as far as the headers show it. */
function findProblem(request: FastifyRequest): ProblemError | undefined {
  const { 'content-type': type, 'content-length': length, 'transfer-encoding': transferCoding } = request.headers
  if (transferCoding === undefined && (length === undefined || length === '0')) {
    if (isOptional(request)) {
      // Some clients send a media type with every request. Fastify would parse the missing body.
      delete request.headers['content-type']
      return undefined
    }
    if (type === undefined) return missingBody(request)
  }
  if (type === undefined && transferCoding !== undefined && isOptional(request)) return findCoding(request)
  return findUnsupportedType(request) ?? findCoding(request)
}

const missingBody = (request: FastifyRequest) =>
  new ProblemError('malformed-request', `The request needs a body of the type ${listTypes(request)}.`)

const listTypes = (request: FastifyRequest) => declaredMediaTypes(schemaOf(request)).join(' or ')

/** Returns the problem of an undeclared media type or charset. */
function findUnsupportedType(request: FastifyRequest): ProblemError | undefined {
  const { mediaType = '', routeOptions } = request
  const type = request.headers['content-type']
  const { mediaTypeAliases = [] } = routeOptions.config
  if (![...declaredMediaTypes(schemaOf(request)), ...mediaTypeAliases].includes(mediaType)) {
    const got = type === undefined ? 'it is missing' : `got ${quote(type)}`
    return new ProblemError('unsupported-media-type', `Content-Type must be ${listTypes(request)} (${got}).`)
  }
  const charset = CHARSET.exec(String(type))?.[1] ?? 'utf-8'
  if (CHARSETS.test(charset)) return undefined
  return new ProblemError('unsupported-media-type', `The charset must be utf-8 (got ${quote(charset)}).`)
}

/** Returns the problem of a compressed body (RFC 9110, section 8.4). */
function findCoding({ headers }: FastifyRequest): ProblemError | undefined {
  const { 'content-encoding': codings = '' } = headers
  if (codings.split(',').every((coding) => /^(identity)?$/i.test(coding.trim()))) return undefined
  const detail = `Content-Encoding must be identity (got ${quote(codings)}): send the body uncompressed.`
  // Tells clients that the coding was the reason, not the media type (RFC 9110, section 12.5.3).
  return new ProblemError('unsupported-media-type', detail, { headers: { 'accept-encoding': 'identity' } })
}

const quote = (value: string) => JSON.stringify(value.slice(0, 100))

/** Returns the problem of a JSON body that is not UTF-8, or that would take too long to parse. */
function findUnreadable(body: Buffer): ProblemError | undefined {
  if (!isUtf8(body)) {
    const offset = findInvalidByte(body)
    return new ProblemError(
      'malformed-request',
      `The body must be encoded as UTF-8 (invalid at byte offset ${offset}).`
    )
  }
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

/** Returns the offset of the first byte at which a text is not UTF-8. The decoder has replaced this byte. */
function findInvalidByte(text: Buffer): number {
  const decoded = text.toString()
  let offset = 0
  for (let start = 0; ; ) {
    const end = decoded.indexOf('\uFFFD', start)
    offset += Buffer.byteLength(decoded.slice(start, end))
    // A replacement character of the text itself is valid.
    if (!text.subarray(offset, offset + REPLACEMENT.length).equals(REPLACEMENT)) return offset
    offset += REPLACEMENT.length
    start = end + 1
  }
}

const REPLACEMENT = Buffer.from('\uFFFD')
