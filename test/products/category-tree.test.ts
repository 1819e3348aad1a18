import fc from 'fast-check'
import t from 'tap'
import type { Category, CategoryInput } from '../../schemas/category.js'
import { CategoryTree, type SourceCategory } from '../../src/products/category-tree.js'
import { optional, requireEqual } from '../helpers/properties.js'
import { runs } from '../helpers/runs.js'

const toTree = (used: string[], source: SourceCategory[], edits: Record<string, CategoryInput> = {}) =>
  new CategoryTree(used, { source, edits: new Map(Object.entries(edits)) })
const toSource = (slug: string, parent?: string): SourceCategory => ({ slug, name: slug.toUpperCase(), parent })
const clothing = [toSource('clothing'), toSource('clothing-shirts', 'clothing'), toSource('clothing-shoes', 'clothing')]
const parentsOf = (tree: CategoryTree) =>
  Object.fromEntries(tree.describe([]).flatMap(({ slug, parent }) => (parent ? [[slug, parent]] : [])))

t.test('without stored categories, each category that products name is at the top level', async (t) => {
  const tree = toTree(['beauty', 'mens-shirts'], [])
  t.strictSame(tree.describe([2, 1]), [
    { slug: 'beauty', name: 'Beauty', products: 2, edited: [] },
    { slug: 'mens-shirts', name: 'Mens Shirts', products: 1, edited: [] }
  ])
  t.strictSame(tree.withDescendants(['beauty', 'nothing']), ['beauty', 'nothing'])
})

t.test('a category counts the products of its descendants, also if it has none itself', async (t) => {
  const tree = toTree(['clothing-shirts', 'clothing-shoes', 'tea'], clothing)
  t.strictSame(tree.describe([3, 4, 5]), [
    { slug: 'clothing', name: 'CLOTHING', products: 7, edited: [] },
    { slug: 'clothing-shirts', name: 'CLOTHING-SHIRTS', parent: 'clothing', products: 3, edited: [] },
    { slug: 'clothing-shoes', name: 'CLOTHING-SHOES', parent: 'clothing', products: 4, edited: [] },
    { slug: 'tea', name: 'Tea', products: 5, edited: [] }
  ])
  t.strictSame(tree.withDescendants(['tea', 'clothing']), ['tea', 'clothing', 'clothing-shirts', 'clothing-shoes'])
  t.strictSame(tree.withDescendants(['clothing-shirts', 'clothing']), ['clothing-shirts', 'clothing', 'clothing-shoes'])
  t.strictSame(tree.pathToTop('clothing-shirts'), ['clothing-shirts', 'clothing'])
  t.strictSame(tree.pathToTop('nothing'), [])
})

t.test('edits lie over the values of the source, per field', async (t) => {
  const tree = toTree(['clothing-shirts', 'tea'], clothing, {
    'clothing-shirts': { name: 'Shirts', position: 0 },
    'clothing-shoes': { parent: '' },
    drinks: {},
    tea: { parent: 'drinks' }
  })
  t.strictSame(tree.describe([1, 2]), [
    { slug: 'clothing', name: 'CLOTHING', products: 1, edited: [] },
    {
      slug: 'clothing-shirts',
      name: 'Shirts',
      parent: 'clothing',
      position: 0,
      products: 1,
      edited: ['name', 'position']
    },
    { slug: 'clothing-shoes', name: 'CLOTHING-SHOES', products: 0, edited: ['parent'] },
    { slug: 'drinks', name: 'Drinks', products: 2, edited: [] },
    { slug: 'tea', name: 'Tea', parent: 'drinks', products: 2, edited: ['parent'] }
  ])
})

t.test('an edit whose parent does not exist leaves the parent of the source', async (t) => {
  const edits = { 'clothing-shirts': { parent: 'sale' } }
  t.match(parentsOf(toTree(['clothing-shirts'], clothing, edits)), { 'clothing-shirts': 'clothing' })
  t.match(parentsOf(toTree(['clothing-shirts', 'sale'], clothing, edits)), { 'clothing-shirts': 'sale' })
})

t.test('an edit that forms a cycle with the source leaves the parent of the source', async (t) => {
  const swapped = { clothing: { parent: 'clothing-shirts' }, 'clothing-shirts': { parent: '' } }
  t.match(parentsOf(toTree([], clothing, swapped)), { clothing: 'clothing-shirts' }, 'two edits swap the categories')
  const { clothing: edit } = swapped
  t.strictSame(parentsOf(toTree([], clothing, { clothing: edit })), {
    'clothing-shirts': 'clothing',
    'clothing-shoes': 'clothing'
  })
})

t.test('a cycle of the source is cut at its first category', async (t) => {
  const tree = toTree(['c'], [toSource('a', 'b'), toSource('b', 'a'), toSource('c', 'c')])
  t.strictSame(parentsOf(tree), { b: 'a' })
})

t.test('a chain of many categories has no limit', async (t) => {
  const slugs = Array.from({ length: 10_000 }, (_, i) => `c${String(i).padStart(5, '0')}`)
  const tree = toTree(
    slugs,
    slugs.map((slug, i) => toSource(slug, slugs[i - 1]))
  )
  t.equal(tree.totals(slugs.map(() => 1))[0], slugs.length)
  t.equal(tree.withDescendants(['c00001']).length, slugs.length - 1)
})

const slug = fc.constantFrom(...'abcdefgh')
const edits = fc.record(
  { name: fc.constantFrom('A', 'B'), parent: fc.oneof(slug, fc.constant('')), position: fc.nat(3) },
  { requiredKeys: [] }
)
const stored = fc.record({
  used: fc.uniqueArray(slug).map((slugs) => slugs.sort()),
  source: fc.uniqueArray(fc.tuple(slug, optional(slug, 1)), { selector: ([slug]) => slug }),
  edits: fc.dictionary(slug, edits)
})

t.test('random categories and edits never form a cycle, and their counts add up', async () => {
  fc.assert(
    fc.property(stored, ({ used, source, edits }) => {
      const tree = toTree(
        used,
        source.map(([slug, parent]) => toSource(slug, parent)),
        edits
      )
      const counts = used.map((_, i) => 2 ** i)
      const categories = tree.describe(counts)
      const bySlug = new Map(categories.map((category) => [category.slug, category]))
      const pathOf = ({ slug, parent }: Category): string[] => {
        const path = [slug]
        for (let next = parent; next !== undefined; next = bySlug.get(next)?.parent) {
          if (path.includes(next)) throw new Error(`${[...path, next].join(' > ')} is a cycle`)
          path.push(next)
        }
        return path
      }
      for (const category of categories) {
        requireEqual(tree.pathToTop(category.slug), pathOf(category))
        const members = categories.filter((one) => pathOf(one).includes(category.slug)).map(({ slug }) => slug)
        requireEqual([...tree.withDescendants([category.slug])].sort(), members, category)
        const sum = members.reduce((sum, member) => sum + (counts[used.indexOf(member)] ?? 0), 0)
        requireEqual(category.products, sum, category)
      }
    }),
    { numRuns: runs(2000, 50_000) }
  )
})

t.test('the order in which categories are stored has no effect', async () => {
  fc.assert(
    fc.property(stored, ({ used, source, edits }) => {
      const rows = source.map(([slug, parent]) => toSource(slug, parent))
      const reversed = Object.fromEntries(Object.entries(edits).reverse())
      const describe = (tree: CategoryTree) => tree.describe(used.map(() => 1))
      requireEqual(describe(toTree(used, rows.toReversed(), reversed)), describe(toTree(used, rows, edits)))
    }),
    { numRuns: runs(500, 10_000) }
  )
})

t.test('a source can give positions, and edits lie over them', async (t) => {
  const source = ['a', 'b', 'c'].map((slug, position) => ({ ...toSource(slug), position }))
  const tree = toTree(['a', 'b', 'c', 'd'], source, { b: { position: 7 }, d: { position: 8 }, c: { name: 'Cups' } })
  t.match(tree.describe([1, 1, 1, 1]), [
    { slug: 'a', position: 0, edited: [] },
    { slug: 'b', position: 7, edited: ['position'] },
    { slug: 'c', name: 'Cups', position: 2 },
    { slug: 'd', position: 8 }
  ])
})
