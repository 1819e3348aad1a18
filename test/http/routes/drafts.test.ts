import type { Test } from 'tap'
import { startApp, type TestApp } from '../../helpers/app.js'
import { onEachEngine, onOneEngine } from '../../helpers/engines.js'
import { EventReader } from '../../helpers/events.js'
import { mug } from '../../helpers/local-products.js'
import { command, TestProcess } from '../../helpers/process.js'
import { mascara, palette, sourceProduct } from '../../helpers/products.js'

const ANY = { 'if-match': '*' }
const ID = 1_000_000_000
const patch = (app: TestApp, id: number, json: object) =>
  app.request(`/products/${id}`, { method: 'PATCH', json, headers: ANY })

/** Starts an app with two active products and a draft, and returns the token of a reader. */
async function startWithDraft(t: Test): Promise<{ app: TestApp; token: string; revision: number }> {
  const app = await startApp(t, { products: [mascara, palette] })
  const token = await app.tokenOf('reader')
  const { revision } = (await app.request('/')).body.catalog
  await app.request('/products', { method: 'POST', json: { ...mug, status: 'draft' } })
  return { app, token, revision }
}

onEachEngine('only editors find drafts, and only if they ask for them', async (t) => {
  const { app, token } = await startWithDraft(t)

  const path = `/products/${ID}`
  t.match(await app.request(path), { status: 200, body: { status: 'draft' } })
  t.match(await app.request(path), { status: 200 }, 'a second time, when it could be cached')
  t.match(await app.request(path, { token }), { status: 404 })
  for (const query of ['', 'q=mug', `ids=${ID}`, 'status=active', 'category=kitchen-accessories', 'facets=category']) {
    const { status, text } = await app.request(`/products?${query}`)
    t.equal(status, 200)
    t.notMatch(text, mug.category, query)
  }
  t.notMatch((await app.request('/categories')).text, mug.category)
  t.equal((await app.request('/')).body.catalog.products, 2)
  const drafts = '/products?status=draft&q=mug&facets=category'
  for (let i = 0; i < 3; i++) {
    t.match((await app.request(drafts)).body, {
      total: 1,
      products: [{ id: ID, status: 'draft' }],
      facets: { category: [{ value: mug.category, count: 1 }] }
    })
    t.match(await app.request(drafts, { token }), { status: 403, body: { type: /insufficient-scope$/ } })
  }
  t.match((await app.request('/products?status=draft&status=active&sort=title')).body, { total: 3 })
})

onEachEngine('readers see the publication of a draft as its creation, and nothing of its edits', async (t) => {
  const { app, token, revision } = await startWithDraft(t)
  const events = await EventReader.open(app, `/changes?after=${revision}`, undefined, token)
  t.teardown(() => events.cut())
  const page = async () => (await app.request(`/changes?after=${revision}`, { token })).body
  const first = await patch(app, ID, { price: 5 })
  const empty = await page()
  t.strictSame(empty.changes, [])
  t.equal(empty.revision, revision + 2)
  const stale = { 'if-match': first.headers.get('etag') as string }
  t.equal((await patch(app, ID, { price: 6 })).status, 200)
  const conflict = await app.request(`/products/${ID}`, { method: 'PATCH', json: { price: 7 }, headers: stale })
  t.equal(conflict.status, 412, 'an edit of a draft has a revision of its own')

  await patch(app, ID, { status: 'active' })
  await events.received(1)
  t.equal((await app.request(`/products/${ID}`, { token })).status, 200)
  await patch(app, ID, { stock: 3 })
  await patch(app, ID, { status: 'archived' })
  await events.received(3)
  await app.request(`/products/${ID}`, { method: 'DELETE', headers: ANY })
  await patch(app, 1, { price: 3 })
  await events.received(4)

  const seen = [
    { kind: 'created', productId: ID, fields: [] },
    { kind: 'updated', productId: ID, fields: ['stock'] },
    { kind: 'deleted', productId: ID, fields: [] },
    { kind: 'updated', productId: 1, fields: ['price'] }
  ]
  t.match(events.changes, seen)
  const { changes } = await page()
  t.match(changes, seen)
  t.equal(changes.length, 4)
  const { history } = (await app.request(`/products/${ID}/history`)).body
  t.match(history.slice(1, 3), [
    { kind: 'deleted', changes: [{ field: 'status', before: 'active', after: 'archived' }] },
    { kind: 'updated', changes: [{ field: 'stock' }] }
  ])
})

onEachEngine('a product of the source can be archived, and comes back', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const before = (await app.request('/products/1')).text
  await patch(app, 1, { status: 'archived' })
  await app.app.services.synchronizer.run()
  t.match((await app.request('/products')).body, { total: 1, products: [{ id: 2 }] })

  await app.request('/products/1/edits', { method: 'DELETE', headers: ANY })

  t.match((await app.request('/products')).body, { total: 2 })
  t.equal((await app.request('/products/1')).text, before)
})

onOneEngine('exports contain drafts if an editor asks for them, and backups always', async (t) => {
  const { app, token } = await startWithDraft(t)
  const exported = async (query: string, token?: string) => {
    const { status, text } = await app.request(`/products/export${query}`, { ...(token !== undefined && { token }) })
    return { status, rows: text.trim().split('\n').length }
  }
  t.strictSame(await exported(''), { status: 200, rows: 2 })
  t.strictSame(await exported('?status=draft&status=active'), { status: 200, rows: 3 })
  t.equal((await exported('?status=draft', token)).status, 403)
  const csv = await app.request('/products/export?status=draft', { headers: { accept: 'text/csv' } })
  const imported = await app.request('/products/import', {
    method: 'POST',
    body: csv.text.replace('draft', 'active'),
    headers: { 'content-type': 'text/csv' }
  })
  t.match(imported.body, { updated: 1 })
  await patch(app, ID, { status: 'draft' })

  const { stdout } = await new TestProcess(t, command('src/cli/catalog.js', 'export'), {
    DATABASE_URL: app.config.databaseUrl
  }).finished

  t.equal(stdout.trim().split('\n').length, 3)
})

onEachEngine('drafts change neither the corrections of a search nor its cursors', async (t) => {
  const lanterns = [1, 2, 3].map((id) =>
    sourceProduct(id, { title: 'Lantern', description: '', tags: [], brand: null })
  )
  const app = await startApp(t, { products: lanterns })
  const token = await app.tokenOf('reader')
  const search = async () => (await app.request('/products?q=lantorn&limit=1', { token })).body
  const before = await search()
  t.match(before, { total: 3 })

  await app.request('/products', { method: 'POST', json: { ...mug, title: 'Lantorm secret', status: 'draft' } })
  const withSimilar = await search()
  t.equal(withSimilar.total, 3)
  t.notMatch(Buffer.from(withSimilar.nextCursor.slice(22), 'base64url').toString(), 'lantorm')
  await patch(app, ID, { title: 'Lantorn' })
  t.equal((await search()).total, 3, 'a draft that matches exactly')

  t.match((await app.request('/products?q=lantorn&status=draft')).body, { total: 1, products: [{ id: ID }] })
})
