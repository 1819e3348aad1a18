import { readFile } from 'node:fs/promises'
import t from 'tap'
import { parse } from 'yaml'
import { components } from '../../schemas/index.js'
import { createValidator } from '../../src/support/validation.js'
import { renderOpenapi } from '../../tools/render-openapi.js'
import { makeSample } from '../../tools/sample/make-sample.js'
import { createFolder } from '../helpers/folder.js'
import { command, TestProcess } from '../helpers/process.js'

const yaml = await renderOpenapi()
// biome-ignore lint/suspicious/noExplicitAny: the document is untyped, as for any other program
const document: any = parse(yaml)

interface Operation {
  name: string
  path: string
  method: string
  // biome-ignore lint/suspicious/noExplicitAny: an operation of the untyped document
  operation: any
}

const operations: Operation[] = Object.entries(document.paths as Record<string, Record<string, object>>).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, method, operation }))
)

/** Yields every object of the document with its path. */
function* walk(value: unknown, path: string[] = []): Generator<{ path: string[]; node: Record<string, unknown> }> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield { path, node: value as Record<string, unknown> }
  for (const [key, child] of Object.entries(value)) yield* walk(child, [...path, key])
}

/** All schemas of the document, without examples that look like schemas. */
const schemas = [...walk(document)].filter(
  ({ path, node }) =>
    'type' in node && typeof node.type === 'string' && !path.includes('example') && !path.includes('securitySchemes')
)

t.test('the committed file matches the code', async (t) => {
  const file = await readFile('openapi.yaml', 'utf8')
  t.equal(file, yaml, 'run `npm run openapi`')
})

t.test('printing the document needs no database, network or port', async (t) => {
  const folder = createFolder(t)
  const { code, stdout } = await new TestProcess(t, command('tools/openapi.js'), {
    DATABASE_URL: `file:${folder}/none/catalog.db`
  }).finished

  t.equal(code, 0)
  t.equal(stdout, yaml)
  await t.rejects(readFile(`${folder}/none/catalog.db`))
})

t.test('the document is OpenAPI 3.0.3 and uses only features that 3.1 shares', async (t) => {
  t.equal(document.openapi, '3.0.3')
  for (const { path, node } of walk(document)) {
    const at = path.join('.')
    for (const word of ['anyOf', 'oneOf', 'const', 'nullable', 'patternProperties', '$id', 'examples']) {
      if (!path.includes('properties') || path.at(-1) !== 'properties') t.notOk(word in node, `${at} has no ${word}`)
    }
    if ('$ref' in node) t.strictSame(Object.keys(node), ['$ref'], `${at} has only its $ref`)
    t.notOk(typeof node.exclusiveMinimum === 'boolean' || typeof node.exclusiveMaximum === 'boolean', at)
    if ('type' in node && 'enum' in node) t.equal(node.type, 'string', at)
  }
  t.notMatch(yaml, /[&*]a\d+\b/, 'no YAML anchors')
  t.notMatch(yaml, 'def-')
})

t.test('every object and enumeration is a named component, and every name is used', async (t) => {
  const names = components.map((component) => component.$id as string)
  t.strictSame(Object.keys(document.components.schemas).sort(), [...names].sort())
  for (const name of names) {
    t.match(name, /^[A-Z][A-Za-z]+$/)
    t.match(yaml, new RegExp(`#/components/schemas/${name}"`), `${name} is used`)
  }
  for (const { path, node } of schemas) {
    if (node.type !== 'object' && !('enum' in node)) continue
    t.strictSame(path.slice(0, 2), ['components', 'schemas'], path.join('.'))
    t.equal(path.length, 3, `${path.join('.')} is not inline`)
  }
})

t.test('no two enumerations share a value: in Go all of them are constants of one package', (t) => {
  const values = schemas.flatMap(({ node }) => (node.enum ?? []) as string[])
  t.ok(values.length > 10)
  t.strictSame(
    values.filter((value, index) => values.indexOf(value) !== index),
    []
  )
  t.end()
})

t.test('every value has bounds, and every schema a description', async (t) => {
  for (const { path, node } of schemas) {
    const at = path.join('.')
    if (path.at(-2) === 'properties' || path.length === 3) t.type(node.description, 'string', at)
    // A file length is not counted in characters: generated clients do not compile with `maxLength`.
    if (node.format === 'binary') t.notOk('maxLength' in node, `${at} maxLength`)
    else if (node.type === 'string' && !('enum' in node)) t.type(node.maxLength, 'number', `${at} maxLength`)
    t.notMatch(node.pattern ?? '', '/', `${at} pattern, which would not compile in Swift`)
    if (node.type === 'array') t.type(node.maxItems, 'number', `${at} maxItems`)
    if (node.type === 'integer' || node.type === 'number') {
      t.type(node.minimum, 'number', `${at} minimum`)
      t.type(node.maximum, 'number', `${at} maximum`)
    }
    if (node.type === 'integer') t.equal(node.format, 'int32', `${at} format`)
    if (node.type === 'number') t.equal(node.format, 'double', `${at} format`)
  }
})

t.test('no field has a default: generated clients would send it or require the field', async (t) => {
  for (const { path, node } of schemas) if (path[0] === 'components') t.notOk('default' in node, path.join('.'))
})

t.test('only request bodies forbid additional properties', async (t) => {
  for (const [name, schema] of Object.entries<Record<string, unknown>>(document.components.schemas)) {
    const isRequest = /^Credentials$|(Input|Patch)$/.test(name)
    if (schema.type === 'object') t.equal(schema.additionalProperties, isRequest ? false : undefined, name)
  }
})

t.test('every operation has an id, a description and one tag', async (t) => {
  const tags = document.tags.map((tag: { name: string }) => tag.name)
  const ids = operations.map(({ operation }) => operation.operationId)
  t.equal(new Set(ids).size, ids.length)
  t.strictSame(ids.sort(), [
    'checkLiveness',
    'checkReadiness',
    'createProduct',
    'deleteProduct',
    'exportProducts',
    'getProduct',
    'getServiceInfo',
    'getSync',
    'importProducts',
    'listCategories',
    'listChanges',
    'listProductHistory',
    'listProducts',
    'listPublicKeys',
    'replaceCategory',
    'revertCategory',
    'revertProduct',
    'signIn',
    'signOut',
    'startSync',
    'updateProduct'
  ])
  for (const { name, operation, method, path } of operations) {
    t.match(operation, { summary: /\S/, description: /\S/ }, name)
    t.equal(operation.tags.length, 1, name)
    t.ok(tags.includes(operation.tags[0]), name)
    t.not(method, 'head')
    t.notMatch(path, '*')
  }
  for (const tag of document.tags) t.match(tag.description, /\S/)
})

t.test('security is global, and public operations opt out', async (t) => {
  t.strictSame(document.security, [{ bearerAuth: [] }, { cookieAuth: [] }])
  t.match(document.components.securitySchemes.bearerAuth.description, 'RFC8725')
  const open = ['get /', 'get /livez', 'get /readyz', 'post /auth', 'get /.well-known/jwks.json']
  for (const { name, operation } of operations) {
    t.strictSame(operation.security, open.includes(name) ? [{}] : undefined, name)
  }
})

t.test('every schema is valid JSON Schema, which the service does not check at startup', async (t) => {
  const validator = createValidator()
  const isSchema = (schema: object) => validator.validateSchema(schema) === true
  for (const component of components) t.ok(isSchema(component), String(component.$id))
  const bad = schemas.filter(({ node }) => !isSchema(node)).map(({ path }) => path.join('/'))
  t.strictSame(bad, [])
  t.notOk(isSchema({ type: 'text' }))
})

t.test('errors are shared responses with an example problem', async (t) => {
  const isProblem = createValidator().getSchema('Problem') as (value: unknown) => boolean
  for (const { name, operation } of operations) {
    const statuses = Object.keys(operation.responses)
    t.ok(statuses.includes('429') && statuses.includes('500'), `${name} declares 429 and 500`)
    t.notOk(statuses.includes('default'))
    t.equal(statuses.includes('401'), operation.security === undefined || name === 'post /auth', name)
    t.equal(
      statuses.includes('503'),
      name !== 'get /livez',
      `${name} declares 503: the service can reject it under overload`
    )
    for (const status of ['408', '417', '431']) t.ok(statuses.includes(status), `${name} declares ${status}`)
    t.ok(statuses.includes('400'), `${name} declares 400: every operation rejects unknown parameters`)
    for (const status of statuses.filter((status) => Number(status) >= 400)) {
      const reference = operation.responses[status].$ref
      t.match(reference, /^#\/components\/responses\/[A-Z][A-Za-z]+$/)
      const response = document.components.responses[reference.split('/').at(-1)]
      t.strictSame(Object.keys(response.content), ['application/problem+json'])
      const { example } = response.content['application/problem+json']
      t.equal(example.status, Number(status))
      t.ok(isProblem(example))
    }
  }
})

t.test('responses declare their headers', async (t) => {
  const declared = ({ operation }: Operation, status: string): string[] => {
    const response = operation.responses[status]
    const name = response.$ref?.split('/').at(-1)
    return Object.keys((name ? document.components.responses[name] : response).headers)
  }
  for (const one of operations) {
    for (const status of Object.keys(one.operation.responses)) {
      const headers = declared(one, status)
      for (const name of ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset', 'X-Content-Type-Options']) {
        t.ok(headers.includes(name), `${one.name} ${status} ${name}`)
      }
      if (Number(status) >= 400) t.ok(headers.includes('Cache-Control'), `${one.name} ${status}`)
      t.equal(headers.includes('WWW-Authenticate'), status === '401' || status === '403', `${one.name} ${status}`)
      t.equal(headers.includes('Retry-After'), status === '429' || status === '503', `${one.name} ${status}`)
    }
  }
  const of = (name: string) => operations.find((one) => one.name === name) as Operation
  t.ok(declared(of('get /products'), '200').includes('Link'))
  for (const name of ['Set-Cookie', 'Cache-Control']) t.ok(declared(of('post /auth'), '200').includes(name), name)
  for (const header of Object.values<object>(document.components.headers)) {
    t.match(header, { description: /\S/, schema: { type: /string|integer/ } })
    t.ok('example' in header)
  }
})

t.test('only path parameters and If-Match on writes are required, and the example id is in the sample', async (t) => {
  const parameters = operations.flatMap(({ name, operation }) =>
    (operation.parameters ?? []).map((parameter: object) => ({ operation: name, ...parameter }))
  )
  t.equal(parameters.length, 65)
  for (const { operation, in: where, name, required, schema, example, description } of parameters) {
    const isWrite = !operation.startsWith('get ')
    t.equal(required, where === 'path' || (name === 'If-Match' && isWrite), name)
    t.match(description, /\S/)
    // No example fits these parameters: their values differ for each catalog and request.
    const isSpecific =
      ['before', 'epoch', 'Idempotency-Key'].includes(name) || (['id', 'slug'].includes(name) && isWrite)
    t.equal('default' in schema || example !== undefined, !isSpecific, `${operation} ${name}`)
  }
  const { example } = parameters.find(({ name, operation }) => name === 'id' && operation === 'get /products/{id}')
  t.ok(makeSample().some((product) => (product as { id: number }).id === example))
})

t.test('the server URL in the file is absolute', async (t) => {
  t.strictSame(document.servers, [{ url: 'http://127.0.0.1:5000', description: document.servers[0].description }])
})
