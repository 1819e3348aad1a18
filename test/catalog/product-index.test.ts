import fc from 'fast-check'
import t from 'tap'
import type { Value } from '../../src/catalog/column.js'
import { FIELDS, type Field } from '../../src/catalog/facts.js'
import type { IndexEntry, ProductIndex } from '../../src/catalog/product-index.js'
import { ProductIndexBuilder } from '../../src/catalog/product-index-builder.js'
import type { Filters, Order } from '../../src/catalog/query.js'

/** Few values of each, so that many come, are shared and go. */
const text = fc.constantFrom('', 'a', 'b', 'ä', 'zz')
const number = fc.constantFrom(0, 1, 2.56, 100)
const facts = fc
  .tuple(text, text, fc.option(text), text, number, number, number, number, text, fc.uniqueArray(text))
  .map((values) => values as IndexEntry[2])
const change = fc.record({
  entries: fc.dictionary(fc.integer({ min: 1, max: 40 }).map(String), facts),
  gone: fc.uniqueArray(fc.integer({ min: 1, max: 40 })),
  isAsked: fc.boolean()
})

t.test('an index that has followed changes is the one that is made at once of what there is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 8 }), async (changes) => {
      const products = new Map<number, IndexEntry>()
      let index = await empty()
      for (const [i, { entries, gone, isAsked }] of changes.entries()) {
        const revision = i + 1
        const added = Object.entries(entries).map(([id, facts]): IndexEntry => [Number(id), revision, facts])
        const removed = gone.filter((id) => !(id in entries))
        index = await index.after({ revision, entries: added, gone: removed })
        for (const id of removed) products.delete(id)
        for (const entry of added) products.set(entry[0], entry)
        // What was asked for is kept in another form than what was not.
        if (isAsked) show(index)
      }
      const builder = new ProductIndexBuilder()
      for (const entry of [...products.values()].sort((a, b) => a[0] - b[0])) builder.add(entry)
      const atOnce = await builder.finish(changes.length)
      const [found, wanted] = [show(index), show(atOnce)].map((shown) => JSON.stringify(shown))
      if (found !== wanted) throw new Error(`found ${found}, wanted ${wanted}`)
    }),
    { numRuns: 500 }
  )
})

t.test('a part of what is found is what looking at all products finds, however many there are', async () => {
  const filters = {
    category: fc.oneof(fc.constant([]), fc.uniqueArray(text, { maxLength: 2 })),
    brand: fc.oneof(fc.constant([]), fc.uniqueArray(text, { maxLength: 2 })),
    tag: fc.oneof(fc.constant([]), fc.uniqueArray(text, { maxLength: 2 })),
    availability: fc.constant([]),
    minPrice: fc.option(number, { nil: undefined }),
    maxPrice: fc.option(number, { nil: undefined }),
    minRating: fc.option(number, { nil: undefined }),
    minDiscount: fc.constant(undefined),
    ids: fc.constant([])
  }
  const by = fc.constantFrom(...(['price', 'rating', 'title', 'stock'] as const))
  const query = fc.record({
    filters: fc.record(filters),
    order: fc.uniqueArray(fc.record({ by, descending: fc.boolean() }), { maxLength: 2, selector: ({ by }) => by }),
    offset: fc.nat({ max: 40 }),
    limit: fc.integer({ min: 1, max: 20 })
  })
  const products = fc.array(facts, { minLength: 200, maxLength: 400, size: 'max' })
  await fc.assert(
    fc.asyncProperty(products, fc.array(query, { minLength: 20, maxLength: 20 }), async (all, queries) => {
      const entries = all.map((facts, i): IndexEntry => [i + 1, 1, facts])
      // Some of them have come later.
      const builder = new ProductIndexBuilder()
      for (const entry of entries.slice(0, 300)) builder.add(entry)
      const index = await (await builder.finish(1)).after({ revision: 2, entries: entries.slice(300), gone: [] })
      for (const query of queries) {
        const wanted = entries.filter(([, , facts]) => isFound(facts, query.filters))
        wanted.sort((a, b) => compare(a, b, query.order))
        const found = index.find(query.filters, undefined)
        const { rows } = index.part(found, undefined, { ...query, after: undefined })
        const ids = wanted.map(([id]) => id)
        const page = ids.slice(query.offset, query.offset + query.limit)
        const asked = JSON.stringify(query)
        const [seen, expected] = [
          [found.count, [...rows].map((row) => index.ids[row]), [...found.rows].length],
          [ids.length, page, ids.length]
        ].map((one) => JSON.stringify(one))
        if (seen !== expected) throw new Error(`${asked}: found ${seen}, wanted ${expected}`)
      }
    }),
    { numRuns: 200 }
  )
})

t.test('what is known of the texts stays with the products that have not changed', async (t) => {
  const entry = (id: number, revision: number): IndexEntry => {
    return [id, revision, ['a', 'a', null, 'a', 1, 1, 1, 1, 'a', []] as unknown as IndexEntry[2]]
  }
  const first = await (await empty()).after({ revision: 3, entries: [entry(1, 1), entry(3, 2), entry(5, 3)], gone: [] })
  first.textAt.set([10, 30, 50])
  first.textLength.set([1, 3, 5])

  const second = await first.after({ revision: 6, entries: [entry(2, 4), entry(3, 5)], gone: [1] })

  t.strictSame(
    [...second.all()].map((row) => [
      second.ids[row],
      second.revisions[row],
      second.textAt[row],
      second.textLength[row]
    ]),
    [
      [2, 4, 0, 0],
      [3, 5, 0, 0],
      [5, 3, 50, 5]
    ]
  )
  t.strictSame(
    [1, 2, 3, 5].map((id) => second.rowOf(id) >= 0),
    [false, true, true, true]
  )
  t.strictSame(
    [...first.all()].map((row) => first.ids[row]),
    [1, 3, 5],
    'and the one before is as it was'
  )
})

/** What a product has in a field. */
const valueIn = (facts: IndexEntry[2], field: Field) => facts[FIELDS.indexOf(field)] as Value | null

function isFound(facts: IndexEntry[2], { category, brand, tag, minPrice, maxPrice, minRating }: Filters): boolean {
  const isAmong = (field: Field, values: readonly string[]) =>
    values.length === 0 || values.includes(valueIn(facts, field) as string)
  const tags = facts[FIELDS.length] as string[]
  const price = valueIn(facts, 'price') as number
  return (
    isAmong('category', category) &&
    isAmong('brand', brand) &&
    (tag.length === 0 || tag.some((one) => tags.includes(one))) &&
    price >= (minPrice ?? 0) &&
    price <= (maxPrice ?? price) &&
    (valueIn(facts, 'rating') as number) >= (minRating ?? 0)
  )
}

function compare(a: IndexEntry, b: IndexEntry, order: readonly Order[]): number {
  for (const { by, descending } of order) {
    const [one, other] = [a, b].map((entry) => valueIn(entry[2], by as Field) as Value) as [Value, Value]
    if (one !== other) return one < other === descending ? 1 : -1
  }
  return a[0] - b[0]
}

async function empty(): Promise<ProductIndex> {
  return await new ProductIndexBuilder().finish(0)
}

/** All that an index holds. */
function show(index: ProductIndex): unknown {
  const rows = [...index.all()]
  return [
    rows.map((row) => [index.ids[row], index.revisions[row], ...index.tags.tally(Uint32Array.of(row))]),
    FIELDS.map((field) => [index.columns[field].values, rows.map((row) => index.columns[field].codes[row])]),
    index.tags.values
  ]
}
