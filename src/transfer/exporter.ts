import type { Kysely } from 'kysely'
import { Listings } from '../catalog/listings.js'
import { type ProductMemory, updateIndex } from '../catalog/product-memory.js'
import type { CategoryTree } from '../products/category-tree.js'
import { toVersionTag } from '../products/entity-tags.js'
import type { Query } from '../products/query.js'
import type { Database } from '../store/database.js'
import { IndexStore } from '../store/index-store.js'
import { SearchStore } from '../store/search.js'
import type { Tables } from '../store/tables.js'
import { TimeSlice } from '../support/time-slice.js'
import { type Format, formats } from './export-formats.js'

/** Products per query of sizes. */
const SIZES_BATCH = 1000
/** Maximum number of products, and bytes of their JSON, per query. Each query takes a few milliseconds. */
const BATCH_PRODUCTS = 100
const BATCH_BYTES = 1_000_000
/** Characters after which a part of the file ends. */
const TEXT_MAX = 1_000_000

/** An export in progress. It keeps a snapshot of the database open until `close` is called. */
export interface ExportStream {
  /** Number of products. */
  total: number
  text: AsyncIterable<string>
  close(): Promise<void>
}

/**
 * Exports the complete products that match a query, in its order. All are read from one snapshot of the database, so the export does not
 * contain later changes.
 * @param query Without a limit, all matching products are exported.
 */
export async function exportProducts(
  database: Database,
  memory: ProductMemory,
  query: Omit<Query, 'limit'> & { limit: number | undefined },
  format: Format
): Promise<ExportStream> {
  // Read before the snapshot is opened, so that it is not newer than the snapshot.
  const earlierIndex = await memory.index(0)
  const { db, close } = await database.openSnapshot()
  try {
    const snapshot = { ...database, read: db, search: db }
    const index = await updateIndex(new IndexStore(snapshot), earlierIndex)
    const listings = new Listings(memory, new SearchStore(snapshot))
    const ids = await listings.ids(index, { ...query, limit: query.limit ?? Math.max(1, index.size) })
    return { total: ids.length, text: toText(db, ids, format, index.categories), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function* toText(
  db: Kysely<Tables>,
  ids: Uint32Array,
  format: Format,
  categories: CategoryTree
): AsyncGenerator<string> {
  const { header, footer, toRows } = formats[format]
  const { epoch } = await db.selectFrom('catalog').select('epoch').executeTakeFirstOrThrow()
  const slice = new TimeSlice()
  yield header
  for await (const batch of toBatches(db, ids)) {
    const rows = await db
      .selectFrom('product_text')
      .select(['id', 'product_json', 'revision'])
      .where('id', 'in', batch)
      .execute()
    const rowsById = new Map(rows.map((row) => [row.id, row]))
    let text = ''
    for (const id of batch) {
      const { product_json, revision } = rowsById.get(id) as (typeof rows)[number]
      for (const row of toRows(product_json, toVersionTag(epoch, revision), categories)) {
        text += row
        // The items of variants repeat the texts of the product.
        if (text.length > TEXT_MAX) {
          yield text
          text = ''
        }
        await slice.turn()
      }
    }
    yield text
    await slice.turn()
  }
  yield footer
}

/** Splits ids into batches whose products fit into memory: a product of a source can have megabytes of reviews. */
async function* toBatches(db: Kysely<Tables>, ids: Uint32Array): AsyncGenerator<number[]> {
  let batch: number[] = []
  let bytes = 0
  for (let i = 0; i < ids.length; i += SIZES_BATCH) {
    const chunk = [...ids.subarray(i, i + SIZES_BATCH)]
    const rows = await db
      .selectFrom('product_text')
      .select((eb) => ['id', eb.fn<number>('octet_length', ['product_json']).as('size')])
      .where('id', 'in', chunk)
      .execute()
    const sizes = new Map(rows.map(({ id, size }) => [id, size]))
    for (const id of chunk) {
      const size = sizes.get(id) as number
      if (batch.length === BATCH_PRODUCTS || (batch.length > 0 && bytes + size > BATCH_BYTES)) {
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
