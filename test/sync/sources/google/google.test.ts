/* The service with a merchant feed as its source. */
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { google } from '../../../../src/sync/sources/google/google.js'
import { startApp, type TestApp } from '../../../helpers/app.js'
import { onEachEngine, onOneEngine } from '../../../helpers/engines.js'
import { FeedServer, feedItem, feeds, toAtom, toRss, toTable } from '../../../helpers/feed-server.js'
import { createFolder } from '../../../helpers/folder.js'

const config = (server: FeedServer) => ({ sourceUrl: server.url, sourceKind: 'google' as const })
const status = async (app: TestApp) => (await app.request('/')).body.catalog

/** Reads all products, without the fields that the catalog assigns. */
async function products(app: TestApp): Promise<unknown[]> {
  const { body } = await app.request('/products?limit=100&sort=title')
  const list = []
  for (const { id } of body.products) {
    const { body: product } = await app.request(`/products/${id}`)
    const { id: _id, createdAt, updatedAt, ...fields } = product
    list.push(fields)
  }
  return list
}

onEachEngine('RSS, Atom, TSV and CSV are read, also compressed', async (t) => {
  const server = await FeedServer.start(t, gzipSync(feeds.rss))
  const app = await startApp(t, { config: config(server) })

  const { body } = await app.request('/products?sort=title')
  t.match(body, {
    total: 2,
    products: [
      { title: 'Chromecast & remote', price: 4999, currency: 'JPY', category: 'home-tv-streaming' },
      { title: 'Tee', price: 1500, availability: 'backorder' }
    ]
  })
  t.match((await app.request(`/products/${body.products[1].id}`)).body, {
    externalId: 'tee',
    options: [{ name: 'Size', values: ['M', 'S'] }],
    variants: [{ externalId: 'tee-m' }, { externalId: 'tee-s', salePrice: 12_500 }]
  })
  t.match(await status(app), { state: 'fresh', quarantined: 0 })
  t.strictSame((await app.request('/sync')).body.report.fields, [])
  t.match((await app.request('/categories')).body.categories, [
    { slug: 'home', name: 'Home' },
    { slug: 'home-tv-streaming', name: 'Streaming', parent: 'home-tv' },
    { slug: 'home-tv', parent: 'home' },
    { slug: 'uncategorized' }
  ])

  for (const [body, title] of [
    [feeds.atom, 'Set'],
    [feeds.tsv, 'Tee "Light"'],
    [feeds.csv, 'Dog Bowl In Blue'],
    [gzipSync(feeds.csv), 'Dog Bowl In Blue'],
    [Buffer.from(`\ufeff${feeds.tsv}`, 'utf16le'), 'Tee "Light"']
  ] as const) {
    server.body = body
    t.notMatch(await app.sync(), { failed: String })
    t.match((await app.request('/products')).body, { total: 1, products: [{ title }] })
  }
})

onEachEngine('the same items in any order and form are the same catalog', async (t) => {
  const items = Array.from({ length: 40 }, (_, i) => ({
    ...feedItem(`item-${i}`, {
      item_group_id: i % 3 === 0 ? '' : `group-${i % 5}`,
      size: String(i),
      description: `Text ${i}`,
      title: i % 3 === 0 ? `Product ${i}` : `Group ${i % 5} - ${i}`
    })
  }))
  const server = await FeedServer.start(t, toRss(items))
  const app = await startApp(t, { config: config(server) })
  const before = await products(app)
  t.equal(before.length, 19)

  const shuffled = items.map((item, i) => ({ item, key: (i * 17) % 40 })).sort((a, b) => a.key - b.key)
  const others = [items.toReversed(), shuffled.map(({ item }) => item)]
  for (const list of others) {
    for (const body of [toRss(list), toAtom(list), toTable(list, '\t'), toTable(list, ',')]) {
      server.body = body
      t.match(await app.sync(), { created: 0, updated: 0, deleted: 0 })
    }
  }
  t.strictSame(await products(app), before)
})

onOneEngine('items that are added, changed and removed change their product', async (t) => {
  const tee = (size: string) => feedItem(`tee-${size}`, { item_group_id: 'tee', title: `Tee - ${size}`, size })
  const server = await FeedServer.start(t, toRss([feedItem('a'), feedItem('b'), tee('S'), tee('M')]))
  const app = await startApp(t, { config: config(server) })
  server.body = toRss([feedItem('a', { price: '5 EUR' }), tee('L'), tee('M')])

  t.match(await app.sync(), { created: 0, updated: 2, deleted: 1 })

  t.match((await products(app)) as object[], [{ title: 'Product a', price: 5 }, { options: [{ values: ['L', 'M'] }] }])
})

onOneEngine('products in another currency than most are in quarantine', async (t) => {
  const server = await FeedServer.start(t, toRss([feedItem('b', { price: '5 USD' }), feedItem('a'), feedItem('c')]))
  const app = await startApp(t, { config: config(server) })
  t.match(await status(app), { products: 2, quarantined: 1 })
  t.match((await app.request('/sync')).body.report.quarantine, [{ product: 'b', problem: /EUR/ }])
})

onOneEngine('a feed that cannot be read leaves the catalog unchanged', async (t) => {
  const server = await FeedServer.start(t, toRss([feedItem('a'), feedItem('b')]))
  const app = await startApp(t, { config: config(server) })
  const entities = '<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;&b;&b;">]>'
  for (const [body, message] of [
    ['', /feed is empty/],
    ['  \n', /feed is empty/],
    ['<!DOCTYPE html><title>Sorry</title>', /is an HTML page/],
    ['{"error":"no feed"}\n', /no column id/],
    [`${entities}<rss><channel><item><title>&c;</title></item></channel></rss>`, /not well-formed XML: .*entity/],
    [Buffer.from(toRss([feedItem('a', { title: 'Größe' })]), 'latin1'), /not in the encoding utf-8/],
    [toRss([feedItem('a')]).slice(0, -9), /truncated/],
    [gzipSync(toRss([feedItem('a')])).subarray(0, -1), /not valid gzip/],
    [toTable([feedItem('a')], ',').slice(0, -1), /truncated/]
  ] as const) {
    server.body = body
    t.match(await app.sync(), { failed: 'invalid', message }, String(message))
  }
  t.match(await status(app), { products: 2, reason: 'invalid' })
})

onOneEngine('one item that cannot be used does not affect the others', async (t) => {
  const text = 'x'.repeat(10_000_000)
  const server = await FeedServer.start(
    t,
    toRss([feedItem('a', { description: text }), feedItem('b', { price: 'free' }), feedItem('c', { id: '' })])
  )
  const app = await startApp(t, { config: config(server) })

  t.match(await status(app), { products: 1, quarantined: 2 })
  t.match((await app.request('/sync')).body.report, {
    quarantine: [
      { product: 'b', pointer: '/price' },
      { product: 'at position 2', pointer: '/id' }
    ],
    fields: [{ pointer: '/description', outcome: 'repaired' }]
  })
})

onOneEngine('a group with 300 variants keeps 250, and says so', async (t) => {
  const items = Array.from({ length: 300 }, (_, i) => feedItem(String(i), { item_group_id: 'g', size: String(i) }))
  const server = await FeedServer.start(t, toTable(items, '\t'))
  const app = await startApp(t, { config: config(server) })
  const [product] = (await products(app)) as { variants: unknown[] }[]
  t.equal(product?.variants.length, 250)
  t.match((await app.request('/sync')).body.report.fields, [{ pointer: '/items/*', outcome: 'dropped', count: 50 }])
})

onOneEngine('a group counts more than an item with the id of the group', async (t) => {
  const items = [feedItem('x', { item_group_id: 'tee', title: 'In a group' }), feedItem('tee', { title: 'Alone' })]
  const server = await FeedServer.start(t)
  for (const list of [items, items.toReversed()]) {
    server.body = toRss(list)
    const app = await startApp(t, { config: config(server) })
    t.match((await app.request('/products')).body, { total: 1, products: [{ title: 'In a group' }] })
  }
})

onOneEngine('a feed is recognized by its content', async (t) => {
  const comments = feeds.csv.split('\n').slice(0, 2).join('\n')
  for (const [body, products] of [
    [feeds.rss, 2],
    [gzipSync(feeds.atom), 1],
    [feeds.tsv, 1],
    [`${comments}\n\n"ID","Title","Price","Link"\n"1","a","5","https://shop.example"\n`, 1]
  ] as const) {
    const server = await FeedServer.start(t, body)
    const app = await startApp(t, { config: { sourceUrl: server.url } })
    t.match(await status(app), { products })
  }
  for (const body of ['<html></html>', '<urlset></urlset>', 'id,title\n', '# id,title,price,link\n', '{}'])
    t.notOk(google.hasContent?.({ type: '', text: body }), body)
})

onOneEngine('a feed may be a file', async (t) => {
  const path = `${createFolder(t)}/feed.xml`
  writeFileSync(path, feeds.rss)
  const app = await startApp(t, { config: { sourceUrl: pathToFileURL(path).href } })
  t.match(await status(app), { products: 2 })
  writeFileSync(path, feeds.rss.slice(0, -20))
  t.match(await app.sync(), { failed: 'invalid', message: /truncated/ })
})

onOneEngine('a feed that confirms its ETag is not read again', async (t) => {
  const server = await FeedServer.start(t)
  server.answer = ({ headers }, response) => {
    response.setHeader('etag', '"1"')
    if (headers['if-none-match'] === '"1"') response.writeHead(304).end()
    else response.end(feeds.tsv)
  }
  const app = await startApp(t, { config: config(server) })
  t.match(await app.sync(), { created: 0, updated: 0, deleted: 0 })
  t.match(await status(app), { products: 1, state: 'fresh' })
  t.equal(server.requests, 2)
})

t.test('the address is requested as it is, and one page is the whole feed', async (t) => {
  const settings = { url: 'https://shop.example/feed.xml?key=1', currency: 'USD' }
  const request = google.first(settings)
  t.match(request, { url: settings.url, accept: /^application\/rss\+xml/ })
  t.equal(google.next({ request, records: 1, recordsSoFar: 1, isShifting: false, end: {} }, settings), 'whole')
})
