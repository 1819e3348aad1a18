import { Type } from '@sinclair/typebox'

/** A write that says what it is based on. That the header is there is checked before the schema is, and answered with 428. */
export const Conditional = Type.Object({
  'If-Match': Type.String({
    description:
      'The `ETag` that came with the product, or with your last write of it, quotes included (RFC 9110). The write is refused with ' +
      '412 if somebody has changed it since. ' +
      '`*` stands for whatever it is now.',
    maxLength: 1000,
    examples: ['*']
  })
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
      pattern: '^[\\x21-\\x7e]+$',
      examples: ['7c0c1a52-1f0e-4f0e-9a51-8a5d5a4fd0a3']
    })
  )
})

/** A stream of events that goes on where it was cut off. */
export const Resuming = Type.Object({
  'Last-Event-ID': Type.Optional(
    Type.String({
      description: 'For streams: the id of the last event that was received. It counts before `after`.',
      maxLength: 10,
      pattern: '^[0-9]+$',
      examples: ['0']
    })
  )
})
