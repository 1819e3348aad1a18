/*
 * Swagger UI and Postman fill in the examples of the document. A request with these values must not change a product that somebody
 * needs.
 */
import { readSample } from '../../src/sync/sample.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { onOneEngine } from '../helpers/engines.js'
import { document, type Operation, operations } from '../helpers/operations.js'

interface Schema {
  $ref?: string
  example?: unknown
  default?: unknown
  enum?: unknown[]
  properties?: Record<string, Schema>
}

/** Returns the value that Swagger UI fills in for a schema. */
function filledIn(schema: Schema): unknown {
  if (schema.$ref) return filledIn(document.components.schemas[schema.$ref.split('/').at(-1) as string])
  if (schema.example !== undefined) return schema.example
  if (!schema.properties) return schema.default ?? schema.enum?.[0]
  const values = Object.entries(schema.properties).map(([name, property]) => [name, filledIn(property)])
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}

/** Sends an operation with its examples. @returns Its status, or undefined if a required value has no example. */
async function send(app: TestApp, { method, path, parameters, mediaTypes }: Operation) {
  const query = new URLSearchParams()
  const headers: Record<string, string> = {}
  let address = path
  for (const parameter of parameters as (Operation['parameters'][number] & { example?: unknown })[]) {
    const value = parameter.example ?? filledIn(parameter.schema as Schema)
    if (value === undefined) {
      if (parameter.required) return undefined
    } else if (parameter.in === 'path') address = address.replace(`{${parameter.name}}`, String(value))
    else if (parameter.in === 'header') headers[parameter.name] = String(value)
    else for (const one of [value].flat()) query.append(parameter.name, String(one))
  }
  const [mediaType = ''] = mediaTypes
  const media = document.paths[path][method.toLowerCase()].requestBody?.content[mediaType]
  const example = media && (media.example ?? filledIn(media.schema))
  return await app.request(`${address}?${query}`, {
    method,
    headers: { ...headers, ...(mediaType && { 'content-type': mediaType }) },
    ...(example !== undefined && { body: typeof example === 'string' ? example : JSON.stringify(example) })
  })
}

onOneEngine('operations with the example values change no product of the catalog', async (t) => {
  const app = await startApp(t, { products: await readSample() })
  for (const id of [1, 2]) {
    const headers = { 'if-match': '*' }
    t.equal((await app.request(`/products/${id}`, { method: 'PATCH', json: { price: 7 }, headers })).status, 200)
  }
  const sold = Array.from({ length: 100 }, (_, index) => `ids=${index + 1}`).join('&')
  const products = async () => {
    const { status, text } = await app.request(`/products/export?${sold}`)
    t.equal(status, 200)
    return text
  }
  const before = await products()
  const statuses = new Map<string, (number | undefined)[]>()
  for (const _ of ['first', 'second']) {
    for (const operation of operations) {
      if (operation.operationId === 'signIn' || operation.operationId === 'signOut') continue
      const response = await send(app, operation)
      statuses.set(operation.operationId, [...(statuses.get(operation.operationId) ?? []), response?.status])
    }
  }
  t.equal(await products(), before)
  // These operations have no example id, and the example of an import is a dry run.
  for (const name of ['updateProduct', 'deleteProduct', 'revertProduct']) {
    t.strictSame(statuses.get(name), [undefined, undefined], `${name} needs an id`)
  }
  t.strictSame(statuses.get('createProduct'), [201, 409], 'makes one product, once')
  t.strictSame(statuses.get('importProducts'), [200, 200])
  t.equal((await app.request('/products?q=espresso%20cup')).body.total, 0, 'the import wrote nothing')
})
