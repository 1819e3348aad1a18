import type { Kysely, RawBuilder, Transaction } from 'kysely'
import type { Product } from '../../schemas/product.js'
import type { Terms } from '../products/query.js'
import { maxEditDistance } from '../products/spelling.js'
import { isCorrectable, toWords } from '../products/words.js'
import type { Tables } from './tables.js'

/**
 * The words of a product, each once, in the most important field that contains it: the title, then the labels (brand, category, tags,
 * SKU), then the body (description).
 */
export interface SearchDocument {
  id: number
  title: string[]
  label: string[]
  body: string[]
}

/** The fields to search: the title only, the title and the labels, or all. */
export type Scope = 'title' | 'labels' | 'all'

/** Full-text search of one engine. Callers pass folded words, so the engine needs no language support. */
export interface FullText {
  /** Creates the tables. */
  create(db: Kysely<unknown>): Promise<void>
  insert(db: Transaction<Tables>, documents: readonly SearchDocument[]): Promise<void>
  remove(db: Transaction<Tables>, ids: readonly number[]): Promise<void>
  /** Returns a query for the ids of the products that contain all terms, each in any of the fields. */
  whereMatching(terms: Terms, scope: Scope): RawBuilder<{ id: number }>
  /** Returns a query for the ids of the products that contain exactly this word. */
  whereWord(word: string): RawBuilder<{ id: number }>
  /** Adds words to the vocabulary of the spelling correction. */
  addWords(db: Transaction<Tables>, words: readonly string[]): Promise<void>
  /**
   * Returns all words of the vocabulary that share a trigram with a word and have a similar length. Implementations read them as one
   * string, because many rows would take several times as long.
   */
  findSimilarWords(db: Kysely<Tables>, word: string): Promise<string[]>
}

/** Returns the search document of a product. */
export function toSearchDocument(product: Product): SearchDocument {
  const indexed = new Set<string>()
  const newWords = (text: string) =>
    toWords(text).filter((word) => {
      if (indexed.has(word)) return false
      indexed.add(word)
      return true
    })
  const { id, title, brand = '', category, tags, sku, description } = product
  return {
    id,
    title: newWords(title),
    label: newWords([brand, category, ...tags, sku].join(' ')),
    body: newWords(description)
  }
}

/** Returns the words of documents that belong to the vocabulary of the spelling correction. */
export const toCorrectableWords = (documents: readonly SearchDocument[]): Set<string> =>
  new Set(documents.flatMap(({ title, label, body }) => [...title, ...label, ...body]).filter(isCorrectable))

/** Returns the minimum and maximum length of the corrections of a word. */
export function similarLengths(word: string): [number, number] {
  const { length } = [...word]
  return [length - maxEditDistance(word), length + maxEditDistance(word)]
}

/** Returns the trigrams of a word. The spaces give its beginning and its end trigrams of their own. */
export function toTrigrams(word: string): string[] {
  const padded = [...pad(word)]
  return padded.slice(2).map((_, i) => padded.slice(i, i + 3).join(''))
}

/** Adds the spaces by which `toTrigrams` marks the beginning and the end of a word. */
export const pad = (word: string): string => `  ${word} `

/** Splits a string of words that the database has joined with spaces. */
export const splitWords = (words: string | null | undefined): string[] => words?.split(' ') ?? []
