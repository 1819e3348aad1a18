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

export const InvalidField = Type.Object(
  {
    in: ref(RequestPart),
    pointer: Text('JSON Pointer (RFC 6901) to the value within that part. Empty: the part as a whole.', 1000, {
      pattern: `^(${SLASH}|$)`
    }),
    detail: Text('What is wrong with it.', 1000)
  },
  {
    $id: 'InvalidField',
    examples: [{ in: 'query', pointer: '/limit', detail: 'must be <= 100' }],
    description: 'One value that was refused, and why.'
  }
)
export type InvalidField = Static<typeof InvalidField>

/** The most errors that one response lists: enough to correct a request by. */
export const ERRORS_MAX = 20
/** The longest id of a request, in characters. */
export const REQUEST_ID_MAX = 128
/** The longest `detail`, in characters. */
export const DETAIL_MAX = 2000

export const Problem = Type.Object(
  {
    type: Type.String({
      description: 'Names the kind of problem; it never changes, so programs can act on it.',
      format: 'uri',
      maxLength: 200
    }),
    title: Text('The kind of problem, in words.', 200),
    status: Type.Integer({
      format: 'int32',
      minimum: 400,
      maximum: 599,
      description: 'The status code of the response.'
    }),
    detail: Type.Optional(Text('What happened in this case, and what to do about it.', DETAIL_MAX)),
    requestId: Text(
      'Names the request in the log of the service, as `X-Request-Id` does. Quote it when asking for help.',
      REQUEST_ID_MAX
    ),
    errors: Type.Optional(
      Type.Array(ref(InvalidField), {
        description: `The values that are not valid: at most ${ERRORS_MAX}, and only the first one of a very large body.`,
        maxItems: ERRORS_MAX
      })
    ),
    checks: Type.Optional(
      Type.Array(ref(Check), { description: 'What was checked, where the service is not ready.', maxItems: 10 })
    ),
    report: Type.Optional(ref(ImportReport))
  },
  { $id: 'Problem', description: 'Why a request failed (RFC 9457).' }
)
export type Problem = Static<typeof Problem>

/** The most bytes that the body of a request may have. */
export const BODY_MAX = 16_384

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

/** `type` of the problem with this name, the only place where the form of that address is decided. */
export const problemType = (name: string) => `urn:problem-type:product-catalog:${name}`
