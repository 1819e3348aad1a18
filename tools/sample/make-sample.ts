/*
 * Writes the sample catalog: products that do not exist, in the format of the source, so that they go through the same
 * mapping. The seed is fixed: the same products come out every time. Run it with `npm run sample`.
 */

import { assortment, type Range } from './assortment.js'

/** A small generator of repeatable numbers from 0 up to 1 (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const warranties = ['No warranty', '1 year warranty', '2 year warranty', '5 year warranty', '6 months warranty']
const shippings = ['Ships overnight', 'Ships in 1-2 business days', 'Ships in 3-5 business days', 'Ships in 2 weeks']
const returns = ['No return policy', '14 days return policy', '30 days return policy', '90 days return policy']
const reviewers = ['Amara Lindqvist', 'Ben Okafor', 'Chiara Rossi', 'Dai Nakamura', 'Elif Demir', 'Femi Adeyemi']
const comments: Record<number, string[]> = {
  2: ['Not what I had hoped for.', 'It came late, and the box was open.'],
  3: ['Does what it should, no more.', 'All right for the price.'],
  4: ['Good value, I would buy it again.', 'Better than the one I had before.'],
  5: ['Exactly what I was looking for!', 'I have bought a second one as a present.']
}

/** The products of the sample catalog, as the source would send them. */
export function makeSample(): object[] {
  const random = createRandom(20_261_123)
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1))
  const pick = <T>(items: readonly T[]) => items[between(0, items.length - 1)] as T
  const decimals = (value: number) => Math.round(value * 100) / 100
  const time = (from: number) => new Date(from + between(0, 200 * 86_400) * 1000).toISOString()

  const sell = (range: Range, [title, price, weight]: Range['items'][number], id: number) => {
    const reviews = Array.from({ length: between(1, 4) }, () => {
      const rating = between(2, 5)
      return {
        rating,
        comment: pick(comments[rating] as string[]),
        date: time(Date.UTC(2026, 0, 1)),
        reviewerName: pick(reviewers),
        reviewerEmail: 'someone@example.com'
      }
    })
    const stock = random() < 0.08 ? 0 : between(1, 120)
    const slug = title.toLowerCase().replace(/[^a-z0-9]+/g, '-')
    const picture = (number: number) => `https://images.example.com/${range.category}/${slug}/${number}.webp`
    const named = range.brands.find((brand) => title.startsWith(brand))
    const brand = named ?? (range.brands.length > 0 && random() < 0.7 ? pick(range.brands) : undefined)
    const createdAt = time(Date.UTC(2025, 0, 1))
    return {
      id,
      title,
      description: `${title}. ${pick(range.praise)}`,
      category: range.category,
      price,
      discountPercentage: random() < 0.4 ? 0 : decimals(random() * 25),
      rating: decimals(reviews.reduce((sum, review) => sum + review.rating, 0) / reviews.length),
      stock,
      tags: range.tags,
      ...(brand !== undefined && { brand }),
      sku: `${range.prefix}-${String(id).padStart(4, '0')}`,
      weight,
      dimensions: {
        width: decimals(5 + random() * 25),
        height: decimals(5 + random() * 25),
        depth: decimals(5 + random() * 25)
      },
      warrantyInformation: pick(warranties),
      shippingInformation: pick(shippings),
      availabilityStatus: stock === 0 ? 'Out of Stock' : stock < 10 ? 'Low Stock' : 'In Stock',
      reviews,
      returnPolicy: pick(returns),
      minimumOrderQuantity: random() < 0.8 ? 1 : between(2, 10),
      meta: {
        createdAt,
        updatedAt: time(Date.parse(createdAt)),
        // 200 to 299 are for use within a shop: no such barcode belongs to a real article.
        barcode: `200${String(between(0, 9_999_999_999)).padStart(10, '0')}`
      },
      images: [picture(1), picture(2)],
      thumbnail: picture(0)
    }
  }

  const articles = assortment.flatMap((range) => range.items.map((item) => ({ range, item })))
  return articles.map(({ range, item }, i) => sell(range, item, i + 1))
}

/** The text of the file: a product a line, so that a change of one shows as one. */
export const renderSample = (): string =>
  `[\n${makeSample()
    .map((product) => JSON.stringify(product))
    .join(',\n')}\n]\n`
