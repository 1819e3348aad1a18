/* Merchant feeds that one service writes and another one reads: the products are the same, apart from what feeds leave out. */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import t, { type Test } from 'tap'
import type { Product } from '../../schemas/product.js'
import { NDJSON, RSS, TSV } from '../../schemas/transfer.js'
import { toLine } from '../../src/products/text.js'
import { parseSourceAuth } from '../../src/sync/source-auth.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { onEachEngine, onOneEngine } from '../helpers/engines.js'
import { choice, local, richProducts } from '../helpers/feed-products.js'
import { FeedServer } from '../helpers/feed-server.js'
import { comparable, toReadBack } from '../helpers/merchant-feeds.js'
import { sourceProduct } from '../helpers/products.js'
import { sample } from '../helpers/runs.js'

const naughty = createRequire(import.meta.url)('big-list-of-naughty-strings') as string[]

const exportFeed = (app: TestApp, accept: string, query = '') =>
  app.request(`/products/export${query}`, { headers: { accept } })

async function importRows(app: TestApp, rows: readonly object[], mode = 'all-or-nothing') {
  const body = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  const headers = { 'content-type': NDJSON }
  return await app.request(`/products/import?mode=${mode}`, { method: 'POST', body, headers })
}

/** Returns the public products of a service. */
async function readProducts(app: TestApp): Promise<Product[]> {
  const { text } = await exportFeed(app, NDJSON)
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { version: _, ...product } = JSON.parse(line)
      return product
    })
}

/** Returns the names of each category and its ancestors, the root first. */
async function readCategoryNames(app: TestApp): Promise<(slug: string) => string[]> {
  const { categories } = (await app.request('/categories')).body
  const bySlug = new Map<string, { name: string; parent?: string }>(
    categories.map((category: { slug: string; name: string }) => [category.slug, category])
  )
  const namesOf = (slug: string | undefined): string[] => {
    const category = bySlug.get(slug ?? '')
    return category ? [...namesOf(category.parent), category.name] : []
  }
  return namesOf
}

/** Compares the products of a service with those that another one has read from its feed. */
async function requireSame(t: Test, from: TestApp, reader: TestApp): Promise<void> {
  const namesOf = await readCategoryNames(from)
  const sources = await readProducts(from)
  const byId = new Map((await readProducts(reader)).map((product) => [product.externalId, product]))
  const report = (await reader.request('/sync')).body.report
  t.strictSame([report.fields, report.quarantine], [[], []], 'the reader repairs and drops nothing')
  t.equal(byId.size, sources.length)
  for (const product of sources) {
    const found = byId.get(String(product.id))
    const wanted = comparable(toReadBack(product, namesOf(product.category)))
    t.strictSame(found && comparable(found), wanted, `product ${product.id}: ${product.title}`)
  }
}

/** Starts a service that reads the export of another one, which sends RSS. */
const readDirectly = async (t: Test, from: TestApp) =>
  await startApp(t, {
    config: {
      sourceUrl: `${from.url}/products/export`,
      sourceKind: 'google',
      sourceAuth: parseSourceAuth(`Bearer ${await from.token()}`)
    }
  })

/** Starts a service that reads a file which somebody has exported and put on a server. */
async function readFile(t: Test, from: TestApp, accept: string) {
  const server = await FeedServer.start(t, (await exportFeed(from, accept)).text)
  return await startApp(t, { config: { sourceUrl: server.url, sourceKind: 'google' } })
}

async function startRich(t: Test, currency = 'USD'): Promise<TestApp> {
  const products = [
    sourceProduct(1),
    sourceProduct(7, {
      title: 'Décor ＠ home 日本語 👩‍👩‍👧',
      category: 'mens-shirts',
      availabilityStatus: 'Low Stock',
      sku: ''
    }),
    sourceProduct(8, { images: [], thumbnail: undefined, discountPercentage: 0, weight: 0, price: 1234.5 })
  ]
  const app = await startApp(t, { products, config: { currency } })
  for (const [slug, json] of [
    ['home', { name: 'Home, Garden' }],
    ['indoor', { name: '"In" > doors', parent: 'home' }]
  ] as const)
    t.match(await app.request(`/categories/${slug}`, { method: 'PUT', json }), { status: /20[01]/ })
  t.match(await importRows(app, richProducts), { status: 200, body: { created: richProducts.length } })
  return app
}

onEachEngine('a service reads the export of another one, and finds the same products', async (t) => {
  const app = await startRich(t)
  const reader = await readDirectly(t, app)
  await requireSame(t, app, reader)
  for (const id of [1, 7, 8]) t.match((await reader.request(`/products/${id}`)).body, { externalId: String(id) })
  t.match(await reader.sync(), { created: 0, updated: 0, deleted: 0 }, 'the feed is stable')
  await app.request('/products/1', { method: 'PATCH', json: { price: 1.5 }, headers: { 'if-match': '*' } })
  t.match(await reader.sync(), { created: 0, updated: 1, deleted: 0 })
})

onOneEngine('both formats carry the same, in currencies with any number of decimal places', async (t) => {
  for (const currency of ['USD', ...sample(['JPY', 'KWD'], 2)]) {
    const app = await startRich(t, currency)
    const reader = await readFile(t, app, TSV)
    await requireSame(t, app, reader)
    const prices = { USD: '1234.50 USD', JPY: '1235 JPY', KWD: '1234.500 KWD' }
    t.ok((await exportFeed(app, RSS)).text.includes(`<g:price>${prices[currency as 'USD']}</g:price>`), currency)
  }
})

onOneEngine('naughty strings survive in both formats', async (t) => {
  // XML excludes two code points that are no characters.
  const strings = naughty.filter((text) => toLine(text) !== '' && !/[\ufffe\uffff]/.test(text))
  const app = await startApp(t, {})
  const rows = strings.map((text, i) => ({
    ...local(`N-${i}`),
    title: text,
    price: 1,
    description: `${text}\n\n${text}`,
    brand: text,
    mpn: text.slice(0, 100),
    tags: [text.slice(0, 100), 'other'],
    attributes: [choice('Text', text.slice(0, 200)), choice(text.replaceAll(':', '').slice(0, 100), 'x')],
    options: [{ name: 'Text', values: [text.slice(0, 200), 'plain'] }],
    variants: [
      { sku: text.slice(0, 100), options: [choice('Text', text.slice(0, 200))], price: 1 },
      { sku: `N-${i}-2`, options: [choice('Text', 'plain')], price: 2 }
    ].slice(0, i % 2 === 0 ? 2 : 0)
  }))
  const { body } = await importRows(app, rows, 'each')
  t.ok(body.created > 400, `${body.created} strings are valid`)
  for (const accept of [RSS, TSV]) await requireSame(t, app, await readFile(t, app, accept))
})

onOneEngine('a feed has the form that platforms read', async (t) => {
  const app = await startRich(t)
  const { text, headers } = await exportFeed(app, RSS)
  t.equal(headers.get('content-type'), 'application/rss+xml; charset=utf-8')
  t.equal(headers.get('content-disposition'), 'attachment; filename="products.xml"')
  const python = spawnSync(
    'python3',
    ['-c', 'import sys, xml.etree.ElementTree as e; print(len(e.parse(sys.stdin).findall("channel/item")))'],
    {
      input: text,
      encoding: 'utf8'
    }
  )
  if (python.error) t.comment('python3 is missing')
  else t.match(python, { status: 0, stderr: '', stdout: `${(text.match(/<item>/g) ?? []).length}\n` })
  t.match(text, /<item>\n<g:id>1<\/g:id>\n<c:sku>SKU-1<\/c:sku>\n<g:title>Product 1<\/g:title>/)
  t.match(text, /<g:item_group_id>(\d+)<\/g:item_group_id>\n<g:item_group_title>Product SHIRT<\/g:item_group_title>/)
  t.match(text, /<g:title>Product SHIRT - S, sweet: very<\/g:title>/)
  t.match(text, /<g:variant_option><g:name>Size<\/g:name><g:value>S<\/g:value><\/g:variant_option>/)
  t.match(text, '<g:sale_price_effective_date>2020-01-01T00:00:00Z/2099-12-31T22:59:59Z</g:sale_price_effective_date>')
  t.match(text, '<g:sale_price_effective_date>1970-01-01T00:00:00Z/2090-01-01T00:00:00Z</g:sale_price_effective_date>')
  t.match(text, '<g:product_type>Home, Garden &gt; "In" › doors</g:product_type>')
  t.match(text, /<g:gtin>0036000291452<\/g:gtin>\n<g:mpn>M-1<\/g:mpn>\n<g:condition>/, 'no identifier_exists')
  t.notMatch(text, /DRAFT|ARCHIVED|2001219056223/)
  for (const [, id] of text.matchAll(/<g:id>(.*)<\/g:id>/g)) t.match(id, /^[\w-]{1,50}$/)

  const tsv = await exportFeed(app, TSV)
  t.equal(tsv.headers.get('content-type'), 'text/tab-separated-values; charset=utf-8')
  t.equal(tsv.headers.get('content-disposition'), 'attachment; filename="products.tsv"')
  t.match(tsv.text, /^id\titem_group_id\titem_group_title\tsku\ttitle\t/)
  t.match(tsv.text, '\t=1+1\t', 'a text that looks like a formula is not marked')
  t.match(tsv.text, '\t"Size:M,""Flavor, taste"":""sour, """"dry"""""""\t')
  t.equal((await exportFeed(app, RSS, '?status=draft&status=active')).text, text, 'drafts never go out')
  t.notMatch((await exportFeed(app, RSS, '?status=draft')).text, '<item>')
  const some = await exportFeed(app, TSV, '?ids=8&ids=1')
  t.strictSame(
    some.text.split('\n').map((line) => line.split('\t')[0]),
    ['id', '8', '1', ''],
    'filters apply'
  )
})

onOneEngine('Accept selects a feed', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  for (const [accept, type] of [
    [RSS, RSS],
    ['application/rss+xml, */*;q=0.5', RSS],
    ['text/tab-separated-values', TSV],
    ['text/*', 'text/csv'],
    ['application/*', NDJSON],
    ['application/rss+xml;q=0.1, text/csv', 'text/csv']
  ] as const)
    t.equal((await exportFeed(app, accept)).headers.get('content-type')?.split(';')[0], type, accept)
  t.match((await exportFeed(app, RSS)).headers.get('vary'), /Accept/)
})

t.test('feeds are no imports', async (t) => {
  const app = await startApp(t, { products: [sourceProduct(1)] })
  const { text } = await exportFeed(app, TSV)
  const headers = { 'content-type': TSV }
  t.match(await app.request('/products/import', { method: 'POST', body: text, headers }), { status: 400 })
  t.match(await app.request('/products/import', { method: 'POST', body: text, headers: { 'content-type': RSS } }), {
    status: 415
  })
})
