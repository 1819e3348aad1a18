import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import fc, { type Arbitrary } from 'fast-check'
import type { OpenAPIV3 } from 'openapi-types'
import { document } from './operations.js'

type Schema = OpenAPIV3.SchemaObject | OpenAPIV3.ReferenceObject

const ajv = new Ajv({ strict: false })
formats.default(ajv)
for (const name of ['int32', 'double', 'password', 'binary']) ajv.addFormat(name, true)
ajv.addSchema({ $id: 'document', components: document.components })
const validators = new Map<Schema, ValidateFunction>()

/** Returns whether a value is valid for a schema of the document. */
export function isValid(schema: Schema, value: unknown): boolean {
  let validate = validators.get(schema)
  if (!validate) {
    validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"document#/components')))
    validators.set(schema, validate)
  }
  return validate(value)
}

/** Resolves a reference to its schema. */
export function resolve(schema: Schema): OpenAPIV3.SchemaObject {
  return '$ref' in schema ? document.components.schemas[schema.$ref.split('/').at(-1) as string] : schema
}

/** Generates valid values of a schema of the document, including its bounds. */
export function validValuesOf(schema: Schema): Arbitrary<unknown> {
  return anyOf(resolve(schema)).filter((value) => isValid(schema, value))
}

function anyOf(schema: OpenAPIV3.SchemaObject): Arbitrary<unknown> {
  const { minimum = 0, maximum = 0, maxLength = 0 } = schema
  if (schema.enum) return fc.constantFrom(...schema.enum)
  switch (schema.type) {
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.oneof(fc.integer({ min: minimum, max: maximum }), fc.constantFrom(minimum, maximum))
    case 'number':
      return fc.oneof(fc.double({ min: minimum, max: maximum, noNaN: true }), fc.constantFrom(minimum, maximum))
    case 'string':
      if (schema.format === 'uri') return fc.webUrl()
      if (schema.format === 'date-time')
        return fc.date({ min: new Date(0), max: new Date(2e12), noInvalidDate: true }).map((date) => date.toISOString())
      if (schema.pattern) return fc.stringMatching(new RegExp(schema.pattern), { size: 'small' })
      return fc.oneof(fc.string({ maxLength, unit: 'binary' }), fc.constant('x'.repeat(maxLength)))
    case 'array':
      return fc.array(validValuesOf((schema as OpenAPIV3.ArraySchemaObject).items), {
        maxLength: Math.min(5, schema.maxItems ?? 5)
      })
    default: {
      const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => [
        name,
        validValuesOf(property)
      ])
      return fc.record(Object.fromEntries(properties) as Record<string, Arbitrary<unknown>>, {
        requiredKeys: schema.required ?? []
      })
    }
  }
}

/** Generates JSON values that are invalid for a schema. */
export function invalidValuesOf(schema: Schema): Arbitrary<unknown> {
  const { minimum, maximum, maxLength, maxItems, items } = resolve(schema) as OpenAPIV3.ArraySchemaObject &
    OpenAPIV3.SchemaObject
  const beyond = [
    ...(minimum === undefined ? [] : [minimum - 1]),
    ...(maximum === undefined ? [] : [maximum + 1]),
    ...(maxLength === undefined || maxLength > 10_000 ? [] : ['x'.repeat(maxLength + 1)]),
    ...(maxItems === undefined ? [] : [Array(maxItems + 1).fill('x')])
  ]
  const candidates = [
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom(null, {}, [[]], 'x\u0000', 0.5, -1, true, ...beyond)
  ]
  if (items) candidates.push(invalidValuesOf(items).map((item) => [item]))
  return fc.oneof(...candidates).filter((value) => !isValid(schema, value))
}
