import fc from 'fast-check'
import type { Category } from '../../../schemas/category.js'
import { startApp, type TestApp } from '../../helpers/app.js'
import { onOneEngine } from '../../helpers/engines.js'
import { mug } from '../../helpers/local-products.js'
import { mascara, palette, sourceProduct } from '../../helpers/products.js'
import { requireEqual } from '../../helpers/properties.js'
import { runs } from '../../helpers/runs.js'

const shirt = sourceProduct(3, { category: 'mens-shirts' })
const shoe = sourceProduct(4, { category: 'mens-shoes' })
const products = [mascara, palette, shirt, shoe]

const put = (app: TestApp, slug: string, json: unknown) => app.request(`/categories/${slug}`, { method: 'PUT', json })
const revert = (app: TestApp, slug: string) => app.request(`/categories/${slug}/edits`, { method: 'DELETE' })
const list = async (app: TestApp): Promise<Category[]> => (await app.request('/categories')).body.categories
const slugsOf = (categories: readonly Category[]) => categories.map(({ slug }) => slug)
const totalOf = async (app: TestApp, slug: string) => (await app.request(`/products?category=${slug}`)).body.total

onOneEngine('categories are sorted by name and have a display name and a product count', async (t) => {
  const app = await startApp(t, { products: [shirt, mascara, palette, sourceProduct(5, { category: 'Café & Thé' })] })

  const { status, body } = await app.request('/categories')

  t.equal(status, 200)
  t.strictSame(body, {
    categories: [
      { slug: 'beauty', name: 'Beauty', products: 2, edited: [] },
      { slug: 'cafe-the', name: 'Café & Thé', products: 1, edited: [] },
      { slug: 'mens-shirts', name: 'Mens Shirts', products: 1, edited: [] }
    ]
  })
})

onOneEngine('editors build a tree, and lists, facets and counts include descendants', async (t) => {
  const app = await startApp(t, { products })
  const token = await app.tokenOf('editor')
  const edit = (slug: string, json: object) => app.request(`/categories/${slug}`, { method: 'PUT', json, token })

  const created = await edit('men', { name: ' For\u00a0Men ' })
  t.equal(created.status, 201)
  t.strictSame(created.body, { slug: 'men', name: 'For Men', products: 0, edited: ['name'] })
  t.strictSame(slugsOf(await list(app)), ['beauty', 'mens-shirts', 'mens-shoes'], 'an empty category is not listed')

  t.strictSame((await edit('mens-shirts', { name: 'Shirts', parent: 'men' })).body, {
    slug: 'mens-shirts',
    name: 'Shirts',
    parent: 'men',
    products: 1,
    edited: ['name', 'parent']
  })
  t.equal((await edit('mens-shoes', { parent: 'men', position: 1 })).status, 200)
  t.strictSame(await list(app), [
    { slug: 'mens-shoes', name: 'Mens Shoes', parent: 'men', position: 1, products: 1, edited: ['parent', 'position'] },
    { slug: 'beauty', name: 'Beauty', products: 2, edited: [] },
    { slug: 'men', name: 'For Men', products: 2, edited: ['name'] },
    { slug: 'mens-shirts', name: 'Shirts', parent: 'men', products: 1, edited: ['name', 'parent'] }
  ])

  const { body } = await app.request('/products?category=men&facets=category')
  t.match(body, { total: 2, products: [{ id: 3, category: 'mens-shirts' }, { id: 4 }] })
  t.strictSame(body.facets.category, [
    { value: 'beauty', count: 2 },
    { value: 'men', count: 2 },
    { value: 'mens-shirts', count: 1 },
    { value: 'mens-shoes', count: 1 }
  ])
  t.equal((await app.request('/products?category=men&category=mens-shoes')).body.total, 2, 'each product counts once')
  const { text } = await app.request('/products/export?category=men')
  t.equal(text.trimEnd().split('\n').length, 2, 'the export includes descendants')

  t.strictSame((await edit('mens-shoes', { name: 'Shoes' })).body, {
    slug: 'mens-shoes',
    name: 'Shoes',
    products: 1,
    edited: ['name']
  })
  t.equal(await totalOf(app, 'men'), 1, 'a PUT replaces the earlier edits')
})

onOneEngine('local products can have categories that no source has', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  t.equal((await app.request('/products', { method: 'POST', json: mug })).status, 201)
  t.match(await list(app), [{ slug: 'beauty' }, { slug: mug.category, name: 'Kitchen Accessories', products: 1 }])
  t.equal((await put(app, mug.category, { parent: 'beauty' })).status, 200)
  t.equal(await totalOf(app, 'beauty'), 2)
})

onOneEngine('reverting a category restores it, and removes one that only an editor has set', async (t) => {
  const app = await startApp(t, { products })
  const before = await list(app)
  await put(app, 'men', {})
  await put(app, 'mens-shirts', { name: 'Shirts', parent: 'men', position: 0 })
  t.strictSame(slugsOf(await list(app)), ['mens-shirts', 'beauty', 'men', 'mens-shoes'])

  t.equal((await revert(app, 'men')).status, 204)
  t.match(await list(app), [{ slug: 'mens-shirts', name: 'Shirts', edited: ['name', 'parent', 'position'] }, {}, {}])
  t.notOk('parent' in ((await list(app))[0] as Category), 'the parent does not exist any more')
  t.match(await revert(app, 'men'), { status: 404, body: { type: /:category-not-found$/, detail: /men/ } })

  t.equal((await revert(app, 'mens-shirts')).status, 204)
  t.equal((await revert(app, 'mens-shirts')).status, 204, 'again')
  t.strictSame(await list(app), before)
})

onOneEngine('a parent that does not exist, and one that would form a cycle, are rejected', async (t) => {
  const app = await startApp(t, { products })
  const rejected = (detail: string) => ({
    status: 409,
    body: { type: /:invalid-parent$/, errors: [{ in: 'body', pointer: '/parent', detail }] }
  })
  t.match(
    await put(app, 'beauty', { parent: 'nothing' }),
    rejected('must be the slug of an existing category (got nothing)')
  )
  t.match(await put(app, 'new', { parent: 'new' }), rejected('must be the slug of an existing category (got new)'))
  t.match(await put(app, 'beauty', { parent: 'beauty' }), rejected('would form a cycle: beauty > beauty'))
  await put(app, 'mens-shirts', { parent: 'mens-shoes' })
  await put(app, 'mens-shoes', { parent: 'beauty' })
  t.match(
    await put(app, 'beauty', { parent: 'mens-shirts' }),
    rejected('would form a cycle: beauty > mens-shirts > mens-shoes > beauty')
  )
  t.notOk('parent' in ((await list(app))[0] as Category), 'nothing is written')

  for (let i = 0; i < 10; i++) await put(app, `level-${i}`, { parent: i === 0 ? 'beauty' : `level-${i - 1}` })
  t.match(
    await put(app, 'beauty', { parent: 'level-9' }),
    rejected('would form a cycle: beauty > level-9 > level-8 > level-7 > level-6 > … > beauty')
  )
})

onOneEngine('invalid categories are rejected', async (t) => {
  const app = await startApp(t, { products })
  for (const [slug, json, pointer] of [
    ['Men', {}, '/slug'],
    ['men', { name: '' }, '/name'],
    ['men', { name: ' \u200b ' }, '/name'],
    ['men', { name: 'x'.repeat(101) }, '/name'],
    ['men', { parent: 'Beauty' }, '/parent'],
    ['men', { position: -1 }, '/position'],
    ['men', { title: 'Men' }, '/title'],
    ['men', [], '']
  ] as const) {
    t.match(await put(app, slug, json), { status: 400, body: { errors: [{ pointer }] } }, JSON.stringify(json))
  }
})

onOneEngine('a changed category changes entity tags, and a repeated request changes nothing', async (t) => {
  const app = await startApp(t, { products })
  const paths = ['/categories', '/products?category=beauty', '/products']
  const read = async () => await Promise.all(paths.map((path) => app.request(path)))
  const tagsOf = (responses: Awaited<ReturnType<typeof read>>) => responses.map(({ headers }) => headers.get('etag'))
  const before = await read()
  const product = await app.request('/products/1')

  const written = await put(app, 'mens-shoes', { parent: 'beauty' })
  const after = await read()
  for (const [i, tag] of tagsOf(after).entries()) t.not(tag, tagsOf(before)[i], String(paths[i]))
  t.strictSame(
    after.map(({ body }) => body.total),
    [undefined, 3, 4]
  )
  t.equal(
    (await app.request('/products/1')).headers.get('etag'),
    product.headers.get('etag'),
    'that of a product stays'
  )

  t.strictSame((await put(app, 'mens-shoes', { parent: 'beauty' })).body, written.body)
  t.strictSame(tagsOf(await read()), tagsOf(after))
  t.equal((await revert(app, 'mens-shirts')).status, 204)
  t.strictSame(tagsOf(await read()), tagsOf(after))
})

onOneEngine('after random edits, counts add up and equal the totals of the filter', async (t) => {
  const categories = ['a', 'b', 'c', 'd', 'e']
  const all = categories.flatMap((category, i) =>
    Array.from({ length: i + 1 }, (_, j) => sourceProduct(i * 10 + j + 1, { category }))
  )
  const app = await startApp(t, { products: all })
  const slug = fc.constantFrom(...categories, 'x', 'y')
  const edit = fc.tuple(slug, fc.option(fc.oneof(slug, fc.constant(''))))
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { maxLength: 12 }), async (edits) => {
      for (const { slug } of await list(app)) await revert(app, slug)
      for (const [slug, parent] of edits) {
        const { status } = parent === null ? await revert(app, slug) : await put(app, slug, { parent })
        requireEqual([200, 201, 204, 404, 409].includes(status), true, status)
      }
      const listed = await list(app)
      const children = (of: string | undefined) => listed.filter(({ parent }) => parent === of)
      const sum = (of: readonly Category[]) => of.reduce((sum, { products }) => sum + products, 0)
      requireEqual(sum(children(undefined)), all.length, 'the top level has all products')
      const { facets } = (await app.request('/products?limit=1&facets=category')).body
      for (const { slug, products } of listed) {
        const own = categories.indexOf(slug) + 1
        requireEqual(products, own + sum(children(slug)), slug)
        requireEqual(await totalOf(app, slug), products, slug)
        requireEqual(facets.category.find(({ value }: { value: string }) => value === slug)?.count, products, slug)
      }
    }),
    { numRuns: runs(15, 200) }
  )
})
