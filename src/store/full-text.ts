import type { Kysely, RawBuilder, Transaction } from 'kysely'
import type { Product } from '../../schemas/product.js'
import type { Terms } from '../products/query.js'
import { maxEditDistance } from '../products/spelling.js'
import { isCorrectable, toWords } from '../products/words.js'
import type { Tables } from './tables.js'

/**
 * The words of a product, each once, in the field that counts most of those that have it: the title, then the labels
 * (brand, category, tags, SKU), then the body (description).
 */
export interface SearchDocument {
  id: number
  title: string[]
  label: string[]
  body: string[]
}

/** The fields in which words are looked for: the title; title and labels; all. */
export type Scope = 'title' | 'labels' | 'all'

/** Full-text search, as one engine does it. Words come folded, so engines need to know nothing of languages. */
export interface FullText {
  /** Makes the tables. */
  create(db: Kysely<unknown>): Promise<void>
  insert(db: Transaction<Tables>, documents: readonly SearchDocument[]): Promise<void>
  remove(db: Transaction<Tables>, ids: readonly number[]): Promise<void>
  /** A query for the ids of the products that have all terms in these fields together. */
  whereMatching(terms: Terms, scope: Scope): RawBuilder<{ id: number }>
  /** A query for the ids of the products that have this very word. */
  whereWord(word: string): RawBuilder<{ id: number }>
  /** Adds words to those that a misspelled one may stand for. */
  addWords(db: Transaction<Tables>, words: readonly string[]): Promise<void>
  /**
   * Words that have three letters in a row in common with this one, or its beginning or end, and nearly its length. None is
   * missing. They may be many, so they come as one text from the database: many rows take several times as long.
   */
  findSimilarWords(db: Kysely<Tables>, word: string): Promise<string[]>
}

export function toSearchDocument(product: Product): SearchDocument {
  const seen = new Set<string>()
  const unseen = (text: string) =>
    toWords(text).filter((word) => {
      if (seen.has(word)) return false
      seen.add(word)
      return true
    })
  const { id, title, brand = '', category, tags, sku, description } = product
  return {
    id,
    title: unseen(title),
    label: unseen([brand, category, ...tags, sku].join(' ')),
    body: unseen(description)
  }
}

/** The words of documents that a misspelled one may stand for. */
export const toCorrectableWords = (documents: readonly SearchDocument[]): Set<string> =>
  new Set(documents.flatMap(({ title, label, body }) => [...title, ...label, ...body]).filter(isCorrectable))

/** The fewest and the most characters of the words that a misspelled one may stand for. */
export function similarLengths(word: string): [number, number] {
  const { length } = [...word]
  return [length - maxEditDistance(word), length + maxEditDistance(word)]
}

/** The words of a list that the database has joined by spaces. */
export const toList = (words: string | null | undefined): string[] => words?.split(' ') ?? []
