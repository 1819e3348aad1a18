import fc from 'fast-check'
import t from 'tap'
import { type CategoryStep, toCategoryPath } from '../../src/products/categories.js'
import { SourceCategories } from '../../src/sync/source-categories.js'
import { requireEqual } from '../helpers/properties.js'

function collect(paths: readonly (readonly CategoryStep[])[]) {
  const categories = new SourceCategories()
  for (const path of paths) categories.add(path)
  return categories.list().sort((a, b) => (a.slug < b.slug ? -1 : 1))
}

t.test('every category of a path is collected, with the name and the parent that the source gives', async (t) => {
  t.strictSame(collect([toCategoryPath(['Clothing', 'Men’s Shirts']), toCategoryPath(['Clothing', 'Shoes'])]), [
    { slug: 'clothing', name: 'Clothing', parent: undefined },
    { slug: 'clothing-mens-shirts', name: 'Men’s Shirts', parent: 'clothing' },
    { slug: 'clothing-shoes', name: 'Shoes', parent: 'clothing' }
  ])
})

t.test('the name and the parent that most products give count, and of equally frequent ones the first', async (t) => {
  const step = (name: string) => ({ slug: 'tea', name })
  const parent = (slug: string) => ({ slug, name: slug })
  const paths = [[step('TEA')], [step('Tea')], [step('Tea')], [parent('drinks'), step('tea')]]
  t.match(collect(paths), [{ slug: 'drinks' }, { slug: 'tea', name: 'Tea', parent: undefined }])
  t.match(collect([[step('tea')], [step('Tea')]]), [{ name: 'Tea' }])
  t.match(
    collect([
      [parent('b'), step('Tea')],
      [parent('a'), step('Tea')]
    ]).at(-1),
    { parent: 'a' }
  )
})

t.test('the order of the products has no effect', async () => {
  const step = fc.record({ slug: fc.constantFrom('a', 'b', 'c'), name: fc.constantFrom('A', 'B', 'C') })
  const paths = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 12 })
  fc.assert(
    fc.property(
      paths.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([paths, shuffled]) => requireEqual(collect(shuffled), collect(paths))
    ),
    { numRuns: 500 }
  )
})
