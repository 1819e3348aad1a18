import { CompiledQuery, type Kysely, type KyselyPlugin, sql } from 'kysely'
import { IndexStore } from '../../src/store/index-store.js'
import { openDatabase } from '../../src/store/open-database.js'
import { ProductStore } from '../../src/store/products.js'
import { SearchStore } from '../../src/store/search.js'
import type { Tables } from '../../src/store/tables.js'
import { startApp } from '../helpers/app.js'
import { onEachEngine } from '../helpers/engines.js'
import { sourceProduct } from '../helpers/products.js'

/** Enough products to make a full scan show in the query plan. */
const many = Array.from({ length: 3000 }, (_, i) =>
  sourceProduct(i + 1, { title: `Thing ${i % 700}`, tags: [`tag ${i % 75}`] })
)

onEachEngine('no statement of a request scans all products', async (t, engine) => {
  const app = await startApp(t, { products: many })
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  const compiled: CompiledQuery[] = []
  const recorder: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      compiled.push(database.read.getExecutor().compileQuery(node, queryId))
      return node
    },
    transformResult: async ({ result }) => result
  }
  const observed = {
    ...database,
    read: database.read.withPlugin(recorder),
    search: database.search.withPlugin(recorder)
  }
  const [indexStore, search, products] = [
    new IndexStore(observed),
    new SearchStore(observed),
    new ProductStore(observed)
  ]
  const { epoch, revision } = await indexStore.version()
  const queries: Record<string, () => Promise<unknown>> = {
    'all products, in batches': async () => (await indexStore.all().next()).value,
    'all texts': async () => (await indexStore.allTexts().next()).value,
    changes: () => indexStore.changes({ epoch, revision: revision - 5 }),
    'texts of a page': () => indexStore.texts([1, 5, 9]),
    'a product': () => products.product(7),
    'a word': () => search.search([['thing'], ['77']], revision),
    'a misspelled word': () => search.correct([['thign']], revision, false),
    'a misspelled word, for readers': () => search.correct([['thign']], revision, true)
  }

  for (const [name, query] of Object.entries(queries)) {
    compiled.length = 0
    await query()
    const statements = compiled.filter(
      ({ sql }) => sql.includes('product') || sql.includes('search') || sql.includes('word')
    )
    t.ok(statements.length > 0, name)
    for (const statement of statements) t.notMatch(await explainers[engine](database.read, statement), fullScan, name)
  }
})

/** Matches a query plan that reads a whole table. */
const fullScan = /SCAN (product|product_text|change|word)$|Seq Scan on (product|product_text|change|search|word)/m

const explainers = {
  async SQLite(db: Kysely<Tables>, { sql, parameters }: CompiledQuery): Promise<string> {
    const { rows } = await db.executeQuery<{ id: number; parent: number; detail: string }>(
      CompiledQuery.raw(`explain query plan ${sql}`, [...parameters])
    )
    const nameOf = new Map(rows.map(({ id, detail }) => [id, detail.split(' ').at(-1)]))
    return rows.map(({ parent, detail }) => `${nameOf.get(parent) ?? 'top'}: ${detail}`).join('\n')
  },

  /** PostgreSQL uses indexes on such small tables only if sequential scans are disabled. */
  async PostgreSQL(db: Kysely<Tables>, { sql: text, parameters }: CompiledQuery): Promise<string> {
    return await db.transaction().execute(async (db) => {
      await sql`set local enable_seqscan = off`.execute(db)
      const { rows } = await db.executeQuery<{ 'QUERY PLAN': string }>(
        CompiledQuery.raw(`explain (costs off) ${text}`, [...parameters])
      )
      return rows.map((row) => row['QUERY PLAN']).join('\n')
    })
  }
}
