import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { components } from '../../schemas/index.js'
import { ERRORS_MAX } from '../../schemas/problem.js'

const strictOptions: Options = {
  allErrors: true,
  // Unknown properties are errors. Fastify's default would remove them silently.
  removeAdditional: false,
  useDefaults: true,
  // "5" is not a number in JSON. `parseText` converts values that arrive as text.
  coerceTypes: false,
  // Tests validate the schemas. Validation at each start would make the start 10% slower.
  validateSchema: false,
  // Adds the invalid value and its schema to each error, for its message.
  verbose: true,
  // `example` is a keyword of OpenAPI, not of JSON Schema.
  keywords: ['example']
}

/** Creates a validator with all named components and formats. */
export function createValidator(options: Options = {}): Ajv {
  const ajv = new Ajv({ ...strictOptions, ...options })
  formats.default(ajv)
  // The schemas also have bounds for these formats. Checking both would report two errors for one mistake.
  for (const name of ['int32', 'double', 'password', 'binary']) ajv.addFormat(name, true)
  for (const component of components) ajv.addSchema(component)
  return ajv
}

/** Maximum size, as `sizeOf` returns it, of values whose errors are all reported. A complete product has a third of it. */
const COLLECT_SIZE_MAX = 100_000
/** Size of a value without the characters of its text. */
const VALUE_SIZE = 100

/** Validates a value. Returns at most `ERRORS_MAX` errors, or undefined if the value is valid. */
export type Check = (value: unknown) => ErrorObject[] | undefined

/**
 * Returns a function that compiles a schema to a check of values from clients. A check stops at the first error. It reports all errors
 * only for small values, because a body with half a million invalid items would block the event loop for seconds.
 */
export function createChecks(): (schema: object) => Check {
  // The defaults in the schemas only document the API. The effect of a missing parameter can depend on other parameters.
  const failFast = createValidator({ useDefaults: false, allErrors: false })
  const exhaustive = createValidator({ useDefaults: false })
  return (schema) => {
    const isValid = failFast.compile(schema)
    let collectErrors: ValidateFunction | undefined
    return (value) => {
      if (isValid(value)) return undefined
      if (sizeOf(value, COLLECT_SIZE_MAX) > COLLECT_SIZE_MAX) return isValid.errors as ErrorObject[]
      collectErrors ??= exhaustive.compile(schema)
      collectErrors(value)
      return (collectErrors.errors as ErrorObject[]).slice(0, ERRORS_MAX)
    }
  }
}

/** Returns the size of a value: its characters plus `VALUE_SIZE` for each value in it. Stops counting above `max`. */
function sizeOf(value: unknown, max: number): number {
  let size = 0
  const stack = [value]
  while (stack.length > 0 && size <= max) {
    const current = stack.pop()
    size += VALUE_SIZE
    if (typeof current === 'string') size += current.length
    else if (Array.isArray(current)) {
      if (current.length * VALUE_SIZE > max) return max + 1
      stack.push(...current)
    } else if (typeof current === 'object' && current !== null) {
      for (const [name, child] of Object.entries(current)) {
        size += name.length
        stack.push(child)
      }
    }
  }
  return size
}

/** A schema of values that arrive as text: query and path parameters, headers, environment variables. */
interface TextSchema {
  properties?: Record<string, ValueSchema>
}
interface ValueSchema {
  type?: string
  items?: ValueSchema
}

/** Parsers of text values, by type of the schema. */
const parsers: Record<string, { pattern: RegExp; parse: (text: string) => unknown }> = {
  integer: { pattern: /^-?\d+$/, parse: Number },
  number: { pattern: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i, parse: Number },
  boolean: { pattern: /^(true|false)$/, parse: (text) => text === 'true' }
}

/**
 * Converts text values to the types in a schema. Malformed numbers and booleans, including `0x1f` and `+1`, stay text, so that the
 * validation rejects them. If the schema expects a list, a single value becomes a list of one.
 */
export function parseText(schema: object, values: object): Record<string, unknown> {
  const { properties = {} } = schema as TextSchema
  const parsed = Object.entries(values).map(([name, value]) => [
    name,
    Object.hasOwn(properties, name) ? parseValue(properties[name] as ValueSchema, value) : value
  ])
  return Object.fromEntries(parsed)
}

function parseValue({ type, items = {} }: ValueSchema, value: unknown): unknown {
  if (type === 'array') return [value].flat().map((item) => parseValue(items, item))
  const parser = parsers[String(type)]
  return parser && typeof value === 'string' && parser.pattern.test(value) ? parser.parse(value) : value
}

/** Returns a schema of headers with names in lowercase, as Node.js delivers them. The document uses the conventional case. */
export function withLowerCaseNames(schema: object): object {
  const { properties = {}, required = [] } = schema as { properties?: object; required?: string[] }
  return {
    ...schema,
    properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name.toLowerCase(), value])),
    required: required.map((name) => name.toLowerCase())
  }
}
