import type { OpenAPIV3 } from 'openapi-types'
import { problemType } from '../../schemas/problem.js'
import { problems } from '../../src/http/problems.js'

/* Renders the generated part of the TypeScript client. The other part is in clients/typescript/src. */

type Schema = OpenAPIV3.SchemaObject | OpenAPIV3.ReferenceObject
type Content = Record<string, { schema: Schema }>

/** An operation of the document, as the client needs it. */
interface Operation {
  id: string
  method: string
  path: string
  /** Text of the doc comment. */
  doc: string
  parameters: Parameter[]
  requestTypes: string[]
  responseTypes: string[]
  needsToken: boolean
  isConditional: boolean
  /** TypeScript type that the method resolves to. */
  returnType: string
}

interface Parameter {
  name: string
  doc: string
  type: string
  isRequired: boolean
  /** Name of the header that carries it, if any. */
  header?: string
}

const HEAD = '// Generated from openapi.yaml by `npm run client`. Do not edit.\n'
const WIDTH = 120

/** Returns the source of `types.ts`: the components of the document and the parameters of each operation. */
export function renderTypes(document: OpenAPIV3.Document): string {
  const schemas = Object.entries(document.components?.schemas as Record<string, OpenAPIV3.SchemaObject>)
  const names = Object.keys(problems)
  return [
    `${HEAD}import type { Upload } from '../operation.js'\n`,
    `${comment('Last part of the `type` of each problem.')}export type ProblemName =${union(names)}\n`,
    ...schemas.map(([name, schema]) => comment(schema.description) + renderComponent(name, schema)),
    ...readOperations(document)
      .filter(({ parameters }) => parameters.length > 0)
      .map(
        (operation) => `export interface ${parametersTypeOf(operation)} ${renderFields(operation.parameters, true)}\n`
      )
  ].join('\n')
}

/** Returns the source of `operations.ts`: a table of the operations and a class with a method for each. */
export function renderOperations(document: OpenAPIV3.Document): string {
  const operations = readOperations(document)
  const types = `${operations.map(renderMethod).join('\n')}`.matchAll(/\b(?:Promise<|parameters: )([A-Z]\w+)/g)
  const imported = [...new Set([...types].map(([, name]) => name as string))].filter((name) => !BUILT_IN.has(name))
  return `${HEAD}import { type Operation, OperationSender, type RequestOptions, type Tag } from '../operation.js'
import type {
${imported
  .sort()
  .map((name) => `  ${name}`)
  .join(',\n')}
} from './types.js'

/** Prefix of the type of every problem. */
export const PROBLEM_TYPE = '${problemType('')}'

export const operations = {
${operations.map(renderOperation).join(',\n')}
} as const satisfies Record<string, Operation>

/** Base class of the client, with one method for each operation. */
export abstract class Operations extends OperationSender {
${operations.map(renderMethod).join('\n')}}
`
}

/** Headers of conditional reads. The client sets them itself, to revalidate cached responses. */
const CLIENT_CONDITIONS = new Set(['If-Match', 'If-None-Match'])

const BUILT_IN = new Set(['Partial', 'ReadableStream'])

function readOperations(document: OpenAPIV3.Document): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, OpenAPIV3.OperationObject>).map(([method, operation]) => {
      const { responses, security = document.security, operationId = '', summary, description } = operation
      const body = operation.requestBody as OpenAPIV3.RequestBodyObject | undefined
      const [[, success] = []] = Object.entries(responses) as [string, OpenAPIV3.ResponseObject][]
      const isConditional = '304' in responses
      const failures = Object.keys(responses).filter((status) => Number(status) >= 400)
      const requestContent = (body?.content ?? {}) as Content
      const responseContent = (success?.content ?? {}) as Content
      return {
        id: operationId,
        method: method.toUpperCase(),
        path,
        doc: `${endSentence(summary)}\n\n${description}\n\n@throws {ProblemError} ${failures.join(', ')}`,
        parameters: [
          ...readParameters((operation.parameters ?? []) as OpenAPIV3.ParameterObject[]).filter(
            ({ header }) => !isConditional || !CLIENT_CONDITIONS.has(String(header))
          ),
          ...toBodyParameters(requestContent, body?.required === true),
          ...toFormatParameter(responseContent)
        ],
        requestTypes: Object.keys(requestContent),
        responseTypes: Object.keys(responseContent),
        needsToken: (security ?? []).some((scheme) => Object.keys(scheme).length > 0),
        isConditional,
        returnType: returnTypeOf(responseContent, 'ETag' in (success?.headers ?? {}))
      }
    })
  )
}

/** Returns the parameters without those that replace a header for clients that cannot send it: both have the same name. */
function readParameters(declared: OpenAPIV3.ParameterObject[]): Parameter[] {
  const parameters = declared.map(readParameter)
  const headers = new Set(parameters.filter(({ header }) => header !== undefined).map(({ name }) => name))
  return parameters.filter(({ name, header }) => header !== undefined || !headers.has(name))
}

function readParameter({ in: location, name, description, required, schema }: OpenAPIV3.ParameterObject): Parameter {
  const words = name.split('-').map((word) => word[0]?.toUpperCase() + word.slice(1).toLowerCase())
  const pascalCase = words.join('')
  return {
    ...(location === 'header' ? { name: pascalCase[0]?.toLowerCase() + pascalCase.slice(1), header: name } : { name }),
    doc: withDefault(description, schema as Schema),
    type: typeOf(schema as Schema, true),
    isRequired: required === true
  }
}

/** Returns the parameter `body`, if the operation has a body. The document declares one media type for each body. */
function toBodyParameters(content: Content, isRequired: boolean): Parameter[] {
  return Object.values(content).map(({ schema }) => {
    const doc = ('description' in schema && schema.description) || 'Body of the request.'
    return { name: 'body', doc, type: typeOf(schema, true), isRequired }
  })
}

/** Returns the parameter `accept` of an operation whose response is not JSON. */
function toFormatParameter(content: Content): Parameter[] {
  const mediaTypes = Object.keys(content)
  if (mediaTypes.length === 0 || mediaTypes.some(isJson)) return []
  const formats = Object.entries(content).map(([type, { schema }]) => `\`${type}\`: ${Object(schema).description}`)
  const doc = `${formats.join('\n\n')}\n\nDefault: \`${mediaTypes[0]}\`.`
  return [{ name: 'accept', doc, type: union(mediaTypes, '').trim(), isRequired: false }]
}

function returnTypeOf(content: Content, hasTag: boolean): string {
  const [[mediaType, { schema }] = ['', { schema: {} }]] = Object.entries(content)
  if (mediaType === '') return hasTag ? 'Partial<Tag>' : 'void'
  if (!isJson(mediaType)) return 'ReadableStream<Uint8Array>'
  return hasTag ? `${typeOf(schema)} & Tag` : typeOf(schema)
}

const isJson = (mediaType: string) => /[/+]json$/.test(mediaType)

const parametersTypeOf = ({ id }: Operation) => `${id[0]?.toUpperCase()}${id.slice(1)}Parameters`

function renderComponent(name: string, schema: OpenAPIV3.SchemaObject): string {
  if (schema.enum) return `export type ${name} =${union(schema.enum)}\n`
  if (!schema.properties) return `export type ${name} = ${typeOf(schema)}\n`
  // Only the schemas of requests forbid unknown properties.
  const isInput = schema.additionalProperties === false
  const fields = Object.entries(schema.properties as Record<string, Schema>).map(
    ([name, field]): Parameter => ({
      name,
      doc: withDefault('$ref' in field ? undefined : field.description, field),
      type: typeOf(field, isInput),
      isRequired: schema.required?.includes(name) === true
    })
  )
  return `export interface ${name} ${renderFields(fields, isInput)}\n`
}

/** Renders the fields of an interface. Optional fields of an input may also be `undefined`. */
function renderFields(fields: Parameter[], isInput: boolean): string {
  const lines = fields.map(({ name, doc, type, isRequired }) => {
    const optional = isInput ? `?: ${type} | undefined` : `?: ${type}`
    return `${comment(doc, '  ')}  ${name}${isRequired ? `: ${type}` : optional}\n`
  })
  return `{\n${lines.join('')}}`
}

function typeOf(schema: Schema, isInput = false): string {
  if ('$ref' in schema) return schema.$ref.split('/').at(-1) as string
  if (schema.type === 'array') return `${isInput ? 'readonly ' : ''}${typeOf(schema.items)}[]`
  if (schema.format === 'binary') return 'Upload'
  if (schema.type === 'integer') return 'number'
  return schema.type ?? 'unknown'
}

function renderOperation({
  id,
  method,
  path,
  parameters,
  requestTypes,
  responseTypes,
  needsToken,
  isConditional
}: Operation): string {
  const headers = parameters
    .filter(({ header }) => header !== undefined)
    .map(({ name, header }) => `${name}: '${header}'`)
  const fields = [
    `method: '${method}'`,
    `path: '${path}'`,
    ...(headers.length > 0 ? [`headers: { ${headers.join(', ')} }`] : []),
    ...(requestTypes[0] !== undefined ? [`contentType: '${requestTypes[0]}'`] : []),
    ...(responseTypes[0] !== undefined ? [`accept: '${responseTypes[0]}'`] : []),
    `needsToken: ${needsToken}`,
    `isConditional: ${isConditional}`
  ]
  return `  ${id}: {\n${fields.map((field) => `    ${field}`).join(',\n')}\n  }`
}

function renderMethod(operation: Operation): string {
  const { id, doc, parameters, returnType } = operation
  const isOptional = parameters.every(({ isRequired }) => !isRequired)
  const declared =
    parameters.length > 0 ? `parameters: ${parametersTypeOf(operation)}${isOptional ? ' = {}' : ''}, ` : ''
  return `${comment(doc, '  ')}  ${id}(${declared}options?: RequestOptions): Promise<${returnType}> {
    return this.send(operations.${id}, ${parameters.length > 0 ? 'parameters' : '{}'}, options)
  }
`
}

/** Renders a union type on one line, or on one line per member if that would be too long. */
function union(values: string[], indent = '\n  | '): string {
  const quoted = values.map((value) => `'${value}'`)
  const line = ` ${quoted.join(' | ')}`
  return line.length < WIDTH - 40 || indent === '' ? line : indent + quoted.join(indent)
}

function withDefault(text: string | undefined, schema: Schema): string {
  const fallback = 'default' in schema ? `Default: \`${JSON.stringify(schema.default)}\`.` : ''
  return [text, fallback].filter(Boolean).join(' ')
}

const endSentence = (text = '') => (/[.?!]$/.test(text) ? text : `${text}.`)

/** Renders a doc comment, wrapped. Returns an empty string if the text is empty. */
function comment(text = '', indent = ''): string {
  if (text === '') return ''
  const safe = text.replaceAll('*/', '*\\/')
  if (!safe.includes('\n') && safe.length + indent.length + 7 <= WIDTH) return `${indent}/** ${safe} */\n`
  const lines = safe.split('\n').flatMap((line) => wrap(line, WIDTH - indent.length - 3))
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`
}

function wrap(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) as string
    if (last !== '' && last.length + word.length >= width) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}
