/* Queries that are all different, so that no response has been made before: filters, sorts, offsets and words, mixed. */
import { makeSample } from '../tools/sample/make-sample.js'

interface Given {
  title: string
  category: string
  brand?: string
  tags: string[]
}

type Random = () => number

const products = makeSample() as Given[]
const sorts = ['price', '-price', '-rating', '-rating,price', 'title', '-discount', '-createdAt', '-stock']
const PAGE = 30

/**
 * Paths with the queries of shoppers, no two alike: words, and filters that leave few products. The same ones in the same order
 * for the same seed.
 */
export const queries = (seed: number): Generator<string> => distinct(randomNumbers(seed), narrow)

/**
 * Paths with queries that leave most of the catalog, no two alike. Nearly all pages are full even in a catalog of 200 products,
 * where those of the other queries would be small or empty, and so would the cost.
 */
export const wideQueries = (seed: number): Generator<string> => distinct(randomNumbers(seed), wide)

function* distinct(random: Random, make: (random: Random) => URLSearchParams): Generator<string> {
  const made = new Set<string>()
  for (;;) {
    const path = `/products?${make(random)}`
    if (made.has(path)) continue
    made.add(path)
    yield path
  }
}

function narrow(random: Random): URLSearchParams {
  const { title, category, brand, tags } = pick(random, products)
  const sometimes = (share: number) => random() < share
  const query = new URLSearchParams()
  if (sometimes(0.2)) query.set('q', words(title, sometimes(0.5), sometimes(0.3)))
  if (sometimes(0.5)) query.append('category', category)
  if (sometimes(0.1)) query.append('category', pick(random, products).category)
  if (brand && sometimes(0.15)) query.append('brand', brand)
  if (sometimes(0.1)) query.append('tag', pick(random, tags))
  if (sometimes(0.2)) query.append('availability', 'in-stock')
  if (sometimes(0.25)) {
    const least = Math.floor(random() * 40) * 5
    query.set('minPrice', String(least))
    query.set('maxPrice', String(least + Math.ceil(random() * 60) * 5))
  }
  if (sometimes(0.15)) query.set('minRating', pick(random, ['3', '3.5', '4']))
  if (sometimes(0.6)) query.set('sort', pick(random, sorts))
  if (sometimes(0.5)) query.set('offset', String(Math.floor(random() * 10) * PAGE))
  return query
}

function wide(random: Random): URLSearchParams {
  const sometimes = (share: number) => random() < share
  const query = new URLSearchParams()
  // Prices with cents, which make the queries different.
  query.set('minPrice', (random() * 20).toFixed(2))
  if (sometimes(0.5)) query.set('maxPrice', (600 + random() * 2400).toFixed(2))
  if (sometimes(0.2)) query.append('availability', 'in-stock')
  if (sometimes(0.15)) query.set('minRating', pick(random, ['2', '2.5', '3']))
  if (sometimes(0.6)) query.set('sort', pick(random, sorts))
  if (sometimes(0.5)) query.set('offset', String(Math.floor(random() * 3) * PAGE))
  return query
}

/** One or two words of a title, the last one perhaps not yet typed to its end. */
function words(title: string, two: boolean, unfinished: boolean): string {
  const some = title
    .split(' ')
    .slice(two ? -2 : -1)
    .join(' ')
  return unfinished ? some.slice(0, Math.max(3, some.length - 2)) : some
}

const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)] as T

/** Random-looking numbers from 0 to 1 (mulberry32). */
function randomNumbers(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
