/*
 * Generates postman_collection.json from the OpenAPI document: `npm run postman`. Sorts the requests of the converter so that the
 * collection can be run, and adds tests of each response.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { install } from '../test/consumers/run.js'
import { renderTests } from './postman/response-tests.js'

/**
 * A node of a collection or of the document. Other programs define their types.
 * @typedef {any} Node
 */

/**
 * The order of a run. The run creates, updates, reads and deletes a product and a category of its own, so it works with any catalog and
 * leaves it unchanged.
 */
const ORDER = [
  'signIn',
  'listPublicKeys',
  'createProduct',
  'updateProduct',
  'listProductHistory',
  'revertProduct',
  'importProducts',
  'replaceCategory',
  'revertCategory',
  'startSync',
  'getSync',
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
/** Operations after the folders, because all others need the product and the token. */
const LAST = ['deleteProduct', 'signOut']

/** @param {(operationId: string) => string} nameOf Returns the name of a request. */
const toVariables = (nameOf) => [
  { key: 'baseUrl', description: 'Address of the service.' },
  { key: 'username', value: 'admin', description: 'Name of your account.' },
  { key: 'password', value: '', description: 'Password of your account.' },
  { key: 'bearerToken', value: '', description: `Set by "${nameOf('signIn')}".` },
  {
    key: 'productId',
    value: '',
    description: `Set by "${nameOf('createProduct')}". To work with another product, enter its id.`
  },
  {
    key: 'etag',
    value: '',
    description: `Set by "${nameOf('createProduct')}" and "${nameOf('updateProduct')}". For another product, enter its ETag.`
  }
]

/** @param {(operationId: string) => string} nameOf Returns the name of a request. */
const toDescription = (nameOf) =>
  `Every operation of the service. Set the variable \`password\` to the password of an admin account and send "${nameOf('signIn')}": ` +
  'the other requests use its token. A run of the whole collection creates a product, updates and reads it, and deletes it at the end. ' +
  'It changes no other product: its import is a dry run.'

/**
 * Converts a document with openapi-to-postmanv2.
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
      (/** @type {Node} */ error, /** @type {Node} */ conversion) =>
        error || !conversion.result ? reject(error ?? new Error(conversion.reason)) : resolve(conversion.output[0].data)
    )
  )
}

/**
 * Returns the collection for a document. The result is deterministic.
 * @param {string} yaml
 * @returns {Promise<Node>}
 */
export async function makeCollection(yaml) {
  const document = parse(yaml)
  const converted = await convert(yaml, {
    folderStrategy: 'Tags',
    parametersResolution: 'Example',
    enableOptionalParameters: false
  })
  /** @type {Node[]} */
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path))
  const unplaced = operations.filter(({ operationId }) => !ORDER.includes(operationId))
  if (unplaced.length > 0)
    throw new Error(
      `Add \`${unplaced[0].operationId}\` to ORDER in tools/postman.js: the operation has no place in the run.`
    )
  /** @type {Node[]} */
  const items = converted.item.flatMap((/** @type {Node} */ folder) => folder.item)
  const operationOf = (/** @type {string} */ id) => operations.find(({ operationId }) => operationId === id)
  const nameOf = (/** @type {string} */ id) => operationOf(id).summary
  const requests = ORDER.map((id) => {
    const operation = operationOf(id)
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
    info: { name: converted.info.name, description: toDescription(nameOf), schema: converted.info.schema },
    auth: converted.auth,
    variable: toVariables(nameOf).map((variable) => ({ value: document.servers[0].url, ...variable })),
    item: [...folders, ...last]
  }
}

/** Path parameters. A run creates and reverts a category of its own. */
const PATH_VALUES = /** @type {Record<string, string>} */ ({ id: '{{productId}}', slug: 'postman-example' })

/** @param {Node} item @param {Node} operation @param {Node} document */
function toItem({ name, request, response }, operation, document) {
  const { method, url, header, body, auth, description } = request
  /** @type {Record<string, string>} */
  const values = { 'If-Match': '{{etag}}', 'Idempotency-Key': '{{$guid}}' }
  const withPathValues = (/** @type {Node[]} */ variables) =>
    variables.map((variable) => ({ ...variable, value: PATH_VALUES[variable.key] }))
  const withValues = (/** @type {Node[]} */ headers) =>
    headers.map((header) => ({ ...header, value: values[header.key] ?? header.value }))
  const statuses = Object.keys(operation.responses).filter((status) => status.startsWith('2'))
  return {
    name,
    event: [{ listen: 'test', script: { type: 'text/javascript', exec: renderTests(operation, document) } }],
    request: {
      method,
      ...(auth && { auth }),
      url: {
        host: url.host,
        path: url.path,
        query: url.query.map((/** @type {Node} */ parameter) => toParameter(parameter, operation)),
        variable: withPathValues(url.variable)
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
          url: { ...originalRequest.url, query: [], variable: withPathValues(originalRequest.url.variable) },
          header: withValues(originalRequest.header)
        },
        header: header.filter((/** @type {Node} */ { disabled }) => !disabled)
      }))
  }
}

/** Query parameters that a run sends, so that the import writes nothing and the export contains one product. */
const SENT_PARAMETERS = /** @type {Record<string, Record<string, string>>} */ ({
  importProducts: { dryRun: 'true' },
  exportProducts: { ids: '{{productId}}' }
})

/**
 * Returns a query parameter of a request, disabled unless a run sends it. Its value is empty if the document has neither an example
 * nor a default: the converter would make up an invalid value, for example a cursor.
 * @param {Node} parameter @param {Node} operation
 */
function toParameter(parameter, { operationId, parameters }) {
  const sent = SENT_PARAMETERS[operationId]?.[parameter.key]
  if (sent !== undefined) return { ...parameter, value: sent, disabled: false }
  const { example, schema } = parameters.find((/** @type {Node} */ { name }) => name === parameter.key)
  return example === undefined && !schema.default ? { ...parameter, value: '' } : parameter
}

/** @param {Node} body @param {Node} operation */
function toBody(body, { operationId, requestBody }) {
  if (operationId === 'signIn') {
    return { ...body, raw: JSON.stringify({ username: '{{username}}', password: '{{password}}' }, null, 2) }
  }
  // A run that failed may have left its product behind, so each run uses another SKU.
  if (operationId === 'createProduct') {
    return { ...body, raw: JSON.stringify({ ...JSON.parse(body.raw), sku: 'POSTMAN-{{$guid}}' }, null, 2) }
  }
  // For a file, the converter leaves the body empty.
  if (body.mode !== 'file') return body
  const [media] = /** @type {Node[]} */ (Object.values(requestBody.content))
  return { mode: 'raw', raw: media.example ?? media.schema.example }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!install()) throw new Error('npm could not install the packages of test/consumers. See its output above.')
  const collection = await makeCollection(readFileSync('openapi.yaml', 'utf8'))
  writeFileSync('postman_collection.json', `${JSON.stringify(collection, null, 2)}\n`)
}
