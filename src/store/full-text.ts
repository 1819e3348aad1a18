import type { Kysely, RawBuilder, Transaction } from 'kysely'
import type { Product } from '../../schemas/product.js'
import type { Terms } from '../products/query.js'
import { maxEditDistance } from '../products/spelling.js'
import { isCorrectable, toBarcodeWord, toWords } from '../products/words.js'
import type { Tables } from './tables.js'

/**
 * The words of a product, each once, in the most important field that contains it: the title, then the labels (brand, category, tags,
 * values of attributes and options, and the SKU, part number and barcode of the product and its variants), then the body (description, and
 * names of attributes and options).
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
  const takeNew = (words: readonly string[]) =>
    words.filter((word) => {
      if (indexed.has(word)) return false
      indexed.add(word)
      return true
    })
  const {
    id,
    title,
    brand = '',
    category,
    tags,
    sku,
    mpn = '',
    barcode,
    description,
    attributes,
    options,
    variants
  } = product
  const values = [...attributes.map(({ value }) => value), ...options.flatMap(({ values }) => values)]
  const names = [...attributes, ...options].map(({ name }) => name)
  const labels = [brand, category, ...tags, ...values, sku, mpn, ...variants.map(({ sku = '' }) => sku)]
  const barcodes = [barcode, ...variants.flatMap(({ barcode }) => barcode ?? [])]
  return {
    id,
    title: takeNew(toWords(title)),
    label: takeNew([...labels.flatMap((text) => toWords(text)), ...barcodes.map(toBarcodeWord)]),
    body: takeNew([...toWords(description, true), ...names.flatMap((text) => toWords(text))])
  }
}

/** Returns the words of documents that the vocabulary of the spelling correction lacks. */
export function findNewWords(documents: readonly SearchDocument[], vocabulary: ReadonlySet<string>): string[] {
  const found = new Set<string>()
  for (const { title, label, body } of documents)
    for (const words of [title, label, body])
      for (const word of words) if (!vocabulary.has(word) && isCorrectable(word)) found.add(word)
  return [...found]
}

/** Returns the minimum and maximum length of the corrections of a word. */
export function similarLengths(word: string): [number, number] {
  const { length } = [...word]
  return [length - maxEditDistance(word), length + maxEditDistance(word)]
}

/** Divides a word of a term into the word itself and its `*`, if it has one. */
export const splitPrefix = (word: string): [word: string, end: '*' | ''] =>
  word.endsWith('*') ? [word.slice(0, -1), '*'] : [word, '']

/** Returns the trigrams of a word. The spaces give its beginning and its end trigrams of their own. */
export function toTrigrams(word: string): string[] {
  const padded = [...pad(word)]
  return padded.slice(2).map((_, i) => padded.slice(i, i + 3).join(''))
}

/** Adds the spaces by which `toTrigrams` marks the beginning and the end of a word. */
export const pad = (word: string): string => `  ${word} `

/** Splits a string of words that the database has joined with spaces. */
export const splitWords = (words: string | null | undefined): string[] => words?.split(' ') ?? []
