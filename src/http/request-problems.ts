import type { FastifyError, FastifyRequest, FastifySchemaValidationError } from 'fastify'
import { type InvalidField, POINTER_MAX, type RequestPart } from '../../schemas/problem.js'
import { describeError, toPointer, type ValidationError } from '../support/validation-errors.js'
import { ProblemError } from './problems.js'

/** The `detail` of a request whose connection ended before its body did. */
export const BODY_CUT_OFF = 'The connection ended before the body was complete.'

/**
 * Returns the problem of an error that Fastify found in the request itself; undefined if the error is another one. Checks the status before
 * the code, because a body that is cut off and a lost connection to the database both have the code `ECONNRESET`.
 */
export function toRequestProblem(error: FastifyError, { routeOptions }: FastifyRequest): ProblemError | undefined {
  if (error.validation) return toInvalidRequest(error.validation, error.validationContext)
  switch (error.statusCode) {
    case 400:
      return new ProblemError('malformed-request', malformedDetails[error.code] ?? error.message)
    // A path that leads out of the folder with the files of the documentation.
    case 403:
      return new ProblemError('not-found', SEE_DOCS)
    case 413:
      return new ProblemError('content-too-large', `The body can have at most ${routeOptions.bodyLimit} bytes.`)
    default:
      return undefined
  }
}

/** The `detail` of a request for something that does not exist. */
export const SEE_DOCS = 'See GET /docs for all operations.'

/** Details that replace the message of an error. The original message about a URL contains its query, which must not be logged. */
const malformedDetails: Record<string, string> = {
  ECONNRESET: BODY_CUT_OFF,
  FST_ERR_BAD_URL: 'The path cannot be decoded: it must be percent-encoded UTF-8.'
}

/** The parts of a request, by Fastify's name for them. */
const parts: Record<string, RequestPart> = { body: 'body', querystring: 'query', params: 'path', headers: 'header' }

function toInvalidRequest(found: FastifySchemaValidationError[], context: string | undefined): ProblemError {
  const part = parts[String(context)] as RequestPart
  const errors = found.map((error): InvalidField => toInvalidField(part, error))
  const logged = found.map((error) => toInvalidField(part, { ...error, data: undefined }))
  return new ProblemError('invalid-request', summarize(errors), { errors, logDetail: summarize(logged) })
}

const toInvalidField = (part: RequestPart, error: ValidationError): InvalidField => ({
  in: part,
  pointer: toPointer(error).slice(0, POINTER_MAX),
  detail: describeError(error)
})

/** Returns a `detail` such as "`limit` must be at most 100 (got 500); `color` is unknown." */
function summarize(errors: InvalidField[]): string {
  const sentences = errors.map(({ in: part, pointer, detail }) => {
    const subject = pointer ? `\`${pointer.slice(1)}\`` : `The ${part}`
    return `${subject} ${detail}`
  })
  return `${sentences.join('; ')}.`
}
