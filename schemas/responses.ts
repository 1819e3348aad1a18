import type { Readable } from 'node:stream'
import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { PROBLEM_MEDIA_TYPE, Problem, REQUEST_ID_MAX } from './problem.js'
import { type ProblemStatus, problemResponses } from './problem-responses.js'
import { ref } from './ref.js'
import { INT32_MAX, Text } from './scalars.js'

declare const jsonOf: unique symbol
/** Prepared JSON of a `T`, as text or bytes. The service sends it unchanged. */
export type Json<T> = (string | Buffer) & { readonly [jsonOf]: T }

/** Maximum length of the `Link` header, in characters. It is half of the size that Node.js and other clients allow for all headers. */
export const LINK_MAX = 8192

const whole = (description: string, example: number) =>
  Type.Integer({ format: 'int32', minimum: 0, maximum: INT32_MAX, description, examples: [example] })
const seconds = (description: string) => whole(description, 42)

/** Response headers that clients may rely on. */
export const responseHeaders = {
  'Accept-Encoding': Type.String({
    description:
      'Content codings that the service accepts for request bodies (RFC 9110, section 12.5.3). A 415 response has this header only if the request body was compressed.',
    maxLength: 100,
    examples: ['identity']
  }),
  Age: whole('Seconds since the last successful sync (RFC 9111). Absent before the first one.', 17),
  'Cache-Control': Type.String({
    description:
      'Caching rules (RFC 9111). `private, no-cache`: a client may store the response and must revalidate it before each use. ' +
      '`no-store`: do not store the response. `no-transform`: proxies must not compress the response, because compression could delay its events.',
    maxLength: 100,
    examples: ['private, no-cache']
  }),
  'Cache-Status': Type.String({
    description:
      'Freshness of the catalog (RFC 9211). It is always a `hit`, because the service keeps its own copy. `ttl` is the number of ' +
      'seconds until the catalog is stale; it is negative if the catalog is stale. `detail` is the reason why the catalog is not fresh, such as `sample` or `timeout`.',
    maxLength: 200,
    examples: ['catalog; hit; ttl=163']
  }),
  'Content-Disposition': Type.String({
    description: 'File name (RFC 6266).',
    maxLength: 200,
    examples: ['attachment; filename="products.csv"']
  }),
  ETag: Type.String({
    description:
      'Version of the response. Send it as `If-None-Match` with the same `GET` to get 304 if nothing has changed. To change ' +
      'a product, send its `ETag` as `If-Match`. Absent if a local product was deleted.',
    maxLength: 100,
    examples: ['"5lkZ3Qxm.5e.3"']
  }),
  Link: Type.String({
    description:
      'URLs of the `first`, `prev`, `next` and `last` page (RFC 8288), relative to the URL of the request. With `cursor`, only `first` and `next`. ' +
      'Absent if the query is so long that clients could not read the header.',
    maxLength: LINK_MAX,
    examples: ['<?limit=30&offset=30>; rel="next"']
  }),
  Location: Type.String({
    description:
      'URL of the created product (201), the state of the catalog (202) or the documentation (302), relative to the URL of the request.',
    maxLength: 2048,
    examples: ['products/1000000000']
  }),
  'RateLimit-Limit': whole('Maximum number of requests per minute.', 600),
  'RateLimit-Remaining': whole('Remaining requests in the current minute.', 599),
  'RateLimit-Reset': seconds('Seconds until the limit resets.'),
  'Retry-After': seconds('Seconds to wait before the next request.'),
  'Set-Cookie': Type.String({
    description:
      'The cookie `token` (`__Host-token` over HTTPS). A sign-in also sets the cookie `device`, which identifies the browser at ' +
      'later sign-ins and lasts one year. Both are `HttpOnly` and `SameSite=Strict`, and `Secure` over HTTPS.',
    maxLength: 8192,
    examples: ['token=eyJhbGciOiJFUzI1NiJ9.e30.c2ln; Max-Age=3600; Path=/; HttpOnly; SameSite=Strict']
  }),
  Vary: Type.String({
    description: 'Request headers that the response depends on.',
    maxLength: 200,
    examples: ['Accept-Encoding']
  }),
  'WWW-Authenticate': Type.String({
    description: 'Authentication scheme, with the error if the token was rejected (RFC 6750).',
    maxLength: 1000,
    examples: ['Bearer realm="product-catalog"']
  }),
  'X-Content-Type-Options': Type.String({
    description: 'Always `nosniff`: browsers must not guess the content type.',
    maxLength: 20,
    examples: ['nosniff']
  }),
  'X-Request-Id': Type.String({
    description:
      'ID of the request in the log of the service. It is the `X-Request-Id` of the request if that consists of 1 to 128 letters, digits and `. _ ~ : / + = @ -`. Otherwise, it is a new UUID.',
    minLength: 1,
    maxLength: REQUEST_ID_MAX,
    examples: ['0b0f6a5e-6f0c-4d55-9a39-2d1f6c3a7e10']
  })
}
export type ResponseHeader = keyof typeof responseHeaders

/** Headers of every response. */
export const commonHeaders = [
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'X-Content-Type-Options',
  'X-Request-Id'
] as const satisfies ResponseHeader[]

/** Headers of a response that was read from the catalog. */
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

/** A successful response with a JSON body: a value of the schema, or its prepared JSON. */
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

/** The same response, also available as a stream of server-sent events. */
export const streamed = <T extends TSchema>(response: T, mediaType: string) =>
  Type.Unsafe<Static<T> | Readable>({
    ...response,
    content: {
      ...response.content,
      [mediaType]: {
        schema: Text(
          'Server-sent events. Each change has the lines `id: 5lkZ3Qxm.201`, `event: change` and `data: {…}`, followed by an empty line.',
          INT32_MAX
        )
      }
    }
  })

/**
 * A JSON request body: a value of the schema, in any of the media types. The document declares the first one and lists the others
 * as `x-also-accepts`.
 */
export const body = <T extends TSchema>(schema: T, ...mediaTypes: string[]) =>
  Type.Unsafe<Static<T>>({
    content: Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema: ref(schema) }]))
  })

/** A response without a body. */
export const empty = (description: string, ...headers: ResponseHeader[]) =>
  Type.Unsafe<null>({ type: 'null', description, ...pick(headers) })

/** The response to a conditional request if nothing has changed. */
export const notModified = empty(
  'Not modified: an entity tag in `If-None-Match` matches the current version.',
  ...catalogHeaders
)

/** Declares the error responses of an operation. */
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
