import { startApp } from '../../helpers/app.js'
import { onOneEngine } from '../../helpers/engines.js'
import { mascara, palette, sourceProduct } from '../../helpers/products.js'

onOneEngine('categories are sorted by slug and have a display name and a product count', async (t) => {
  const shirt = sourceProduct(3, { category: 'mens-shirts' })
  const app = await startApp(t, { products: [shirt, mascara, palette] })

  const { status, body } = await app.request('/categories')

  t.equal(status, 200)
  t.strictSame(body, {
    categories: [
      { slug: 'beauty', name: 'Beauty', products: 2 },
      { slug: 'mens-shirts', name: 'Mens Shirts', products: 1 }
    ]
  })
})
