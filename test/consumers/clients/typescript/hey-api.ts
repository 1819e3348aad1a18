/** Uses every operation of the service by what @hey-api/openapi-ts generates. Its argument is the address of the service. */
import assert from 'node:assert/strict'
import { client } from '../../out/hey-api/catalog/client.gen.js'
import * as catalog from '../../out/hey-api/catalog/sdk.gen.js'
import type {
  Credentials,
  ListProductsData,
  Problem,
  ProductPage,
  ProductSummary
} from '../../out/hey-api/catalog/types.gen.js'

let token: string | undefined
client.setConfig({ baseUrl: process.argv[2] as string, auth: () => token })

/** The data of an answer, which has to be there. */
async function data<T>(answer: Promise<{ data?: T; error?: unknown }>): Promise<NonNullable<T>> {
  const { data, error } = await answer
  assert.equal(error, undefined)
  return data as NonNullable<T>
}

/** The problem of a request that has to be refused with that status. */
async function refused(status: number, answer: Promise<{ error?: Problem; response?: Response }>): Promise<Problem> {
  const { error, response } = await answer
  assert.equal(response?.status, status)
  assert.equal(error?.status, status)
  return error
}

await refused(401, catalog.listProducts())
const body: Credentials = { username: 'admin', password: String(process.env.ADMIN_PASSWORD) }
token = (await data(catalog.signIn({ body }))).token

// All pages, one after the other.
const found: ProductSummary[] = []
let cursor: string | undefined = ''
while (cursor !== undefined) {
  const query: ListProductsData['query'] = { limit: 70, cursor }
  const page: ProductPage = await data(catalog.listProducts({ query }))
  found.push(...page.products)
  cursor = page.nextCursor
  if (cursor === undefined) assert.equal(found.length, page.total)
}
assert.equal(new Set(found.map(({ id }) => id)).size, found.length)

const category = ['beauty', 'skin-care']
const { products, facets } = await data(
  catalog.listProducts({ query: { q: 'cream', category, sort: '-price', facets: ['brand', 'price'] } })
)
assert(products.length > 0 && products.every((product) => category.includes(product.category)))
assert.deepEqual(
  products.map(({ price }) => price),
  products.map(({ price }) => price).sort((a, b) => b - a)
)
assert(facets?.brand?.[0]?.count && facets.price?.[0])
const { categories } = await data(catalog.listCategories())
assert(categories.some(({ slug }) => slug === 'beauty'))

const mascara = await data(catalog.getProduct({ path: { id: 1 } }))
assert.equal(mascara.sku, 'BEA-0001')
const problem = await refused(404, catalog.getProduct({ path: { id: 2147483647 } }))
assert.equal(problem.type, 'urn:problem-type:product-catalog:product-not-found')

// Make, change and remove one.
const created = await catalog.createProduct({
  body: {
    sku: 'HEY-API-1',
    title: 'Stoneware Mug',
    category: 'kitchen-accessories',
    price: 12.5,
    thumbnail: 'https://images.example/mug.webp'
  }
})
const path = { id: Number(created.data?.id) }
const read = { 'If-Match': String(created.response?.headers.get('etag')) }
const any = { 'If-Match': '*' }
assert.equal((await data(catalog.updateProduct({ path, headers: read, body: { price: 9.5 } }))).price, 9.5)
await refused(412, catalog.updateProduct({ path, headers: read, body: { price: 1 } }))
const { errors } = await refused(400, catalog.updateProduct({ path, headers: any, body: { price: -1 } }))
assert.equal(errors?.[0]?.pointer, '/price')
await data(catalog.deleteProduct({ path, headers: any }))
await refused(404, catalog.getProduct({ path }))

const first = { path: { id: 1 }, headers: any }
await data(catalog.updateProduct({ ...first, body: { price: 1 } }))
assert.equal((await data(catalog.revertProduct(first))).price, mascara.price)
const { history } = await data(catalog.listProductHistory({ path: { id: 1 } }))
assert.deepEqual([history[0]?.kind, history[0]?.by], ['updated', 'account'])
const page = await data(catalog.listChanges({ query: { after: 0, limit: 5 } }))
assert(typeof page === 'object' && page.changes[4]?.revision === 5)

// The whole catalog out, and in again.
const file = await data(catalog.exportProducts({ query: { category }, parseAs: 'blob' }))
const report = await data(catalog.importProducts({ query: { dryRun: true }, body: file }))
assert(report.rows > 0 && report.unchanged === report.rows)

const beauty = { path: { slug: 'beauty' } }
assert.equal((await data(catalog.replaceCategory({ ...beauty, body: { name: 'Care' } }))).name, 'Care')
await data(catalog.revertCategory(beauty))

assert.equal((await data(catalog.startSync({ body: { acceptLoss: false } }))).state, 'sample')
assert.equal((await data(catalog.getSync())).catalog.state, 'sample')
assert.equal((await data(catalog.getServiceInfo())).catalog.state, 'sample')
await data(catalog.checkLiveness())
assert((await data(catalog.checkReadiness())).checks.length > 0)
assert.equal((await data(catalog.listPublicKeys())).keys[0]?.alg, 'ES256')
await data(catalog.signOut())
await refused(401, catalog.listCategories())
