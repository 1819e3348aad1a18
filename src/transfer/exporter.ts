import type { Kysely } from 'kysely'
import type { Product } from '../../schemas/product.js'
import { Listings } from '../catalog/listings.js'
import { type ProductMemory, updateIndex } from '../catalog/product-memory.js'
import type { Query } from '../products/query.js'
import type { Database } from '../store/database.js'
import { IndexStore } from '../store/index-store.js'
import { SearchStore } from '../store/search.js'
import type { Tables } from '../store/tables.js'
import { TimeSlice } from '../support/time-slice.js'
import { CSV_HEADER, toCsv } from './csv.js'

/** Products of which the sizes are read at once, and products and bytes of JSON that are read at once: a few milliseconds. */
const SIZES = 1000
const AT_ONCE = 100
const BYTES_AT_ONCE = 1_000_000

export type Format = 'ndjson' | 'csv'

const formats: Record<Format, { header: string; write: (json: string) => string }> = {
  ndjson: { header: '', write: (json) => `${json}\n` },
  csv: { header: CSV_HEADER, write: (json) => toCsv(JSON.parse(json) as Product) }
}

/** What is exported, and how many products that are. It is to be ended, also where not all of it was read. */
export interface ExportStream {
  total: number
  text: AsyncIterable<string>
  close(): Promise<void>
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
): Promise<ExportStream> {
  // Taken first: it is at the revision of the frozen database, or before.
  const before = await memory.index(0)
  const { db, close: end } = await database.openSnapshot()
  try {
    const frozen = { ...database, read: db, search: db }
    const index = await updateIndex(new IndexStore(frozen), before)
    const listings = new Listings(memory, new SearchStore(frozen))
    const ids = await listings.ids(index, { ...query, limit: query.limit ?? Math.max(1, index.size) })
    return { total: ids.length, text: write(db, ids, format), close: end }
  } catch (error) {
    await end()
    throw error
  }
}

async function* write(db: Kysely<Tables>, ids: Uint32Array, format: Format): AsyncGenerator<string> {
  const { header, write } = formats[format]
  const slice = new TimeSlice()
  yield header
  for await (const some of batches(db, ids)) {
    const rows = await db.selectFrom('product_text').select(['id', 'product_json']).where('id', 'in', some).execute()
    const texts = new Map(rows.map((row) => [row.id, row.product_json]))
    let text = ''
    for (const id of some) {
      text += write(texts.get(id) as string)
      await slice.turn()
    }
    yield text
    await slice.turn()
  }
}

/** The ids in batches whose products fit into memory: one of a source may have megabytes of reviews. */
async function* batches(db: Kysely<Tables>, ids: Uint32Array): AsyncGenerator<number[]> {
  let batch: number[] = []
  let bytes = 0
  for (let i = 0; i < ids.length; i += SIZES) {
    const some = [...ids.subarray(i, i + SIZES)]
    const rows = await db
      .selectFrom('product_text')
      .select((eb) => ['id', eb.fn<number>('octet_length', ['product_json']).as('size')])
      .where('id', 'in', some)
      .execute()
    const sizes = new Map(rows.map(({ id, size }) => [id, size]))
    for (const id of some) {
      const size = sizes.get(id) as number
      if (batch.length === AT_ONCE || (batch.length > 0 && bytes + size > BYTES_AT_ONCE)) {
        yield batch
        batch = []
        bytes = 0
      }
      batch.push(id)
      bytes += size
    }
  }
  if (batch.length > 0) yield batch
}
