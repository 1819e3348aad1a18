/*
 * Makes the Postman collection from the document: `npm run postman` writes it to postman_collection.json. What the converter
 * makes is put in an order in which it can be run, and each request gets tests: of the status, and of the body by its schema.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { install } from './run.js'

const root = new URL('../../', import.meta.url)

/**
 * A node of a collection or of the document: made by other programs, and read as it comes.
 * @typedef {any} Node
 */

/** The order of a run: who signs in comes first, and what is made is changed and then removed. */
const ORDER = [
  'signIn',
  'listPublicKeys',
  'listProducts',
  'getProduct',
  'listCategories',
  'exportProducts',
  'listChanges',
  'createProduct',
  'updateProduct',
  'listProductHistory',
  'deleteProduct',
  'revertProduct',
  'importProducts',
  'startSync',
  'getServiceInfo',
  'checkLiveness',
  'checkReadiness',
  'signOut'
]

/** What a request leaves for those after it, by the id of its operation. */
const KEEPS = {
  signIn: ["pm.collectionVariables.set('bearerToken', pm.response.json().token)"],
  getProduct: ["pm.collectionVariables.set('sourceEtag', pm.response.headers.get('ETag'))"],
  createProduct: [
    "pm.collectionVariables.set('productId', pm.response.json().id)",
    "pm.collectionVariables.set('etag', pm.response.headers.get('ETag'))"
  ],
  updateProduct: ["pm.collectionVariables.set('etag', pm.response.headers.get('ETag'))"],
  signOut: ["pm.collectionVariables.unset('bearerToken')"]
}

const VARIABLES = [
  { key: 'baseUrl', description: 'Where the service is.' },
  { key: 'username', value: 'admin', description: 'Name of your account.' },
  { key: 'password', value: '', description: 'Its password. The first start of the service shows that of admin.' },
  { key: 'bearerToken', value: '', description: 'Set by "Sign in".' },
  { key: 'productId', value: '', description: 'Set by "Make a product": what is changed and removed.' },
  { key: 'etag', value: '', description: 'Set by what makes and changes that product, for If-Match.' },
  {
    key: 'sourceEtag',
    value: '',
    description: 'Set by "One product, in full", for going back to what the source says.'
  }
]

const DESCRIPTION =
  'Every operation of the service. Put the password of your account into the variable `password`, and send "Sign in": its token is ' +
  'kept for all others. A run of the whole collection makes a product, changes it and removes it again; its import writes nothing.'

/**
 * What openapi-to-postmanv2 makes of a document.
 * @param {string} yaml @param {object} options
 * @returns {Promise<Node>}
 */
export async function convert(yaml, options) {
  // It is loaded here, as `npm run postman` has to install it before.
  const { default: converter } = await import('openapi-to-postmanv2')
  return await new Promise((resolve, reject) =>
    converter.convertV2(
      { type: 'string', data: yaml },
      options,
      (/** @type {Node} */ error, /** @type {Node} */ made) =>
        error || !made.result ? reject(error ?? new Error(made.reason)) : resolve(made.output[0].data)
    )
  )
}

/**
 * The collection for a document. The same document gives the same collection.
 * @param {string} yaml
 * @returns {Promise<Node>}
 */
export async function makeCollection(yaml) {
  const { parse } = await import('yaml')
  const document = parse(yaml)
  const made = await convert(yaml, {
    folderStrategy: 'Tags',
    parametersResolution: 'Example',
    enableOptionalParameters: false
  })
  /** @type {Node[]} */
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path))
  const unplaced = operations.filter(({ operationId }) => !ORDER.includes(operationId))
  if (unplaced.length > 0) throw new Error(`postman.js does not say when to send ${unplaced[0].operationId}`)
  /** @type {Node[]} */
  const items = made.item.flatMap((/** @type {Node} */ folder) => folder.item)
  const requests = ORDER.map((id) => {
    const operation = operations.find(({ operationId }) => operationId === id)
    return {
      operation,
      item: toItem(
        items.find(({ name }) => name === operation.summary),
        operation,
        document
      )
    }
  })
  // It ends the token of all others, so it is the last, below the folders.
  const { item: signOut } = /** @type {Node} */ (requests.pop())
  const folders = document.tags.map((/** @type {Node} */ { name, description }) => ({
    name,
    description,
    item: requests.filter(({ operation }) => operation.tags[0] === name).map(({ item }) => item)
  }))
  return {
    info: { name: made.info.name, description: DESCRIPTION, schema: made.info.schema },
    auth: made.auth,
    variable: VARIABLES.map((variable) => ({ value: document.servers[0].url, ...variable })),
    item: [...folders, signOut]
  }
}

/** @param {Node} item @param {Node} operation @param {Node} document */
function toItem({ name, request, response }, operation, document) {
  const { method, url, header, body, auth, description } = request
  const id = operation.operationId
  const isOfMade = ['updateProduct', 'listProductHistory', 'deleteProduct'].includes(id)
  /** @type {Record<string, string>} */
  const values = { 'If-Match': isOfMade ? '{{etag}}' : '{{sourceEtag}}' }
  const [status, { content }] = Object.entries(operation.responses).find(([status]) => status.startsWith('2')) ?? []
  return {
    name,
    event: [{ listen: 'test', script: { type: 'text/javascript', exec: tests(id, status, content, document) } }],
    request: {
      method,
      ...(auth && { auth }),
      url: {
        host: url.host,
        path: url.path,
        query: url.query.map((/** @type {Node} */ parameter) => toParameter(parameter, operation)),
        variable: url.variable.map((/** @type {Node} */ one) => ({
          ...one,
          ...(isOfMade && { value: '{{productId}}' })
        }))
      },
      header: header.map((/** @type {Node} */ one) => ({ ...one, value: values[one.key] ?? one.value })),
      ...(body && { body: toBody(body, operation) }),
      description
    },
    response: response
      .filter((/** @type {Node} */ { code }) => code === Number(status))
      .map((/** @type {Node} */ { id, originalRequest, header, ...example }) => ({
        ...example,
        originalRequest: { ...originalRequest, url: { ...originalRequest.url, query: [] } },
        header: header.filter((/** @type {Node} */ { disabled }) => !disabled)
      }))
  }
}

/**
 * A query parameter: switched off, but for what keeps a run from writing. The converter makes up a value where there is no
 * example, which there is not for what leads to a next page.
 * @param {Node} parameter @param {Node} operation
 */
function toParameter(parameter, { operationId, parameters }) {
  if (operationId === 'importProducts' && parameter.key === 'dryRun')
    return { ...parameter, value: 'true', disabled: false }
  const { example, schema } = parameters.find((/** @type {Node} */ { name }) => name === parameter.key)
  return example === undefined && !schema.default ? { ...parameter, value: '' } : parameter
}

/** @param {Node} body @param {Node} operation */
function toBody(body, { operationId, requestBody }) {
  if (operationId === 'signIn') {
    return { ...body, raw: JSON.stringify({ username: '{{username}}', password: '{{password}}' }, null, 2) }
  }
  // For a file the converter leaves it to people to choose one.
  if (body.mode !== 'file') return body
  const [media] = /** @type {Node[]} */ (Object.values(requestBody.content))
  return { mode: 'raw', raw: media.example ?? media.schema.example }
}

/**
 * The lines of the script that looks at the answer to an operation.
 * @param {string} id @param {string | undefined} status @param {Node} content @param {Node} document
 * @returns {string[]}
 */
function tests(id, status, content, document) {
  const lines = [`pm.test('The status is ${status}', () => pm.response.to.have.status(${status}))`]
  const schema = content?.['application/json']?.schema
  if (schema) {
    const definitions = {}
    const root = toDefinition(schema, document.components.schemas, definitions)
    lines.push(
      `const schema = ${JSON.stringify({ ...root, definitions })}`,
      "pm.test('The body is as documented', () => pm.response.to.have.jsonSchema(schema, { unknownFormats: 'ignore' }))"
    )
  } else if (content) {
    lines.push(
      `pm.test('The body is of a documented type', () => pm.expect(${JSON.stringify(Object.keys(content))}).to.include(pm.response.headers.get('Content-Type')))`
    )
  } else {
    lines.push("pm.test('There is no body', () => pm.expect(pm.response.text()).to.equal(''))")
  }
  return [...lines, ...(KEEPS[/** @type {keyof typeof KEEPS} */ (id)] ?? [])]
}

/**
 * What a schema demands, without words for people. The components that it names are added to `definitions`.
 * @param {Node} schema @param {Node} components @param {Node} definitions
 * @returns {Node}
 */
function toDefinition({ description, example, default: _, ...schema }, components, definitions) {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1)
    // Named before it is made: it may name itself.
    if (!(name in definitions)) {
      definitions[name] = {}
      definitions[name] = toDefinition(components[name], components, definitions)
    }
    return { $ref: `#/definitions/${name}` }
  }
  if (schema.items) schema.items = toDefinition(schema.items, components, definitions)
  if (schema.properties) {
    schema.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, one]) => [name, toDefinition(one, components, definitions)])
    )
  }
  return schema
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!install()) throw new Error('the tools in test/consumers could not be installed')
  const collection = await makeCollection(readFileSync(new URL('openapi.yaml', root), 'utf8'))
  writeFileSync(new URL('postman_collection.json', root), `${JSON.stringify(collection, null, 2)}\n`)
}
