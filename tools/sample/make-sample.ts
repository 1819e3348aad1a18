import { assortment, type Category } from './assortment.js'

/** Creates a seeded generator of pseudorandom numbers from 0 to 1, without 1 (mulberry32). */
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

/**
 * Returns the products of the sample catalog in the format of the source, so that the service maps them like any others.
 * The seed is fixed, so each call returns the same products.
 */
export function makeSample(): object[] {
  const random = createRandom(20_261_123)
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1))
  const pick = <T>(items: readonly T[]) => items[between(0, items.length - 1)] as T
  const roundToCents = (value: number) => Math.round(value * 100) / 100
  const timeAfter = (from: number) => new Date(from + between(0, 200 * 86_400) * 1000).toISOString()

  const makeProduct = (category: Category, [title, price, weight]: Category['items'][number], id: number) => {
    const reviews = Array.from({ length: between(1, 4) }, () => {
      const rating = between(2, 5)
      return {
        rating,
        comment: pick(comments[rating] as string[]),
        date: timeAfter(Date.UTC(2026, 0, 1)),
        reviewerName: pick(reviewers),
        reviewerEmail: 'someone@example.com'
      }
    })
    const stock = random() < 0.08 ? 0 : between(1, 120)
    const slug = title.toLowerCase().replace(/[^a-z0-9]+/g, '-')
    const imageUrl = (number: number) => `https://images.example.com/${category.name}/${slug}/${number}.webp`
    const brandInTitle = category.brands.find((brand) => title.startsWith(brand))
    const brand = brandInTitle ?? (category.brands.length > 0 && random() < 0.7 ? pick(category.brands) : undefined)
    const createdAt = timeAfter(Date.UTC(2025, 0, 1))
    return {
      id,
      title,
      description: `${title}. ${pick(category.sentences)}`,
      category: category.name,
      price,
      discountPercentage: random() < 0.4 ? 0 : roundToCents(random() * 25),
      rating: roundToCents(reviews.reduce((sum, review) => sum + review.rating, 0) / reviews.length),
      stock,
      tags: category.tags,
      ...(brand !== undefined && { brand }),
      sku: `${category.skuPrefix}-${String(id).padStart(4, '0')}`,
      weight,
      dimensions: {
        width: roundToCents(5 + random() * 25),
        height: roundToCents(5 + random() * 25),
        depth: roundToCents(5 + random() * 25)
      },
      warrantyInformation: pick(warranties),
      shippingInformation: pick(shippings),
      availabilityStatus: stock === 0 ? 'Out of Stock' : stock < 10 ? 'Low Stock' : 'In Stock',
      reviews,
      returnPolicy: pick(returns),
      minimumOrderQuantity: random() < 0.8 ? 1 : between(2, 10),
      meta: {
        createdAt,
        updatedAt: timeAfter(Date.parse(createdAt)),
        // GS1 reserves the prefixes 200 to 299 for use within a company, so no real product has this barcode.
        barcode: `200${String(between(0, 9_999_999_999)).padStart(10, '0')}`
      },
      images: [imageUrl(1), imageUrl(2)],
      thumbnail: imageUrl(0)
    }
  }

  const items = assortment.flatMap((category) => category.items.map((item) => ({ category, item })))
  return items.map(({ category, item }, i) => makeProduct(category, item, i + 1))
}

/** Returns the sample file: one product per line, so that diffs show which products changed. */
export const renderSample = (): string =>
  `[\n${makeSample()
    .map((product) => JSON.stringify(product))
    .join(',\n')}\n]\n`
