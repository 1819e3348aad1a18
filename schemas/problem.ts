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
    pointer: Text('JSON Pointer (RFC 6901) to the value within that part. Empty: the part as a whole.', POINTER_MAX, {
      pattern: `^(${SLASH}|$)`
    }),
    detail: Text('What is wrong with it.', 1000)
  },
  {
    $id: 'InvalidField',
    examples: [{ in: 'query', pointer: '/limit', detail: 'must be <= 100' }],
    description: 'A value that was refused, and why.'
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
      description: 'The kind of problem. It never changes, so programs can act on it.',
      format: 'uri',
      maxLength: 200
    }),
    title: Text('The kind of problem, for people.', 200),
    status: Type.Integer({
      format: 'int32',
      minimum: 400,
      maximum: 599,
      description: 'The status code of the response.'
    }),
    detail: Type.Optional(Text('What happened in this case, and what to do about it.', DETAIL_MAX)),
    requestId: Text(
      'The id of the request in the log of the service, also sent as `X-Request-Id`. Quote it when you ask for help.',
      REQUEST_ID_MAX
    ),
    errors: Type.Optional(
      Type.Array(ref(InvalidField), {
        description: `The invalid values: at most ${ERRORS_MAX}, and only the first one of a very large body.`,
        maxItems: ERRORS_MAX
      })
    ),
    checks: Type.Optional(
      Type.Array(ref(Check), { description: 'What was checked, if the service is not ready.', maxItems: 10 })
    ),
    report: Type.Optional(ref(ImportReport))
  },
  { $id: 'Problem', description: 'Why a request failed (RFC 9457).' }
)
export type Problem = Static<typeof Problem>

/** Maximum size of a request body, in bytes. Operations that take products or files have limits of their own. */
export const BODY_MAX = 16_384

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** Returns the `type` of the problem with this name. */
export const problemType = (name: string) => `urn:problem-type:product-catalog:${name}`
