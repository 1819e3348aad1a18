/* The variations of a WooCommerce shop, which the service requests for each page of products. */
import { startApp } from '../../../helpers/app.js'
import { onOneEngine } from '../../../helpers/engines.js'
import {
  KEYS_IN_QUERY,
  readShop,
  restProducts,
  storeProduct,
  variableProduct,
  WooCommerceShop
} from '../../../helpers/woocommerce-shop.js'

onOneEngine('a shop before version 10.3 has no list of variations', async (t) => {
  const shop = await WooCommerceShop.start(t, [
    { ...restProducts[0], variations: Array.from({ length: 150 }, (_, i) => 801 + i) }
  ])
  shop.hasVariationsList = false

  const { summary, products } = await readShop(t, shop, `/wp-json/wc/v3/products?${KEYS_IN_QUERY}`)

  t.strictSame(products, [{ externalId: '794', variants: 0 }])
  t.match(summary, { incomplete: undefined })
  t.equal(shop.requests.length, 2)
})

onOneEngine('all pages are read, with the variations of each', async (t) => {
  const shop = await WooCommerceShop.start(
    t,
    Array.from({ length: 230 }, (_, i) => storeProduct(i + 1))
  )
  // The variations of the page of the second take three requests.
  for (const [id, count] of [
    [50, 3],
    [150, 90],
    [151, 120],
    [152, 40],
    [230, 1]
  ] as const) {
    const { product, variations } = variableProduct(id, count)
    shop.products[id - 1] = product
    shop.variations.push(...variations)
  }

  let isBroken = false
  shop.answer = (request, response) => {
    if (isBroken || !request.url?.includes('type=variation')) {
      shop.serve(request, response)
      return
    }
    isBroken = true
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).write('[{"id":')
    setImmediate(() => response.destroy())
  }

  const { summary, products } = await readShop(t, shop)

  t.ok(isBroken)
  t.match(summary, { incomplete: undefined, isShifting: false })
  t.equal(new Set(products.map(({ externalId }) => externalId)).size, 230)
  t.equal(products.length, 230)
  t.strictSame(
    Object.fromEntries(products.filter(({ variants }) => variants > 0).map((p) => [p.externalId, p.variants])),
    {
      50: 3,
      150: 90,
      151: 120,
      152: 40,
      230: 1
    }
  )
  t.equal(shop.requests.length, 3 + 1 + 3 + 1 + 1, 'the broken request is sent again')
})

onOneEngine('a product with more variations than the catalog can hold has the first ones', async (t) => {
  const { product, variations } = variableProduct(1, 320)
  const shop = await WooCommerceShop.start(t, [product])
  shop.variations = variations

  t.strictSame((await readShop(t, shop)).products, [{ externalId: '1', variants: 250 }])
  t.equal(shop.requests.length, 1 + 3)
})

onOneEngine('a changed variation is found if the shop has ETags', async (t) => {
  const { product, variations } = variableProduct(1, 2)
  const shop = await WooCommerceShop.start(t, [product])
  shop.variations = variations
  shop.hasEtags = true
  const app = await startApp(t, { config: { sourceUrl: shop.url, sourceKind: 'woocommerce' } })

  t.match(await app.sync(), { created: 0, updated: 0 })
  t.equal(shop.unchanged, 2)

  shop.variations = variations.map((variation) => ({ ...variation, sku: 'new' }))
  t.match(await app.sync(), { created: 0, updated: 1 })
})
