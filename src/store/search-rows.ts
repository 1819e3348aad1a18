import type { Transaction } from 'kysely'
import type { Product } from '../../schemas/product.js'
import { toIndexedValues } from '../products/indexed-values.js'
import { nextSaleChange } from '../products/sales.js'
import { TimeSlice } from '../support/time-slice.js'
import { CHUNK, chunks } from './chunks.js'
import { type FullText, findNewWords, type SearchDocument, toSearchDocument } from './full-text.js'
import type { Tables } from './tables.js'

/** A visible product with the other columns of its row. */
export interface SearchableProduct {
  product: Product
  source: number
  hash: string
  revision: number
}

/**
 * Adds products to the table `product` and to the full-text search.
 * @param vocabulary The words that the transaction has already stored. The function adds the words of the products.
 * @param at The current time.
 */
export async function insertSearchRows(
  db: Transaction<Tables>,
  fullText: FullText,
  rows: readonly SearchableProduct[],
  vocabulary: Set<string>,
  at: string
): Promise<void> {
  await db
    .insertInto('product')
    .values(rows.map((row) => toRow(row, at)))
    .execute()
  const slice = new TimeSlice()
  const documents: SearchDocument[] = []
  for (const { product } of rows) {
    documents.push(toSearchDocument(product))
    await slice.turn()
  }
  await fullText.insert(db, documents)
  const words = findNewWords(documents, vocabulary)
  for (const chunk of chunks(words, CHUNK)) await fullText.addWords(db, chunk)
  for (const word of words) vocabulary.add(word)
}

/** Removes products from the table `product` and from the full-text search. */
export async function deleteSearchRows(
  db: Transaction<Tables>,
  fullText: FullText,
  ids: readonly number[]
): Promise<void> {
  await db.deleteFrom('product').where('id', 'in', ids).execute()
  await fullText.remove(db, ids)
}

const toRow = ({ product, source, hash, revision }: SearchableProduct, at: string): Tables['product'] => ({
  id: product.id,
  source,
  sku: product.sku,
  facts: JSON.stringify(toIndexedValues(product)),
  source_hash: hash,
  sale_change: nextSaleChange(product, at) ?? null,
  revision
})
