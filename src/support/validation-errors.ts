import type { ErrorObject } from 'ajv'
import { readOnlyFields } from '../../schemas/product-input.js'

/** The parts of an error of the validator that describe it. Fastify's own type of these errors has them too. */
export type ValidationError = Pick<ErrorObject, 'keyword' | 'instancePath' | 'params' | 'message'>

/** Says what is wrong with a value, in words that do not require knowledge of JSON Schema. */
export function describeError({ keyword, instancePath, params, message }: ValidationError): string {
  if ('allowedValues' in params) return `must be one of ${(params.allowedValues as string[]).join(', ')}`
  if (keyword === 'required') return 'is missing'
  if (keyword !== 'additionalProperties') return String(message)
  const isReadOnly = instancePath === '' && readOnlyFields.has(String(params.additionalProperty))
  return isReadOnly ? 'is read-only' : 'is not known here'
}

/** Returns the JSON Pointer (RFC 6901) to the value that an error is about. An unknown or missing property is not part of its path. */
export function toPointer({ instancePath, params }: ValidationError): string {
  const property = params.additionalProperty ?? params.missingProperty
  if (property === undefined) return instancePath
  return `${instancePath}/${String(property).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
