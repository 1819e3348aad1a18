/** Uses every operation of the service by openapi-fetch, with the types of openapi-typescript. Its argument is the service's address. */
import assert from 'node:assert/strict'
import createClient from 'openapi-fetch'
import type { components, paths } from '../../out/openapi-typescript/catalog.js'

type Problem = components['schemas']['Problem']
type ProductSummary = components['schemas']['ProductSummary']

const client = createClient<paths>({ baseUrl: process.argv[2] })

/** The data of an answer, which has to be there. */
async function data<T>(answer: Promise<{ data?: T; error?: Problem }>): Promise<T> {
  const { data, error } = await answer
  assert.equal(error, undefined)
  return data as T
}

/** The problem of a request that has to be refused with that status. */
async function refused(status: number, answer: Promise<{ error?: Problem; response: Response }>): Promise<Problem> {
  const { error, response } = await answer
  assert.equal(response.status, status)
  assert.equal(error?.status, status)
  return error
}

await refused(401, client.GET('/products'))
const body = { username: 'admin', password: String(process.env.ADMIN_PASSWORD) }
const { token } = await data(client.POST('/auth', { body }))
client.use({ onRequest: ({ request }) => request.headers.set('authorization', `Bearer ${token}`) })

// All pages, one after the other.
const found: ProductSummary[] = []
let cursor: string | undefined = ''
while (cursor !== undefined) {
  const page: components['schemas']['ProductPage'] = await data(
    client.GET('/products', { params: { query: { limit: 70, cursor } } })
  )
  found.push(...page.products)
  cursor = page.nextCursor
  if (cursor === undefined) assert.equal(found.length, page.total)
}
assert.equal(new Set(found.map(({ id }) => id)).size, found.length)

const category = ['beauty', 'skin-care']
const query = { q: 'cream', category, sort: '-price', facets: ['brand' as const, 'price' as const] }
const { products, facets } = await data(client.GET('/products', { params: { query } }))
assert(products.length > 0 && products.every((product) => category.includes(product.category)))
assert.deepEqual(
  products.map(({ price }) => price),
  products.map(({ price }) => price).sort((a, b) => b - a)
)
assert(facets?.brand?.[0]?.count && facets.price?.[0])
const { categories } = await data(client.GET('/categories'))
assert(categories.some(({ slug }) => slug === 'beauty'))

const mascara = await data(client.GET('/products/{id}', { params: { path: { id: 1 } } }))
assert.equal(mascara.sku, 'BEA-0001')
const missing = { params: { path: { id: 2147483647 } } }
const problem = await refused(404, client.GET('/products/{id}', missing))
assert.equal(problem.type, 'urn:problem-type:product-catalog:product-not-found')

// Make, change and remove one.
const created = await client.POST('/products', {
  body: {
    sku: 'OPENAPI-FETCH-1',
    title: 'Stoneware Mug',
    category: 'kitchen-accessories',
    price: 12.5,
    thumbnail: 'https://images.example/mug.webp'
  }
})
const path = { id: Number(created.data?.id) }
const at = (etag: string | null) => ({ path, header: { 'If-Match': String(etag) } })
const read = created.response.headers.get('etag')
assert.equal((await data(client.PATCH('/products/{id}', { params: at(read), body: { price: 9.5 } }))).price, 9.5)
await refused(412, client.PATCH('/products/{id}', { params: at(read), body: { price: 1 } }))
const { errors } = await refused(400, client.PATCH('/products/{id}', { params: at('*'), body: { price: -1 } }))
assert.equal(errors?.[0]?.pointer, '/price')
await data(client.DELETE('/products/{id}', { params: at('*') }))
await refused(404, client.GET('/products/{id}', { params: { path } }))

const first = { path: { id: 1 }, header: { 'If-Match': '*' } }
await data(client.PATCH('/products/{id}', { params: first, body: { price: 1 } }))
assert.equal((await data(client.DELETE('/products/{id}/edits', { params: first }))).price, mascara.price)
const { history } = await data(client.GET('/products/{id}/history', { params: { path: { id: 1 } } }))
assert.deepEqual([history[0]?.kind, history[0]?.by], ['updated', 'account'])
const page = await data(client.GET('/changes', { params: { query: { after: 0, limit: 5 } } }))
assert(typeof page === 'object' && page.changes[4]?.revision === 5)

// The whole catalog out, and in again.
const rows = await data(client.GET('/products/export', { params: { query: { category } }, parseAs: 'text' }))
const report = await data(
  client.POST('/products/import', {
    params: { query: { dryRun: true } },
    headers: { 'content-type': 'application/x-ndjson' },
    body: rows,
    bodySerializer: (rows) => rows
  })
)
assert(report.rows > 0 && report.unchanged === report.rows)

const beauty = { params: { path: { slug: 'beauty' } } }
assert.equal((await data(client.PUT('/categories/{slug}', { ...beauty, body: { name: 'Care' } }))).name, 'Care')
await data(client.DELETE('/categories/{slug}/edits', beauty))

assert.equal((await data(client.POST('/sync', { body: { acceptLoss: false } }))).state, 'sample')
assert.equal((await data(client.GET('/sync'))).catalog.state, 'sample')
assert.equal((await data(client.GET('/'))).catalog.state, 'sample')
await data(client.GET('/livez'))
assert((await data(client.GET('/readyz'))).checks.length > 0)
assert.equal((await data(client.GET('/.well-known/jwks.json'))).keys[0]?.alg, 'ES256')
await data(client.DELETE('/auth'))
await refused(401, client.GET('/categories'))
