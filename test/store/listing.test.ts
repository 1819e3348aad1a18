import { CompiledQuery, type Kysely, type KyselyPlugin, sql } from 'kysely'
import type { Test } from 'tap'
import type { ProductQuery } from '../../schemas/product.js'
import { toQuery } from '../../src/catalog/query.js'
import { openDatabase, type Tables } from '../../src/store/database.js'
import { ListingStore } from '../../src/store/listing.js'
import { startApp } from '../helpers/app.js'
import { onEachEngine } from '../helpers/engines.js'
import { sourceProduct } from '../helpers/products.js'

/** Enough for it to matter what is read: of each category 100, of each brand 50, of each tag 40. */
const many = Array.from({ length: 3000 }, (_, i) =>
  sourceProduct(i + 1, {
    title: `Thing ${i % 700}`,
    category: `category-${i % 30}`,
    brand: `Brand ${i % 60}`,
    tags: [`tag ${i % 75}`],
    price: (i * 37) % 500,
    rating: (i % 50) / 10,
    discountPercentage: i % 40,
    stock: (i * 7) % 900,
    availabilityStatus: i % 20 === 0 ? 'Low Stock' : 'In Stock'
  })
)

/** What shops filter by, and what they sort by. */
const filters: ProductQuery[] = [
  { category: ['category-3'] },
  { category: ['category-3', 'category-4'] },
  { brand: ['Brand 7'] },
  { tag: ['tag 9'] },
  { availability: ['low-stock'] },
  { minPrice: 100, maxPrice: 110 },
  { category: ['category-3'], minPrice: 100, maxPrice: 300 },
  { category: ['category-3'], brand: ['Brand 3'], availability: ['in-stock'] },
  { brand: ['Brand 7'], minRating: 2 },
  { q: 'thing 77' },
  { q: 'thing 77', category: ['category-3'] },
  { ids: [1, 5, 9] }
]
const sorts = ['price', '-price', 'title', '-rating', '-discount', '-stock', '-createdAt']

onEachEngine('no query that a shop asks looks at every product', async (t, engine) => {
  const { explain } = await prepare(t, engine)

  for (const query of filters) {
    const plans = await explain(query)
    t.ok(plans.length > 0)
    for (const plan of plans) t.notMatch(plan, fullScan, JSON.stringify(query))
  }
})

onEachEngine('what is sorted by is read in its order, in the whole catalog and in a category', async (t, engine) => {
  const { explain } = await prepare(t, engine)

  for (const sort of sorts) {
    for (const query of [{ sort }, { sort, category: ['category-3'] }]) {
      const page = (await explain(query)).at(-1) as string
      t.notMatch(page, fullScan, JSON.stringify(query))
      t.notMatch(page, sorting[engine], JSON.stringify(query))
      t.match(page, /product_(category_)?\w+_(order|filter)/)
    }
  }
})

onEachEngine('where most products are wanted, they are read in order until there are enough', async (t, engine) => {
  const { explain, app } = await prepare(t, engine)
  const wanted = { availability: ['in-stock'], minPrice: 10, maxPrice: 490, sort: '-rating' } satisfies ProductQuery

  const page = (await explain(wanted)).at(-1) as string
  // PostgreSQL decides for itself, by statistics that it does not have yet.
  if (engine === 'SQLite') t.notMatch(page, sorting[engine])
  t.notMatch(page, fullScan)
  const { body } = await app.request('/products?availability=in-stock&minPrice=10&maxPrice=490&sort=-rating&limit=100')
  const expected = many
    .map((product) => product as { id: number; price: number; rating: number; availabilityStatus: string })
    .filter(({ price, availabilityStatus }) => price >= 10 && price <= 490 && availabilityStatus === 'In Stock')
    .sort((a, b) => b.rating - a.rating || a.id - b.id)
  t.equal(body.total, expected.length)
  t.strictSame(
    body.products.map(({ id }: { id: number }) => id),
    expected.slice(0, 100).map(({ id }) => id)
  )
})

/** A table that is read from its first row to its last. */
const fullScan = /SCAN product(_text|_tag)?$|Seq Scan on product/m
/** Products that are sorted by what they are to be sorted by, and not by their ids only, where the rest is equal. */
const sorting = { SQLite: /page: USE TEMP B-TREE FOR ORDER BY/, PostgreSQL: /Limit\n\s+-> {2}Sort\b/ }

async function prepare(t: Test, engine: 'SQLite' | 'PostgreSQL') {
  const app = await startApp(t, { products: many })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const { revision } = await database.read.selectFrom('catalog').select('revision').executeTakeFirstOrThrow()
  const asked: CompiledQuery[] = []
  const listen: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      asked.push(database.read.getExecutor().compileQuery(node, queryId))
      return node
    },
    transformResult: async ({ result }) => result
  }
  const read = database.read.withPlugin(listen)

  /** The plans of the statements that a query takes, the last one that of the page. */
  const explain = async (from: ProductQuery): Promise<string[]> => {
    asked.length = 0
    await new ListingStore({ ...database, read }).list(toQuery(from, 'key'), revision)
    const plans: string[] = []
    for (const query of asked) plans.push(await explainers[engine](database.read, query))
    return plans
  }
  return { explain, app }
}

const explainers = {
  async SQLite(db: Kysely<Tables>, { sql, parameters }: CompiledQuery): Promise<string> {
    const { rows } = await db.executeQuery<{ id: number; parent: number; detail: string }>(
      CompiledQuery.raw(`explain query plan ${sql}`, [...parameters])
    )
    const nameOf = new Map(rows.map(({ id, detail }) => [id, detail.split(' ').at(-1)]))
    return rows.map(({ parent, detail }) => `${nameOf.get(parent) ?? 'top'}: ${detail}`).join('\n')
  },

  /** With tables as small as these, an index is read only where it is made expensive not to. */
  async PostgreSQL(db: Kysely<Tables>, { sql: text, parameters }: CompiledQuery): Promise<string> {
    return await db.transaction().execute(async (db) => {
      await sql`set local enable_seqscan = off`.execute(db)
      await sql`set local enable_bitmapscan = off`.execute(db)
      const { rows } = await db.executeQuery<{ 'QUERY PLAN': string }>(
        CompiledQuery.raw(`explain (costs off) ${text}`, [...parameters])
      )
      return rows.map((row) => row['QUERY PLAN']).join('\n')
    })
  }
}
