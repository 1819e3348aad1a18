/* The service with sources of JSON that a file maps. */
import t, { type Test } from 'tap'
import { startApp, type TestApp } from '../../../helpers/app.js'
import { onEachEngine, onOneEngine } from '../../../helpers/engines.js'
import {
  ListServer,
  linkedPages,
  nextPages,
  numberedPages,
  offsetPages,
  type Platform,
  wholeList,
  withEtags
} from '../../../helpers/list-server.js'
import { mappingWith, readRecords, simpleMapping, simpleRecords, writeMapping } from '../../../helpers/mappings.js'

const EXAMPLES = 'docs/how-to/sources'
const MAGENTO = {
  type: 'page',
  parameter: 'searchCriteria[currentPage]',
  sizeParameter: 'searchCriteria[pageSize]',
  size: 2
}

/** Starts a server and the service with a mapping. */
async function start(t: Test, records: readonly object[], platform: Platform, mapping: unknown) {
  const server = await ListServer.start(t, records, platform)
  const sourceMapping = typeof mapping === 'string' ? mapping : writeMapping(t, mapping)
  const app = await startApp(t, { config: { sourceUrl: server.url, sourceKind: 'json', sourceMapping } })
  return { server, app }
}

onEachEngine('the example for Fake Store maps its products', async (t) => {
  const { server, app } = await start(t, readRecords('fakestore.json'), wholeList, `${EXAMPLES}/fakestore.json`)

  t.match((await app.request('/products/1')).body, {
    externalId: '1',
    sku: '1',
    title: 'Fjallraven - Foldsack No. 1 Backpack',
    price: 109.95,
    currency: 'USD',
    description: 'Your perfect pack',
    category: 'mens-clothing',
    rating: 3.9,
    images: ['https://fakestoreapi.com/img/1.jpg'],
    thumbnail: 'https://fakestoreapi.com/img/1.jpg',
    availability: 'in-stock'
  })
  t.match(await status(app), { state: 'fresh', quarantined: 0 })
  t.strictSame((await app.request('/sync')).body.report.fields, [], 'one image instead of a list is no repair')
  t.strictSame(server.requests, ['/products'])
})

onEachEngine('the example for Platzi reads all pages, and repairs lists of images in text', async (t) => {
  const [table] = readRecords('platzi.json')
  const records = Array.from({ length: 150 }, (_, i) => ({ ...table, id: i + 1, slug: `table-${i + 1}` }))
  const { server, app } = await start(t, records, offsetPages, `${EXAMPLES}/platzi.json`)

  t.match((await app.request('/products/150')).body, {
    sku: 'table-150',
    category: 'others',
    images: ['https://placehold.co/600x400', 'https://placehold.co/600x401'],
    createdAt: '2026-01-01T00:00:00.000Z'
  })
  t.match(await status(app), { products: 150, state: 'fresh' })
  t.strictSame(
    server.requests,
    [0, 100, 150].map((offset) => `/products?limit=100&offset=${offset}`)
  )
  t.match((await app.request('/sync')).body.report.fields, [{ outcome: 'repaired', pointer: '/images/*', count: 150 }])

  server.records = records.slice(0, 149)
  t.match(await app.sync(), { deleted: 1 })
})

onOneEngine('pages with numbers and a total end with the last product', async (t) => {
  const mapping = { ...simpleMapping, records: '/items', paging: { ...MAGENTO, total: '/total_count' } }
  const { server, app } = await start(t, simpleRecords(5), numberedPages, mapping)

  t.match(await status(app), { products: 5, state: 'fresh' })
  t.equal(server.requests.length, 3)
  t.equal(server.requests[0], '/products?searchCriteria%5BpageSize%5D=2&searchCriteria%5BcurrentPage%5D=1')

  server.records = simpleRecords(4)
  t.match(await app.sync(), { deleted: 1 })
  server.platform = (records, query, origin) => {
    const { body } = numberedPages(records, query, origin)
    return { body: { ...(body as object), total_count: 9 } }
  }
  t.match(await app.sync(), { failed: 'invalid', message: 'sync failed: the source sent the same page again' })
  server.platform = () => ({ body: { items: [] } })
  t.match(await app.sync(), { failed: 'invalid', message: /no number of records at \/total_count/ })
  t.match(await status(app), { products: 4 })
})

onOneEngine('without a total, a repeated page is the end', async (t) => {
  const mapping = { ...simpleMapping, records: '/items', paging: MAGENTO }
  const { server, app } = await start(t, [...simpleRecords(4), { id: 9, price: 1 }], numberedPages, mapping)

  t.match(await status(app), { products: 4, quarantined: 1, state: 'fresh' })
  t.equal(server.requests.length, 4, 'the last product is in quarantine, and its page is repeated')

  server.records = simpleRecords(3)
  t.match(await app.sync(), { deleted: 0 }, 'the products of the repeated page may only have moved')
  t.match(await app.sync(), { deleted: 1, quarantined: 0 }, 'a product that is missing twice is gone')
  server.platform = (records) => ({ body: { items: records.slice(0, 2) } })
  t.match(await app.sync(), { deleted: 0, incomplete: /second page repeats the first one.*searchCriteria/ })
  t.match(await status(app), { products: 3, reason: 'incomplete' })
})

onEachEngine('a source that repeats its last page is read again only after a change', async (t) => {
  const mapping = mappingWith({ category: '/category' }, { records: '/items', paging: MAGENTO })
  const records = simpleRecords(4).map((record) => ({ ...record, category: `Category No. ${record.id}` }))
  const { server, app } = await start(t, records, withEtags(numberedPages), mapping)
  const findLast = async () =>
    (await app.request('/categories')).body.categories.find(({ name }: { name: string }) => name === 'Category No. 4')
  const { slug: parent } = await findLast()
  // Only a category that exists can be a parent.
  const placeUnder = async (slug: string) =>
    (await app.request(`/categories/${slug}`, { method: 'PUT', json: { parent } })).status
  t.strictSame([server.requests.length, server.confirmed], [3, 0])

  t.match(await app.sync(), { created: 0, updated: 0, deleted: 0 })
  t.strictSame([server.requests.length, server.confirmed], [6, 3], 'the ETags of all pages are valid')

  server.records = records.slice(0, 3)
  t.match(await app.sync(), { deleted: 0 }, 'the product may have moved')
  t.ok(await findLast(), 'so its category keeps its name')
  t.equal(await placeUnder('first'), 201)
  server.confirmed = 0
  t.match(await app.sync(), { deleted: 1 }, 'the second reading also lacks it')
  t.equal(server.confirmed, 0)
  t.equal(await placeUnder('second'), 409, 'its category has disappeared')

  t.match(await app.sync(), { created: 0, updated: 0, deleted: 0 })
  t.equal(server.confirmed, 3)
})

onOneEngine('pages without a usable id do not end the reading, but the repeated last page does', async (t) => {
  const mapping = { ...simpleMapping, records: '/items', paging: MAGENTO }
  const [first, second, third, last] = simpleRecords(4)
  const bad = [1, 2, 3, 4, 5].map((price) => ({ title: 'Same problem', price }))
  const records = [first, second, ...bad.slice(0, 4), third, last, ...bad.slice(4)] as object[]
  const { server, app } = await start(t, records, numberedPages, mapping)

  t.match(await status(app), { products: 4, quarantined: 5, state: 'fresh' })
  t.equal(server.requests.length, 6)
})

onOneEngine('the source can name the next page in its body', async (t) => {
  const paging = { type: 'next', next: '/meta/pagination/links/next', total: '/meta/pagination/total' }
  const limited = { ...paging, sizeParameter: 'limit', size: 2 }
  const { server, app } = await start(t, simpleRecords(5), nextPages, {
    ...simpleMapping,
    records: '/data',
    paging: limited
  })

  t.match(await status(app), { products: 5, state: 'fresh' })
  t.strictSame(server.requests, ['/products?limit=2', '/products?page=2&limit=2', '/products?page=3&limit=2'])

  for (const [next, message] of [
    ['https://other.example/products', /on another server: https:\/\/other.example/],
    ['?limit=2', /that of the page itself/],
    ['http://[', /is not valid/]
  ] as const) {
    server.platform = (data) => ({ body: { data, meta: { pagination: { total: 5, links: { next } } } } })
    t.match(await app.sync(), { failed: 'invalid', message }, next)
  }
  server.platform = (data) => ({ body: { data: data.slice(1), meta: { pagination: { total: 5 } } } })
  t.match(await app.sync(), { failed: 'invalid', message: /sent 4 of 5 products/ })
  t.match(await status(app), { products: 5 })
})

onOneEngine('the source can name the next page in the header Link', async (t) => {
  const { server, app } = await start(t, simpleRecords(5), linkedPages, { ...simpleMapping, paging: { type: 'link' } })

  t.match(await status(app), { products: 5, state: 'fresh' })
  t.strictSame(server.requests, ['/products', '/products?page=2', '/products?page=3'])
})

onOneEngine('a source that is not JSON, or not complete, leaves the catalog unchanged', async (t) => {
  const { server, app } = await start(t, simpleRecords(3), wholeList, simpleMapping)
  const text = JSON.stringify(simpleRecords(3))

  for (const [body, type, message] of [
    ['<h1>Sign in</h1>', 'text/html', /content type text\/html/],
    ['<h1>Sign in</h1>', 'application/json', /is not JSON/],
    [text.slice(0, -1), 'application/json', /ends early/],
    [text.slice(0, 60), 'application/json', /ends early/],
    ['{"products":[]}', 'application/json', /no list at its root/],
    ['', 'application/json', /is not JSON/]
  ] as const) {
    server.send(body, type)
    t.match(await app.sync(), { failed: 'invalid', message }, body)
  }
  t.match(await status(app), { products: 3 })

  server.send(text, 'application/octet-stream')
  t.match(await app.sync(), { created: 0, deleted: 0 }, 'the type of a file need not be JSON')
})

onOneEngine('an endless expression leaves the catalog unchanged, and the next sync works', async (t) => {
  const jsonata = 'size = 0 ? 1 : ($forever := function($x) { $forever($x) }; $forever(size))'
  const { server, app } = await start(t, simpleRecords(1), wholeList, mappingWith({ stock: { jsonata } }))
  server.records = [{ ...simpleRecords(1)[0], size: 0 }]
  t.match(await app.sync(), { created: 1 })

  server.records = [...server.records, { ...simpleRecords(2)[1], size: 1 }]
  t.match(await app.sync(), {
    failed: 'timeout',
    message: /expression at \/fields\/stock .* takes longer than 1000 ms/
  })
  t.match((await app.request('/products')).body, { products: [{ id: 1, stock: 1 }], total: 1 })

  server.records = [{ ...simpleRecords(1)[0], title: 'New', size: 0 }]
  t.match(await app.sync(), { updated: 1 })
})

onOneEngine('a new mapping applies to unchanged products after a restart', async (t) => {
  const { server, app } = await start(t, [{ id: 1, title: 'A', name: 'B', price: 1 }], wholeList, simpleMapping)
  t.match((await app.request('/products/1')).body, { title: 'A' })
  await app.app.close()

  const sourceMapping = writeMapping(t, mappingWith({ title: '/name' }))
  const later = await startApp(t, { config: { ...app.config, sourceUrl: server.url, sourceMapping } })

  t.match((await later.request('/products/1')).body, { title: 'B' })
})

t.test('a mapping that cannot be used stops the start', async (t) => {
  const sourceMapping = writeMapping(t, { fields: {} })
  await t.rejects(startApp(t, { config: { sourceUrl: 'http://127.0.0.1:1', sourceKind: 'json', sourceMapping } }), {
    name: 'MappingFileError',
    message: /fields\/title is missing/
  })
})

const status = async (app: TestApp) => (await app.request('/')).body.catalog
