import type { TSchema } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import type { ErrorObject } from 'ajv'
import t from 'tap'
import { Credentials } from '../../schemas/auth.js'
import { ChangesQuery, HistoryQuery } from '../../schemas/change.js'
import { Conditional, ConditionalRead, Idempotent, Resuming } from '../../schemas/headers.js'
import { ProductQuery } from '../../schemas/listing.js'
import { ProductInput, ProductPatch } from '../../schemas/product-input.js'
import { ExportQuery } from '../../schemas/transfer.js'
import { createValidator } from '../../src/support/validation.js'
import { describeError, patternHints } from '../../src/support/validation-errors.js'

const describe = (schema: TSchema, value: unknown) => {
  const validator = createValidator()
  validator.validate(schema, value)
  return (validator.errors as ErrorObject[]).map(describeError)
}

t.test('an error names the rule and the value', async (t) => {
  for (const [schema, value, expected] of [
    [Type.Integer({ maximum: 100 }), 500, 'must be at most 100 (got 500)'],
    [Type.Integer({ minimum: 1 }), 0, 'must be at least 1 (got 0)'],
    [Type.Integer(), 'ten', 'must be an integer (got "ten")'],
    [Type.Boolean(), 'yes', 'must be true or false (got "yes")'],
    [Type.Array(Type.String()), 5, 'must be an array (got 5)'],
    [Type.String(), { a: 1 }, 'must be a string (got an object)'],
    [Type.Integer(), [], 'must be an integer (got an array)'],
    [Type.String({ minLength: 1 }), '', 'must not be empty'],
    [Type.String({ minLength: 3 }), 'ab', 'must have at least 3 characters (got 2)'],
    [Type.String({ maxLength: 3 }), '12345', 'must have at most 3 characters (got 5)'],
    [Type.Array(Type.Integer(), { maxItems: 1 }), [1, 2], 'must have at most 1 value (got 2)'],
    [Type.String({ format: 'uri' }), 'here', 'must be a URL (got "here")'],
    [Type.String({ format: 'email' }), 'here', 'must be email (got "here")'],
    [Type.String({ pattern: '^a$' }), 'b', 'has the wrong format (got "b")'],
    [Type.Unsafe({ type: 'string', enum: ['a', 'b'] }), 'c', 'must be one of a, b (got "c")'],
    [Type.Integer({ multipleOf: 2 }), 3, 'must be multiple of 2 (got 3)'],
    [Type.Object({ a: Type.Integer() }), {}, 'is missing'],
    [Type.Object({}, { additionalProperties: false }), { color: 1 }, 'is unknown: correct its name or leave it out'],
    [Type.Object({}, { additionalProperties: false }), { rating: 1 }, 'is read-only: leave it out']
  ] as const) {
    t.strictSame(describe(schema, value), [expected])
  }
})

t.test('long values are shortened, and passwords and other secrets are not quoted', async (t) => {
  t.strictSame(describe(Type.Integer(), 'x'.repeat(49)), [`must be an integer (got "${'x'.repeat(48)}…)`])
  t.strictSame(describe(Type.String({ format: 'password', pattern: '^a$' }), 'b'), ['has the wrong format'])
  t.strictSame(describe(Type.Integer({ writeOnly: true }), 'ten'), ['must be an integer'])
})

t.test('every pattern of a request or of a source product has a hint', async (t) => {
  const inputs = [
    Credentials,
    ChangesQuery,
    HistoryQuery,
    Conditional,
    ConditionalRead,
    Idempotent,
    Resuming,
    ProductQuery,
    ProductInput,
    ProductPatch,
    ExportQuery
  ]
  const patterns = [...JSON.stringify(inputs).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(([, text]) =>
    JSON.parse(text as string)
  )
  t.ok(patterns.length > 10)
  for (const pattern of patterns) t.ok(patternHints.has(pattern), pattern)
})
