import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { PROBLEM_MEDIA_TYPE, Problem, type ProblemStatus, problemResponses } from './problem.js'
import { ref } from './ref.js'
import { INT32_MAX } from './scalars.js'

declare const jsonOf: unique symbol
/** JSON text of a `T`, made when the data was stored. It is sent as it is. */
export type Json<T> = string & { readonly [jsonOf]: T }

const seconds = (description: string) => Type.Integer({ minimum: 0, maximum: INT32_MAX, description, examples: [42] })

/** Every response header that a caller may rely on. */
export const responseHeaders = {
  'Cache-Status': Type.String({
    description:
      'How the answer came about (RFC 9211): `hit`, as it comes from our own copy of the catalog. ' +
      '`detail=sample` where that is still the sample catalog.',
    maxLength: 200,
    examples: ['catalog; hit']
  }),
  Link: Type.String({
    description: 'Addresses of the pages `first`, `prev`, `next` and `last` (RFC 8288), relative to this one.',
    maxLength: 8192,
    examples: ['</products?limit=30&offset=30>; rel="next"']
  }),
  Location: Type.String({ description: 'The address to go to.', maxLength: 2048, examples: ['/docs'] }),
  'RateLimit-Limit': Type.Integer({
    description: 'Requests allowed in a minute.',
    minimum: 0,
    maximum: INT32_MAX,
    examples: [600]
  }),
  'RateLimit-Remaining': Type.Integer({
    description: 'Requests left in this minute.',
    minimum: 0,
    maximum: INT32_MAX,
    examples: [599]
  }),
  'RateLimit-Reset': seconds('Seconds until the count starts anew.'),
  'Retry-After': seconds('Seconds to wait before asking again.'),
  'Set-Cookie': Type.String({
    description: 'The cookie `token`: HttpOnly, SameSite=Strict, and Secure over https.',
    maxLength: 8192,
    examples: ['token=eyJhbGciOiJFUzI1NiJ9.e30.c2ln; Max-Age=3600; Path=/; HttpOnly; SameSite=Strict']
  }),
  'WWW-Authenticate': Type.String({
    description: 'How to authenticate, and what was wrong (RFC 6750).',
    maxLength: 1000,
    examples: ['Bearer realm="product-catalog"']
  })
}
export type ResponseHeader = keyof typeof responseHeaders

/** The headers that every response carries. */
export const commonHeaders = [
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset'
] as const satisfies ResponseHeader[]

const pick = (names: readonly ResponseHeader[]) => ({
  headers: Object.fromEntries(names.map((name) => [name, responseHeaders[name]]))
})

/** A successful answer with a JSON body: a value of the schema, or the finished JSON of one. */
export const ok = <T extends TSchema>(schema: T, description: string, ...headers: ResponseHeader[]) =>
  Type.Unsafe<Static<T> | Json<Static<T>>>({
    description,
    ...pick(headers),
    content: { 'application/json': { schema: ref(schema) } }
  })

/** An answer without a body. */
export const empty = (description: string, ...headers: ResponseHeader[]) =>
  Type.Unsafe<null>({ type: 'null', description, ...pick(headers) })

/** The error responses that an operation declares. */
export const problems = (...statuses: ProblemStatus[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      Type.Unsafe<Problem>({
        description: problemResponses[status].description,
        content: { [PROBLEM_MEDIA_TYPE]: { schema: ref(Problem) } }
      })
    ])
  )
