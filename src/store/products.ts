import type { Kysely, Transaction } from 'kysely'
import type { Product } from '../../schemas/product.js'
import type { Json } from '../../schemas/responses.js'
import { type Database, now, type Tables } from './database.js'
import { allIds, CHUNK, chunks, derive, forget } from './derived.js'

/** A product, ready to be stored. */
export interface ProductRow {
  product: Product
  summaryJson: string
  productJson: string
  hash: string
}

/** What was read, and the revision that it was read at. */
export type Dated<T> = T & { revision: number }

/** How many products a set of rows created, changed and removed. */
export interface Difference {
  created: number
  updated: number
  deleted: number
}

/** Rows of which only the id is read at once. */
const IDS = 2000

/** The products and their change log. */
export class ProductStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** The product in full, with the change that last touched it; no JSON where there is no such product. */
  async product(id: number): Promise<Dated<{ json: Json<Product> | undefined; changed: number }>> {
    return await dated(this.#db, async (db) => {
      const row = await db
        .selectFrom('product_text')
        .select(['product_json', 'revision'])
        .where('id', '=', id)
        .executeTakeFirst()
      return { json: row?.product_json as Json<Product> | undefined, changed: row?.revision ?? 0 }
    })
  }

  /** Those of the rows that are not stored as they are. */
  async differing(rows: readonly ProductRow[]): Promise<ProductRow[]> {
    return await differing(this.#db.read, rows)
  }

  /**
   * Makes the catalog hold exactly these products, in one transaction: each that is new, differs or is missing appends a
   * change. No product is written that does not differ.
   * @param kept The ids of all of them.
   * @param changed Those that may differ from what is stored.
   * @param alongside What else is to be written in that transaction. Where it answers false, all stays as it is.
   */
  async replaceAll(
    kept: ReadonlySet<number>,
    changed: AsyncIterable<ProductRow[]> | Iterable<ProductRow[]>,
    origin: string,
    alongside: (db: Transaction<Tables>) => Promise<boolean>
  ): Promise<Difference> {
    const gone = await this.#missing(kept)
    const difference = { created: 0, updated: 0, deleted: 0 }
    await this.#db.write.transaction().execute(async (db) => {
      const log = await openLog(db, origin)
      if (!(await alongside(db))) return
      for await (const rows of changed) {
        for (const chunk of chunks(rows, CHUNK)) {
          const { created, updated } = await this.#put(db, await differing(db, chunk), log)
          difference.created += created
          difference.updated += updated
        }
      }
      for (const chunk of chunks(gone, CHUNK)) difference.deleted += await this.#remove(db, chunk, log)
      await closeLog(db, log)
    })
    return difference
  }

  /** Writes rows, all of which differ from what is stored. */
  async #put(db: Transaction<Tables>, rows: readonly ProductRow[], log: Log): Promise<Omit<Difference, 'deleted'>> {
    if (rows.length === 0) return { created: 0, updated: 0 }
    const ids = rows.map((row) => row.product.id)
    const before = await db.selectFrom('product_text').select(['id', 'product_json']).where('id', 'in', ids).execute()
    const known = new Map(before.map((row) => [row.id, JSON.parse(row.product_json) as Product]))
    const changes = rows.map(({ product }) => {
      const old = known.get(product.id)
      return {
        revision: log.next++,
        product_id: product.id,
        kind: old ? ('updated' as const) : ('created' as const),
        fields: JSON.stringify(old ? differingFields(old, product) : []),
        origin: log.origin,
        at: log.at
      }
    })
    await db.insertInto('change').values(changes).execute()
    if (known.size > 0) {
      await db.deleteFrom('product_text').where('id', 'in', ids).execute()
      await forget(db, this.#db.fullText, [...known.keys()])
    }
    const texts = rows.map(({ product, summaryJson, productJson }, i) => ({
      id: product.id,
      revision: changes[i]?.revision as number,
      summary_json: summaryJson,
      product_json: productJson
    }))
    await db.insertInto('product_text').values(texts).execute()
    const derived = rows.map(({ product, hash }, i) => ({ product, hash, revision: changes[i]?.revision as number }))
    await derive(db, this.#db.fullText, derived, log.vocabulary)
    return { created: rows.length - known.size, updated: known.size }
  }

  /** Removes those of the products that there are, and tells how many there were. */
  async #remove(db: Transaction<Tables>, ids: readonly number[], log: Log): Promise<number> {
    const there = await db.selectFrom('product').select('id').where('id', 'in', ids).execute()
    if (there.length === 0) return 0
    const changes = there.map(({ id }) => ({
      revision: log.next++,
      product_id: id,
      kind: 'deleted' as const,
      fields: '[]',
      origin: log.origin,
      at: log.at
    }))
    await db.insertInto('change').values(changes).execute()
    await db.deleteFrom('product_text').where('id', 'in', ids).execute()
    await forget(db, this.#db.fullText, ids)
    return there.length
  }

  /** The ids of the stored products that are not among those kept. */
  async #missing(kept: ReadonlySet<number>): Promise<number[]> {
    const missing: number[] = []
    for await (const ids of allIds(this.#db.read, IDS)) missing.push(...ids.filter((id) => !kept.has(id)))
    return missing
  }
}

/** Reads several things of the same moment. */
export async function dated<T extends object>(
  { read }: Database,
  query: (db: Transaction<Tables>, revision: number) => Promise<T>
): Promise<Dated<T>> {
  return await read
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (db) => {
      const { revision } = await db.selectFrom('catalog').select('revision').executeTakeFirstOrThrow()
      return { revision, ...(await query(db, revision)) }
    })
}

/** The changes that a transaction appends. */
interface Log {
  origin: string
  at: string
  /** The revision that the next change gets. */
  next: number
  /** Words that the transaction has already added to the vocabulary. */
  vocabulary: Set<string>
}

async function openLog(db: Transaction<Tables>, origin: string): Promise<Log> {
  // The row is locked from here to the commit, so that revisions become visible in their order.
  const { revision } = await db
    .updateTable('catalog')
    .set((eb) => ({ revision: eb.ref('revision') }))
    .returning('revision')
    .executeTakeFirstOrThrow()
  return { origin, at: now(), next: revision + 1, vocabulary: new Set() }
}

async function closeLog(db: Transaction<Tables>, { next }: Log): Promise<void> {
  await db
    .updateTable('catalog')
    .set({ revision: next - 1 })
    .where('revision', '<', next - 1)
    .execute()
}

async function differing(db: Kysely<Tables>, rows: readonly ProductRow[]): Promise<ProductRow[]> {
  if (rows.length === 0) return []
  const ids = rows.map((row) => row.product.id)
  const stored = await db.selectFrom('product').select(['id', 'source_hash']).where('id', 'in', ids).execute()
  const hashes = new Map(stored.map((row) => [row.id, row.source_hash]))
  return rows.filter((row) => hashes.get(row.product.id) !== row.hash)
}

function differingFields(before: Product, after: Product): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof Product>
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
}
