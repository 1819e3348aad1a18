import type { FacetField } from '../../schemas/listing.js'
import type { Product } from '../../schemas/product.js'
import { type AskedWord, askedWords, barcodeWord, plain, wordsOf } from './oracle-words.js'

/** A query with the parameters of the HTTP interface. */
export interface QueryParameters {
  q?: string
  category?: string[]
  brand?: string[]
  tag?: string[]
  availability?: string[]
  attribute?: string[]
  minPrice?: number
  maxPrice?: number
  minRating?: number
  minDiscount?: number
  onSale?: boolean
  ids?: number[]
  sort?: string
}

/**
 * Returns the expected results of queries by brute force: it examines every product and shares no code with the tested service.
 */
export class Oracle {
  readonly #products: readonly Product[]
  readonly #vocabulary: Set<string>
  readonly #parents: Readonly<Record<string, string>>

  /** @param parents The parents of categories, by slug. */
  constructor(products: readonly Product[], parents: Readonly<Record<string, string>> = {}) {
    this.#products = products
    this.#parents = parents
    this.#vocabulary = new Set(products.flatMap((product) => fields(product).all))
  }

  /** Returns the ids of the matching products, in order. */
  find(asked: QueryParameters): number[] {
    const words = this.#understand(asked.q ?? '')
    const found = this.#products.filter((product) => matches(product, this.#categoriesOf(product), asked, words))
    return found.sort((a, b) => this.#compare(a, b, asked, words)).map((product) => product.id)
  }

  /** Returns the values of a facet, each with the total of the query with only that value. */
  facet(
    name: FacetField,
    asked: QueryParameters
  ): { value: string; count: number }[] | { minPrice: number; count: number }[] {
    if (name === 'price') {
      const steps = [0, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 100_000, 1_000_000, 10_000_000]
      const ranges = steps.map((minPrice, i) => {
        const next = steps[i + 1]
        const bounds = next === undefined ? {} : { maxPrice: Math.round(next * 100 - 1) / 100 }
        const { maxPrice: _, ...others } = asked
        return { minPrice, ...bounds, count: this.find({ ...others, minPrice, ...bounds }).length }
      })
      return ranges.filter(({ count }) => count > 0)
    }
    const values = new Set(
      this.#products.flatMap((product) => {
        if (name === 'category') return this.#categoriesOf(product)
        return name === 'tag' ? product.tags : [product[name] ?? []].flat()
      })
    )
    return [...values]
      .map((value) => ({ value, count: this.find({ ...asked, [name]: [value] }).length }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count || bytes(a.value, b.value))
  }

  /** Returns the category of a product and its ancestors. */
  #categoriesOf({ category }: Product): string[] {
    const categories = [category]
    for (let next = this.#parents[category]; next !== undefined; next = this.#parents[next]) categories.push(next)
    return categories
  }

  /** Returns the values of an attribute, each with the total of the query with only that value for the attribute. */
  attributeFacet(name: string, asked: QueryParameters): { name: string; values: { value: string; count: number }[] } {
    const others = (asked.attribute ?? []).filter((text) => splitAttribute(text).name !== name)
    const all = this.#products.flatMap(attributesOf).filter((attribute) => attribute.name === name)
    const values = [...new Set(all.map(({ value }) => value))]
      .map((value) => ({ value, count: this.find({ ...asked, attribute: [...others, `${name}:${value}`] }).length }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count || bytes(a.value, b.value))
    return { name, values }
  }

  /** Returns the matching words of the catalog for each search word; undefined if the search is blank. */
  #understand(q: string): Set<string>[] | undefined {
    const asked = askedWords(q)
    if (asked === undefined) return undefined
    const vocabulary = [...this.#vocabulary]
    const find = (word: string, isPrefix: boolean) =>
      vocabulary.filter((other) => (isPrefix ? other.startsWith(word) : other === word))
    const said = asked.map((words) => new Set(words.flatMap(({ word, isPrefix }) => find(word, isPrefix))))
    if (this.#products.some((product) => rank(product, said) !== undefined)) return said
    return asked.map(([written], i) => {
      const { word, isPrefix } = written as AskedWord
      const known = said[i] as Set<string>
      if (known.size > 0 || !isSpelled(word)) return known
      const most = [...word].length < 6 ? 1 : 2
      const near = [...this.#vocabulary].filter((other) => isSpelled(other) && shareTrigram(word, other))
      const distances = near.map((other) => ({ other, distance: distance([...word], [...other]) }))
      const least = Math.min(...distances.map(({ distance }) => distance))
      if (least > most) return known
      const meant = distances.filter(({ distance }) => distance === least).map(({ other }) => other)
      const few = meant.sort().slice(0, 5)
      return new Set(few.flatMap((word) => find(word, isPrefix)))
    })
  }

  #compare(a: Product, b: Product, asked: QueryParameters, words?: Set<string>[]): number {
    const byDefault = words ? 'relevance' : asked.ids?.length ? 'asked' : 'id'
    for (const key of (asked.sort ?? byDefault).split(',')) {
      const order = keys[key.replace('-', '')]?.(a, b, asked, words) as number
      const isMissing = Math.abs(order) === Number.POSITIVE_INFINITY
      if (order !== 0) return key.startsWith('-') && !isMissing ? -order : order
    }
    return a.id - b.id
  }
}

const keys: Record<string, (a: Product, b: Product, asked: QueryParameters, words?: Set<string>[]) => number> = {
  id: (a, b) => a.id - b.id,
  asked: (a, b, { ids = [] }) => ids.indexOf(a.id) - ids.indexOf(b.id),
  price: (a, b) => paid(a) - paid(b),
  rating: (a, b) => a.rating - b.rating,
  discount: (a, b) => a.discountPercentage - b.discountPercentage,
  // A missing value comes last in both directions.
  stock: (a, b) => {
    if (a.stock === b.stock) return 0
    return (a.stock ?? Number.POSITIVE_INFINITY) - (b.stock ?? Number.POSITIVE_INFINITY)
  },
  title: (a, b) => bytes(plain(a.title), plain(b.title)),
  createdAt: (a, b) => bytes(a.createdAt, b.createdAt),
  relevance: (a, b, _, words) => (words ? (rank(b, words) as number) - (rank(a, words) as number) : 0)
}

/** The price that customers pay now. */
const paid = ({ price, salePrice = price, onSale }: Product) => (onSale ? salePrice : price)

function matches(
  product: Product,
  categories: string[],
  asked: QueryParameters,
  words: Set<string>[] | undefined
): boolean {
  const { category, brand, tag, availability, attribute, minPrice, maxPrice, minRating, minDiscount, onSale, ids } =
    asked
  const isAny = (values: string[] | undefined, of: string[]) =>
    !values?.length || of.some((value) => values.includes(value))
  return (
    (words === undefined || rank(product, words) !== undefined) &&
    isAny(category, categories) &&
    isAny(brand, product.brand === undefined ? [] : [product.brand]) &&
    isAny(tag, product.tags) &&
    isAny(availability, [product.availability]) &&
    hasAttributes(product, attribute) &&
    paid(product) >= (minPrice ?? 0) &&
    paid(product) <= (maxPrice ?? Number.POSITIVE_INFINITY) &&
    product.rating >= (minRating ?? 0) &&
    product.discountPercentage >= (minDiscount ?? 0) &&
    (onSale === undefined || (product.onSale ?? false) === onSale) &&
    (!ids?.length || ids.includes(product.id))
  )
}

/** Returns the attributes of a product, and the values of all its variants. */
const attributesOf = ({ attributes, variants }: Product) => [
  ...attributes,
  ...variants.flatMap(({ options }) => options)
]

function splitAttribute(text: string) {
  const [name = '', ...rest] = text.split(':')
  return { name, value: rest.join(':') }
}

/** Returns whether a product has one of the requested values for each requested name. */
function hasAttributes(product: Product, texts: string[] = []): boolean {
  const asked = texts.map(splitAttribute)
  return asked.every(({ name }) => {
    const values = asked.filter((other) => other.name === name).map(({ value }) => value)
    return attributesOf(product).some((own) => own.name === name && values.includes(own.value))
  })
}

interface Fields {
  best: string[]
  good: string[]
  all: string[]
}

const known = new WeakMap<Product, Fields>()

function fields(product: Product): Fields {
  const found = known.get(product)
  if (found) return found
  const { title, brand = '', category, tags, sku, barcode, description, variants } = product
  const properties = attributesOf(product)
  const labels = [brand, category, ...tags, sku, ...properties.map(({ value }) => value)]
  const codes = variants.flatMap((variant) => variant.sku ?? [])
  const barcodes = [barcode, ...variants.flatMap((variant) => variant.barcode ?? [])]
  const best = wordsOf(title)
  const good = [...best, ...[...labels, ...codes].flatMap((text) => wordsOf(text)), ...barcodes.map(barcodeWord)]
  const names = properties.flatMap(({ name }) => wordsOf(name))
  const words = { best, good, all: [...good, ...wordsOf(description, true), ...names] }
  known.set(product, words)
  return words
}

/** Returns the relevance of a product for words, or undefined if it does not match. */
function rank(product: Product, words: Set<string>[]): number | undefined {
  const { best, good, all } = fields(product)
  const hasAll = (field: string[]) => words.length > 0 && words.every((word) => field.some((other) => word.has(other)))
  if (hasAll(best)) return 2
  if (hasAll(good)) return 1
  return hasAll(all) ? 0 : undefined
}

const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

function shareTrigram(a: string, b: string): boolean {
  const trigrams = (word: string) => [...`  ${word} `].map((_, i, all) => all.slice(i, i + 3).join('')).slice(0, -2)
  return trigrams(a).some((trigram) => trigrams(b).includes(trigram))
}

/** Returns whether a word is long enough to be corrected, and has only letters and their marks. */
const isSpelled = (word: string) => /^\p{L}[\p{L}\p{M}]{2,}$/u.test(word)

/** Returns the edit distance of two words: insertions, deletions, substitutions and swaps of neighbors, each letter once. */
function distance(a: string[], b: string[]): number {
  const known = new Map<string, number>()
  const between = (i: number, j: number): number => {
    if (i === 0 || j === 0) return i + j
    const key = `${i} ${j}`
    const before = known.get(key)
    if (before !== undefined) return before
    const ways = [between(i - 1, j) + 1, between(i, j - 1) + 1, between(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)]
    if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] && i > 1 && j > 1) ways.push(between(i - 2, j - 2) + 1)
    const least = Math.min(...ways)
    known.set(key, least)
    return least
  }
  return between(a.length, b.length)
}
