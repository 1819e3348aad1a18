/* Two instances of the service: the second reads the first. */
import { performance } from 'node:perf_hooks'
import { startApp, type TestApp } from '../../../helpers/app.js'
import { onEachEngine } from '../../../helpers/engines.js'
import { EventReader } from '../../../helpers/events.js'
import { mascara, palette, sourceProduct } from '../../../helpers/products.js'
import { readAll, startReader, syncAll } from '../../../helpers/reader.js'

const ANY = { 'if-match': '*' }
const patch = (app: TestApp, id: number, json: object) =>
  app.request(`/products/${id}`, { method: 'PATCH', json, headers: ANY })
const create = async (app: TestApp, json: object) =>
  (await app.request('/products', { method: 'POST', json: { category: 'own', price: 1, ...json } })).body
const remove = (app: TestApp, id: number) => app.request(`/products/${id}`, { method: 'DELETE', headers: ANY })

const shirt = {
  sku: 'SHIRT',
  title: 'Shirt',
  description: 'First line.\nSecond line.',
  category: 'shirts',
  brand: 'Loom',
  options: [
    { name: 'Size', values: ['L', 'S', 'XS'] },
    { name: 'Color', values: ['blue'] }
  ],
  variants: [
    { sku: 'SHIRT-S', options: [{ name: 'Size', value: 'S' }], price: 20, salePrice: 15, stock: 3 },
    { options: [{ name: 'Size', value: 'L' }], price: 21.5, barcode: '4006381333931', availability: 'backorder' }
  ],
  price: 20,
  attributes: [
    { name: 'Material', value: 'cotton' },
    { name: 'Material', value: 'linen' }
  ],
  images: ['https://img.example/1.webp', 'https://img.example/1.webp'],
  dimensions: { width: 1.5 },
  minimumOrderQuantity: 2,
  mpn: 'M-1',
  condition: 'refurbished',
  url: 'https://shop.example/shirt',
  tags: ['new', 'summer, light'],
  salePriceFrom: '2026-01-01T00:00:00.000Z',
  salePriceUntil: '2999-01-01T00:00:00.000Z'
}

onEachEngine('an instance that reads another one has the same products and categories', async (t) => {
  const first = await startApp(t, { products: [mascara, palette, sourceProduct(3), sourceProduct(4)] })
  const gap = await create(first, { sku: 'GAP', title: 'Gap' })
  const { id } = await create(first, shirt)
  await remove(first, gap.id)
  await patch(first, 1, { price: 5, thumbnail: null })
  await remove(first, 2)
  await patch(first, 4, { salePrice: 3, salePriceFrom: '2999-01-01T00:00:00Z' })
  await create(first, { sku: 'DRAFT', title: 'Draft', status: 'draft' })
  const put = (slug: string, json: object) => first.request(`/categories/${slug}`, { method: 'PUT', json })
  await put('clothing', { name: 'Clothing & more' })
  await put('shirts', { parent: 'clothing', name: 'SHIRTS', position: 1 })

  const second = await startReader(t, first)

  const expected = await readAll(first)
  t.equal(expected.products.length, 4)
  t.strictSame(await readAll(second), expected)
  t.match((await second.request(`/products/${id}`)).body, { origin: 'source', edited: [], externalId: String(id) })
  t.match((await second.request('/')).body.catalog, { state: 'fresh', quarantined: 0 })
  t.strictSame((await second.request('/sync')).body.report.fields, [], 'no field is repaired')

  const { revision } = (await second.request('/')).body.catalog
  t.strictSame(await second.sync(), { quarantined: 0, created: 0, updated: 0, deleted: 0 })
  t.equal((await second.request('/')).body.catalog.revision, revision, 'nothing is written')
})

onEachEngine('edits of the second instance lie over the values of the first', async (t) => {
  const first = await startApp(t, { products: [mascara, palette, sourceProduct(3)] })
  const second = await startReader(t, first)
  await create(second, { sku: 'OWN', title: 'Own' })
  const own = (await second.request('/products?q=Own')).body.products[0].id
  await patch(second, 1, { title: 'Edited' })
  await remove(second, 2)

  await patch(first, 1, { title: 'Other', price: 7.77 })
  await patch(first, 2, { price: 7.77 })
  const { id } = await create(first, { sku: 'OTHER', title: 'Other product' })
  await syncAll(second)

  t.match((await second.request('/products/1')).body, { title: 'Edited', price: 7.77, edited: ['title'] })
  t.equal((await second.request('/products/2')).status, 404)
  t.equal(id, own, 'both have the same id')
  t.match((await second.request(`/products/${own}`)).body, { title: 'Own', origin: 'local' })
  const [other] = (await second.request('/products?q=OTHER')).body.products
  t.match((await second.request(`/products/${other.id}`)).body, { externalId: String(id), origin: 'source' })
  await remove(first, id)
  await syncAll(second)
  t.equal((await second.request(`/products/${other.id}`)).status, 404)
  t.equal((await second.request(`/products/${own}`)).status, 200)
})

onEachEngine('changes of the first instance appear on the second one at once', async (t) => {
  const first = await startApp(t, { products: [mascara, palette, sourceProduct(3)] })
  const second = await startReader(t, first)
  const events = await EventReader.open(second, `/changes?after=${(await second.request('/')).body.catalog.revision}`)
  const times: number[] = []
  const arrives = async (change: () => Promise<unknown>, wait = (count: number) => events.received(count)) => {
    const count = events.changes.length + 1
    await change()
    const start = performance.now()
    await wait(count)
    times.push(performance.now() - start)
    t.strictSame(await readAll(second), await readAll(first))
    return events.changes.at(-1)
  }

  t.match(await arrives(() => patch(first, 1, { price: 7.77 })), { kind: 'updated', productId: 1, fields: ['price'] })
  t.match(await arrives(() => create(first, shirt)), { kind: 'created' })
  t.match(await arrives(() => remove(first, 2)), { kind: 'deleted', productId: 2 })
  t.match(await arrives(() => patch(first, 3, { status: 'archived' })), { kind: 'deleted', productId: 3 })
  const known = events.comments.length
  await arrives(
    () => first.request('/categories/beauty', { method: 'PUT', json: { name: 'Care' } }),
    () => events.commented(known + 1)
  )
  await events.cut()
  t.comment(`milliseconds: ${times.map(Math.round).join(', ')}`)
  t.ok(Math.max(...times) < 5000)
})
