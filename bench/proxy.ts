/*
 * The alternative to a catalog of its own: a Fastify proxy that requests and maps the products of the source on every request:
 * node proxy.js SOURCE. Prints its address.
 */
import fastify from 'fastify'
import { Pool } from 'undici'
import { applyEdits, type ProductFields, toSummary } from '../src/products/overlay.js'
import { mapProduct } from '../src/sync/sources/dummyjson/dummyjson-mapping.js'

const source = new Pool(process.argv[2] as string, { connections: 32 })
const app = fastify()

app.get('/products', async () => {
  const { body } = await source.request({ method: 'GET', path: '/products?limit=30&skip=0' })
  const { products, total } = (await body.json()) as { products: unknown[]; total: number }
  const mapped = products
    .map((product) => mapProduct(product, { currency: 'USD' }))
    .flatMap((result) => ('row' in result ? [toSummary(applyEdits(result.row.fields as ProductFields, {}))] : []))
  return { products: mapped, total, limit: 30, offset: 0 }
})

console.log(await app.listen({ host: '127.0.0.1', port: 0 }))
