/*
 * Reads never return data from before an acknowledged write, although responses are cached, compressed and revalidated while writes
 * continue.
 */
import type { ProductPage } from '../../schemas/listing.js'
import type { Product } from '../../schemas/product.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { ifDeepOnEachEngine } from '../helpers/engines.js'
import { mascara, sourceProduct } from '../helpers/products.js'
import { runs } from '../helpers/runs.js'

const WRITES = runs(10, 120)
const READERS = 20
/** Initial stock: more than any other product has, so that the written product is the first by stock. */
const STOCK = 1000
/** Number of writes after which the writer waits for a few rounds of all readers, so that the service caches responses. */
const BURST = 5

const others = Array.from({ length: 39 }, (_, i) => sourceProduct(i + 2))

const listed = (body: unknown) => (body as ProductPage).products.find(({ id }) => id === 1)?.stock

/** Paths whose responses contain the stock of product 1, and functions that extract it. */
const views: Record<string, (body: unknown) => number | undefined> = {
  '/products': listed,
  '/products?sort=-stock&limit=1': listed,
  '/products?q=mascara': listed,
  '/products?ids=2&ids=1&facets=category': listed,
  '/products/1': (body) => (body as Product).stock
}

/** Counts the queries that the cache does not answer, from now on. */
function countQueries(app: TestApp): () => number {
  const { catalog } = app.app.services
  const { page, product } = catalog
  let queries = 0
  catalog.page = (...args) => {
    queries++
    return page.apply(catalog, args)
  }
  catalog.product = (id) => {
    queries++
    return product.call(catalog, id)
  }
  return () => queries
}

ifDeepOnEachEngine(
  'no response, cached or not, is older than a write that was acknowledged before the request',
  async (t) => {
    const app = await startApp(t, { products: [mascara, ...others] })
    const token = await app.token()
    const queries = countQueries(app)
    /** Stock of the last sent write, and of the last acknowledged one. */
    let begun = STOCK - 1
    let acknowledged = 0
    let isOver = false
    const wrong: string[] = []
    const answers = { ok: 0, notModified: 0, compressed: 0 }
    /** Stock in each response, by path and ETag, to interpret a 304. Shared by all readers. */
    const shown = new Map<string, number>()

    /** Reads once. Returns the ETag for the next read. */
    async function read(path: string, encoding: string, etag: string | undefined): Promise<string> {
      const least = acknowledged
      const headers = { 'accept-encoding': encoding, ...(etag !== undefined && { 'if-none-match': etag }) }
      const { status, headers: answered, body } = await app.request(path, { token, headers })
      const most = begun
      const tag = answered.get('etag') as string
      const key = `${path} ${tag}`
      const stock = status === 304 ? shown.get(key) : views[path]?.(body)
      const what = `${status} ${key} (${encoding})`
      if (stock === undefined) wrong.push(`${what} shows nothing`)
      else if (stock < least) wrong.push(`${what} shows ${stock} after ${least} was acknowledged`)
      else if (stock > most && acknowledged > 0) wrong.push(`${what} shows ${stock} before it was sent`)
      if (status === 304) answers.notModified++
      else {
        answers.ok++
        if (answered.get('content-encoding') === 'br') answers.compressed++
        if (stock !== undefined && (shown.get(key) ?? stock) !== stock)
          wrong.push(`${what} shows ${stock} and something else`)
        if (stock !== undefined) shown.set(key, stock)
      }
      return tag
    }

    const readers = Array.from({ length: READERS }, async (_, reader) => {
      const paths = Object.keys(views)
      const tags = new Map<string, string>()
      for (let turn = reader; !isOver && wrong.length === 0; turn++) {
        const path = paths[turn % paths.length] as string
        // Readers without a cache, and readers that send conditional requests.
        const encoding = reader % 2 === 0 ? 'br' : 'identity'
        const etag = await read(path, encoding, reader % 4 < 2 ? undefined : tags.get(path))
        tags.set(path, etag)
      }
    })

    let etag = '*'
    for (let write = 1; write <= WRITES && wrong.length === 0; write++) {
      const stock = STOCK + write
      begun = stock
      const { status, headers } = await app.request('/products/1', {
        method: 'PATCH',
        json: { stock },
        headers: { 'if-match': etag },
        token
      })
      if (status !== 200) wrong.push(`${status} for a write`)
      etag = headers.get('etag') as string
      acknowledged = stock
      const enough = answers.ok + answers.notModified + 3 * READERS
      while (write % BURST === 0 && answers.ok + answers.notModified < enough && wrong.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    }
    isOver = true
    await Promise.all(readers)

    t.strictSame(wrong, [])
    t.equal(acknowledged, STOCK + WRITES)
    t.comment({ ...answers, queries: queries() })
    t.ok(answers.ok > 0)
    t.ok(answers.notModified > 0)
    t.ok(answers.compressed > 0)
    t.ok(queries() < answers.ok, `${queries()} queries for ${answers.ok} answers in full: the others were kept`)
  }
)

ifDeepOnEachEngine('reads after a product was hidden or shown reflect it, by id and in lists', async (t) => {
  const app = await startApp(t, { products: [mascara, ...others] })
  const token = await app.token()
  /** Number of starts and ends of writes. The data does not change between two of them. */
  let moment = 0
  let isShown = true
  let isOver = false
  const wrong: string[] = []
  const checked = { shown: 0, hidden: 0 }

  const readers = Array.from({ length: READERS }, async (_, reader) => {
    const paths = ['/products/1', '/products?ids=1', '/products?q=mascara', '/products?limit=1']
    for (let turn = reader; !isOver && wrong.length === 0; turn++) {
      const path = paths[turn % paths.length] as string
      const before = moment
      const { status, body } = await app.request(path, { token })
      // Odd during a write.
      if (before !== moment || before % 2 === 1) continue
      const isThere = path === '/products/1' ? status === 200 : (body as ProductPage).products[0]?.id === 1
      if (isThere !== isShown) wrong.push(`${path}: ${status} ${JSON.stringify(body)} where isShown is ${isShown}`)
      checked[isShown ? 'shown' : 'hidden']++
    }
  })

  for (let write = 0; write < WRITES / 3 && wrong.length === 0; write++) {
    moment++
    const path = isShown ? '/products/1' : '/products/1/edits'
    const { status } = await app.request(path, { method: 'DELETE', headers: { 'if-match': '*' }, token })
    if (status !== (isShown ? 204 : 200)) wrong.push(`${status} for a write`)
    isShown = !isShown
    moment++
    const enough = checked.shown + checked.hidden + 2 * READERS
    while (checked.shown + checked.hidden < enough && wrong.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  isOver = true
  await Promise.all(readers)

  t.strictSame(wrong, [])
  t.ok(checked.shown > WRITES && checked.hidden > WRITES, `checked ${checked.shown} and ${checked.hidden} answers`)
})
