import type { Test } from 'tap'
import { type Answer, startApp } from '../helpers/app.js'
import { onEachEngine, onOneEngine } from '../helpers/engines.js'
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
    t.strictSame(await find('ab77'), [1])
    t.strictSame(await find('spoon sweet'), [], 'every word must match')
    t.strictSame(await find('beauty'), [1, 2], 'the category')
  }
)

onEachEngine('a search finds other spellings of the same words', async (t) => {
  const titles = [
    "Women's T-Shirt",
    'Womens tshirt',
    'L’Oréal Elvive™ 500 ml',
    'Loreal oil 500ML, 1,5l',
    'Keyboard KX-100',
    'Keyboard KX 100 B',
    'Wi\u2011Fi Smørrebrød',
    'Wi Fi so\u00adft',
    '電子レンジ対応 緑茶バッグ',
    '茶色パック',
    'हिन्दी किताब',
    'กาแฟเย็น'
  ]
  const app = await startApp(t, {
    products: [
      ...titles.map((title, i) => sourceProduct(i + 1, { title, tags: [], description: '' })),
      sourceProduct(20, { title: 'The KX story', tags: [], description: 'With 100 pictures.' })
    ]
  })
  const find = async (q: string) => idsOf((await requestProducts(app, { q })).body).sort((a, b) => a - b)

  for (const [ids, ...searches] of [
    [[1, 2], 'womens', "women's", 'women’s', 'WOMEN`S'],
    [[1, 2], 't-shirt', 'tshirt', 't-sh', 'T‑SHIRT womens'],
    [[1], 't shirt', 'women shirt', 'womens-t-shirt'],
    [[3, 4], 'loreal', "l'oreal", 'L’Oréal', '500ml', '500 ml', '500-ML', '５００㎖'],
    [[3], 'oreal', 'elvive', 'Elvive™', 'elvive 500'],
    [[4], '1.5l', '1,5 L', '1.5'],
    [[5, 6], 'kx100', 'KX100 keyboard', 'kx10'],
    [[5, 6, 20], 'KX 100', 'KX-100', 'kx.100'],
    [[6], 'kx100b', '100b'],
    [[7], 'wifi', 'smorrebrod', 'SMØRREBRØD'],
    [[7, 8], 'wi-fi', 'wi fi'],
    [[8], 'soft', 'so\u200bft', 'sotf'],
    [[9, 10], '茶', '茶 '],
    [[9], 'バッグ', 'ﾊﾞｯｸﾞ', '緑茶', 'レンジ 緑茶'],
    [[10], 'パック', '茶色'],
    [[11], 'हिन्दी', 'किताब', 'किता', 'किताबा'],
    [[12], 'กาแฟ', 'กาแฟเย็น'],
    [[], '緑色', 'レンジ茶', 'กาแฟร้อน', '100kx', 'women s shirts lamp']
  ] as const) {
    for (const q of searches) t.strictSame(await find(q), ids, q)
  }
})

onEachEngine('a search finds a barcode or its beginning, but not a similar one', async (t) => {
  const meta = (barcode: string) => ({
    meta: { createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z', barcode }
  })
  const app = await startApp(t, {
    products: [sourceProduct(1, meta('4006381333931')), sourceProduct(2, meta('4 006381-333924'))]
  })
  const find = async (q: string) => idsOf((await requestProducts(app, { q })).body)

  for (const q of ['4006381333931', '4 006381 333931', '4-006381-333931', '400638133393', 'test 4006381333931'])
    t.strictSame(await find(q), [1], q)
  t.strictSame(await find('400638'), [1, 2])
  t.strictSame(await find('4006381333924'), [2])
  for (const q of ['4006381333932', '40063', '006381333931', '4006381333 test']) t.strictSame(await find(q), [], q)
})

onEachEngine('a search without words finds nothing, and a blank one is no search', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1, { title: 'Unicorn 🦄' }), sourceProduct(2)] })

  for (const q of ['!!!', '™', '🦄', '-']) {
    const { body, headers } = await requestProducts(app, { q, facets: ['category', 'price'], sort: 'price' })
    t.match(body, { products: [], total: 0, nextCursor: undefined, facets: { category: [], price: [] } }, q)
    const condition = { 'if-none-match': headers.get('etag') as string }
    t.equal((await requestProducts(app, { q, facets: ['category', 'price'], sort: 'price' }, condition)).status, 304)
    const exported = await app.request(`/products/export?${new URLSearchParams({ q })}`)
    t.match({ status: exported.status, text: exported.text }, { status: 200, text: '' }, `export of ${q}`)
  }
  for (const q of ['', '  ', '\u200b']) t.equal((await requestProducts(app, { q })).body.total, 2, JSON.stringify(q))
  const { nextCursor } = (await requestProducts(app, { sort: 'price', limit: 1 })).body
  assertEmpty(await requestProducts(app, { q: '!!!', sort: 'price', limit: 1, cursor: nextCursor }))

  function assertEmpty({ body }: Answer): void {
    t.match(body, { products: [], total: 0 })
  }
})

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
    [
      'availability=sold-out',
      '/availability/0',
      /must be one of in-stock, low-stock, preorder, backorder, out-of-stock/
    ],
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
