/* The queries of shoppers who never ask the same thing twice: filters, sorts, offsets and words, mixed. */
import { makeSample } from '../data/make-sample.js'

interface Given {
  title: string
  category: string
  brand?: string
  tags: string[]
}

const sorts = ['price', '-price', '-rating', '-rating,price', 'title', '-discount', '-createdAt', '-stock']
const PAGE = 30

/** Paths with a query, no two alike. The same ones in the same order for the same seed. */
export function* queries(seed: number): Generator<string> {
  const products = makeSample() as Given[]
  const random = randomNumbers(seed)
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
  const sometimes = (share: number) => random() < share
  const asked = new Set<string>()
  for (;;) {
    const { title, category, brand, tags } = pick(products)
    const query = new URLSearchParams()
    if (sometimes(0.2)) query.set('q', words(title, sometimes(0.5), sometimes(0.3)))
    if (sometimes(0.5)) query.append('category', category)
    if (sometimes(0.1)) query.append('category', pick(products).category)
    if (brand && sometimes(0.15)) query.append('brand', brand)
    if (sometimes(0.1)) query.append('tag', pick(tags))
    if (sometimes(0.2)) query.append('availability', 'in-stock')
    if (sometimes(0.25)) {
      const least = Math.floor(random() * 40) * 5
      query.set('minPrice', String(least))
      query.set('maxPrice', String(least + Math.ceil(random() * 60) * 5))
    }
    if (sometimes(0.15)) query.set('minRating', pick(['3', '3.5', '4']))
    if (sometimes(0.6)) query.set('sort', pick(sorts))
    if (sometimes(0.5)) query.set('offset', String(Math.floor(random() * 10) * PAGE))
    const path = `/products?${query}`
    if (asked.has(path)) continue
    asked.add(path)
    yield path
  }
}

/** One or two words of a title, the last one perhaps not yet typed to its end. */
function words(title: string, two: boolean, unfinished: boolean): string {
  const some = title
    .split(' ')
    .slice(two ? -2 : -1)
    .join(' ')
  return unfinished ? some.slice(0, Math.max(3, some.length - 2)) : some
}

/** Numbers from 0 to 1 that look random (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
