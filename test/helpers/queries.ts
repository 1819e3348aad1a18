import type { Test } from 'tap'
import type { Product } from '../../schemas/product.js'
import { NDJSON } from '../../schemas/transfer.js'
import { type Answer, startApp, type TestApp } from './app.js'
import { Oracle } from './oracle.js'
import { details, shop, shopParents } from './shop.js'

/** Starts a service with the products and the categories of the shop, and an oracle for them. */
export async function startShop(t: Test) {
  const app = await startApp(t, { products: shop })
  // What the source of the test cannot send.
  const edits = details.map(({ variants, ...detail }, i) => ({
    ...detail,
    variants,
    ...(variants.length === 0 && i % 5 === 0 && { stock: null }),
    ...(variants.length === 0 && i % 4 === 2 && { salePrice: 9.99 }),
    ...(i % 8 < 2 && { salePriceUntil: '2026-01-01T00:00:00.000Z' })
  }))
  const body = edits.map((edit) => `${JSON.stringify(edit)}\n`).join('')
  await app.request('/products/import', { method: 'POST', body, headers: { 'content-type': NDJSON } })
  for (const [slug, json] of [
    ['everyday', {}],
    ...Object.entries(shopParents).map(([slug, parent]) => [slug, { parent }])
  ])
    await app.request(`/categories/${slug}`, { method: 'PUT', json })
  const products: Product[] = []
  for (const { id } of shop as { id: number }[]) products.push((await app.request(`/products/${id}`)).body)
  return { app, oracle: new Oracle(products, shopParents) }
}

/** Requests products. @param query Query parameters. Lists are arrays. */
export async function requestProducts(
  app: TestApp,
  query: object,
  headers: Record<string, string> = {}
): Promise<Answer> {
  const parameters = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, String(value)] as [string, string])
  )
  return await app.request(`/products?${new URLSearchParams(parameters)}`, { headers })
}

/** Returns the ids of the products on a page. */
export const idsOf = (page: { products: { id: number }[] }) => page.products.map(({ id }) => id)
