import t from 'tap'
import { catalog } from '../../../../src/sync/sources/catalog/catalog.js'
import { startApp, type TestApp } from '../../../helpers/app.js'
import { sourceProduct } from '../../../helpers/products.js'
import { readPages } from '../../../helpers/read-pages.js'

const ANY = { 'if-match': '*' }
const positionOf = async (app: TestApp) => {
  const { epoch, revision } = (await app.request('/')).body.catalog
  return `${epoch}.${revision}`
}

t.test('a whole reading has all products, and one from a position has the changes after it', async (t) => {
  const app = await startApp(t, { products: Array.from({ length: 9 }, (_, i) => sourceProduct(i + 1)) })
  const headers = { authorization: `Bearer ${await app.token()}` }
  const settings = { url: app.url, currency: 'USD', hasAuth: true }
  const read = (position?: string) => readPages(catalog, settings, headers, position)
  const patch = (id: number) => app.request(`/products/${id}`, { method: 'PATCH', json: { stock: 77 }, headers: ANY })
  const changed = (id: number) => ({ product: { id, stock: 77 } })
  const start = await positionOf(app)

  t.equal((await read()).length, 9)
  t.strictSame(await read(start), [])

  await patch(1)
  await app.request('/products/2', { method: 'DELETE', headers: ANY })
  t.match(await read(start), [changed(1), { removed: '2' }], 'few changes, read one by one')

  for (const id of [3, 4, 5, 6, 7]) await patch(id)
  t.match(await read(start), [...[1, 3, 4, 5, 6, 7].map(changed), { removed: '2' }], 'more changes, read together')

  const anotherEpoch = start.replace(/^.{8}/, 'AAAAAAAA')
  t.equal((await read(anotherEpoch)).length, 8, 'the changes are gone, so all products are read')
})
