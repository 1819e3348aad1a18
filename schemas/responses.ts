import type { Readable } from 'node:stream'
import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { PROBLEM_MEDIA_TYPE, Problem, REQUEST_ID_MAX } from './problem.js'
import { type ProblemStatus, problemResponses } from './problem-responses.js'
import { ref } from './ref.js'
import { INT32_MAX, Text } from './scalars.js'

declare const jsonOf: unique symbol
/** JSON text of a `T`, or its bytes, made before it was asked for. It is sent as it is. */
export type Json<T> = (string | Buffer) & { readonly [jsonOf]: T }

/** The longest `Link` header, in characters: half of what Node.js and others take of all headers together. */
export const LINK_MAX = 8192

const whole = (description: string, example: number) =>
  Type.Integer({ format: 'int32', minimum: 0, maximum: INT32_MAX, description, examples: [example] })
const seconds = (description: string) => whole(description, 42)

/** Every response header that a caller may rely on. */
export const responseHeaders = {
  Age: whole('Seconds since the source was last read successfully (RFC 9111). Absent where it never was.', 17),
  'Cache-Control': Type.String({
    description:
      'Whether the answer may be kept. `private, no-cache`: by you alone, and ask before each use whether it is still the same. ' +
      '`no-store`: not at all.',
    maxLength: 100,
    examples: ['private, no-cache']
  }),
  'Cache-Status': Type.String({
    description:
      'How the answer came about (RFC 9211): `hit`, as it comes from our own copy of the catalog. `ttl` has the seconds until ' +
      'that counts as stale, less than 0 where it does; `detail` says why it is not fresh, such as `sample` or `timeout`.',
    maxLength: 200,
    examples: ['catalog; hit; ttl=163']
  }),
  'Content-Disposition': Type.String({
    description: 'A name for the file (RFC 6266).',
    maxLength: 200,
    examples: ['attachment; filename="products.csv"']
  }),
  ETag: Type.String({
    description:
      'Names this very answer. Send it as `If-None-Match` with the same `GET`, and be told with 304 if nothing has changed. That of a product ' +
      'also goes into the `If-Match` of a write. Absent where a product that was made here is removed.',
    maxLength: 100,
    examples: ['"5lkZ3Qxm.5e.3"']
  }),
  Link: Type.String({
    description:
      'Addresses of the pages `first`, `prev`, `next` and `last` (RFC 8288), relative to this one; on a page that a `cursor` ' +
      'led to, of `first` and `next`. Absent where the query is so long that the header would be longer than clients take.',
    maxLength: LINK_MAX,
    examples: ['</products?limit=30&offset=30>; rel="next"']
  }),
  Location: Type.String({
    description:
      'Where to look on this server: at the product that was made (201), the state of the catalog (202), or the documentation (302).',
    maxLength: 2048,
    examples: ['/products/1000000000']
  }),
  'RateLimit-Limit': whole('Requests allowed in a minute.', 600),
  'RateLimit-Remaining': whole('Requests left in this minute.', 599),
  'RateLimit-Reset': seconds('Seconds until the count starts anew.'),
  'Retry-After': seconds('Seconds to wait before asking again.'),
  'Set-Cookie': Type.String({
    description:
      'The cookie `token`, over https `__Host-token`; after a sign-in also the cookie `device`, which recognizes the browser at the ' +
      'next sign-in and lasts a year. Both are HttpOnly, SameSite=Strict, and Secure over https.',
    maxLength: 8192,
    examples: ['token=eyJhbGciOiJFUzI1NiJ9.e30.c2ln; Max-Age=3600; Path=/; HttpOnly; SameSite=Strict']
  }),
  Vary: Type.String({
    description: 'The request headers that the answer depends on.',
    maxLength: 200,
    examples: ['Accept-Encoding']
  }),
  'WWW-Authenticate': Type.String({
    description: 'How to authenticate, and what was wrong (RFC 6750).',
    maxLength: 1000,
    examples: ['Bearer realm="product-catalog"']
  }),
  'X-Content-Type-Options': Type.String({
    description: 'Always `nosniff`: the answer is what its `Content-Type` says, and a browser is not to guess.',
    maxLength: 20,
    examples: ['nosniff']
  }),
  'X-Request-Id': Type.String({
    description:
      'Names the request in the log of the service. If the request has an `X-Request-Id` of 1 to 128 letters, digits and `. _ ~ : / + = @ -`, ' +
      'it is that one, otherwise a new UUID.',
    minLength: 1,
    maxLength: REQUEST_ID_MAX,
    examples: ['0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e10']
  })
}
export type ResponseHeader = keyof typeof responseHeaders

/** The headers that every response carries. */
export const commonHeaders = [
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'X-Content-Type-Options',
  'X-Request-Id'
] as const satisfies ResponseHeader[]

/** The headers of an answer that was read from the catalog. */
export const catalogHeaders = [
  'ETag',
  'Cache-Control',
  'Cache-Status',
  'Age',
  'Vary'
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

/** A response that is a file in one of several formats, with the schema of each media type. */
export const file = (description: string, mediaTypes: Record<string, TSchema>, ...headers: ResponseHeader[]) =>
  Type.Unsafe<Readable>({
    description,
    ...pick(headers),
    content: Object.fromEntries(Object.entries(mediaTypes).map(([mediaType, schema]) => [mediaType, { schema }]))
  })

/** The same answer, which also comes as a stream of text where a caller asks for that. */
export const streamed = <T extends TSchema>(answer: T, mediaType: string) =>
  Type.Unsafe<Static<T> | Readable>({
    ...answer,
    content: {
      ...answer.content,
      [mediaType]: {
        schema: Text(
          'Events as they happen, each of the lines `id: 201`, `event: change`, `data: {…}` and an empty one.',
          INT32_MAX
        )
      }
    }
  })

/**
 * A JSON request body: a value of the schema, in any of these media types. The document declares the first; its
 * `x-also-accepts` lists the others.
 */
export const body = <T extends TSchema>(schema: T, ...mediaTypes: string[]) =>
  Type.Unsafe<Static<T>>({
    content: Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema: ref(schema) }]))
  })

/** An answer without a body. */
export const empty = (description: string, ...headers: ResponseHeader[]) =>
  Type.Unsafe<null>({ type: 'null', description, ...pick(headers) })

/** The answer to a conditional request for what has not changed. */
export const notModified = empty('Not modified: what `If-None-Match` names is still right.', ...catalogHeaders)

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
