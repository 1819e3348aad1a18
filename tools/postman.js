/*
 * Makes the Postman collection from the document: `npm run postman` writes it to postman_collection.json. What the converter
 * makes is put in an order in which it can be run, and each request gets tests: of the status, and of the body by its schema.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { install } from '../test/consumers/run.js'

const NDJSON = 'application/x-ndjson'

/**
 * A node of a collection or of the document: made by other programs, and read as it comes.
 * @typedef {any} Node
 */

/**
 * The order of a run: it signs in, makes a product, changes and reads that one, and removes it at the end. It needs no other product,
 * and leaves the catalog as it was.
 */
const ORDER = [
  'signIn',
  'listPublicKeys',
  'createProduct',
  'updateProduct',
  'listProductHistory',
  'revertProduct',
  'importProducts',
  'startSync',
  'listProducts',
  'getProduct',
  'listCategories',
  'exportProducts',
  'listChanges',
  'getServiceInfo',
  'checkLiveness',
  'checkReadiness',
  'deleteProduct',
  'signOut'
]
/** The operations that come below the folders: they end what the others need. */
const LAST = ['deleteProduct', 'signOut']

/** The statuses that a run may see besides the first successful one. */
const OTHER_STATUSES = {
  // A product that was made here has no source to go back to.
  revertProduct: ['409'],
  // There is no source if SOURCE_URL is `none`.
  startSync: ['202', '409']
}

/** What a request leaves for those after it, by the id of its operation. */
const KEEPS = {
  signIn: ["pm.collectionVariables.set('bearerToken', pm.response.json().token)"],
  createProduct: [
    "pm.collectionVariables.set('productId', pm.response.json().id)",
    "pm.collectionVariables.set('etag', pm.response.headers.get('ETag'))"
  ],
  updateProduct: ["pm.collectionVariables.set('etag', pm.response.headers.get('ETag'))"],
  deleteProduct: ["for (const name of ['productId', 'etag']) pm.collectionVariables.unset(name)"],
  signOut: ["pm.collectionVariables.unset('bearerToken')"]
}

const VARIABLES = [
  { key: 'baseUrl', description: 'The address of the service.' },
  { key: 'username', value: 'admin', description: 'The name of your account.' },
  { key: 'password', value: '', description: 'The password of your account.' },
  { key: 'bearerToken', value: '', description: 'Set by "Sign in".' },
  {
    key: 'productId',
    value: '',
    description: 'Set by "Make a product". To read, change or remove another product, put its id here.'
  },
  {
    key: 'etag',
    value: '',
    description: 'Set by "Make a product" and "Change a product". For another product, put the ETag here that you read.'
  }
]

const DESCRIPTION =
  'Every operation of the service. Put the password of your account, which has to be an admin, into the variable `password`, and send ' +
  '"Sign in": the other requests use its token. A run of the whole collection makes a product, changes and reads it, and removes ' +
  'it at the end. All other products stay as they are: its import is a dry run.'

/**
 * What openapi-to-postmanv2 makes of a document.
 * @param {string} yaml @param {object} options
 * @returns {Promise<Node>}
 */
export async function convert(yaml, options) {
  // The converter is installed with the other consumers, so it cannot be imported before `install` has run.
  const converter = createRequire(`${process.cwd()}/test/consumers/`)('openapi-to-postmanv2')
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
  const inFolders = requests.filter(({ operation }) => !LAST.includes(operation.operationId))
  const folders = [...new Set(inFolders.map(({ operation }) => operation.tags[0]))].map((tag) => ({
    name: tag,
    description: document.tags.find((/** @type {Node} */ { name }) => name === tag).description,
    item: inFolders.filter(({ operation }) => operation.tags[0] === tag).map(({ item }) => item)
  }))
  const last = requests.filter((request) => !inFolders.includes(request)).map(({ item }) => item)
  return {
    info: { name: made.info.name, description: DESCRIPTION, schema: made.info.schema },
    auth: made.auth,
    variable: VARIABLES.map((variable) => ({ value: document.servers[0].url, ...variable })),
    item: [...folders, ...last]
  }
}

/** @param {Node} item @param {Node} operation @param {Node} document */
function toItem({ name, request, response }, operation, document) {
  const { method, url, header, body, auth, description } = request
  /** @type {Record<string, string>} */
  const values = { 'If-Match': '{{etag}}', 'Idempotency-Key': '{{$guid}}' }
  // The only variable of any address is the id of a product.
  const withId = (/** @type {Node[]} */ variables) => variables.map((one) => ({ ...one, value: '{{productId}}' }))
  const withValues = (/** @type {Node[]} */ headers) =>
    headers.map((one) => ({ ...one, value: values[one.key] ?? one.value }))
  const statuses = Object.keys(operation.responses).filter((status) => status.startsWith('2'))
  return {
    name,
    event: [{ listen: 'test', script: { type: 'text/javascript', exec: tests(operation, document) } }],
    request: {
      method,
      ...(auth && { auth }),
      url: {
        host: url.host,
        path: url.path,
        query: url.query.map((/** @type {Node} */ parameter) => toParameter(parameter, operation)),
        variable: withId(url.variable)
      },
      header: withValues(header),
      ...(body && { body: toBody(body, operation) }),
      description
    },
    response: response
      .filter((/** @type {Node} */ { code }) => statuses.includes(String(code)))
      .map((/** @type {Node} */ { id, originalRequest, header, ...example }) => ({
        ...example,
        originalRequest: {
          ...originalRequest,
          url: { ...originalRequest.url, query: [], variable: withId(originalRequest.url.variable) },
          header: withValues(originalRequest.header)
        },
        header: header.filter((/** @type {Node} */ { disabled }) => !disabled)
      }))
  }
}

/** The query parameters that a run sends: the import writes nothing, and the export has one product, however large the catalog is. */
const SENT = /** @type {Record<string, Record<string, string>>} */ ({
  importProducts: { dryRun: 'true' },
  exportProducts: { ids: '{{productId}}' }
})

/**
 * A query parameter, which is disabled unless a run sends it. The converter makes up a value if there is no example, which there is
 * not for what leads to a next page.
 * @param {Node} parameter @param {Node} operation
 */
function toParameter(parameter, { operationId, parameters }) {
  const sent = SENT[operationId]?.[parameter.key]
  if (sent !== undefined) return { ...parameter, value: sent, disabled: false }
  const { example, schema } = parameters.find((/** @type {Node} */ { name }) => name === parameter.key)
  return example === undefined && !schema.default ? { ...parameter, value: '' } : parameter
}

/** @param {Node} body @param {Node} operation */
function toBody(body, { operationId, requestBody }) {
  if (operationId === 'signIn') {
    return { ...body, raw: JSON.stringify({ username: '{{username}}', password: '{{password}}' }, null, 2) }
  }
  // No other product has this SKU, however often the collection is run.
  if (operationId === 'createProduct') {
    return { ...body, raw: JSON.stringify({ ...JSON.parse(body.raw), sku: 'POSTMAN-{{$guid}}' }, null, 2) }
  }
  // For a file the converter leaves it to people to choose one.
  if (body.mode !== 'file') return body
  const [media] = /** @type {Node[]} */ (Object.values(requestBody.content))
  return { mode: 'raw', raw: media.example ?? media.schema.example }
}

/**
 * The lines of the script that checks the response of an operation.
 * @param {Node} operation @param {Node} document
 * @returns {string[]}
 */
function tests({ operationId: id, responses }, document) {
  const successful = Object.keys(responses).filter((status) => status.startsWith('2'))
  const statuses = OTHER_STATUSES[/** @type {keyof typeof OTHER_STATUSES} */ (id)] ?? successful
  const lines = [
    `pm.test('The status is ${statuses.join(' or ')}', () => pm.expect(pm.response.code).to.be.oneOf([${statuses.join(', ')}]))`
  ]
  const contents = statuses.map((status) => [status, contentOf(responses[status], document)])
  const schemas = contents.flatMap(([status, content]) => {
    const schema = Object.entries(content ?? {}).find(([type]) => type.endsWith('json') && type !== NDJSON)?.[1].schema
    const definitions = {}
    return schema ? [[status, { ...toDefinition(schema, document.components.schemas, definitions), definitions }]] : []
  })
  const [, content] = contents[0] ?? []
  if (schemas.length > 0) {
    lines.push(
      `const schemas = ${JSON.stringify(Object.fromEntries(schemas))}`,
      "pm.test('The body is as documented', () => pm.response.to.have.jsonSchema(schemas[pm.response.code], { unknownFormats: 'ignore' }))"
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

/** @param {Node} response @param {Node} document @returns {Node} */
const contentOf = (response, { components }) =>
  (response.$ref ? components.responses[response.$ref.split('/').at(-1)] : response).content

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
  const collection = await makeCollection(readFileSync('openapi.yaml', 'utf8'))
  writeFileSync('postman_collection.json', `${JSON.stringify(collection, null, 2)}\n`)
}
