import { Ajv, type Options } from 'ajv'
import formats from 'ajv-formats'
import { components } from '../schemas/index.js'

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
export function readText(schema: object, values: object): Record<string, unknown> {
  const { properties = {} } = schema as TextSchema
  const read = Object.entries(values).map(([name, value]) => [
    name,
    Object.hasOwn(properties, name) ? readValue(properties[name] as ValueSchema, value) : value
  ])
  return Object.fromEntries(read)
}

function readValue({ type, items = {} }: ValueSchema, value: unknown): unknown {
  if (type === 'array') return [value].flat().map((item) => readValue(items, item))
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
