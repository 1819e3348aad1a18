/* Distinct queries, so that no response is in the cache: mixed filters, sorts, offsets and search words. */
import { makeSample } from '../tools/sample/make-sample.js'

interface SampleProduct {
  title: string
  category: string
  brand?: string
  tags: string[]
}

type Random = () => number

const products = makeSample() as SampleProduct[]
const sorts = ['price', '-price', '-rating', '-rating,price', 'title', '-discount', '-createdAt', '-stock']
const PAGE = 30

/**
 * Generates distinct paths with queries like those of shoppers: words, and filters that match few products. The same seed generates
 * the same paths.
 */
export const queries = (seed: number): Generator<string> => distinctPaths(randomNumbers(seed), shopperQuery)

/**
 * Generates distinct paths with queries that match most of the catalog. In a catalog of 200 products, nearly all of their pages are
 * full. Pages of `queries` would be small or empty there, and too cheap.
 */
export const wideQueries = (seed: number): Generator<string> => distinctPaths(randomNumbers(seed), wideQuery)

function* distinctPaths(random: Random, createQuery: (random: Random) => URLSearchParams): Generator<string> {
  const seen = new Set<string>()
  for (;;) {
    const path = `/products?${createQuery(random)}`
    if (seen.has(path)) continue
    seen.add(path)
    yield path
  }
}

function shopperQuery(random: Random): URLSearchParams {
  const { title, category, brand, tags } = pick(random, products)
  const sometimes = (share: number) => random() < share
  const query = new URLSearchParams()
  if (sometimes(0.2)) query.set('q', searchWords(title, sometimes(0.5) ? 2 : 1, sometimes(0.3)))
  if (sometimes(0.5)) query.append('category', category)
  if (sometimes(0.1)) query.append('category', pick(random, products).category)
  if (brand && sometimes(0.15)) query.append('brand', brand)
  if (sometimes(0.1)) query.append('tag', pick(random, tags))
  if (sometimes(0.2)) query.append('availability', 'in-stock')
  if (sometimes(0.25)) {
    const minPrice = Math.floor(random() * 40) * 5
    query.set('minPrice', String(minPrice))
    query.set('maxPrice', String(minPrice + Math.ceil(random() * 60) * 5))
  }
  if (sometimes(0.15)) query.set('minRating', pick(random, ['3', '3.5', '4']))
  if (sometimes(0.6)) query.set('sort', pick(random, sorts))
  if (sometimes(0.5)) query.set('offset', String(Math.floor(random() * 10) * PAGE))
  return query
}

function wideQuery(random: Random): URLSearchParams {
  const sometimes = (share: number) => random() < share
  const query = new URLSearchParams()
  // Prices with cents make the queries distinct.
  query.set('minPrice', (random() * 20).toFixed(2))
  if (sometimes(0.5)) query.set('maxPrice', (600 + random() * 2400).toFixed(2))
  if (sometimes(0.2)) query.append('availability', 'in-stock')
  if (sometimes(0.15)) query.set('minRating', pick(random, ['2', '2.5', '3']))
  if (sometimes(0.6)) query.set('sort', pick(random, sorts))
  if (sometimes(0.5)) query.set('offset', String(Math.floor(random() * 3) * PAGE))
  return query
}

/** Returns the last words of a title. If `isPartial`, the last letters are missing, as in a search while typing. */
function searchWords(title: string, count: number, isPartial: boolean): string {
  const words = title.split(' ').slice(-count).join(' ')
  return isPartial ? words.slice(0, Math.max(3, words.length - 2)) : words
}

const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)] as T

/** Creates a seeded generator of pseudorandom numbers from 0 to 1, without 1 (mulberry32). */
function randomNumbers(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
