/* The scripts that check the responses in the Postman collection. */

const NDJSON = 'application/x-ndjson'

/** @typedef {import('../postman.js').Node} Node */

/** Expected statuses of the operations that also succeed or fail with others, by operation id. */
const EXPECTED_STATUSES = {
  // The created product has no source data to revert to.
  revertProduct: ['409'],
  // 409 if the service has no source: SOURCE_URL is `none`.
  startSync: ['202', '409']
}

/** Statements that set variables for later requests, by operation id. */
const VARIABLE_UPDATES = {
  signIn: ["pm.collectionVariables.set('bearerToken', pm.response.json().token)"],
  createProduct: [
    "pm.collectionVariables.set('productId', pm.response.json().id)",
    "pm.collectionVariables.set('etag', pm.response.headers.get('ETag'))"
  ],
  updateProduct: ["pm.collectionVariables.set('etag', pm.response.headers.get('ETag'))"],
  deleteProduct: ["for (const name of ['productId', 'etag']) pm.collectionVariables.unset(name)"],
  signOut: ["pm.collectionVariables.unset('bearerToken')"]
}

/**
 * Returns the lines of the script that checks the response of an operation: its status, and its body against the schema.
 * @param {Node} operation @param {Node} document
 * @returns {string[]}
 */
export function renderTests({ operationId: id, responses }, document) {
  const successful = Object.keys(responses).filter((status) => status.startsWith('2'))
  const statuses = EXPECTED_STATUSES[/** @type {keyof typeof EXPECTED_STATUSES} */ (id)] ?? successful
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
  return [...lines, ...(VARIABLE_UPDATES[/** @type {keyof typeof VARIABLE_UPDATES} */ (id)] ?? [])]
}

/** @param {Node} response @param {Node} document @returns {Node} */
const contentOf = (response, { components }) =>
  (response.$ref ? components.responses[response.$ref.split('/').at(-1)] : response).content

/**
 * Converts a schema to a JSON Schema without descriptions and examples. Adds the components that it refers to to `definitions`.
 * @param {Node} schema @param {Node} components @param {Node} definitions
 * @returns {Node}
 */
function toDefinition({ description, example, default: _, ...schema }, components, definitions) {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1)
    // The entry comes first, because a component can refer to itself.
    if (!(name in definitions)) {
      definitions[name] = {}
      definitions[name] = toDefinition(components[name], components, definitions)
    }
    return { $ref: `#/definitions/${name}` }
  }
  if (schema.items) schema.items = toDefinition(schema.items, components, definitions)
  if (schema.properties) {
    schema.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [
        name,
        toDefinition(property, components, definitions)
      ])
    )
  }
  return schema
}
