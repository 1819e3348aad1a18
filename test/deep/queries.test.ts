import fc from 'fast-check'
import { FACET_FIELDS } from '../../schemas/listing.js'
import type { TestApp } from '../helpers/app.js'
import { onEachEngine } from '../helpers/engines.js'
import type { QueryParameters } from '../helpers/oracle.js'
import { sourceProduct } from '../helpers/products.js'
import { optional, requireEqual } from '../helpers/properties.js'
import { idsOf, requestProducts, startShop } from '../helpers/queries.js'
import { runs } from '../helpers/runs.js'
import { shop } from '../helpers/shop.js'

/** Number of queries that are compared with the oracle per engine. */
const QUERIES = runs(60, 600)

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
  ...['lashes', 'schokolade', 'shokolade', 'gift', 'idea', '!?', "t-shirt's", '𝒜stral', '"', 'AND', 'not*'],
  ...[
    'tshirt',
    't-shirt',
    't',
    'shirt',
    'wifi',
    'wi-fi',
    'wi',
    'wfii',
    "women's",
    'womens',
    'women',
    'womns',
    '™',
    '🎉'
  ],
  ...[
    'kx100',
    'KX-100',
    'kx',
    '100',
    'kx.100',
    'usb-c',
    'usbc',
    '500',
    'ml',
    '500ml',
    '500 ml',
    '1.5',
    '1,5l',
    '1.5 l',
    '2000g'
  ],
  ...[
    'バッグ',
    'ﾊﾞｯ',
    'パック',
    '茶',
    '緑茶',
    'シャツ',
    'smorrebrod',
    'lodz',
    'lódz',
    'हिन्दी',
    'हिन्दि',
    'किताब',
    'aa',
    'aa/aaa'
  ],
  ...[
    'zerowidth',
    'zero-width',
    'soft',
    'home-decor',
    'phone-12',
    '12-pro',
    'sku-3-',
    '4006381333',
    '12g',
    'lamp500',
    '500in',
    '4 00638133 3',
    '400638',
    '40',
    'cotton',
    'color',
    'xl',
    'var-3',
    '50063813'
  ]
]
const sortKey = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.constantFrom('price', 'rating', 'title', 'discount', 'stock', 'createdAt', 'relevance')
  )
  .map((parts) => parts.join(''))
const some = <T>(...values: T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 })
const attributes = [
  'Color:red',
  'Color:Ünlü blue',
  'Color:M',
  'Color:Red',
  'Color and more:red',
  'Material:cotton: organic',
  'Size:S',
  'Size:XL',
  'Size:'
]
const query: fc.Arbitrary<QueryParameters> = fc
  .record({
    q: optional(
      fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 2 }).map((words) => words.join(' ')),
      2
    ),
    category: optional(some('beauty', 'phones', 'home-decoration', 'tea', 'everyday', 'nothing')),
    brand: optional(some('Essence', 'essence', 'Ünlü & Söhne', 'nobody')),
    tag: optional(some('new', 'sale', 'Ångström', 'gift idea', 'sale 12', 'Sale')),
    availability: optional(some('in-stock', 'low-stock', 'out-of-stock')),
    attribute: optional(some(...attributes)),
    minPrice: optional(fc.constantFrom(0, 0.29, 0.291, 9.99, 10, 25, 100, 5000)),
    maxPrice: optional(fc.constantFrom(0, 0.289, 9.99, 10, 24.99, 99.99, 1234.5, 36_999.99)),
    minRating: optional(fc.constantFrom(0, 2.56, 4.2, 4.205, 5)),
    minDiscount: optional(fc.constantFrom(0, 10.48, 33.33, 100)),
    onSale: optional(fc.boolean()),
    ids: optional(fc.array(fc.integer({ min: 1, max: 370 }), { minLength: 1, maxLength: 100 })),
    sort: optional(
      fc.uniqueArray(sortKey, { minLength: 1, maxLength: 3 }).map((keys) => keys.join(',')),
      1
    )
  })
  .map((asked) => Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)))
const attributeNames = ['Color', 'Size', 'Color and more', 'Colo']

onEachEngine('a query returns the same products as a brute-force search, in the same order', async (t) => {
  const { app, oracle } = await startShop(t)

  const offsets = fc.oneof(fc.constant(0), fc.nat({ max: 30 }))
  let found = 0

  await fc.assert(
    fc.asyncProperty(query, offsets, fc.integer({ min: 1, max: 100 }), async (asked, offset, limit) => {
      const expected = oracle.find(asked)
      if (expected.length > offset) found++
      const { body } = await requestProducts(app, { ...asked, limit, offset })
      requireEqual(body.total, expected.length, asked)
      requireEqual(idsOf(body), expected.slice(offset, offset + limit), asked)
      requireEqual('nextCursor' in body, offset + limit < expected.length, asked)
    }),
    { numRuns: QUERIES }
  )
  t.ok(found > QUERIES / 6, `${found} of ${QUERIES} queries found something`)
})

onEachEngine('a facet counts the products that have each of its values', async (t) => {
  const { app, oracle } = await startShop(t)

  await fc.assert(
    fc.asyncProperty(
      query,
      fc.subarray([...FACET_FIELDS], { minLength: 1 }),
      fc.shuffledSubarray(attributeNames),
      async (asked, fields, names) => {
        const facets = [...fields, ...names.map((name) => `attribute.${name}`)]
        const { body } = await requestProducts(app, { ...asked, facets, limit: 1 })
        requireEqual(Object.keys(body.facets), names.length > 0 ? [...fields, 'attributes'] : fields, asked)
        for (const name of fields) requireEqual(body.facets[name], oracle.facet(name, asked), { ...asked, name })
        const expected = names.map((name) => oracle.attributeFacet(name, asked))
        requireEqual(body.facets.attributes ?? [], expected, { ...asked, names })
      }
    ),
    { numRuns: runs(25, 150) }
  )
  const { body } = await requestProducts(app, { q: 'volume', brand: ['Essence'], facets: FACET_FIELDS, limit: 1 })
  for (const name of ['category', 'brand', 'tag', 'availability'] as const) {
    for (const { value, count } of body.facets[name]) {
      const chosen = await requestProducts(app, { q: 'volume', brand: ['Essence'], [name]: [value] })
      t.equal(chosen.body.total, count, `${name}=${value}`)
    }
  }
  for (const { count, ...bounds } of body.facets.price) {
    t.equal(
      (await requestProducts(app, { q: 'volume', brand: ['Essence'], ...bounds })).body.total,
      count,
      JSON.stringify(bounds)
    )
  }
})

onEachEngine('following the cursors of a query returns each match once, in order', async (t) => {
  const { app, oracle } = await startShop(t)

  await fc.assert(
    fc.asyncProperty(query, fc.integer({ min: 3, max: 40 }), async (asked, limit) => {
      const seen: number[] = []
      let cursor: string | undefined = ''
      while (cursor !== undefined) {
        const { body } = await requestProducts(app, { ...asked, limit, cursor })
        seen.push(...idsOf(body))
        requireEqual(body.offset, cursor === '' ? 0 : undefined, asked)
        cursor = body.nextCursor
      }
      requireEqual(seen, oracle.find(asked), asked)
    }),
    { numRuns: runs(15, 100) }
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
        const { nextCursor: cursor } = (await requestProducts(app, { ...asked, limit })).body
        if (cursor === undefined) return
        const { body } = await requestProducts(app, { ...asked, limit, cursor, offset })
        requireEqual(idsOf(body), oracle.find(asked).slice(limit + offset, limit + offset + limit), asked)
      }
    ),
    { numRuns: runs(50, 300) }
  )
})

onEachEngine('paging by cursor returns every remaining product once while others are added and removed', async (t) => {
  const change = fc.record({
    removed: fc.uniqueArray(fc.integer({ min: 0, max: 119 }), { maxLength: 20 }),
    repriced: fc.uniqueArray(fc.integer({ min: 0, max: 119 }), { maxLength: 10 }),
    added: fc.integer({ min: 0, max: 10 })
  })
  const { app } = await startShop(t)
  let newest = 1000

  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<QueryParameters>(
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
          const { body } = await requestProducts(app, { ...asked, limit, cursor })
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
        requireEqual(
          new Set(seen).size,
          seen.length - seen.filter((id, i) => seen.indexOf(id) !== i && touched.has(id)).length,
          asked
        )
        requireEqual(
          before.filter((id) => !touched.has(id)),
          seen.filter((id) => !touched.has(id) && id < 1000),
          asked
        )
      }
    ),
    { numRuns: runs(3, 15) }
  )
})

/** Returns all matches of a query, in order. */
async function all(app: TestApp, asked: QueryParameters): Promise<number[]> {
  const { body } = await requestProducts(app, { ...asked, limit: 100 })
  const rest = await requestProducts(app, { ...asked, limit: 100, offset: 100 })
  return [...idsOf(body), ...idsOf(rest.body)]
}

const idOf = (product: unknown) => (product as { id: number }).id
