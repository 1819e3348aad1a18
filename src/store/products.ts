import { setImmediate } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import type { Category } from '../../schemas/category.js'
import type { Product } from '../../schemas/product.js'
import type { Json } from '../../schemas/responses.js'
import { toSortKey } from '../catalog/words.js'
import { type Database, now, type Tables } from './database.js'
import { type FullText, spelledWords, toSearchDocument } from './full-text.js'

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

/** Rows that one statement handles. */
const CHUNK = 200
/** Rows of which only the id is read at once. */
const IDS = 2000

/** The way in which the columns of `product` and the search index are made from products. Grows with every change of it. */
const DERIVATION = 1

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
        .selectFrom('product')
        .innerJoin('product_text', 'product_text.id', 'product.id')
        .select(['product_json', 'revision'])
        .where('product.id', '=', id)
        .executeTakeFirst()
      return { json: row?.product_json as Json<Product> | undefined, changed: row?.revision ?? 0 }
    })
  }

  /** The categories that hold products, by slug, with how many they hold. */
  async categories(): Promise<Dated<{ categories: Pick<Category, 'slug' | 'products'>[] }>> {
    return await dated(this.#db, async (db) => {
      const categories = await db
        .selectFrom('product')
        .select(['category as slug', (select) => select.fn.countAll<number>().as('products')])
        .groupBy('category')
        .orderBy('category')
        .execute()
      return { categories }
    })
  }

  /** The number of products. */
  async count(): Promise<Dated<{ products: number }>> {
    return await dated(this.#db, async (db) => {
      return await db
        .selectFrom('product')
        .select((select) => select.fn.countAll<number>().as('products'))
        .executeTakeFirstOrThrow()
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

  /**
   * Makes anew what is made from the products, where it was made in another way: by an older release, or not at all.
   */
  async derive(): Promise<void> {
    const made = await this.#db.read.selectFrom('catalog').select('derivation').executeTakeFirstOrThrow()
    if (made.derivation === DERIVATION) return
    await this.#db.write.transaction().execute(async (db) => {
      // The row is locked from here to the commit: of several processes that start together, one does it.
      const { derivation } = await db
        .updateTable('catalog')
        .set((eb) => ({ derivation: eb.ref('derivation') }))
        .returning('derivation')
        .executeTakeFirstOrThrow()
      if (derivation === DERIVATION) return
      const vocabulary = new Set<string>()
      for await (const ids of allIds(db, CHUNK)) {
        const rows = await db
          .selectFrom('product')
          .innerJoin('product_text', 'product_text.id', 'product.id')
          .select(['product_json', 'source_hash', 'revision'])
          .where('product.id', 'in', ids)
          .execute()
        await forget(db, this.#db.fullText, ids)
        const derived = rows.map((row) => ({
          product: JSON.parse(row.product_json) as Product,
          hash: row.source_hash,
          revision: row.revision
        }))
        await derive(db, this.#db.fullText, derived, vocabulary)
      }
      await db.updateTable('catalog').set({ derivation: DERIVATION }).execute()
    })
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
    const texts = rows.map(({ product, summaryJson, productJson }) => ({
      id: product.id,
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

/** A product with what is stored of it beside its text. */
interface Derived {
  product: Product
  hash: string
  revision: number
}

/** Writes all that products are found by. */
async function derive(
  db: Transaction<Tables>,
  fullText: FullText,
  rows: readonly Derived[],
  vocabulary: Set<string>
): Promise<void> {
  await db.insertInto('product').values(rows.map(toColumns)).execute()
  const tags = rows.flatMap(({ product }) => [...new Set(product.tags)].map((tag) => ({ tag, product_id: product.id })))
  for (const chunk of chunks(tags, CHUNK)) await db.insertInto('product_tag').values(chunk).execute()
  const documents = rows.map(({ product }) => toSearchDocument(product))
  await fullText.put(db, documents)
  const words = [...spelledWords(documents)].filter((word) => !vocabulary.has(word))
  for (const chunk of chunks(words, CHUNK)) await fullText.learn(db, chunk)
  for (const word of words) vocabulary.add(word)
}

/** Removes all that products are found by. */
async function forget(db: Transaction<Tables>, fullText: FullText, ids: readonly number[]): Promise<void> {
  await db.deleteFrom('product').where('id', 'in', ids).execute()
  await db.deleteFrom('product_tag').where('product_id', 'in', ids).execute()
  await fullText.remove(db, ids)
}

const toColumns = ({ product, hash, revision }: Derived): Tables['product'] => ({
  id: product.id,
  sku: product.sku,
  title_key: toSortKey(product.title),
  category: product.category,
  brand: product.brand ?? null,
  // Rounded, not cut: 19.99 * 100 is 1998.9999999999998.
  price: Math.round(product.price * 100),
  discount: product.discountPercentage,
  rating: product.rating,
  stock: product.stock,
  availability: product.availability,
  created_at: product.createdAt,
  source_hash: hash,
  revision
})

function differingFields(before: Product, after: Product): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof Product>
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
}

/** The ids of all products, a number at a time. Between them other work gets its turn. */
async function* allIds(db: Kysely<Tables>, size: number): AsyncGenerator<number[]> {
  let last = 0
  for (;;) {
    const rows = await db.selectFrom('product').select('id').where('id', '>', last).orderBy('id').limit(size).execute()
    if (rows.length === 0) return
    last = rows.at(-1)?.id as number
    yield rows.map((row) => row.id)
    await setImmediate()
  }
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size)
}
