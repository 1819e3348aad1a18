import { startApp } from '../../helpers/app.js'
import { onOneEngine } from '../../helpers/engines.js'
import { nextPath } from '../../helpers/links.js'
import { mascara, palette, sourceProduct } from '../../helpers/products.js'

const many = Array.from({ length: 45 }, (_, i) => sourceProduct(i + 1))

onOneEngine('a list has product summaries and their total', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })

  const { status, body, headers } = await app.request('/products')

  t.equal(status, 200)
  t.equal(headers.get('content-type'), 'application/json; charset=utf-8')
  t.match(headers.get('cache-status'), /^catalog; hit; ttl=107\d\d$/)
  t.match({ total: body.total, limit: body.limit, offset: body.offset }, { total: 2, limit: 30, offset: 0 })
  t.strictSame(body.products[0], {
    id: 1,
    sku: 'SKU-1',
    title: 'Mascara',
    description: 'What product 1 is.',
    category: 'beauty',
    brand: 'Brand',
    price: 9.99,
    currency: 'USD',
    discountPercentage: 10.5,
    rating: 4.2,
    stock: 7,
    availability: 'in-stock',
    status: 'active',
    tags: ['beauty', 'test'],
    thumbnail: 'https://images.example/1/thumbnail.webp'
  })
  t.notOk('brand' in body.products[1], 'no brand')
})

onOneEngine('limit and offset select the page, and the Link header has its neighbors', async (t) => {
  const app = await startApp(t, { products: many })

  const first = await app.request('/products?limit=10')
  t.strictSame(ids(first.body), range(1, 10))
  t.equal(
    first.headers.get('link'),
    '<?limit=10&offset=0>; rel="first", <?limit=10&offset=10>; rel="next", <?limit=10&offset=40>; rel="last"'
  )

  const last = await app.request('/products?limit=10&offset=40')
  t.strictSame(ids(last.body), range(41, 45))
  t.equal(last.body.total, 45)
  t.match(last.headers.get('link'), /<\?limit=10&offset=30>; rel="prev"/)
  t.notMatch(last.headers.get('link'), /rel="next"/)

  t.equal((await app.request('/products')).body.products.length, 30, 'the default limit')
})

onOneEngine('following the next links returns every product once', async (t) => {
  const app = await startApp(t, { products: many })
  const seen: number[] = []

  let path: string | undefined = '/products?limit=7'
  while (path !== undefined) {
    const { body, headers } = await app.request(path)
    seen.push(...ids(body))
    path = nextPath(path, headers)
  }

  t.strictSame(seen, range(1, 45))
})

onOneEngine('an invalid limit or offset is rejected with a pointer', async (t) => {
  const app = await startApp(t, { products: [mascara] })

  for (const [query, pointer, detail] of [
    ['limit=0', '/limit', 'must be at least 1 (got 0)'],
    ['limit=101', '/limit', 'must be at most 100 (got 101)'],
    ['limit=ten', '/limit', 'must be an integer (got "ten")'],
    ['limit=0x10', '/limit', 'must be an integer (got "0x10")'],
    ['limit=1e1', '/limit', 'must be an integer (got "1e1")'],
    ['limit=%201', '/limit', 'must be an integer (got " 1")'],
    ['limit=', '/limit', 'must be an integer (got "")'],
    ['limit=1&limit=2', '/limit', 'must be an integer (got an array)'],
    ['offset=-1', '/offset', 'must be at least 0 (got -1)'],
    ['offset=1.5', '/offset', 'must be an integer (got "1.5")'],
    ['offset=2147483648', '/offset', 'must be at most 2147483647 (got 2147483648)'],
    ['color=red', '/color', 'is unknown: correct its name or leave it out']
  ] as const) {
    const { status, body, headers } = await app.request(`/products?${query}`)
    t.equal(status, 400, query)
    t.equal(headers.get('content-type'), 'application/problem+json')
    t.strictSame(body.errors, [{ in: 'query', pointer, detail }], query)
  }

  const both = await app.request('/products?limit=0&offset=x')
  t.equal(both.body.detail, '`limit` must be at least 1 (got 0); `offset` must be an integer (got "x").')
  t.strictSame(
    both.body.errors.map((error: { pointer: string }) => error.pointer),
    ['/limit', '/offset'],
    'a pointer for each'
  )
})

onOneEngine('a product has all fields of the source except e-mail addresses', async (t) => {
  const app = await startApp(t, { products: [mascara] })

  const { status, body, text } = await app.request('/products/1')

  t.equal(status, 200)
  t.strictSame(body, {
    id: 1,
    sku: 'SKU-1',
    title: 'Mascara',
    description: 'What product 1 is.',
    category: 'beauty',
    brand: 'Brand',
    price: 9.99,
    currency: 'USD',
    discountPercentage: 10.5,
    rating: 4.2,
    stock: 7,
    availability: 'in-stock',
    status: 'active',
    tags: ['beauty', 'test'],
    thumbnail: 'https://images.example/1/thumbnail.webp',
    images: ['https://images.example/1/1.webp'],
    weight: 2,
    dimensions: { width: 1.5, height: 2.5, depth: 3.5 },
    warranty: '1 year warranty',
    shipping: 'Ships overnight',
    returnPolicy: '30 days return policy',
    minimumOrderQuantity: 1,
    barcode: '2000000000001',
    externalId: '1',
    attributes: [],
    options: [],
    variants: [],
    reviews: [{ rating: 5, comment: 'Good.', date: '2026-01-02T03:04:05.678Z', reviewer: 'Ada Example' }],
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-02T00:00:00.000Z',
    origin: 'source',
    edited: []
  })
  t.notMatch(text, '@')
})

onOneEngine('an unknown product returns the problem product-not-found', async (t) => {
  const app = await startApp(t, { products: [mascara] })

  const { status, body } = await app.request('/products/4711')

  t.equal(status, 404)
  t.match(body, {
    type: 'urn:problem-type:product-catalog:product-not-found',
    title: 'Product not found',
    status: 404,
    detail: 'There is no product 4711.',
    requestId: /^[0-9a-f-]{36}$/
  })
})

onOneEngine('an invalid id is rejected', async (t) => {
  const app = await startApp(t)

  for (const id of ['0', '-1', '1.5', '0x1', '+1', '1e0', 'abc', '2147483648', 'x'.repeat(2000), '%00', '1%2F2']) {
    const { status, body } = await app.request(`/products/${id}`)
    t.equal(status, 400, id.slice(0, 20))
    t.equal(body.errors[0].pointer, '/id')
    t.equal(body.errors[0].in, 'path')
  }
})

onOneEngine('without a catalog, products are unavailable, not an empty list', async (t) => {
  const app = await startApp(t, { config: { sourceUrl: 'http://127.0.0.1:1', syncInterval: 60 } })

  for (const path of ['/products', '/products/1', '/categories']) {
    const { status, body, headers } = await app.request(path)
    t.equal(status, 503, path)
    t.equal(body.type, 'urn:problem-type:product-catalog:catalog-unavailable')
    t.equal(headers.get('retry-after'), '60')
  }
})

onOneEngine('an empty catalog returns an empty list', async (t) => {
  const app = await startApp(t, { products: [] })

  const { status, body, headers } = await app.request('/products')

  t.equal(status, 200)
  t.strictSame(body, { products: [], total: 0, limit: 30, offset: 0 })
  t.equal(headers.get('link'), '<?limit=30&offset=0>; rel="first", <?limit=30&offset=0>; rel="last"')
})

const ids = (page: { products: { id: number }[] }) => page.products.map((product) => product.id)
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
