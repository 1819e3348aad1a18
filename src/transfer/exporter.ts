import { setImmediate } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Product } from '../../schemas/product.js'
import { Listings } from '../catalog/listings.js'
import { follow, type ProductMemory } from '../catalog/product-memory.js'
import type { Query } from '../catalog/query.js'
import type { Database, Tables } from '../store/database.js'
import { FactStore } from '../store/facts.js'
import { SearchStore } from '../store/search.js'
import { CSV_HEADER, toCsv } from './csv.js'

/** Products that are read before others get their turn: a few milliseconds. */
const AT_ONCE = 100

export type Format = 'ndjson' | 'csv'

const formats: Record<Format, { header: string; write: (json: string) => string }> = {
  ndjson: { header: '', write: (json) => `${json}\n` },
  csv: { header: CSV_HEADER, write: (json) => toCsv(JSON.parse(json) as Product) }
}

/** What is exported, and how many products that are. It is to be ended, also where not all of it was read. */
export interface Export {
  total: number
  text: AsyncIterable<string>
  end(): Promise<void>
}

/**
 * The products that a query finds, in full and in its order, all as they are at one moment: what is written while they are
 * read is not among them.
 */
export async function exportProducts(
  database: Database,
  memory: ProductMemory,
  query: Omit<Query, 'limit'> & { limit: number | undefined },
  format: Format
): Promise<Export> {
  // Taken first: it is at the revision of the frozen database, or before.
  const before = await memory.index(0)
  const { db, end } = await database.freeze()
  try {
    const frozen = { ...database, read: db }
    const index = await follow(new FactStore(frozen), before)
    const listings = new Listings(memory, new SearchStore(frozen))
    const ids = await listings.ids(index, { ...query, limit: query.limit ?? Math.max(1, index.size) })
    return { total: ids.length, text: write(db, ids, format), end }
  } catch (error) {
    await end()
    throw error
  }
}

async function* write(db: Kysely<Tables>, ids: Uint32Array, format: Format): AsyncGenerator<string> {
  const { header, write } = formats[format]
  yield header
  for (let i = 0; i < ids.length; i += AT_ONCE) {
    const some = [...ids.subarray(i, i + AT_ONCE)]
    const rows = await db.selectFrom('product_text').select(['id', 'product_json']).where('id', 'in', some).execute()
    const texts = new Map(rows.map((row) => [row.id, row.product_json]))
    yield some.map((id) => write(texts.get(id) as string)).join('')
    await setImmediate()
  }
}
