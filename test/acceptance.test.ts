/*
 * The built service with a whole catalog. SOURCE_DATA names a JSON file with an array of the products of a real source.
 * Without it, the test uses the sample.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TSchema } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import { ProductQuery } from '../schemas/listing.js'
import { Product } from '../schemas/product.js'
import { createFolder } from './helpers/folder.js'
import { nextPath } from './helpers/links.js'
import { command, TestProcess } from './helpers/process.js'
import { TestSource } from './helpers/source.js'

interface SourceProduct {
  id: number
  brand?: string
  price: number
}

const path = process.env.SOURCE_DATA ?? 'data/sample-products.json'
const sourceProducts = JSON.parse(await readFile(path, 'utf8')) as SourceProduct[]
const ADMIN_PASSWORD = 'a password for tests'

/** Starts the service with a database in a folder and signs in. */
async function start(t: Test, folder: string, sourceUrl: string) {
  const service = new TestProcess(t, command('src/server.js'), {
    PORT: '0',
    DATABASE_URL: `file:${folder}/catalog.db`,
    SOURCE_URL: sourceUrl,
    SYNC_INTERVAL: '1',
    RATE_LIMIT: '100000',
    ADMIN_PASSWORD
  })
  const [, url] = await service.printed(/Server listening at (http:[^"]+)/)
  const signedIn = await fetch(`${url}/auth`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: ADMIN_PASSWORD })
  })
  const { token } = (await signedIn.json()) as { token: string }
  const responses: string[] = []
  const get = async (path: string) => {
    const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })
    const text = await response.text()
    responses.push(text)
    return { status: response.status, body: JSON.parse(text), headers: response.headers }
  }
  /** Waits until the first sync has finished. The timeout of tap applies. */
  const synced = async () => {
    while ((await get('/')).body.catalog.state !== 'fresh') await sleep(20)
  }
  const all = async () => {
    const products: Product[] = []
    for (let path: string | undefined = '/products?limit=100'; path; ) {
      const { body, headers } = await get(path)
      products.push(...body.products)
      path = nextPath(path, headers)
    }
    return products
  }
  return { service, get, all, synced, responses }
}

t.test(`the service syncs, stores and serves a source of ${sourceProducts.length} products`, async (t) => {
  const folder = createFolder(t)
  const source = new TestSource(sourceProducts)
  await source.listen()
  const first = await start(t, folder, source.url)
  await first.synced()

  const summaries = await first.all()
  t.equal((await first.get('/products')).body.total, sourceProducts.length)
  t.strictSame(
    summaries.map(({ id }) => id),
    sourceProducts.map(({ id }) => id)
  )
  const products: Product[] = []
  for (const { id, brand, price } of sourceProducts) {
    const { body } = await first.get(`/products/${id}`)
    products.push(body)
    t.equal('brand' in body, brand !== undefined && brand.trim() !== '', `${id} brand`)
    t.equal(body.price, price, `${id} price`)
    t.match(summaries[products.length - 1], { id, title: body.title, price: body.price })
  }
  const exampleQuery = new URLSearchParams()
  for (const [name, { examples = [] }] of Object.entries<TSchema>(ProductQuery.properties)) {
    for (const value of [examples[0] ?? []].flat()) exampleQuery.append(name, String(value))
  }
  const found = await first.get(`/products?${exampleQuery}`)
  t.ok(found.body.total > 0, `the examples of the documentation match products: ${exampleQuery}`)
  const withBrand = products.find((product) => 'brand' in product) as Product
  const unknown = ['condition', 'mpn', 'onSale', 'salePrice', 'salePriceFrom', 'salePriceUntil', 'url']
  const fields = Object.keys(Product.properties).filter((name) => !unknown.includes(name))
  t.strictSame(Object.keys(withBrand).sort(), fields.sort(), 'every field that DummyJSON knows')
  t.equal((await first.get('/')).body.catalog.quarantined, 0)
  await first.get('/categories')
  for (const text of first.responses)
    if (/[^\s"]+@[^\s"]+\.\w/.test(text)) t.fail(`an e-mail address: ${text.slice(0, 100)}`)

  const { catalog } = (await first.get('/')).body
  source.etags = false
  source.requests.length = 0
  while (source.requests.length < 4) await sleep(50)
  await sleep(200)
  const later = (await first.get('/')).body.catalog
  t.equal(later.revision, catalog.revision, 'a sync of the same data changes nothing')
  t.ok(later.lastSync > catalog.lastSync)

  first.service.child.kill('SIGTERM')
  t.equal((await first.service.finished).code, 0)
  await source.close()

  const second = await start(t, folder, source.url)
  t.strictSame(await second.all(), summaries, 'the same catalog after a restart without the source')
  t.equal((await second.get('/products')).body.total, sourceProducts.length)
})
