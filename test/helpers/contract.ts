import { appendFileSync, mkdirSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import type { OpenAPIV3 } from 'openapi-types'
import { document, type Operation, operations } from './operations.js'

/** Folder in which each process records the statuses of each operation, for test/contract/statuses.ts. */
export const OBSERVATIONS = '.tap/contract'

/** Response headers of HTTP itself and for proxies. */
const HTTP_HEADERS = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
  'x-accel-buffering'
])
/** Response headers of CORS, on every response to an allowed origin. */
const isOfCors = (name: string, value: string) =>
  name.startsWith('access-control-') || (name === 'vary' && value === 'Origin')

/** OpenAPI matches paths without parameters first: `/products/export` is never a product. */
const routes = operations
  .toSorted((a, b) => a.path.split('{').length - b.path.split('{').length)
  .map((operation) => ({
    ...operation,
    form: new RegExp(`^${operation.path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`)
  }))

function resolve<T extends object>(object: T | OpenAPIV3.ReferenceObject): T {
  if (!('$ref' in object)) return object
  const found = object.$ref
    .slice('#/'.length)
    .split('/')
    .reduce((part: unknown, name) => (part as Record<string, unknown>)[name], document)
  return found as T
}

const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false })
formats.default(ajv)
for (const name of ['int32', 'double', 'password', 'binary']) ajv.addFormat(name, true)
// Clients must accept unknown fields. The tests do not, so that every field is documented.
ajv.addSchema({ $id: 'document', components: closed(document.components) as object })

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const parts = Object.entries(schema).map(([name, part]) => [
    name,
    name === '$ref' ? `document${part}` : name === 'example' ? part : closed(part)
  ])
  const { properties } = schema as OpenAPIV3.SchemaObject
  return { ...Object.fromEntries(parts), ...(properties && { additionalProperties: false }) }
}

const validators = new Map<unknown, ValidateFunction>()
function validatorOf(schema: object): ValidateFunction {
  const known = validators.get(schema)
  if (known) return known
  const validator = ajv.compile(closed(schema) as object)
  validators.set(schema, validator)
  return validator
}

export interface Exchange {
  method: string
  /** Path and query. */
  url: string
  status: number
  headers: Headers
  text: string
}

const seen = new Set<string>()

/**
 * Validates the status, all headers and the body of a response against the document. Ignores requests that match no operation.
 * @throws {Error} if the document does not declare one of them.
 */
export function checkResponse(exchange: Exchange): void {
  const path = exchange.url.split('?', 1)[0] as string
  const method = exchange.method === 'HEAD' ? 'GET' : exchange.method
  const address = routes.find(({ form }) => form.test(path))?.path
  const operation = routes.find((one) => one.method === method && one.path === address)
  if (!operation) return
  const wrong = whatIsWrong(operation, exchange)
  if (wrong.length > 0) {
    const { status, text } = exchange
    throw new Error(
      `${exchange.method} ${exchange.url} (${status}) is not as openapi.yaml says: ${wrong.join('; ')}\n${text.slice(0, 500)}`
    )
  }
  const observation = `${operation.operationId} ${exchange.status}`
  if (seen.has(observation)) return
  seen.add(observation)
  mkdirSync(OBSERVATIONS, { recursive: true })
  appendFileSync(`${OBSERVATIONS}/${process.pid}.txt`, `${observation}\n`)
}

function whatIsWrong({ responses }: Operation, { method, status, headers, text }: Exchange): string[] {
  const declared = responses[status]
  if (!declared) return [`the status is not declared (${Object.keys(responses)} are)`]
  const response = resolve(declared as OpenAPIV3.ResponseObject)
  return [
    ...wrongHeaders(response, headers),
    ...wrongBody(response, headers, method === 'HEAD' ? '' : text, method === 'HEAD')
  ]
}

function wrongHeaders(response: OpenAPIV3.ResponseObject, headers: Headers): string[] {
  const declared = new Map(
    Object.entries(response.headers ?? {}).map(([name, header]) => [name.toLowerCase(), resolve(header)])
  )
  return [...headers].flatMap(([name, text]) => {
    if (HTTP_HEADERS.has(name) || isOfCors(name, text)) return []
    const schema = declared.get(name)?.schema
    if (!schema) return [`the header ${name} is not declared`]
    const validate = validatorOf(schema)
    const value = (schema as OpenAPIV3.SchemaObject).type === 'integer' ? Number(text) : text
    return validate(value) ? [] : [`the header ${name}: ${text} ${ajv.errorsText(validate.errors)}`]
  })
}

function wrongBody(response: OpenAPIV3.ResponseObject, headers: Headers, text: string, isHead: boolean): string[] {
  const mediaType = headers.get('content-type')?.split(';', 1)[0]
  if (!response.content) return text === '' ? [] : ['a body is not declared']
  if (isHead) return []
  const schema = mediaType && response.content[mediaType]?.schema
  if (!schema) return [`the media type ${mediaType} is not declared`]
  if (!/[/+]json$/.test(mediaType)) return []
  const validate = validatorOf(schema)
  return validate(JSON.parse(text)) ? [] : [ajv.errorsText(validate.errors)]
}
