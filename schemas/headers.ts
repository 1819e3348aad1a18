import { Type } from '@sinclair/typebox'
import { EPOCH_PATTERN } from './scalars.js'

/** Maximum length of a list of entity tags, in characters. It is a quarter of the size that Node.js allows for all headers. */
export const TAGS_MAX = 4096

const tags = (description: string, example: string) =>
  Type.Optional(Type.String({ description, maxLength: TAGS_MAX, examples: [example] }))

/** An entity tag that matches no product or list. */
const OTHER_TAG = '"5lkZ3Qxm.5e.3"'

/** Conditional request headers of a read (RFC 9110, section 13.1). */
export const ConditionalRead = Type.Object({
  'If-Match': tags(
    'Entity tags, including the quotes, or `*`. If none of them matches the current `ETag`, the response is 412 (RFC 9110, section 13.1.1).',
    '*'
  ),
  'If-None-Match': tags(
    'Entity tags, including the quotes, or `*`. If one of them matches the current `ETag`, the response is 304 (RFC 9110, section 13.1.2).',
    OTHER_TAG
  )
})

/** Conditional request headers of a write. A missing `If-Match` gets 428 before the schema is validated. */
export const Conditional = Type.Object({
  'If-Match': Type.String({
    description:
      'The `ETag` of the product from your last read or write, including the quotes (RFC 9110). If the product has changed ' +
      'since, the response is 412 and nothing is written. `*` matches any version.',
    maxLength: 1000,
    // Matches no product, so a request with the example values changes nothing.
    examples: [OTHER_TAG]
  }),
  'If-None-Match': tags(
    'Entity tags, including the quotes, or `*`. If one of them matches the current `ETag`, the response is 412 and nothing is ' +
      'written (RFC 9110, section 13.1.2). `*` matches if the product exists.',
    OTHER_TAG
  )
})

export const IDEMPOTENCY_KEY_PATTERN = '^[\\x21-\\x7e]+$'
/** Request header of a write that takes effect once, no matter how often the client sends it. */
export const Idempotent = Type.Object({
  'Idempotency-Key': Type.Optional(
    Type.String({
      description:
        'Makes the request safe to retry. For 24 hours, a request with the same key and the same body gets the first ' +
        'response again and creates nothing. Each account has its own keys. Use a new UUID for each product.',
      minLength: 1,
      maxLength: 255,
      // No example, because Swagger UI would send the same key with each product.
      pattern: IDEMPOTENCY_KEY_PATTERN
    })
  )
})

export const EVENT_ID_PATTERN = `^(${EPOCH_PATTERN}[.])?[0-9]{1,10}$`
/** An optional ID of an event. */
export const EventId = (description: string) =>
  Type.Optional(Type.String({ description, maxLength: 19, pattern: EVENT_ID_PATTERN, examples: ['0'] }))

/** Request header that resumes an event stream after a disconnect. */
export const Resuming = Type.Object({
  'Last-Event-ID': EventId(
    'For streams: ID of the last event that you received (`EPOCH.REVISION`). It takes precedence over `lastEventId`, `after` and ' +
      '`epoch`. A revision without an epoch is also valid.'
  )
})
