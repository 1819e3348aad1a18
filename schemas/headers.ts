import { Type } from '@sinclair/typebox'
import { EPOCH_PATTERN } from './scalars.js'

/** The longest list of entity tags, in characters: a quarter of what Node.js takes of all headers together. */
export const TAGS_MAX = 4096

const tags = (description: string, example: string) =>
  Type.Optional(Type.String({ description, maxLength: TAGS_MAX, examples: [example] }))

/** A tag that no product or list has. */
const OTHER_TAG = '"5lkZ3Qxm.5e.3"'

/** Conditions of a read (RFC 9110, section 13.1). */
export const ConditionalRead = Type.Object({
  'If-Match': tags(
    'Entity tags, quotes included, or `*`. If none of them is the present `ETag`, the response is 412 (RFC 9110, section 13.1.1).',
    '*'
  ),
  'If-None-Match': tags(
    'Entity tags, quotes included, or `*`. If one of them is the present `ETag`, the response is 304 (RFC 9110, section 13.1.2).',
    OTHER_TAG
  )
})

/** A write that says what it is based on. A missing `If-Match` gets 428 before the schema is checked. */
export const Conditional = Type.Object({
  'If-Match': Type.String({
    description:
      'The `ETag` that came with the product, or with your last write of it, quotes included (RFC 9110). The write is refused with ' +
      '412 if somebody has changed it since. ' +
      '`*` matches any state of the product.',
    maxLength: 1000,
    // It matches no product, so a request that is sent as it is filled in changes nothing.
    examples: [OTHER_TAG]
  }),
  'If-None-Match': tags(
    'Entity tags, quotes included. The write is refused with 412 if one of them is the present `ETag` (RFC 9110, section 13.1.2), and ' +
      'by `*` if there is the product.',
    OTHER_TAG
  )
})

/** A write that is carried out once, however often it is sent. */
export const Idempotent = Type.Object({
  'Idempotency-Key': Type.Optional(
    Type.String({
      description:
        'Names this request, so that it can be sent again when no answer came: within 24 hours the same key with the same body ' +
        'gets the first answer, and nothing is made twice. Keys are of your account only. Take a new UUID for each product.',
      minLength: 1,
      maxLength: 255,
      // No example, because Swagger UI would send the same key with every product.
      pattern: '^[\\x21-\\x7e]+$'
    })
  )
})

/** A stream of events that goes on where it was cut off. */
export const Resuming = Type.Object({
  'Last-Event-ID': Type.Optional(
    Type.String({
      description:
        'For streams: the id of the last event that you received, `EPOCH.REVISION`. It takes precedence over `after` and `epoch`. A ' +
        'plain revision is also valid.',
      maxLength: 19,
      pattern: `^(${EPOCH_PATTERN}[.])?[0-9]{1,10}$`,
      examples: ['0']
    })
  )
})
