import { type Static, Type } from '@sinclair/typebox'
import { enumeration, ref } from './ref.js'
import { SLASH, Text } from './scalars.js'
import { Check } from './service.js'
import { ImportReport } from './transfer.js'

export const RequestPart = enumeration(['body', 'query', 'path', 'header'], {
  $id: 'RequestPart',
  description: 'A part of a request.'
})
export type RequestPart = Static<typeof RequestPart>

/** Maximum length of a pointer, in characters. */
export const POINTER_MAX = 1000

export const InvalidField = Type.Object(
  {
    in: ref(RequestPart),
    pointer: Text(
      'JSON Pointer (RFC 6901) to the value within the part that `in` names. An empty pointer refers to the whole part.',
      POINTER_MAX,
      {
        pattern: `^(${SLASH}|$)`
      }
    ),
    detail: Text('Reason why the value is invalid.', 1000)
  },
  {
    $id: 'InvalidField',
    examples: [{ in: 'query', pointer: '/limit', detail: 'must be at most 100 (got 500)' }],
    description: 'An invalid value with the reason.'
  }
)
export type InvalidField = Static<typeof InvalidField>

/** Maximum number of errors that one response lists: enough to correct a request. */
export const ERRORS_MAX = 20
/** Maximum length of the id of a request, in characters. */
export const REQUEST_ID_MAX = 128
/** Maximum length of `detail`, in characters. */
export const DETAIL_MAX = 2000

export const Problem = Type.Object(
  {
    type: Type.String({
      description: 'Identifier of the problem type. It is stable, so programs can rely on it.',
      format: 'uri',
      maxLength: 200
    }),
    title: Text('Short summary of the problem type.', 200),
    status: Type.Integer({
      format: 'int32',
      minimum: 400,
      maximum: 599,
      description: 'HTTP status code of the response.'
    }),
    detail: Type.Optional(Text('Explanation of this occurrence, and what to do about it.', DETAIL_MAX)),
    requestId: Text(
      'ID of the request in the log of the service, also sent as `X-Request-Id`. Include it in support requests.',
      REQUEST_ID_MAX
    ),
    errors: Type.Optional(
      Type.Array(ref(InvalidField), {
        description: `Invalid values, at most ${ERRORS_MAX}. For a very large body, only the first one.`,
        maxItems: ERRORS_MAX
      })
    ),
    checks: Type.Optional(
      Type.Array(ref(Check), {
        description: 'Results of the readiness checks. Present only in `not-ready` problems.',
        maxItems: 10
      })
    ),
    report: Type.Optional(ref(ImportReport))
  },
  { $id: 'Problem', description: 'Problem details of a failed request (RFC 9457).' }
)
export type Problem = Static<typeof Problem>

/** Maximum size of a request body, in bytes. Operations that take products or files have limits of their own. */
export const BODY_MAX = 16_384

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** Returns the `type` of the problem with this name. */
export const problemType = (name: string) => `urn:problem-type:product-catalog:${name}`
