import fc from 'fast-check'
import t from 'tap'
import type { Product } from '../../schemas/product.js'
import { AVAILABILITIES, type ProductVariant } from '../../schemas/variant.js'
import { CategoryTree } from '../../src/products/category-tree.js'
import { roundPrice } from '../../src/products/money.js'
import { applyEdits } from '../../src/products/overlay.js'
import { normalizeProduct } from '../../src/products/product-text.js'
import { toLine, toLines } from '../../src/products/text.js'
import { google } from '../../src/sync/sources/google/google.js'
import type { MappedRecord } from '../../src/sync/sources/source-kind.js'
import { formats } from '../../src/transfer/export-formats.js'
import { comparable, toReadBack } from '../helpers/merchant-feeds.js'
import { mappedRow, sourceProduct } from '../helpers/products.js'
import { requireEqual } from '../helpers/properties.js'
import { runs } from '../helpers/runs.js'

const base = applyEdits(mappedRow(sourceProduct(1)).fields, {})

const toTree = (names: readonly string[]) =>
  new CategoryTree(
    names.map((_, i) => `c${i}`),
    {
      source: names.map((name, i) => ({ slug: `c${i}`, name, parent: i === 0 ? undefined : `c${i - 1}` })),
      edits: new Map()
    }
  )

async function readBack(feed: string, currency: string): Promise<MappedRecord[]> {
  async function* body() {
    yield Buffer.from(feed)
  }
  const settings = { url: '', currency }
  const records: MappedRecord[] = []
  for await (const record of google.read(body(), { url: '', headers: {} }, settings))
    records.push((await google.map(record, settings)) as MappedRecord)
  return records
}

function write(format: 'rss' | 'tsv', product: Product, tree: CategoryTree): string {
  const { header, footer, toRows } = formats[format]
  return header + [...toRows(JSON.stringify(product), 'v', tree)].join('') + footer
}

// Control characters are invalid in a product, and XML excludes two other code points.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what the pattern looks for
const INVALID = /[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]/g
const raw = fc.oneof(
  fc.string({
    unit: fc.constantFrom(...'"\',:;|\t<>&#/=\\ab1 \u2028é'.split(''), '&amp;', '<b>', ']]>', '""', '&#x41;')
  }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' })
)
const line = raw.map((text) => toLine(text.replace(INVALID, '')))
const filled = line.filter((text) => text !== '')
const lines = fc.array(raw, { maxLength: 4 }).map((texts) => toLines(texts.join('\n').replace(INVALID, '')))
const name = fc
  .oneof(line, fc.constantFrom('Color', 'colour', 'SIZE', 'Age group', 'age-group', 'gender', 'Material'))
  .map((text) => toLine(text.replaceAll(':', '')))
  .filter((text) => text !== '')
const value = fc.oneof(filled, fc.constantFrom('male', 'Adult', 'red'))
const url = fc.webUrl({ withQueryParameters: true }).map((text) => text.replaceAll("'", ','))
const price = fc.integer({ min: 0, max: 10_000_000 })
const barcode = fc.constantFrom('', '4006381333931', '2001219056223', 'x')
const time = fc.date({ min: new Date('1971-01-01'), max: new Date('9998-12-31'), noInvalidDate: true })

interface Parts {
  currency: string
  categories: string[]
  sale: [Date, Date] | undefined
  options: { name: string; values: string[] }[]
  variants: {
    picks: number[]
    price: number
    cut: number | undefined
    stock: number | undefined
    sku: string | undefined
  }[]
  fields: Partial<Product>
  image: string
}

const parts: fc.Arbitrary<Parts> = fc.record({
  currency: fc.constantFrom('USD', 'JPY', 'KWD', 'CLF'),
  categories: fc.array(
    filled.filter((text) => /[a-z0-9]/i.test(text)).map((text) => toLine(text.slice(0, 100))),
    { minLength: 1, maxLength: 3 }
  ),
  sale: fc.option(fc.tuple(time, time), { nil: undefined }),
  options: fc.uniqueArray(fc.record({ name, values: fc.uniqueArray(value, { minLength: 1, maxLength: 3 }) }), {
    selector: ({ name }) => name,
    maxLength: 3
  }),
  variants: fc.array(
    fc.record({
      picks: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 3, maxLength: 3 }),
      price,
      cut: fc.option(fc.integer({ min: -5, max: 100 }), { nil: undefined }),
      stock: fc.option(fc.nat(1000), { nil: undefined }),
      sku: fc.option(filled, { nil: undefined })
    }),
    { maxLength: 4 }
  ),
  fields: fc.record({
    sku: line,
    title: filled,
    description: lines,
    tags: fc.array(filled, { maxLength: 4 }),
    images: fc.uniqueArray(url, { maxLength: 13 }),
    attributes: fc.array(fc.record({ name, value }), { maxLength: 5 }),
    barcode,
    weight: fc.double({ min: 0, max: 1_000_000, noNaN: true }),
    availability: fc.constantFrom(...AVAILABILITIES)
  }),
  image: url
})

/** Builds a product that is valid, as the service would have stored it. */
function toProduct({ currency, categories, sale, options, variants: drafts, fields, image }: Parts): Product {
  const combinations = new Set<string>()
  const variants = drafts.flatMap(({ picks, price, cut, stock, sku }, i): ProductVariant[] => {
    const chosen = options.flatMap(({ name, values }, j) => {
      const value = values[picks[j] ?? -1]
      return value === undefined ? [] : [{ name, value }]
    })
    const combination = JSON.stringify(chosen)
    if (combinations.has(combination)) return []
    combinations.add(combination)
    const amount = roundPrice(price / 100, currency)
    return [
      {
        ...(sku !== undefined && { sku }),
        ...(i === 1 && { barcode: '96385074' }),
        options: chosen,
        price: amount,
        ...(cut !== undefined && { salePrice: roundPrice(Math.max(0, amount - cut), currency) }),
        ...(stock !== undefined && { stock }),
        availability: AVAILABILITIES[i] ?? 'in-stock',
        ...(i === 2 && { image })
      }
    ]
  })
  const [from, until] = (sale ?? []).map((time) => time.toISOString()).sort()
  const normal = normalizeProduct({
    ...base,
    ...fields,
    currency,
    category: `c${categories.length - 1}`,
    price: roundPrice(base.price, currency),
    ...(from !== undefined && { salePriceFrom: from }),
    ...(until !== undefined && until.slice(0, 19) !== from?.slice(0, 19) && { salePriceUntil: until }),
    options,
    variants
  })
  return applyEdits(normal as Product, {})
}

for (const format of ['rss', 'tsv'] as const) {
  t.test(`any product survives in ${format}`, async (t) => {
    await fc.assert(
      fc.asyncProperty(parts, async (given) => {
        const product = toProduct(given)
        const feed = write(format, product, toTree(given.categories))
        const [mapped, ...others] = await readBack(feed, 'EUR')
        requireEqual(others, [])
        if (!mapped || 'problem' in mapped) throw new Error(JSON.stringify(mapped))
        requireEqual(mapped.reports, [], feed)
        const found = applyEdits(mapped.row.fields as Product, {})
        const wanted = toReadBack(product, given.categories)
        requireEqual(sort(comparable(found)), sort(comparable(applyEdits(wanted, {}))), feed)
      }),
      { numRuns: runs(150, 2000) }
    )
    t.pass()
  })
}

const sort = (fields: object) => Object.fromEntries(Object.entries(fields).sort())

t.test('drafts and archived products have no items', async (t) => {
  for (const status of ['draft', 'archived'] as const)
    t.equal(write('tsv', { ...base, status }, toTree(['A'])).split('\n').length, 2)
})

t.test('texts and lists of the maximum length are read back', async (t) => {
  const long = (length: number, unit = '😀') => unit.repeat(length)
  const images = Array.from({ length: 20 }, (_, i) => `https://images.example/${i}/${'x'.repeat(2000)}`)
  const product: Product = {
    ...base,
    category: 'c0',
    title: long(300),
    description: long(10_000, '<'),
    brand: long(200),
    mpn: long(100),
    tags: Array.from({ length: 100 }, (_, i) => `${i}${long(90, ',')}`),
    images,
    attributes: Array.from({ length: 50 }, (_, i) => ({ name: `${i}${long(90)}`, value: long(200, '"') })),
    options: [{ name: long(100), values: Array.from({ length: 100 }, (_, i) => `${i}${long(190)}`) }],
    variants: Array.from({ length: 100 }, (_, i) => ({
      sku: `${i}${long(90)}`,
      options: [{ name: long(100), value: `${i}${long(190)}` }],
      price: 1_000_000_000,
      stock: 2_147_483_647,
      availability: 'in-stock' as const
    }))
  }
  for (const format of ['rss', 'tsv'] as const) {
    const [mapped] = await readBack(write(format, product, toTree(['A'])), 'EUR')
    if (!mapped || 'problem' in mapped) throw new Error(JSON.stringify(mapped).slice(0, 500))
    t.strictSame(mapped.reports, [])
    const found = applyEdits(mapped.row.fields as Product, {})
    t.strictSame(comparable(found), comparable(applyEdits(toReadBack(applyEdits(product, {}), ['A']), {})))
  }
})
