import { type Kysely, sql } from 'kysely'
import type { CatalogVersion } from '../products/catalog-version.js'
import type { StoredCategories } from '../products/category-tree.js'
import type { IndexChanges, IndexEntry } from '../products/index-entry.js'
import { readCategories } from './categories.js'
import { CATEGORIES } from './change-log.js'
import { readRetainedRange } from './change-store.js'
import type { Database } from './database.js'
import { readAtRevision } from './products.js'
import type { Tables } from './tables.js'

/** Number of index entries per query, which then takes a few milliseconds. */
const ENTRIES_PER_QUERY = 1000
/** Number of summaries per query. */
const SUMMARIES_PER_QUERY = 1000
/** Maximum number of changed products to read by id. If more have changed, reading all products is faster. */
const CHANGES_MAX = 2000

/** The changes between two equal versions. */
const NOTHING = { touched: [] as number[], entries: [] as IndexEntry[], categories: undefined }

/** The summary of a product, and the change that last touched it. */
export interface SummaryText {
  revision: number
  /** Rendered JSON. */
  summary: string
}

/** Reads the entries of the index and the summaries of products. */
export class IndexStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Returns the current version of the catalog. */
  async version(): Promise<CatalogVersion> {
    return await this.#db.read.selectFrom('catalog').select(['epoch', 'revision']).executeTakeFirstOrThrow()
  }

  /** Reads all entries in batches, ordered by id. Batches may see different revisions. */
  async *all(): AsyncGenerator<IndexEntry[]> {
    let last = 0
    for (;;) {
      const chunk = sql`(select id, revision, facts from product where id > ${last} order by id limit ${ENTRIES_PER_QUERY}) as chunk`
      const entries = await readEntries(this.#db.read, chunk)
      if (entries.length === 0) return
      // The engines do not guarantee the order of aggregated rows.
      entries.sort((a, b) => a[0] - b[0])
      last = entries.at(-1)?.[0] as number
      yield entries
    }
  }

  /**
   * Returns the changes since a version of the catalog. Returns undefined if the caller must read all products: too many have changed, the
   * change log does not reach back that far, or a backup was restored.
   */
  async changes(since: CatalogVersion): Promise<IndexChanges | undefined> {
    const changes = await readAtRevision(this.#db, async (db, at) => {
      if (since.epoch !== at.epoch) return { ...NOTHING, touched: undefined }
      if (since.revision === at.revision) return NOTHING
      const { oldest } = await readRetainedRange(db)
      if (since.revision < oldest - 1) return { ...NOTHING, touched: undefined }
      const rows = await db
        .selectFrom('change')
        .select('product_id')
        .distinct()
        .where('revision', '>', since.revision)
        .limit(CHANGES_MAX + 1)
        .execute()
      if (rows.length > CHANGES_MAX) return { ...NOTHING, touched: undefined }
      const touched = rows.map(({ product_id }) => product_id).filter((id) => id !== CATEGORIES)
      const categories = touched.length < rows.length ? await readCategories(db) : undefined
      const entries = touched.length > 0 ? await readEntries(db, sql`product where id in (${sql.join(touched)})`) : []
      return { touched, entries, categories }
    })
    const { revision, touched, entries, categories } = changes
    if (!touched) return undefined
    const existingIds = new Set(entries.map(([id]) => id))
    return { revision, entries, removedIds: touched.filter((id) => !existingIds.has(id)), categories }
  }

  /** Reads what is known about categories besides the products in them. */
  async categories(): Promise<StoredCategories> {
    return await readCategories(this.#db.read)
  }

  /** Reads the summaries of products by id. Omits unknown ids. */
  async texts(ids: readonly number[]): Promise<Map<number, SummaryText>> {
    return await readTexts(this.#db.read, sql`product_text where id in (${sql.join(ids)})`)
  }

  /** Reads all summaries in batches. Batches may see different revisions. */
  async *allTexts(): AsyncGenerator<Map<number, SummaryText>> {
    let last = 0
    for (;;) {
      const chunk = sql`(select id, revision, summary_json from product_text where id > ${last} order by id
        limit ${SUMMARIES_PER_QUERY}) as chunk`
      const texts = await readTexts(this.#db.read, chunk)
      if (texts.size === 0) return
      for (const id of texts.keys()) last = Math.max(last, id)
      yield texts
    }
  }
}

/** Reads many entries as one JSON string, which is several times faster than reading rows. */
async function readEntries(db: Kysely<Tables>, from: ReturnType<typeof sql>): Promise<IndexEntry[]> {
  const { rows } = await sql<{ entries: string | null }>`
    select string_agg('[' || id || ',' || revision || ',' || facts || ']', ',') as entries from ${from}`.execute(db)
  return JSON.parse(`[${rows[0]?.entries ?? ''}]`)
}

async function readTexts(db: Kysely<Tables>, from: ReturnType<typeof sql>): Promise<Map<number, SummaryText>> {
  const { rows } = await sql<{ lines: string | null }>`
    select string_agg(id || ' ' || revision || ' ' || summary_json, ${sql.lit('\n')}) as lines from ${from}`.execute(db)
  const texts = new Map<number, SummaryText>()
  for (const line of rows[0]?.lines?.split('\n') ?? []) {
    const first = line.indexOf(' ')
    const second = line.indexOf(' ', first + 1)
    const revision = Number(line.slice(first + 1, second))
    texts.set(Number(line.slice(0, first)), { revision, summary: line.slice(second + 1) })
  }
  return texts
}
