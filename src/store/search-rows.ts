import { setImmediate } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import type { Product } from '../../schemas/product.js'
import { toIndexedValues } from '../products/indexed-values.js'
import { TimeSlice } from '../support/time-slice.js'
import type { Tables } from './database.js'
import { type FullText, type SearchDocument, toCorrectableWords, toSearchDocument } from './full-text.js'

/** Rows that one statement handles. */
export const CHUNK = 200

/** A product with what is stored of it beside its text. */
export interface SearchableProduct {
  product: Product
  source: number
  hash: string
  revision: number
}

/** Writes all that products are found by. */
export async function insertSearchRows(
  db: Transaction<Tables>,
  fullText: FullText,
  rows: readonly SearchableProduct[],
  vocabulary: Set<string>
): Promise<void> {
  await db.insertInto('product').values(rows.map(toRow)).execute()
  const slice = new TimeSlice()
  const documents: SearchDocument[] = []
  for (const { product } of rows) {
    documents.push(toSearchDocument(product))
    await slice.turn()
  }
  await fullText.insert(db, documents)
  const words = [...toCorrectableWords(documents)].filter((word) => !vocabulary.has(word))
  for (const chunk of chunks(words, CHUNK)) await fullText.addWords(db, chunk)
  for (const word of words) vocabulary.add(word)
}

/** Removes all that products are found by. */
export async function deleteSearchRows(
  db: Transaction<Tables>,
  fullText: FullText,
  ids: readonly number[]
): Promise<void> {
  await db.deleteFrom('product').where('id', 'in', ids).execute()
  await fullText.remove(db, ids)
}

const toRow = ({ product, source, hash, revision }: SearchableProduct): Tables['product'] => ({
  id: product.id,
  source,
  sku: product.sku,
  facts: JSON.stringify(toIndexedValues(product)),
  source_hash: hash,
  revision
})

/**
 * Rows with ids, a number at a time. Between them other work gets its turn.
 * @param page The next ones after an id, in order.
 */
export async function* allRows<T extends { id: number }>(page: (after: number) => Promise<T[]>): AsyncGenerator<T[]> {
  let last = 0
  for (;;) {
    const rows = await page(last)
    if (rows.length === 0) return
    last = rows.at(-1)?.id as number
    yield rows
    await setImmediate()
  }
}

export function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size)
}
