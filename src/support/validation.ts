import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { components } from '../../schemas/index.js'
import { ERRORS_MAX } from '../../schemas/problem.js'

const strictOptions: Options = {
  allErrors: true,
  // Fastify's own default drops unknown properties silently; here they are refused.
  removeAdditional: false,
  useDefaults: true,
  // Values are taken as they are: "5" is not 5. See readText for what arrives as text.
  coerceTypes: false,
  // Tests see to it that the schemas are valid. Each start would take a tenth longer.
  validateSchema: false,
  // `example` is a word of OpenAPI, not of JSON Schema.
  keywords: ['example']
}

/** A validator that knows every named component and every format. */
export function createValidator(options: Options = {}): Ajv {
  const ajv = new Ajv({ ...strictOptions, ...options })
  formats.default(ajv)
  // For readers of the document: the bounds say the same, and one error for one mistake is enough.
  for (const name of ['int32', 'double', 'password', 'binary']) ajv.addFormat(name, true)
  for (const component of components) ajv.addSchema(component)
  return ajv
}

/** The size of values that are checked for all their errors, as `sizeOf` counts it. A complete product has a third of it. */
const COMPLETE_CHECK_MAX = 100_000
/** What a value adds to the size besides the characters of its text. */
const VALUE_SIZE = 100

/** Checks a value. Returns the errors, at most `ERRORS_MAX`, or undefined if the value is valid. */
export type Check = (value: unknown) => ErrorObject[] | undefined

/**
 * Compiles checks of values that callers send. A check stops at the first error, lengths before patterns. It lists the other
 * errors too if the value is small: a body of half a million invalid items would otherwise block the event loop for seconds.
 */
export function createChecks(): (schema: object) => Check {
  // Defaults are for readers of the document: what an absent parameter means can depend on the others.
  // `verbose` adds the invalid value to each error, for its message.
  const stopping = createValidator({ useDefaults: false, allErrors: false, verbose: true })
  const collecting = createValidator({ useDefaults: false, verbose: true })
  return (schema) => {
    const isValid = stopping.compile(schema)
    let collectErrors: ValidateFunction | undefined
    return (value) => {
      if (isValid(value)) return undefined
      if (sizeOf(value, COMPLETE_CHECK_MAX) > COMPLETE_CHECK_MAX) return isValid.errors as ErrorObject[]
      collectErrors ??= collecting.compile(schema)
      collectErrors(value)
      return (collectErrors.errors as ErrorObject[]).slice(0, ERRORS_MAX)
    }
  }
}

/** The size of a value: its characters, and a hundred for each value within it. Stops counting above `max`. */
function sizeOf(value: unknown, max: number): number {
  let size = 0
  const open = [value]
  while (open.length > 0 && size <= max) {
    const one = open.pop()
    size += VALUE_SIZE
    if (typeof one === 'string') size += one.length
    else if (Array.isArray(one)) {
      if (one.length * VALUE_SIZE > max) return max + 1
      open.push(...one)
    } else if (typeof one === 'object' && one !== null) {
      for (const [name, inner] of Object.entries(one)) {
        size += name.length
        open.push(inner)
      }
    }
  }
  return size
}

/** A schema of values that arrive as text: the parameters of an address, the variables of an environment. */
interface TextSchema {
  properties?: Record<string, ValueSchema>
}
interface ValueSchema {
  type?: string
  items?: ValueSchema
}

const readers: Record<string, { form: RegExp; read: (text: string) => unknown }> = {
  integer: { form: /^-?\d+$/, read: Number },
  number: { form: /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i, read: Number },
  boolean: { form: /^(true|false)$/, read: (text) => text === 'true' }
}

/**
 * Reads values that arrived as text as what the schema says they are. What does not have the form of it stays text, for the
 * validation to refuse: `0x1f`, `+1` and the like are no numbers here. One value for a list is a list of one.
 */
export function parseText(schema: object, values: object): Record<string, unknown> {
  const { properties = {} } = schema as TextSchema
  const read = Object.entries(values).map(([name, value]) => [
    name,
    Object.hasOwn(properties, name) ? parseValue(properties[name] as ValueSchema, value) : value
  ])
  return Object.fromEntries(read)
}

function parseValue({ type, items = {} }: ValueSchema, value: unknown): unknown {
  if (type === 'array') return [value].flat().map((item) => parseValue(items, item))
  const reader = readers[String(type)]
  return reader && typeof value === 'string' && reader.form.test(value) ? reader.read(value) : value
}

/** A schema of headers with their names as they arrive: in the document they are written as people write them. */
export function withLowerCaseNames(schema: object): object {
  const { properties = {}, required = [] } = schema as { properties?: object; required?: string[] }
  return {
    ...schema,
    properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name.toLowerCase(), value])),
    required: required.map((name) => name.toLowerCase())
  }
}
