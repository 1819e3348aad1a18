import { Ajv, type Options } from 'ajv'
import formats from 'ajv-formats'
import { components } from '../schemas/index.js'

const strictOptions: Options = {
  allErrors: true,
  // Fastify's own default drops unknown properties silently; here they are refused.
  removeAdditional: false,
  useDefaults: true,
  coerceTypes: false,
  // `example` is a word of OpenAPI, not of JSON Schema.
  keywords: ['example']
}

/** A validator that knows every named component and every format. Values are taken as they are: `"5"` is not 5. */
export function createValidator(options: Options = {}): Ajv {
  const ajv = new Ajv({ ...strictOptions, ...options })
  formats.default(ajv)
  // For readers of the document: the bounds say the same, and one error for one mistake is enough.
  for (const name of ['int32', 'double', 'password']) ajv.addFormat(name, true)
  for (const component of components) ajv.addSchema(component)
  return ajv
}
