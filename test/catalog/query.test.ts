import fc from 'fast-check'
import type { Test } from 'tap'
import type { FacetName, Product } from '../../schemas/product.js'
import { type Answer, startApp, type TestApp } from '../helpers/app.js'
import { onEachEngine } from '../helpers/engines.js'
import { type Asked, Oracle } from '../helpers/oracle.js'
import { sourceProduct } from '../helpers/products.js'
import { rarely, same } from '../helpers/properties.js'
import { shop } from '../helpers/shop.js'

/** Queries that the oracle is asked on each engine. */
const QUERIES = 600

const words = [
  ...[
    'eclair',
    'ÉCLAIR',
    'strasse',
    'straße',
    'οδος',
    'zubrowka',
    '茶碗',
    'phone',
    'pho',
    '12',
    'mascara',
    'volume',
    'the'
  ],
  ...[
    'mascarra',
    'vloume',
    'phnoe',
    'chocolatt',
    'eclairr',
    'zzz',
    'm',
    'sku',
    '3',
    'fine',
    'fullwidth',
    'essence',
    'home'
  ],
  ...['lashes', 'schokolade', 'shokolade', 'gift', 'idea', '!?', "t-shirt's", '𝒜stral', '"', 'AND', 'not*']
]
const sortKey = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.constantFrom('price', 'rating', 'title', 'discount', 'stock', 'createdAt', 'relevance')
  )
  .map((parts) => parts.join(''))
const some = <T>(...values: T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 })
const query: fc.Arbitrary<Asked> = fc
  .record({
    q: rarely(
      fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 2 }).map((words) => words.join(' ')),
      2
    ),
    category: rarely(some('beauty', 'phones', 'home-decoration', 'tea', 'nothing')),
    brand: rarely(some('Essence', 'essence', 'Ünlü & Söhne', 'nobody')),
    tag: rarely(some('new', 'sale', 'Ångström', 'gift idea', 'sale 12', 'Sale')),
    availability: rarely(some('in-stock', 'low-stock', 'out-of-stock')),
    minPrice: rarely(fc.constantFrom(0, 0.29, 0.291, 9.99, 10, 25, 100, 5000)),
    maxPrice: rarely(fc.constantFrom(0, 0.289, 9.99, 10, 24.99, 99.99, 1234.5, 36_999.99)),
    minRating: rarely(fc.constantFrom(0, 2.56, 4.2, 4.205, 5)),
    minDiscount: rarely(fc.constantFrom(0, 10.48, 33.33, 100)),
    ids: rarely(fc.array(fc.integer({ min: 1, max: 370 }), { minLength: 1, maxLength: 100 })),
    sort: rarely(
      fc.uniqueArray(sortKey, { minLength: 1, maxLength: 3 }).map((keys) => keys.join(',')),
      1
    )
  })
  .map((asked) => Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)))
const facetNames: FacetName[] = ['category', 'brand', 'tag', 'availability', 'price']

onEachEngine('a query finds what looking at every product finds, in the same order', async (t) => {
  const { app, oracle } = await startShop(t)

  const offsets = fc.oneof(fc.constant(0), fc.nat({ max: 30 }))
  let found = 0

  await fc.assert(
    fc.asyncProperty(query, offsets, fc.integer({ min: 1, max: 100 }), async (asked, offset, limit) => {
      const expected = oracle.find(asked)
      if (expected.length > offset) found++
      const { body } = await ask(app, { ...asked, limit, offset })
      same(body.total, expected.length, asked)
      same(idsOf(body), expected.slice(offset, offset + limit), asked)
      same('nextCursor' in body, offset + limit < expected.length, asked)
    }),
    { numRuns: QUERIES }
  )
  t.ok(found > QUERIES / 4, `${found} of ${QUERIES} queries found something`)
})

onEachEngine('a facet counts what choosing each of its values gives', async (t) => {
  const { app, oracle } = await startShop(t)

  await fc.assert(
    fc.asyncProperty(query, fc.subarray(facetNames, { minLength: 1 }), async (asked, facets) => {
      const { body } = await ask(app, { ...asked, facets, limit: 1 })
      same(Object.keys(body.facets), facets, asked)
      for (const name of facets) same(body.facets[name], oracle.facet(name, asked), { ...asked, name })
    }),
    { numRuns: 150 }
  )
  const { body } = await ask(app, { q: 'volume', brand: ['Essence'], facets: facetNames, limit: 1 })
  for (const name of ['category', 'brand', 'tag', 'availability'] as const) {
    for (const { value, count } of body.facets[name]) {
      const chosen = await ask(app, { q: 'volume', brand: ['Essence'], [name]: [value] })
      t.equal(chosen.body.total, count, `${name}=${value}`)
    }
  }
  for (const { count, ...bounds } of body.facets.price) {
    t.equal((await ask(app, { q: 'volume', brand: ['Essence'], ...bounds })).body.total, count, JSON.stringify(bounds))
  }
})

onEachEngine('following the cursors of any query gives all it finds, once each, in order', async (t) => {
  const { app, oracle } = await startShop(t)

  await fc.assert(
    fc.asyncProperty(query, fc.integer({ min: 3, max: 40 }), async (asked, limit) => {
      const seen: number[] = []
      let cursor: string | undefined = ''
      while (cursor !== undefined) {
        const { body } = await ask(app, { ...asked, limit, cursor })
        seen.push(...idsOf(body))
        same(body.offset, cursor === '' ? 0 : undefined, asked)
        cursor = body.nextCursor
      }
      same(seen, oracle.find(asked), asked)
    }),
    { numRuns: 100 }
  )
})

onEachEngine('an offset counts from the cursor, whatever the order', async (t) => {
  const { app, oracle } = await startShop(t)

  await fc.assert(
    fc.asyncProperty(
      query,
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 20 }),
      async (asked, limit, offset) => {
        const { nextCursor: cursor } = (await ask(app, { ...asked, limit })).body
        if (cursor === undefined) return
        const { body } = await ask(app, { ...asked, limit, cursor, offset })
        same(idsOf(body), oracle.find(asked).slice(limit + offset, limit + offset + limit), asked)
      }
    ),
    { numRuns: 300 }
  )
})

onEachEngine('paging by cursor meets every product that stays exactly once, whatever comes and goes', async (t) => {
  const change = fc.record({
    removed: fc.uniqueArray(fc.integer({ min: 0, max: 119 }), { maxLength: 20 }),
    repriced: fc.uniqueArray(fc.integer({ min: 0, max: 119 }), { maxLength: 10 }),
    added: fc.integer({ min: 0, max: 10 })
  })
  const { app } = await startShop(t)
  let newest = 1000

  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Asked>(
        {},
        { sort: 'price' },
        { sort: '-rating,title' },
        { q: 'volume' },
        { q: 'vloume', sort: '-relevance' }
      ),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 5, max: 20 }),
      async (asked, changes, limit) => {
        app.source.products = shop
        await app.sync()
        const touched = new Set<number>()
        const before = await all(app, asked)
        const seen: number[] = []
        let cursor: string | undefined = ''
        for (let page = 0; cursor !== undefined; page++) {
          const { body } = await ask(app, { ...asked, limit, cursor })
          seen.push(...idsOf(body))
          cursor = body.nextCursor
          const next = changes[page]
          if (!next) continue
          for (const i of [...next.removed, ...next.repriced]) touched.add(idOf(shop[i]))
          const stay = app.source.products.filter(
            (product) => !next.removed.some((i) => idOf(shop[i]) === idOf(product))
          )
          const changed = stay.map((product) =>
            next.repriced.some((i) => idOf(shop[i]) === idOf(product))
              ? { ...(product as object), price: 77 + page, rating: 1 }
              : product
          )
          const added = Array.from({ length: next.added }, () =>
            sourceProduct(newest++, { title: 'Volume of novelties' })
          )
          app.source.products = [...changed, ...added]
          await app.sync()
        }
        same(
          new Set(seen).size,
          seen.length - seen.filter((id, i) => seen.indexOf(id) !== i && touched.has(id)).length,
          asked
        )
        same(
          before.filter((id) => !touched.has(id)),
          seen.filter((id) => !touched.has(id) && id < 1000),
          asked
        )
      }
    ),
    { numRuns: 15 }
  )
})

onEachEngine(
  'words are found in every field, whatever their case and accents, the last one by its beginning',
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
    const find = async (q: string) => idsOf((await ask(app, { q })).body)

    t.strictSame(await find('creme'), [1, 2], 'the title counts most')
    t.strictSame(await find('CRÈME brul'), [1, 2])
    t.strictSame(await find('brul creme'), [], 'only the last one by its beginning')
    t.strictSame(await find('emile'), [1])
    t.strictSame(await find('dessert'), [1])
    t.strictSame(await find('ab-77'), [1])
    t.strictSame(await find('spoon sweet'), [], 'all of them')
    t.strictSame(await find('beauty'), [1, 2], 'the category')
    t.strictSame(await find('...'), [1, 2], 'no words, no search')
  }
)

onEachEngine('where nothing matches, near spellings do', async (t) => {
  const app = await startApp(t, {
    products: [
      sourceProduct(1, { title: 'iPhone 13 Pro' }),
      sourceProduct(2, { title: 'Essence Mascara Lash Princess' }),
      sourceProduct(3, { title: 'Phone case' })
    ]
  })
  const find = async (q: string) => idsOf((await ask(app, { q })).body)

  t.strictSame(await find('iphnoe'), [1])
  t.strictSame(await find('mascarra'), [2])
  t.strictSame(await find('mascarra princes'), [2], 'one of several')
  t.strictSame(await find('iphone 31'), [], 'a number is not misspelled')
  t.strictSame(await find('ipohne mascarra'), [], 'each may be right, and still nothing has both')
  t.strictSame(await find('xyzzyx'), [])
  app.source.products = app.source.products.slice(1)
  await app.sync()
  t.strictSame(await find('iphone'), [3], 'a word that is gone is not meant any more')
})

onEachEngine('products can be asked for by id, in the order asked', async (t) => {
  const { app } = await startShop(t)

  const { body } = await app.request('/products?ids=7&ids=1&ids=2&ids=7&ids=4')
  t.strictSame(idsOf(body), [7, 1, 4], 'those that do not exist are left out')
  t.match({ total: body.total, limit: body.limit }, { total: 3, limit: 100 })
  t.strictSame(idsOf((await app.request('/products?ids=7&ids=1&sort=title')).body).sort(), [1, 7])
  const hundred = Array.from({ length: 100 }, (_, i) => `ids=${i + 1}`).join('&')
  t.equal((await app.request(`/products?${hundred}`)).body.products.length, 34)
  t.equal((await app.request(`/products?${hundred}&ids=101`)).status, 400)
})

onEachEngine('a cursor is good for its own query only, and only as it was given', async (t) => {
  const { app } = await startShop(t)
  const asked = { q: 'volume', sort: '-price', limit: 5 }
  const { nextCursor } = (await ask(app, asked)).body
  const last = nextCursor.at(-1)
  const altered = [
    nextCursor.slice(0, -1) + (last === 'A' ? 'B' : 'A'),
    (nextCursor[0] === 'A' ? 'B' : 'A') + nextCursor.slice(1),
    nextCursor.slice(0, 30),
    `${nextCursor}AA`,
    'AAAA'
  ]

  for (const cursor of altered) refused(t, await ask(app, { ...asked, cursor }))
  for (const other of [{ q: 'mascara' }, { sort: 'price' }, { category: ['beauty'] }, { ids: [1] }, { minPrice: 1 }]) {
    refused(t, await ask(app, { ...asked, ...other, cursor: nextCursor }))
  }
  const { headers } = await ask(app, asked)
  const condition = { 'if-none-match': headers.get('etag') as string }
  refused(t, await ask(app, { ...asked, cursor: 'AAAA' }, condition), 'also where it was asked for conditionally')
  t.equal((await ask(app, { ...asked, limit: 3, facets: ['brand'], cursor: nextCursor })).status, 200)
  t.equal(
    (await ask(app, { ...asked, q: ' VOLUME!', cursor: nextCursor })).status,
    200,
    'the same question in other words'
  )
  t.strictSame(
    idsOf((await ask(app, { ...asked, cursor: nextCursor, offset: 2 })).body),
    idsOf((await ask(app, { ...asked, limit: 7, cursor: nextCursor })).body).slice(2),
    'an offset counts from there'
  )
})

onEachEngine('Link leads on in the way that the page was reached', async (t) => {
  const { app } = await startShop(t)
  const asked = { q: 'volume lashes', tag: ['sale', 'gift idea'], sort: '-price', limit: 1 }
  const kept = 'q=volume+lashes&tag=sale&tag=gift+idea&sort=-price&limit=1'

  const first = await ask(app, asked)
  t.match(first.headers.get('link'), `</products?${kept}&offset=1>; rel="next"`)
  const next = await ask(app, { ...asked, cursor: first.body.nextCursor })
  t.equal(
    next.headers.get('link'),
    `</products?${kept}>; rel="first", </products?${kept}&cursor=${next.body.nextCursor}>; rel="next"`
  )
  t.equal(
    (await app.request(/<([^>]+)>; rel="next"/.exec(next.headers.get('link') as string)?.[1] as string)).status,
    200
  )

  const brand = Array.from({ length: 50 }, (_, i) => `${i}${'ü'.repeat(25)}`)
  const long = await ask(app, { brand })
  t.equal(long.status, 200)
  t.equal(long.headers.get('link'), null, 'but not where it would be longer than clients take')
})

onEachEngine('what cannot be a query is refused with a pointer to it', async (t) => {
  const app = await startApp(t)

  for (const [query, pointer, detail] of [
    ['category=Not%20a%20slug', '/category/0', /must match pattern/],
    ['category=beauty&category=', '/category/1', /must match pattern/],
    ['availability=sold-out', '/availability/0', /must be one of in-stock, low-stock, out-of-stock/],
    ['minPrice=-1', '/minPrice', /must be >= 0/],
    ['maxPrice=cheap', '/maxPrice', /must be number/],
    ['maxPrice=1,5', '/maxPrice', /must be number/],
    ['minRating=5.1', '/minRating', /must be <= 5/],
    ['minDiscount=101', '/minDiscount', /must be <= 100/],
    ['minPrice=1&minPrice=2', '/minPrice', /must be number/],
    ['sort=color', '/sort', /must match pattern/],
    ['sort=price,,rating', '/sort', /must match pattern/],
    ['sort=', '/sort', /must match pattern/],
    ['facets=color', '/facets/0', /must be one of category, brand, tag, availability, price/],
    ['ids=one', '/ids/0', /must be integer/],
    ['ids=0', '/ids/0', /must be >= 1/],
    ['cursor=a.b', '/cursor', /must match pattern/],
    [`q=${'x'.repeat(201)}`, '/q', /must NOT have more than 200 characters/],
    ['q=one&q=two', '/q', /must be string/]
  ] as const) {
    const { status, body } = await app.request(`/products?${query}`)
    t.equal(status, 400, query)
    t.match(body.errors, [{ in: 'query', pointer, detail }], query)
  }
})

onEachEngine('every example of the document together finds something in the sample', async (t) => {
  const app = await startApp(t, { config: { sourceUrl: 'http://127.0.0.1:1', sampleCatalog: true } })
  const { paths } = (await app.request('/docs/json', { token: null })).body
  const { parameters } = paths['/products'].get
  const asked = Object.fromEntries(
    parameters.map(({ name, example, schema }: { name: string; example: unknown; schema: { default: unknown } }) => [
      name,
      example ?? schema.default ?? ''
    ])
  )
  const { status, body } = await ask(app, asked)

  t.equal(status, 200)
  t.ok(body.products.length > 1, `${body.products.length} products`)
  t.ok(body.facets.category.length > 0)
})

async function startShop(t: Test) {
  const app = await startApp(t, { products: shop })
  const products: Product[] = []
  for (const { id } of shop as { id: number }[]) products.push((await app.request(`/products/${id}`)).body)
  return { app, oracle: new Oracle(products) }
}

async function ask(app: TestApp, asked: object, headers: Record<string, string> = {}): Promise<Answer> {
  const parameters = Object.entries(asked).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, String(value)] as [string, string])
  )
  return await app.request(`/products?${new URLSearchParams(parameters)}`, { headers })
}

/** All that a query finds, in order. */
async function all(app: TestApp, asked: Asked): Promise<number[]> {
  const { body } = await ask(app, { ...asked, limit: 100 })
  const rest = await ask(app, { ...asked, limit: 100, offset: 100 })
  return [...idsOf(body), ...idsOf(rest.body)]
}

function refused(t: Test, { status, body }: Answer, message = 'refused'): void {
  t.equal(status, 400, message)
  t.match(body.errors, [{ in: 'query', pointer: '/cursor' }])
}

const idOf = (product: unknown) => (product as { id: number }).id
const idsOf = (page: { products: { id: number }[] }) => page.products.map(idOf)
