import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { type CategoryStep, toCategoryPath } from '../../src/products/categories.js'
import { openDatabase } from '../../src/store/open-database.js'
import { SourceProductStore, toIds } from '../../src/store/source-products.js'
import { SourceCategories } from '../../src/sync/source-categories.js'
import { type Answer, startApp, type TestApp } from '../helpers/app.js'
import { onEachEngine } from '../helpers/engines.js'
import { mapSource, sourceProduct } from '../helpers/products.js'

/** Starts a service. The returned function stores products with these paths of names, as a sync does. */
async function start(t: Test) {
  const app = await startApp(t)
  const { products, stateCache } = app.app.services
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  // Writes go through the queue of the service, reads use a connection of the test.
  const store = new SourceProductStore(database, products)
  const source = (await stateCache.read()).source.source as number
  const sync = async (paths: string[][], { isComplete = true, of = source } = {}) => {
    const categories = new SourceCategories()
    const rows = paths.map((names, i) => {
      const path = toCategoryPath(names)
      categories.add(path)
      const mapped = mapSource(sourceProduct(i + 1, { category: (path.at(-1) as CategoryStep).slug }))
      if (!('row' in mapped)) throw new Error(mapped.problem.problem)
      return mapped.row
    })
    const { missing } = await store.findMissing(of, new Set(rows.map(({ externalId }) => externalId)))
    const removedIds = isComplete ? toIds(missing) : []
    const read = { list: categories.list(), isComplete }
    return await store.replace({ source: of, changed: [rows], removedIds, currency: 'USD', categories: read }, 'source')
  }
  return { app, source, sync }
}

const list = async (app: TestApp) => (await app.request('/categories')).body.categories
const put = (app: TestApp, slug: string, json: object) => app.request(`/categories/${slug}`, { method: 'PUT', json })

onEachEngine('the names and parents of a source are stored with its products, and its edits survive', async (t) => {
  const { app, sync } = await start(t)
  await sync([['Clothing', 'Shirts & Tops'], ['Clothing', 'Schuhe'], ['Café & Thé']])

  t.strictSame(await list(app), [
    { slug: 'cafe-the', name: 'Café & Thé', products: 1, edited: [] },
    { slug: 'clothing', name: 'Clothing', products: 2, edited: [] },
    { slug: 'clothing-schuhe', name: 'Schuhe', parent: 'clothing', products: 1, edited: [] },
    { slug: 'clothing-shirts-tops', name: 'Shirts & Tops', parent: 'clothing', products: 1, edited: [] }
  ])
  t.equal((await put(app, 'clothing-schuhe', { name: 'Shoes' })).status, 200)
  t.equal((await put(app, 'cafe-the', { parent: 'clothing' })).status, 200)
  await sync([['Clothing', 'SCHUHE'], ['Café & Thé']])
  t.strictSame(await list(app), [
    { slug: 'cafe-the', name: 'Café & Thé', parent: 'clothing', products: 1, edited: ['parent'] },
    { slug: 'clothing', name: 'Clothing', products: 2, edited: [] },
    { slug: 'clothing-schuhe', name: 'Shoes', parent: 'clothing', products: 1, edited: ['name'] }
  ])
  t.equal((await app.request('/categories/clothing-schuhe/edits', { method: 'DELETE' })).status, 204)
  t.match(await list(app), [{}, {}, { slug: 'clothing-schuhe', name: 'SCHUHE' }])
})

onEachEngine('a sync that changes only a category changes the revision and the entity tags', async (t) => {
  const { app, sync } = await start(t)
  await sync([['Clothing', 'Shirts']])
  const before = await app.request('/categories')
  const page = await app.request('/products?category=clothing')
  t.equal(page.body.total, 1)

  t.match(await sync([['Clothing', 'Shirts']]), { created: 0, updated: 0, deleted: 0 })
  const unchanged = { 'if-none-match': before.headers.get('etag') as string }
  t.equal((await app.request('/categories', { headers: unchanged })).status, 304, 'nothing has changed')

  t.match(await sync([['CLOTHING', 'Shirts']]), { created: 0, updated: 0, deleted: 0 })
  const after = await app.request('/categories', { headers: unchanged })
  t.match(after, { status: 200, body: { categories: [{ name: 'CLOTHING' }, {}] } })
  const known = { 'if-none-match': page.headers.get('etag') as string }
  t.equal((await app.request('/products?category=clothing', { headers: known })).status, 200)
})

onEachEngine('categories that the source no longer has disappear, unless the reading was incomplete', async (t) => {
  const { app, source, sync } = await start(t)
  await sync([['Clothing', 'Shirts'], ['Tea']])
  t.equal((await put(app, 'tea', { parent: 'clothing' })).status, 200)

  await sync([['CLOTHING', 'Shirts']], { isComplete: false })
  t.match(await list(app), [
    { name: 'CLOTHING', products: 2 },
    { name: 'Shirts', parent: 'clothing' },
    { name: 'Tea', parent: 'clothing' }
  ])
  await sync([['Tea'], ['Drinks', 'Coffee']])
  t.strictSame(
    await list(app),
    [
      { slug: 'drinks', name: 'Drinks', products: 1, edited: [] },
      { slug: 'drinks-coffee', name: 'Coffee', parent: 'drinks', products: 1, edited: [] },
      { slug: 'tea', name: 'Tea', products: 1, edited: ['parent'] }
    ].sort((a, b) => (a.name < b.name ? -1 : 1)),
    'the edited parent does not exist any more'
  )
  await sync([['Tea']], { of: source + 1 })
  t.strictSame(
    (await list(app)).map(({ slug }: { slug: string }) => slug),
    ['tea']
  )
  await sync([['Books']], { of: source, isComplete: false })
  t.strictSame(
    (await list(app)).map(({ slug }: { slug: string }) => slug),
    ['books'],
    'categories of another source never stay'
  )
})

onEachEngine('every process notices a change of a category', async (t) => {
  const { app, sync } = await start(t)
  const other = await startApp(t, { source: app.source, config: { databaseUrl: app.config.databaseUrl } })
  await sync([['Clothing'], ['Tea']])
  const until = async (path: string, isExpected: (body: Answer['body']) => boolean) => {
    for (;;) {
      const { body } = await other.request(path)
      if (isExpected(body)) return body
      await sleep(1)
    }
  }
  await until('/categories', ({ categories }) => categories.length === 2)

  t.equal((await put(app, 'tea', { name: 'Thé', parent: 'clothing' })).status, 200)
  const { categories } = await until('/categories', ({ categories: [first] }) => first.products === 2)
  t.match(categories, [{ slug: 'clothing' }, { name: 'Thé', parent: 'clothing' }])
  t.equal((await other.request('/products?category=clothing')).body.total, 2)
})
