import fc from 'fast-check'
import t from 'tap'
import type { ProductQuery } from '../../../schemas/listing.js'
import type { ProductIndex } from '../../../src/catalog/index/product-index.js'
import { applyChanges, ProductIndexBuilder } from '../../../src/catalog/index/product-index-builder.js'
import { parseQuery } from '../../../src/catalog/query.js'
import { toAttributeKey } from '../../../src/products/attributes.js'
import type { StoredCategories } from '../../../src/products/category-tree.js'
import type { IndexEntry } from '../../../src/products/index-entry.js'
import {
  INDEXED_FIELDS,
  INDEXED_LISTS,
  type IndexedField,
  toIndexedValues
} from '../../../src/products/indexed-values.js'
import { applyEdits } from '../../../src/products/overlay.js'
import { Oracle, type QueryParameters } from '../../helpers/oracle.js'
import { mappedRow, sourceProduct } from '../../helpers/products.js'
import { optional, requireEqual } from '../../helpers/properties.js'

const NO_CATEGORIES: StoredCategories = { source: [], edits: new Map() }
/** Few distinct values, so that products share them and values appear and disappear. */
const text = fc.constantFrom('', 'a', 'b', 'ä', 'zz')
const number = fc.constantFrom(0, 1, 2.56, 100)
const numeric: readonly IndexedField[] = ['price', 'onSale', 'rating', 'discount', 'stock']
/** A value per indexed field, then the lists. */
const values: fc.Arbitrary<IndexEntry[2]> = fc
  .tuple(
    fc.tuple(...INDEXED_FIELDS.map((field) => (numeric.includes(field) ? number : fc.option(text)))),
    fc.tuple(...INDEXED_LISTS.map(() => fc.uniqueArray(text)))
  )
  .map((parts) => parts.flat())
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
/** The fields that the queries use. One category has many products. */
const productFields = fc.record({
  title: name,
  category: fc.oneof(fc.constant('a'), name),
  brand: fc.option(name, { nil: undefined }),
  tags: fc.uniqueArray(name, { maxLength: 3 }),
  price: number,
  rating: fc.constantFrom(0, 1, 2.56, 5),
  stock: fc.nat({ max: 50 }),
  attributes: fc.uniqueArray(fc.record({ name, value: name }), { maxLength: 4, selector: toAttributeKey })
})
const change = fc.record({
  entries: fc.dictionary(fc.integer({ min: 1, max: 40 }).map(String), values),
  gone: fc.uniqueArray(fc.integer({ min: 1, max: 40 })),
  isRead: fc.boolean()
})

t.test('`rank` orders few and many matches, and skips unknown products', async (t) => {
  const builder = new ProductIndexBuilder()
  const values = toIndexedValues(applyEdits(mappedRow(sourceProduct(1)).fields, {}))
  const ids = Array.from({ length: 200 }, (_, i) => 2 * i + 1)
  for (const id of ids) builder.add([id, 1, values])
  const index = await builder.finish({ epoch: 'epoch000', revision: 1 }, NO_CATEGORIES)
  for (const size of [3, 150]) {
    const [all, labels, titles] = [size, Math.floor(size / 2), 1].map((count) => Uint32Array.from(ids.slice(0, count)))
    const hits = index.rank([
      Uint32Array.from([...(all as Uint32Array), 400]),
      labels as Uint32Array,
      titles as Uint32Array
    ])
    const ranked = [...hits.rows].map((row) => index.ids[row])
    t.strictSame(ranked, [...ids.slice(Math.floor(size / 2), size), ...ids.slice(1, Math.floor(size / 2)), 1])
    t.match(hits, { titleMatches: 1, labelMatches: Math.floor(size / 2) - 1 })
  }
})

t.test('an index that applied changes equals one built from scratch', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 8 }), async (changes) => {
      const products = new Map<number, IndexEntry>()
      let index = await createEmptyIndex()
      for (const [i, { entries, gone, isRead }] of changes.entries()) {
        const revision = i + 1
        const added = Object.entries(entries).map(([id, values]): IndexEntry => [Number(id), revision, values])
        const removed = gone.filter((id) => !(id in entries))
        index = await applyChanges(index, { revision, entries: added, removedIds: removed, categories: undefined })
        for (const id of removed) products.delete(id)
        for (const entry of added) products.set(entry[0], entry)
        // Reading sorts the columns, so later changes take another code path.
        if (isRead) contentOf(index)
      }
      const builder = new ProductIndexBuilder()
      for (const entry of [...products.values()].sort((a, b) => a[0] - b[0])) builder.add(entry)
      const rebuilt = await builder.finish({ epoch: 'epoch', revision: changes.length }, NO_CATEGORIES)
      requireEqual(contentOf(index), contentOf(rebuilt))
    }),
    { numRuns: 500 }
  )
})

t.test('a page of the index equals the page that a full scan finds', async () => {
  const some = optional(fc.uniqueArray(name, { minLength: 1, maxLength: 2 }))
  const bound = optional(number)
  const sortKey = fc.tuple(fc.constantFrom('', '-'), fc.constantFrom('price', 'rating', 'title', 'stock'))
  const asked: fc.Arbitrary<QueryParameters> = fc
    .record({
      category: optional(fc.uniqueArray(fc.oneof(name, fc.constant('x')), { minLength: 1, maxLength: 2 })),
      brand: some,
      tag: some,
      attribute: optional(
        fc.uniqueArray(
          fc.tuple(name, name).map((pair) => pair.join(':')),
          { maxLength: 3 }
        )
      ),
      minPrice: bound,
      maxPrice: bound,
      minRating: bound,
      sort: optional(
        fc.uniqueArray(sortKey, { minLength: 1, maxLength: 2, selector: ([, by]) => by }).map((keys) => {
          return keys.map((key) => key.join('')).join()
        }),
        1
      )
    })
    .map((asked) => JSON.parse(JSON.stringify(asked)) as QueryParameters)
  const queries = fc.array(fc.tuple(asked, fc.nat({ max: 40 }), fc.integer({ min: 1, max: 20 })), {
    minLength: 20,
    maxLength: 20
  })
  const products = fc
    .array(productFields, { minLength: 200, maxLength: 400, size: 'max' })
    .map((all) =>
      all.map((one, i) =>
        applyEdits({ ...mappedRow(sourceProduct(i + 1, one)).fields, attributes: one.attributes }, {})
      )
    )
  await fc.assert(
    fc.asyncProperty(products, queries, async (products, queries) => {
      // `x` has no products of its own.
      const parents: Record<string, string> = { b: 'a', c: 'x', x: 'a', e: 'd' }
      const oracle = new Oracle(products, parents)
      const source = [...'abcdex'].map((slug) => ({ slug, name: slug, parent: parents[slug] }))
      const entries = products.map((product): IndexEntry => [product.id, 1, toIndexedValues(product)])
      const builder = new ProductIndexBuilder()
      for (const entry of entries.slice(0, 150)) builder.add(entry)
      // The other products are added later, so that the rows of a category are not contiguous.
      const index = await applyChanges(await builder.finish({ epoch: 'epoch', revision: 1 }, NO_CATEGORIES), {
        revision: 2,
        entries: entries.slice(150),
        removedIds: [],
        categories: { source, edits: new Map() }
      })
      for (const [asked, offset, limit] of queries) {
        const expected = oracle.find(asked)
        const query = parseQuery({ ...asked, offset, limit } as ProductQuery, 'key')
        const found = index.find(query.filters, undefined)
        const idsOf = (rows: Uint32Array) => [...rows].map((row) => index.ids[row])
        requireEqual(idsOf(index.page(found, undefined, query).rows), expected.slice(offset, offset + limit), asked)
        requireEqual(found.count, expected.length, asked)
        requireEqual(idsOf(found.rows).sort(), [...expected].sort(), asked)
      }
    }),
    { numRuns: 60 }
  )
})

t.test('unchanged products keep the positions of their texts', async (t) => {
  const entry = (id: number, revision: number): IndexEntry => {
    return [id, revision, [...INDEXED_FIELDS.map(() => 'a'), ...INDEXED_LISTS.map(() => [])]]
  }
  const first = await applyChanges(await createEmptyIndex(), {
    revision: 3,
    entries: [entry(1, 1), entry(3, 2), entry(5, 3)],
    removedIds: [],
    categories: undefined
  })
  first.textOffsets.set([10, 30, 50])
  first.textSizes.set([1, 3, 5])

  const second = await applyChanges(first, {
    revision: 6,
    entries: [entry(2, 4), entry(3, 5)],
    removedIds: [1],
    categories: undefined
  })

  t.strictSame(
    [...second.all()].map((row) => [
      second.ids[row],
      second.revisions[row],
      second.textOffsets[row],
      second.textSizes[row]
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
    'the previous index is unchanged'
  )
})

async function createEmptyIndex(): Promise<ProductIndex> {
  return await new ProductIndexBuilder().finish({ epoch: 'epoch', revision: 0 }, NO_CATEGORIES)
}

/** Returns the whole content of an index in comparable form. */
function contentOf(index: ProductIndex): unknown {
  const rows = [...index.all()]
  return [
    rows.map((row) => [index.ids[row], index.revisions[row]]),
    INDEXED_LISTS.map((list) => rows.map((row) => [...index.lists[list].countValues(Uint32Array.of(row))])),
    INDEXED_LISTS.map((list) => index.lists[list].values),
    INDEXED_FIELDS.map((field) => [index.columns[field].values, rows.map((row) => index.columns[field].codes[row])])
  ]
}
