import { setImmediate } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import type { Product } from '../../schemas/product.js'
import { toFacts } from '../catalog/facts.js'
import type { Database, Tables } from './database.js'
import { type FullText, spelledWords, toSearchDocument } from './full-text.js'

/** Rows that one statement handles. */
export const CHUNK = 200

/** The way in which what products are found by is made from them. Grows with every change of it. */
const DERIVATION = 2

/** A product with what is stored of it beside its text. */
export interface Derived {
  product: Product
  hash: string
  revision: number
}

/**
 * Makes anew what is made from the products, where it was made in another way: by an older release, or not at all.
 */
export async function rederive(database: Database): Promise<void> {
  const { fullText } = database
  const made = await database.read.selectFrom('catalog').select('derivation').executeTakeFirstOrThrow()
  if (made.derivation === DERIVATION) return
  await database.write.transaction().execute(async (db) => {
    // The row is locked from here to the commit: of several processes that start together, one does it.
    const { derivation } = await db
      .updateTable('catalog')
      .set((eb) => ({ derivation: eb.ref('derivation') }))
      .returning('derivation')
      .executeTakeFirstOrThrow()
    if (derivation === DERIVATION) return
    const vocabulary = new Set<string>()
    const page = (after: number) =>
      db.selectFrom('product').select('id').where('id', '>', after).orderBy('id').limit(CHUNK).execute()
    for await (const ids of allIds(page)) {
      const rows = await db
        .selectFrom('product')
        .innerJoin('product_text', 'product_text.id', 'product.id')
        .select(['product_json', 'source_hash', 'product.revision'])
        .where('product.id', 'in', ids)
        .execute()
      await forget(db, fullText, ids)
      const derived = rows.map((row) => ({
        product: JSON.parse(row.product_json) as Product,
        hash: row.source_hash,
        revision: row.revision
      }))
      await derive(db, fullText, derived, vocabulary)
    }
    await db.updateTable('catalog').set({ derivation: DERIVATION }).execute()
  })
}

/** Writes all that products are found by. */
export async function derive(
  db: Transaction<Tables>,
  fullText: FullText,
  rows: readonly Derived[],
  vocabulary: Set<string>
): Promise<void> {
  await db.insertInto('product').values(rows.map(toRow)).execute()
  const documents = rows.map(({ product }) => toSearchDocument(product))
  await fullText.put(db, documents)
  const words = [...spelledWords(documents)].filter((word) => !vocabulary.has(word))
  for (const chunk of chunks(words, CHUNK)) await fullText.learn(db, chunk)
  for (const word of words) vocabulary.add(word)
}

/** Removes all that products are found by. */
export async function forget(db: Transaction<Tables>, fullText: FullText, ids: readonly number[]): Promise<void> {
  await db.deleteFrom('product').where('id', 'in', ids).execute()
  await fullText.remove(db, ids)
}

const toRow = ({ product, hash, revision }: Derived): Tables['product'] => ({
  id: product.id,
  sku: product.sku,
  facts: JSON.stringify(toFacts(product)),
  source_hash: hash,
  revision
})

/**
 * Ids, a number at a time. Between them other work gets its turn.
 * @param page The next ones after an id, in order.
 */
export async function* allIds(page: (after: number) => Promise<{ id: number }[]>): AsyncGenerator<number[]> {
  let last = 0
  for (;;) {
    const rows = await page(last)
    if (rows.length === 0) return
    last = rows.at(-1)?.id as number
    yield rows.map((row) => row.id)
    await setImmediate()
  }
}

export function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size)
}
