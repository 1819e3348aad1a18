import type { Test } from 'tap'
import { type Answer, startApp } from '../helpers/app.js'
import { onOneEngine } from '../helpers/engines.js'
import { nextPath } from '../helpers/links.js'
import { sourceProduct } from '../helpers/products.js'
import { idsOf, requestProducts, startShop } from '../helpers/queries.js'

onOneEngine(
  'a search looks in every field, ignores case and accents, and matches the last word by its prefix',
  async (t) => {
    const app = await startApp(t, {
      products: [
        sourceProduct(1, {
          title: 'Crème brûlée',
          description: 'Sweet.',
          tags: ['dessert'],
          sku: 'AB-77',
          brand: 'Émile'
        }),
        sourceProduct(2, {
          title: 'Spoon',
          description: 'For crème brûlée.',
          tags: ['cutlery'],
          sku: 'CD-78',
          brand: 'Anna'
        })
      ]
    })
    const find = async (q: string) => idsOf((await requestProducts(app, { q })).body)

    t.strictSame(await find('creme'), [1, 2], 'title matches come first')
    t.strictSame(await find('CRÈME brul'), [1, 2])
    t.strictSame(await find('brul creme'), [], 'only the last word is a prefix')
    t.strictSame(await find('emile'), [1])
    t.strictSame(await find('dessert'), [1])
    t.strictSame(await find('ab-77'), [1])
    t.strictSame(await find('spoon sweet'), [], 'every word must match')
    t.strictSame(await find('beauty'), [1, 2], 'the category')
    t.strictSame(await find('...'), [1, 2], 'a query without words matches all products')
  }
)

onOneEngine('a search without matches falls back to similar spellings', async (t) => {
  const app = await startApp(t, {
    products: [
      sourceProduct(1, { title: 'iPhone 13 Pro' }),
      sourceProduct(2, { title: 'Essence Mascara Lash Princess' }),
      sourceProduct(3, { title: 'Phone case' })
    ]
  })
  const find = async (q: string) => idsOf((await requestProducts(app, { q })).body)

  t.strictSame(await find('iphnoe'), [1])
  t.strictSame(await find('mascarra'), [2])
  t.strictSame(await find('mascarra princes'), [2], 'one of two words misspelled')
  t.strictSame(await find('iphone 31'), [], 'numbers are not corrected')
  t.strictSame(await find('ipohne mascarra'), [], 'no product has both corrected words')
  t.strictSame(await find('xyzzyx'), [])
  app.source.products = app.source.products.slice(1)
  await app.sync()
  t.strictSame(await find('iphone'), [3], 'corrections use only words that still occur')
})

onOneEngine('the `ids` parameter returns products in the given order', async (t) => {
  const { app } = await startShop(t)

  const { body } = await app.request('/products?ids=7&ids=1&ids=2&ids=7&ids=4')
  t.strictSame(idsOf(body), [7, 1, 4], 'unknown ids are left out')
  t.match({ total: body.total, limit: body.limit }, { total: 3, limit: 100 })
  t.strictSame(idsOf((await app.request('/products?ids=7&ids=1&sort=title')).body).sort(), [1, 7])
  const hundred = Array.from({ length: 100 }, (_, i) => `ids=${i + 1}`).join('&')
  t.equal((await app.request(`/products?${hundred}`)).body.products.length, 34)
  t.equal((await app.request(`/products?${hundred}&ids=101`)).status, 400)
})

onOneEngine('a cursor that was altered or belongs to another query is rejected', async (t) => {
  const { app } = await startShop(t)
  const query = { q: 'volume', sort: '-price', limit: 5 }
  const { nextCursor } = (await requestProducts(app, query)).body
  const last = nextCursor.at(-1)
  const altered = [
    nextCursor.slice(0, -1) + (last === 'A' ? 'B' : 'A'),
    (nextCursor[0] === 'A' ? 'B' : 'A') + nextCursor.slice(1),
    nextCursor.slice(0, 30),
    `${nextCursor}AA`,
    'AAAA'
  ]

  for (const cursor of altered) assertRejected(t, await requestProducts(app, { ...query, cursor }))
  for (const other of [{ q: 'mascara' }, { sort: 'price' }, { category: ['beauty'] }, { ids: [1] }, { minPrice: 1 }]) {
    assertRejected(t, await requestProducts(app, { ...query, ...other, cursor: nextCursor }))
  }
  const { headers } = await requestProducts(app, query)
  const condition = { 'if-none-match': headers.get('etag') as string }
  assertRejected(t, await requestProducts(app, { ...query, cursor: 'AAAA' }, condition), 'a conditional request too')
  t.equal((await requestProducts(app, { ...query, limit: 3, facets: ['brand'], cursor: nextCursor })).status, 200)
  t.equal(
    (await requestProducts(app, { ...query, q: ' VOLUME!', cursor: nextCursor })).status,
    200,
    'the same words written differently'
  )
  t.strictSame(
    idsOf((await requestProducts(app, { ...query, cursor: nextCursor, offset: 2 })).body),
    idsOf((await requestProducts(app, { ...query, limit: 7, cursor: nextCursor })).body).slice(2),
    'the offset counts from the cursor'
  )
})

onOneEngine('the Link header continues with a cursor or an offset, as the request did', async (t) => {
  const { app } = await startShop(t)
  const query = { q: 'volume lashes', tag: ['sale', 'gift idea'], sort: '-price', limit: 1 }
  const kept = 'q=volume+lashes&tag=sale&tag=gift+idea&sort=-price&limit=1'

  const first = await requestProducts(app, query)
  t.match(first.headers.get('link'), `<?${kept}&offset=1>; rel="next"`)
  const next = await requestProducts(app, { ...query, cursor: first.body.nextCursor })
  t.equal(next.headers.get('link'), `<?${kept}>; rel="first", <?${kept}&cursor=${next.body.nextCursor}>; rel="next"`)
  t.equal((await app.request(nextPath('/products', next.headers) as string)).status, 200)

  const brand = Array.from({ length: 50 }, (_, i) => `${i}${'ü'.repeat(25)}`)
  const long = await requestProducts(app, { brand })
  t.equal(long.status, 200)
  t.equal(long.headers.get('link'), null, 'no Link header that is longer than clients accept')
})

onOneEngine('an invalid query parameter is rejected with a pointer to it', async (t) => {
  const app = await startApp(t)

  for (const [query, pointer, detail] of [
    [
      'category=Not%20a%20slug',
      '/category/0',
      'must be lower-case letters and digits, with words joined by hyphens (got "Not a slug")'
    ],
    ['category=beauty&category=', '/category/1', /with words joined by hyphens \(got ""\)/],
    ['availability=sold-out', '/availability/0', /must be one of in-stock, low-stock, out-of-stock/],
    ['minPrice=-1', '/minPrice', 'must be at least 0 (got -1)'],
    ['maxPrice=cheap', '/maxPrice', 'must be a number (got "cheap")'],
    ['maxPrice=1,5', '/maxPrice', /must be a number/],
    ['minRating=5.1', '/minRating', 'must be at most 5 (got 5.1)'],
    ['minDiscount=101', '/minDiscount', 'must be at most 100 (got 101)'],
    ['minPrice=1&minPrice=2', '/minPrice', /must be a number/],
    ['sort=color', '/sort', /must be one or more of price, rating, .* \(got "color"\)/],
    ['sort=price,,rating', '/sort', /separated by commas/],
    ['sort=', '/sort', /must be one or more of/],
    ['facets=color', '/facets/0', /must be one of category, brand, tag, availability, price/],
    ['ids=one', '/ids/0', /must be an integer/],
    ['ids=0', '/ids/0', /must be at least 1/],
    ['cursor=a.b', '/cursor', 'must be the nextCursor of a page (got "a.b")'],
    [`q=${'x'.repeat(201)}`, '/q', 'must have at most 200 characters (got 201)'],
    ['q=one&q=two', '/q', 'must be a string']
  ] as const) {
    const { status, body } = await app.request(`/products?${query}`)
    t.equal(status, 400, query)
    t.match(body.errors, [{ in: 'query', pointer, detail }], query)
  }
})

onOneEngine('the examples of all parameters together match products of the sample', async (t) => {
  const app = await startApp(t, { config: { sourceUrl: 'http://127.0.0.1:1', sampleCatalog: true } })
  const { paths } = (await app.request('/docs/json', { token: null })).body
  const { parameters } = paths['/products'].get
  const inQuery = parameters.filter((parameter: { in: string }) => parameter.in === 'query')
  const query = Object.fromEntries(
    inQuery.map(({ name, example, schema }: { name: string; example: unknown; schema: { default: unknown } }) => [
      name,
      example ?? schema.default ?? ''
    ])
  )
  const { status, body } = await requestProducts(app, query)

  t.equal(status, 200)
  t.ok(body.products.length > 1, `${body.products.length} products`)
  t.ok(body.facets.category.length > 0)
})

function assertRejected(t: Test, { status, body }: Answer, message = 'rejected'): void {
  t.equal(status, 400, message)
  t.match(body.errors, [{ in: 'query', pointer: '/cursor' }])
}
