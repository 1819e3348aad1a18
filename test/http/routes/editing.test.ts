import t from 'tap'
import { PRODUCT_BODY_MAX } from '../../../schemas/product-input.js'
import { startApp, type TestApp } from '../../helpers/app.js'
import { onEachEngine, onOneEngine } from '../../helpers/engines.js'
import { mug } from '../../helpers/local-products.js'
import { mascara, palette, sourceProduct } from '../../helpers/products.js'
import { TestSource } from '../../helpers/source.js'

const start = (t: Parameters<typeof startApp>[0]) => startApp(t, { products: [mascara, palette] })

/** Changes a product with its current entity tag. */
async function patch(app: TestApp, id: number, json: unknown, headers: Record<string, string> = {}) {
  const etag = (await app.request(`/products/${id}`)).headers.get('etag') ?? '*'
  return await app.request(`/products/${id}`, { method: 'PATCH', json, headers: { 'if-match': etag, ...headers } })
}

const remove = (app: TestApp, path: string, etag = '*') =>
  app.request(path, { method: 'DELETE', headers: { 'if-match': etag } })

onOneEngine(
  'creating a product returns it in full, and lists, searches and categories include it at once',
  async (t) => {
    const app = await start(t)
    const before = (await app.request('/')).body.catalog
    await app.request('/products?q=stoneware')

    const { status, headers, body } = await app.request('/products', { method: 'POST', json: mug })

    t.equal(status, 201)
    t.equal(headers.get('location'), 'products/1000000000', 'relative to /products')
    t.match(body, {
      ...mug,
      id: 1_000_000_000,
      origin: 'local',
      edited: [],
      availability: 'out-of-stock',
      currency: 'USD'
    })
    t.match(body, {
      description: '',
      stock: undefined,
      tags: [],
      dimensions: { width: 0, height: 0, depth: 0 },
      reviews: []
    })
    t.equal(body.createdAt, body.updatedAt)
    const read = await app.request('/products/1000000000')
    t.strictSame(read.body, body)
    t.equal(read.headers.get('etag'), headers.get('etag'))
    t.match((await app.request('/products?q=stoneware&facets=category')).body, {
      total: 1,
      products: [{ id: body.id }],
      facets: { category: [{ value: 'kitchen-accessories', count: 1 }] }
    })
    t.match((await app.request('/categories')).body.categories, [
      { slug: 'beauty' },
      { slug: 'kitchen-accessories', products: 1 }
    ])
    t.equal((await app.request('/')).body.catalog.revision, before.revision + 1)
    t.equal((await app.request('/products')).body.total, 3)
  }
)

onOneEngine('ids of local products are never reused, even after a restart', async (t) => {
  const app = await start(t)
  const create = async (sku: string) =>
    (await app.request('/products', { method: 'POST', json: { ...mug, sku } })).body.id
  const first = await create('a')
  t.equal((await remove(app, `/products/${first}`)).status, 204)
  t.equal(await create('b'), first + 1)
  await app.app.close()

  const later = await startApp(t, { source: app.source, config: app.config })
  t.equal((await later.request('/products', { method: 'POST', json: { ...mug, sku: 'c' } })).body.id, first + 2)
  t.equal((await later.request(`/products/${first}`)).status, 404)
})

onOneEngine(
  'edited fields stay and the others follow the source, even after the product was missing in the source',
  async (t) => {
    const app = await start(t)
    const { status, headers, body } = await patch(app, 1, { price: 5.005, dimensions: { width: 9 } })
    t.equal(status, 200)
    t.match(body, { price: 5.01, dimensions: { width: 9, height: 2.5, depth: 3.5 }, edited: ['price', 'dimensions'] })
    t.equal((await app.request('/products/1')).headers.get('etag'), headers.get('etag'))

    app.source.products = [
      { ...mascara, price: 99, stock: 1234, dimensions: { width: 1, height: 1, depth: 1 } },
      palette
    ]
    await app.sync()
    const synced = (await app.request('/products/1')).body
    t.match(synced, { price: 5.01, stock: 1234, dimensions: { width: 9, height: 2.5 }, origin: 'source' })

    app.source.products = [palette]
    await app.sync()
    t.equal((await app.request('/products/1')).status, 404)
    t.equal((await patch(app, 1, { price: 1 })).status, 404)
    t.equal((await remove(app, '/products/1/edits')).status, 404)

    app.source.products = [{ ...mascara, price: 98 }, palette]
    await app.sync()
    t.match((await app.request('/products/1')).body, { price: 5.01, stock: 7, edited: ['price', 'dimensions'] })
    t.match((await remove(app, '/products/1/edits')).body, { price: 98, edited: [], dimensions: { width: 1.5 } })
  }
)

onOneEngine('availability follows an edited stock, unless it is edited itself', async (t) => {
  const app = await start(t)
  app.source.products = [mascara, { ...palette, stock: 3, availabilityStatus: 'Low Stock' }]
  await app.sync()
  for (const [id, change, expected] of [
    [1, { stock: 0 }, { stock: 0, availability: 'out-of-stock', edited: ['stock'] }],
    [1, { stock: 4 }, { stock: 4, availability: 'in-stock', edited: ['stock'] }],
    [1, { stock: 0, availability: 'in-stock' }, { availability: 'in-stock', edited: ['stock', 'availability'] }],
    [1, { stock: 5 }, { stock: 5, availability: 'in-stock', edited: ['stock', 'availability'] }],
    [1, { availability: 'low-stock' }, { stock: 5, availability: 'low-stock' }],
    [2, { stock: 2 }, { availability: 'low-stock', edited: ['stock'] }],
    [2, { stock: 500 }, { availability: 'in-stock', edited: ['stock'] }],
    [2, { stock: 0, price: 1 }, { availability: 'out-of-stock', edited: ['price', 'stock'] }]
  ] as const) {
    const { status, body } = await patch(app, id, change)
    t.equal(status, 200)
    t.match(body, expected)
    t.strictSame((await app.request(`/products/${id}`)).body, body)
  }
  t.equal((await app.request('/products?availability=out-of-stock')).body.total, 1, 'a filter')
  t.match((await remove(app, '/products/2/edits')).body, { stock: 3, availability: 'low-stock', edited: [] })

  const create = async (sku: string, fields: object) =>
    (await app.request('/products', { method: 'POST', json: { ...mug, sku, ...fields } })).body.id as number
  const derived = await create('a', { stock: 3 })
  t.match((await patch(app, derived, { stock: 0 })).body, { availability: 'out-of-stock' })
  t.match((await patch(app, derived, { stock: 2 })).body, { availability: 'in-stock' })
  const explicit = await create('b', { stock: 3, availability: 'out-of-stock' })
  t.match((await patch(app, explicit, { stock: 9 })).body, { stock: 9, availability: 'out-of-stock' }, 'set explicitly')
  const rows = `id,stock\n1,7\n${derived},0\n`
  await app.request('/products/1/edits', { method: 'DELETE', headers: { 'if-match': '*' } })
  const imported = await app.request('/products/import', {
    method: 'POST',
    body: rows,
    headers: { 'content-type': 'text/csv' }
  })
  t.match(imported.body, { updated: 1, unchanged: 1 })
  t.match((await app.request(`/products/${derived}`)).body, { stock: 0, availability: 'out-of-stock' })
})

onOneEngine('a change of the source to an edited field is not visible', async (t) => {
  const app = await start(t)
  await patch(app, 1, { price: 5 })
  const { revision } = (await app.request('/')).body.catalog
  app.source.products = [{ ...mascara, price: 99 }, palette]
  await app.sync()
  app.source.etags = false
  await app.sync()

  t.equal((await app.request('/')).body.catalog.revision, revision)
  t.match((await remove(app, '/products/1/edits')).body, { price: 99 })
})

onOneEngine('a hidden product of the source stays hidden through syncs until it is reverted', async (t) => {
  const app = await start(t)
  const { status, headers } = await remove(app, '/products/1')
  t.equal(status, 204)
  t.equal((await app.request('/products/1')).status, 404)
  t.equal((await app.request('/products')).body.total, 1)
  t.match((await patch(app, 1, { price: 1 })).body, { type: /product-not-found$/, detail: /hidden/ })
  t.equal((await remove(app, '/products/1')).status, 404)

  app.source.products = [{ ...mascara, stock: 55 }, palette]
  await app.sync()
  t.equal((await app.request('/products/1')).status, 404)
  app.source.products = [palette]
  await app.sync()
  app.source.products = [{ ...mascara, stock: 56 }, palette]
  await app.sync()
  t.equal((await app.request('/products/1')).status, 404, 'after it was missing')

  const reverted = await remove(app, '/products/1/edits', headers.get('etag') as string)
  t.equal(reverted.status, 200)
  t.match(reverted.body, { stock: 56, edited: [] })
  t.equal((await app.request('/products?ids=1')).body.products[0].stock, 56)
})

onOneEngine('a product cannot revert to a SKU that another product has by now', async (t) => {
  const app = await start(t)
  await patch(app, 1, { sku: 'MINE' })
  const { body } = await app.request('/products', { method: 'POST', json: { ...mug, sku: 'SKU-1' } })

  const taken = await remove(app, '/products/1/edits')
  t.match(taken, {
    status: 409,
    body: { type: /duplicate-sku$/, detail: new RegExp(`which product ${body.id} has now`) }
  })
  t.equal((await app.request('/products/1')).body.sku, 'MINE')

  await remove(app, `/products/${body.id}`)
  t.match(await remove(app, '/products/1/edits'), { status: 200, body: { sku: 'SKU-1' } })

  const loneSurrogate = { ...mug, sku: '\ud800' }
  t.equal((await app.request('/products', { method: 'POST', json: loneSurrogate })).status, 201)
  t.equal((await app.request('/products', { method: 'POST', json: loneSurrogate })).status, 409, 'compared as stored')
})

onOneEngine('a local product has no edits, and deleting it removes it for good', async (t) => {
  const app = await start(t)
  const { body } = await app.request('/products', { method: 'POST', json: { ...mug, brand: 'Clay', stock: 3 } })
  const { body: changed } = await patch(app, body.id, { brand: null, stock: 4 })
  t.match(changed, { stock: 4, edited: [], origin: 'local', createdAt: body.createdAt, availability: 'in-stock' })
  t.notOk('brand' in changed)
  t.ok(changed.updatedAt >= body.updatedAt)
  await app.sync()
  t.strictSame((await app.request(`/products/${body.id}`)).body, changed, 'unchanged by a sync')
  t.match((await remove(app, `/products/${body.id}/edits`)).body, { type: /no-source$/, status: 409 })

  const { status, headers } = await remove(app, `/products/${body.id}`)
  t.equal(status, 204)
  t.equal(headers.get('etag'), null)
  for (const path of ['', '/edits']) t.equal((await remove(app, `/products/${body.id}${path}`)).status, 404)
})

onOneEngine('setting the current value is no edit, and setting an edit back to it stays an edit', async (t) => {
  const app = await start(t)
  const before = await app.request('/products/1')
  for (const unchanged of [
    {},
    { price: 9.99, tags: ['beauty', 'test'] },
    { dimensions: { width: 1.5 } },
    { dimensions: {} }
  ]) {
    const { status, headers, body } = await patch(app, 1, unchanged)
    t.equal(status, 200)
    t.equal(headers.get('etag'), before.headers.get('etag'))
    t.strictSame(body, before.body)
  }
  await patch(app, 1, { price: 5 })
  t.match((await patch(app, 1, { price: 9.99 })).body, { price: 9.99, edited: ['price'] })
  app.source.products = [{ ...mascara, price: 20 }]
  await app.sync()
  t.equal((await app.request('/products/1')).body.price, 9.99)
})

onOneEngine('of fifty concurrent writers with the same entity tag, one succeeds', async (t) => {
  const app = await start(t)
  const etag = (await app.request('/products/1')).headers.get('etag') as string
  const responses = await Promise.all(
    Array.from({ length: 50 }, (_, i) => patch(app, 1, { stock: 100 + i }, { 'if-match': etag }))
  )
  const winner = responses.find(({ status }) => status === 200)
  t.equal(responses.filter(({ status }) => status === 200).length, 1)
  t.equal(responses.filter(({ status }) => status === 412).length, 49)
  for (const { status, headers } of responses) {
    if (status === 412) t.equal(headers.get('etag'), winner?.headers.get('etag'))
  }
  t.equal((await app.request('/products/1')).body.stock, winner?.body.stock)
})

onOneEngine('fifty requests with the same idempotency key create one product and get the same response', async (t) => {
  const app = await start(t)
  const create = (json: object, headers: Record<string, string> = { 'idempotency-key': 'k-1' }, token?: string) =>
    app.request('/products', { method: 'POST', json, headers, ...(token && { token }) })
  const responses = await Promise.all(Array.from({ length: 50 }, () => create(mug)))
  for (const { status, headers, body } of responses) {
    t.equal(status, 201)
    t.strictSame(body, responses[0]?.body)
    t.equal(headers.get('etag'), responses[0]?.headers.get('etag'))
    t.equal(headers.get('location'), responses[0]?.headers.get('location'))
  }
  t.equal((await app.request('/products?category=kitchen-accessories')).body.total, 1)
  await patch(app, responses[0]?.body.id, { title: 'Changed since' })
  t.strictSame((await create(mug)).body, responses[0]?.body, 'the first response, despite later changes')

  t.match((await create({ ...mug, price: 1 })).body, { type: /idempotency-key-reused$/, status: 422 })
  t.match(await create({ ...mug, sku: 'x' }, { 'idempotency-key': 'k-2' }), { status: 201 })
  for (const key of ['', 'a b', 'é', 'x'.repeat(256)]) {
    const { status } = await create({ ...mug, sku: 'y' }, { 'idempotency-key': key })
    t.equal(status, 400, key)
  }
})

t.test('a write needs an If-Match that matches the product', async (t) => {
  const app = await start(t)
  const compressed = await app.request('/products/1', { headers: { 'accept-encoding': 'br' } })
  const etag = compressed.headers.get('etag') as string
  const requests = [
    ['PATCH', '/products/1', { stock: 1 }],
    ['DELETE', '/products/1', undefined],
    ['DELETE', '/products/1/edits', undefined]
  ] as const
  for (const [method, path, json] of requests) {
    const without = await app.request(path, { method, json })
    t.match(without.body, { status: 428, type: /precondition-required$/ }, path)
    for (const stale of ['"x.1"', 'W/"x.1"', `W/${etag.replace('.', '.1')}`, etag.replaceAll('"', ''), '']) {
      const response = await app.request(path, { method, json, headers: { 'if-match': stale } })
      t.equal(response.status, 412, stale)
      t.equal(response.headers.get('etag'), etag)
    }
  }
  t.equal((await patch(app, 1, { stock: 1 }, { 'if-match': `"x", ${etag}` })).status, 200)
  t.equal((await patch(app, 4711, { stock: 1 }, { 'if-match': etag })).status, 404)
})

onOneEngine('a client can save repeatedly with the ETag that a compressing proxy made of each response', async (t) => {
  const app = await start(t)
  const renamed = [
    (opaque: string) => `W/"${opaque}"`,
    (opaque: string) => `"${opaque}-gzip"`,
    (opaque: string) => `"${opaque};gzip"`
  ]
  for (const [i, rename] of renamed.entries()) {
    const received = (headers: Headers) => rename(String(headers.get('etag')).slice(1, -1))
    const first = received((await app.request('/products/1', { headers: { 'accept-encoding': 'gzip' } })).headers)
    const saved = await patch(app, 1, { stock: 2 * i }, { 'if-match': first })
    t.equal(saved.status, 200, first)
    const second = received(saved.headers)
    t.equal((await patch(app, 1, { stock: 2 * i + 1 }, { 'if-match': second })).status, 200, second)
    t.equal((await patch(app, 1, { stock: 99 }, { 'if-match': second })).status, 412, 'only once')
    t.equal((await app.request('/products/1', { headers: { 'if-none-match': second } })).status, 200, 'a stale copy')
  }
})

onOneEngine('a write is rejected if If-None-Match matches the product', async (t) => {
  const app = await start(t)
  const etag = String((await app.request('/products/1')).headers.get('etag'))
  for (const [method, path] of [
    ['PATCH', '/products/1'],
    ['DELETE', '/products/1/edits'],
    ['DELETE', '/products/1']
  ] as const) {
    const json = method === 'PATCH' ? { stock: 77 } : undefined
    const write = (condition: string) =>
      app.request(path, { method, json, headers: { 'if-match': '*', 'if-none-match': condition } })
    for (const condition of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, headers, body } = await write(condition)
      t.equal(status, 412, `${method} ${path} ${condition}`)
      t.match(body.type, /:precondition-failed$/)
      t.equal(headers.get('etag'), etag)
    }
  }
  t.equal((await app.request('/products/1')).headers.get('etag'), etag, 'nothing was written')
  const headers = { 'if-match': etag, 'if-none-match': '"other"' }
  t.equal((await app.request('/products/1', { method: 'PATCH', json: { stock: 77 }, headers })).status, 200)
})

t.test('a merge patch is accepted with two media types only', async (t) => {
  const app = await start(t)
  const send = (type: string, body: string) =>
    app.request('/products/1', { method: 'PATCH', body, headers: { 'content-type': type, 'if-match': '*' } })
  t.equal((await send('application/merge-patch+json', '{"stock":1}')).body.stock, 1)
  t.equal((await send('application/json; charset=utf-8', '{"stock":2}')).body.stock, 2)
  const other = await send('application/json-patch+json', '[]')
  t.match(other.body, {
    status: 415,
    detail: 'Content-Type must be application/json or application/merge-patch+json (got "application/json-patch+json").'
  })
  for (const body of ['[]', '1', '"x"', 'null', '', '{', '{"__proto__": {}}']) {
    t.equal((await send('application/merge-patch+json', body)).status, 400, body)
  }
  t.equal((await app.request('/products/1')).body.stock, 2)
})

t.test('an invalid body is rejected with pointers, and nothing is written', async (t) => {
  const app = await start(t)
  const before = (await app.request('/')).body.catalog.revision
  const cases: [object, string, RegExp | string][] = [
    [{ colour: 'red' }, '/colour', 'is unknown: correct its name or leave it out'],
    [{ id: 5 }, '/id', /read-only/],
    [{ rating: 5 }, '/rating', /read-only/],
    [{ reviews: [] }, '/reviews', /read-only/],
    [{ origin: 'local' }, '/origin', /read-only/],
    [{ edited: [] }, '/edited', /read-only/],
    [{ createdAt: '2026-01-01T00:00:00Z' }, '/createdAt', /read-only/],
    [{ currency: 'EUR' }, '/currency', /read-only/],
    [{ price: -0.01 }, '/price', 'must be at least 0 (got -0.01)'],
    [{ price: '5' }, '/price', 'must be a number (got "5")'],
    [{ price: null }, '/price', 'must be a number (got null)'],
    [{ stock: 1.5 }, '/stock', /integer/],
    [{ title: ' ' }, '/title', 'must not be empty'],
    [{ title: 'a\u0000b' }, '/title', /no control characters other/],
    [{ sku: '' }, '/sku', 'must not be empty'],
    [{ category: 'No Slug' }, '/category', /lower-case letters and digits/],
    [{ tags: 'one' }, '/tags', /array/],
    [{ tags: [''] }, '/tags/0', 'must not be empty'],
    [{ thumbnail: 'javascript:alert(1)' }, '/thumbnail', /must start with http/],
    [{ availability: 'maybe' }, '/availability', /one of/],
    [{ dimensions: { size: 1 } }, '/dimensions/size', 'is unknown: correct its name or leave it out'],
    [{ dimensions: { width: -1 } }, '/dimensions/width', /at least 0/],
    [{ minimumOrderQuantity: 0 }, '/minimumOrderQuantity', /at least 1/]
  ]
  for (const [json, pointer, detail] of cases) {
    for (const response of [
      await patch(app, 1, json),
      await app.request('/products', { method: 'POST', json: { ...mug, ...json } })
    ]) {
      t.equal(response.status, 400, JSON.stringify(json))
      const error = response.body.errors.find((error: { pointer: string }) => error.pointer === pointer)
      t.match(error, { in: 'body', detail }, `${pointer} ${JSON.stringify(response.body.errors)}`)
    }
  }
  const { title: _, ...untitled } = mug
  t.match((await app.request('/products', { method: 'POST', json: untitled })).body, {
    errors: [{ pointer: '/title', detail: 'is missing' }]
  })
  const large = await patch(app, 1, { description: 'x'.repeat(PRODUCT_BODY_MAX) })
  t.match(large.body, { status: 413, detail: /1048576 bytes/ })
  t.equal((await app.request('/')).body.catalog.revision, before)
})

onOneEngine('no create or edit can give two products the same SKU', async (t) => {
  const app = await start(t)
  const duplicateSku = {
    status: 409,
    type: /duplicate-sku$/,
    errors: [{ in: 'body', pointer: '/sku', detail: 'is already the SKU of product 1' }]
  }
  t.match((await app.request('/products', { method: 'POST', json: { ...mug, sku: 'SKU-1' } })).body, duplicateSku)
  t.match((await patch(app, 2, { sku: 'SKU-1' })).body, duplicateSku)
  t.equal((await patch(app, 1, { sku: 'SKU-1' })).status, 200, 'its own SKU')
  const responses = await Promise.all([1, 2].map((id) => patch(app, id, { sku: 'NEW' })))
  t.strictSame(responses.map(({ status }) => status).sort(), [200, 409])
})

onEachEngine('texts that look the same are the same SKU, brand and tag', async (t) => {
  const app = await start(t)
  const create = (changes: object) => app.request('/products', { method: 'POST', json: { ...mug, ...changes } })
  const first = await create({ sku: 'UQ-1', brand: 'Café', tags: ['new'] })
  t.equal(first.status, 201)
  for (const sku of ['UQ-1 ', '\tUQ-1', 'UQ-1\u200b', 'UQ\u00ad-1', '\ufeffUQ-1', '\u202dUQ-1\u202c', '\u3000UQ-1']) {
    t.match((await create({ sku })).body, { type: /duplicate-sku$/ }, JSON.stringify(sku))
    t.match((await patch(app, 1, { sku })).body, { type: /duplicate-sku$/ }, JSON.stringify(sku))
  }
  for (const [i, brand] of ['Café ', 'Cafe\u0301', 'Ca\u200bfé', '\u00a0Café', 'Café\ufe0f'].entries()) {
    const tags = ['new\u200b', 'new', ' new']
    t.match((await create({ sku: `B-${i}`, brand, tags })).body, { brand: 'Café', tags: ['new'] })
  }
  t.match((await patch(app, 1, { brand: ' Café', tags: ['ne\u00adw', 'new'] })).body, { brand: 'Café', tags: ['new'] })
  for (const query of ['brand=Caf%C3%A9&tag=new', 'brand=Cafe%CC%81%20&tag=%E2%80%8Bnew', 'q=Ca%C2%ADf%C3%A9']) {
    const { body } = await app.request(`/products?facets=brand&facets=tag&${query}`)
    t.match(body, { total: 7 }, query)
    t.match(body.facets.brand[0], { value: 'Café', count: 7 })
    t.match(body.facets.tag[0], { value: 'new', count: 7 })
  }
})

onOneEngine('written text is normalized before its validation', async (t) => {
  const app = await start(t)
  const json = {
    sku: ' A\u00a0 1\u200d ',
    title: ' Stoneware\r\n\u2009Mug ',
    description: '\n Line 1\r\n  Line 2 \u2028',
    brand: ' \u200b',
    tags: [' a ', 'a', 'b\tc'],
    warranty: '\u3000',
    shipping: ' x ',
    returnPolicy: 'o\u0308',
    barcode: '\u200e4006381333931'
  }
  const expected = {
    sku: 'A 1',
    title: 'Stoneware Mug',
    description: 'Line 1\n  Line 2',
    tags: ['a', 'b c'],
    warranty: '',
    shipping: 'x',
    returnPolicy: 'ö',
    barcode: '4006381333931'
  }
  const created = await app.request('/products', { method: 'POST', json: { ...mug, ...json } })
  t.match(created.body, expected)
  const patched = await patch(app, 1, { ...json, sku: `${json.sku}2` })
  t.match(patched.body, { ...expected, sku: 'A 1 2' })
  for (const { body } of [created, patched]) t.notOk('brand' in body)
  t.strictSame((await patch(app, created.body.id, json)).body, created.body, 'writing the same text changes nothing')

  for (const blank of ['', ' ', '\u200b', '\u00ad\u3000\n', '\u{e0041}']) {
    for (const [field, pointer, value] of [
      ['title', '/title', blank],
      ['sku', '/sku', blank],
      ['tags', '/tags/1', ['a', blank]]
    ] as const) {
      const { status, body } = await patch(app, 1, { [field]: value })
      t.equal(status, 400, `${field} ${JSON.stringify(blank)}`)
      t.match(body.errors[0], { pointer, detail: 'must not be empty' })
    }
  }
  const long = 'x'.repeat(100)
  t.equal((await patch(app, 1, { sku: `\u00a0${long} \u200b` })).body.sku, long)
  t.match((await patch(app, 1, { sku: `${long}x ` })).body.errors[0], {
    detail: 'must have at most 100 characters (got 101)'
  })
})

onOneEngine('an idempotency key covers texts that are equal after their normalization', async (t) => {
  const app = await start(t)
  const headers = { 'idempotency-key': 'k-1' }
  const first = await app.request('/products', { method: 'POST', json: mug, headers })
  const again = await app.request('/products', {
    method: 'POST',
    json: { ...mug, title: ` ${mug.title}\u200b` },
    headers
  })
  t.equal(again.status, 201)
  t.strictSame(again.body, first.body)
})

onOneEngine('a written price is rounded half up', async (t) => {
  const app = await start(t)
  for (const [price, rounded] of [
    [1.005, 1.01],
    [2.675, 2.68],
    [8.345, 8.35],
    [0.004999999, 0]
  ]) {
    const created = await app.request('/products', { method: 'POST', json: { ...mug, sku: `P-${price}`, price } })
    t.equal(created.body.price, rounded)
    t.equal((await patch(app, 1, { price })).body.price, rounded)
    const total = async (query: string) => (await app.request(`/products?category=beauty&${query}`)).body.total
    t.equal(await total(`minPrice=${rounded}&maxPrice=${rounded}&ids=1`), 1)
  }
})

t.test('a lone surrogate becomes the replacement character', async (t) => {
  const app = await start(t)
  const { body } = await patch(app, 1, { title: 'a\ud800b', tags: ['\udfff'] })
  t.match(body, { title: 'a\ufffdb', tags: ['\ufffd'] })
})

t.test('readers may not write, and editors may even before the first sync', async (t) => {
  const app = await start(t)
  const token = await app.tokenOf('reader')
  const requests = [
    ['POST', '/products', mug],
    ['PATCH', '/products/1', { stock: 1 }],
    ['DELETE', '/products/1', undefined],
    ['DELETE', '/products/1/edits', undefined]
  ] as const
  const headers = { 'if-match': '*' }
  for (const [method, path, json] of requests) {
    t.match((await app.request(path, { method, json, headers, token })).body, { status: 403, detail: /catalog:write/ })
    t.equal((await app.request(path, { method, json, headers, token: null })).status, 401)
  }
  t.equal(
    (await app.request('/products', { method: 'POST', json: mug, token: await app.tokenOf('editor') })).status,
    201
  )

  const source = new TestSource([])
  await source.listen()
  await source.close()
  const empty = await startApp(t, { source })
  for (const [method, path, json] of requests) {
    t.equal((await empty.request(path, { method, json, headers })).status, method === 'POST' ? 201 : 404)
  }
})

t.test('a source product with an id of the local range gets another id', async (t) => {
  const app = await startApp(t, { products: [mascara, sourceProduct(1_000_000_000)] })
  await app.request('/products', { method: 'POST', json: mug })
  t.match((await app.request('/')).body.catalog, { products: 3, quarantined: 0 })
  const { products } = (await app.request('/products?sort=title')).body
  const ids = products.map(({ id, sku }: { id: number; sku: string }) => [id, sku])
  t.equal(new Set(ids.map(([id]: [number]) => id)).size, 3)
  const [other] = ids.find(([, sku]: [number, string]) => sku === 'SKU-1000000000')
  t.match((await app.request(`/products/${other}`)).body, { externalId: '1000000000', origin: 'source' })
})
