/** Uses every operation of the service by what orval generates. Its argument is the address of the service. */
import assert from 'node:assert/strict'
import * as catalog from '../../out/orval/catalog.js'

process.env.CATALOG_URL = process.argv[2]

type Answer = { status: number; data: unknown }

/** The data of an answer, which has to be of that status. */
async function data<A extends Answer, S extends A['status']>(status: S, answer: Promise<A>) {
  const { status: found, data } = await answer
  assert.equal(found, status)
  return data as Extract<A, { status: S }>['data']
}

await data(401, catalog.listProducts())
const password = String(process.env.ADMIN_PASSWORD)
const { token } = await data(200, catalog.signIn({ username: 'admin', password }))
const options = { headers: { authorization: `Bearer ${token}` } }

// All pages, one after the other.
const found: catalog.ProductSummary[] = []
let cursor: string | undefined = ''
while (cursor !== undefined) {
  const page: catalog.ProductPage = await data(200, catalog.listProducts({ limit: 70, cursor }, {}, options))
  found.push(...page.products)
  cursor = page.nextCursor
  if (cursor === undefined) assert.equal(found.length, page.total)
}
assert.equal(new Set(found.map(({ id }) => id)).size, found.length)

const category = ['beauty', 'skin-care']
const query: catalog.ListProductsParams = { q: 'cream', category, sort: '-price', facets: ['brand', 'price'] }
const { products, facets } = await data(200, catalog.listProducts(query, {}, options))
assert(products.length > 0 && products.every((product) => category.includes(product.category)))
assert.deepEqual(
  products.map(({ price }) => price),
  products.map(({ price }) => price).sort((a, b) => b - a)
)
assert(facets?.brand?.[0]?.count && facets.price?.[0])
const { categories } = await data(200, catalog.listCategories({}, options))
assert(categories.some(({ slug }) => slug === 'beauty'))

const mascara = await data(200, catalog.getProduct(1, {}, options))
assert.equal(mascara.sku, 'BEA-0001')
const problem = await data(404, catalog.getProduct(2147483647, {}, options))
assert.equal(problem.type, 'urn:problem-type:product-catalog:product-not-found')

// Make, change and remove one.
const input: catalog.ProductInput = {
  sku: 'ORVAL-1',
  title: 'Stoneware Mug',
  category: 'kitchen-accessories',
  price: 12.5,
  thumbnail: 'https://images.example/mug.webp'
}
const created = await catalog.createProduct(input, {}, options)
assert(created.status === 201)
const { id } = created.data
const read = { 'If-Match': String(created.headers.get('etag')) }
const any = { 'If-Match': '*' }
assert.equal((await data(200, catalog.updateProduct(id, { price: 9.5 }, read, options))).price, 9.5)
await data(412, catalog.updateProduct(id, { price: 1 }, read, options))
const { errors } = await data(400, catalog.updateProduct(id, { price: -1 }, any, options))
assert.equal(errors?.[0]?.pointer, '/price')
await data(204, catalog.deleteProduct(id, any, options))
await data(404, catalog.getProduct(id, {}, options))

await data(200, catalog.updateProduct(1, { price: 1 }, any, options))
assert.equal((await data(200, catalog.revertProduct(1, any, options))).price, mascara.price)
const { history } = await data(200, catalog.listProductHistory(1, {}, options))
assert.deepEqual([history[0]?.kind, history[0]?.by], ['updated', 'account'])
const page = await data(200, catalog.listChanges({ after: 0, limit: 5 }, {}, options))
assert(typeof page === 'object' && page.changes[4]?.revision === 5)

// The whole catalog out, and in again.
const exported = await catalog.exportProducts({ category }, options)
assert('stream' in exported)
const file = await exported.stream.blob()
const report = await data(200, catalog.importProducts(file, { dryRun: true }, options))
assert(report.rows > 0 && report.unchanged === report.rows)

assert.equal((await data(200, catalog.replaceCategory('beauty', { name: 'Care' }, options))).name, 'Care')
await data(204, catalog.revertCategory('beauty', options))

assert.equal((await data(202, catalog.startSync({ acceptLoss: false }, options))).state, 'sample')
assert.equal((await data(200, catalog.getSync(options))).catalog.state, 'sample')
assert.equal((await data(200, catalog.getServiceInfo())).catalog.state, 'sample')
await data(200, catalog.checkLiveness())
assert((await data(200, catalog.checkReadiness())).checks.length > 0)
assert.equal((await data(200, catalog.listPublicKeys())).keys[0]?.alg, 'ES256')
await data(204, catalog.signOut(options))
await data(401, catalog.listCategories({}, options))
