import { setImmediate } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import type { Category } from '../../schemas/category.js'
import type { Product, ProductPage } from '../../schemas/product.js'
import type { Json } from '../../schemas/responses.js'
import { type Database, now, type Tables } from './database.js'

/** A product, ready to be stored. */
export interface ProductRow {
  product: Product
  /** In minor units. */
  price: number
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

/** Rows that one statement handles. After each the event loop is let go on, as SQLite's calls hold it up. */
const CHUNK = 200

/** The products and their change log. */
export class ProductStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** One page in the order of the ids, with the number of all products. */
  async page({
    limit,
    offset
  }: {
    limit: number
    offset: number
  }): Promise<Dated<{ json: Json<ProductPage>; total: number }>> {
    return await this.#read(async (db) => {
      const total = await count(db)
      const rows = await db
        .selectFrom('product')
        .select('summary_json')
        .orderBy('id')
        .limit(limit)
        .offset(offset)
        .execute()
      const products = rows.map((row) => row.summary_json).join(',')
      const json = `{"products":[${products}],"total":${total},"limit":${limit},"offset":${offset}}`
      return { json: json as Json<ProductPage>, total }
    })
  }

  /** The product in full, with the change that last touched it; no JSON where there is no such product. */
  async product(id: number): Promise<Dated<{ json: Json<Product> | undefined; changed: number }>> {
    return await this.#read(async (db) => {
      const row = await db
        .selectFrom('product')
        .select(['product_json', 'revision'])
        .where('id', '=', id)
        .executeTakeFirst()
      return { json: row?.product_json as Json<Product> | undefined, changed: row?.revision ?? 0 }
    })
  }

  /** The categories that hold products, by slug, with how many they hold. */
  async categories(): Promise<Dated<{ categories: Pick<Category, 'slug' | 'products'>[] }>> {
    return await this.#read(async (db) => {
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
    return await this.#read(async (db) => ({ products: await count(db) }))
  }

  /** Reads several things of the same moment. */
  async #read<T extends object>(read: (db: Transaction<Tables>) => Promise<T>): Promise<Dated<T>> {
    return await this.#db.read.transaction().execute(async (db) => {
      const { revision } = await db.selectFrom('catalog').select('revision').executeTakeFirstOrThrow()
      return { revision, ...(await read(db)) }
    })
  }

  /**
   * Makes the catalog hold exactly these products, in one transaction: each that is new, differs or is missing appends a
   * change. No product is written that does not differ.
   * @param alongside What else is to be written in that transaction. Where it answers false, all stays as it is.
   */
  async replaceAll(
    rows: readonly ProductRow[],
    origin: string,
    alongside: (db: Transaction<Tables>) => Promise<boolean>
  ): Promise<Difference> {
    return await this.#db.write.transaction().execute(async (db) => {
      if (!(await alongside(db))) return { created: 0, updated: 0, deleted: 0 }
      const stored = await db.selectFrom('product').select(['id', 'source_hash']).execute()
      const hashes = new Map(stored.map((row) => [row.id, row.source_hash]))
      const changed = rows.filter((row) => hashes.get(row.product.id) !== row.hash)
      const kept = new Set(rows.map((row) => row.product.id))
      const gone = stored.map((row) => row.id).filter((id) => !kept.has(id))
      const changes = changed.length + gone.length
      const updated = changed.filter((row) => hashes.has(row.product.id)).length
      const difference = { created: changed.length - updated, updated, deleted: gone.length }
      if (changes === 0) return difference

      // Before the rest: the row is locked until the commit, so that revisions become visible in their order.
      const { revision } = await db
        .updateTable('catalog')
        .set((eb) => ({ revision: eb('revision', '+', changes) }))
        .returning('revision')
        .executeTakeFirstOrThrow()
      const log = { origin, at: now(), next: revision - changes + 1 }
      for (const chunk of chunks(changed)) await put(db, chunk, log)
      for (const chunk of chunks(gone)) await remove(db, chunk, log)
      return difference
    })
  }
}

interface Log {
  origin: string
  at: string
  /** The revision that the next change gets. */
  next: number
}

async function put(db: Transaction<Tables>, rows: ProductRow[], log: Log): Promise<void> {
  const before = await db
    .selectFrom('product')
    .select(['id', 'product_json'])
    .where(
      'id',
      'in',
      rows.map((row) => row.product.id)
    )
    .execute()
  const old = new Map(before.map((row) => [row.id, JSON.parse(row.product_json) as Product]))
  const changes = rows.map(({ product }) => {
    const known = old.get(product.id)
    return {
      revision: log.next++,
      product_id: product.id,
      kind: known ? ('updated' as const) : ('created' as const),
      fields: JSON.stringify(known ? differingFields(known, product) : []),
      origin: log.origin,
      at: log.at
    }
  })
  await db.insertInto('change').values(changes).execute()
  await db
    .deleteFrom('product')
    .where(
      'id',
      'in',
      rows.map((row) => row.product.id)
    )
    .execute()
  await db
    .insertInto('product')
    .values(rows.map((row, i) => toColumns(row, changes[i]?.revision as number)))
    .execute()
  await setImmediate()
}

async function remove(db: Transaction<Tables>, ids: number[], log: Log): Promise<void> {
  const changes = ids.map((id) => ({
    revision: log.next++,
    product_id: id,
    kind: 'deleted' as const,
    fields: '[]',
    origin: log.origin,
    at: log.at
  }))
  await db.insertInto('change').values(changes).execute()
  await db.deleteFrom('product').where('id', 'in', ids).execute()
  await setImmediate()
}

function toColumns(
  { product, price, summaryJson, productJson, hash }: ProductRow,
  revision: number
): Tables['product'] {
  return {
    id: product.id,
    sku: product.sku,
    title: product.title,
    category: product.category,
    brand: product.brand ?? null,
    price,
    discount: product.discountPercentage,
    rating: product.rating,
    stock: product.stock,
    availability: product.availability,
    created_at: product.createdAt,
    summary_json: summaryJson,
    product_json: productJson,
    source_hash: hash,
    revision
  }
}

function differingFields(before: Product, after: Product): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof Product>
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
}

async function count(db: Transaction<Tables>): Promise<number> {
  const row = await db
    .selectFrom('product')
    .select((select) => select.fn.countAll<number>().as('products'))
    .executeTakeFirstOrThrow()
  return row.products
}

function* chunks<T>(items: readonly T[]): Generator<T[]> {
  for (let i = 0; i < items.length; i += CHUNK) yield items.slice(i, i + CHUNK)
}
