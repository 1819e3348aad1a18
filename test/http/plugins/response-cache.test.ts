import { request } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { startApp, type TestApp } from '../../helpers/app.js'
import { createDatabase, onOneEngine } from '../../helpers/engines.js'
import { mascara, palette, sourceProduct } from '../../helpers/products.js'

const many = Array.from({ length: 40 }, (_, i) => sourceProduct(i + 1))

/** Sends a request without the automatic decompression of `fetch`. */
async function ask(app: TestApp, path: string, headers: Record<string, string>, method = 'GET') {
  const token = await app.token()
  return await new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; body: Buffer }>(
    (resolve, reject) => {
      const options = { method, headers: { authorization: `Bearer ${token}`, ...headers } }
      request(`${app.url}${path}`, options, async (response) => {
        const chunks: Buffer[] = []
        for await (const chunk of response) chunks.push(chunk)
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) })
      })
        .on('error', reject)
        .end()
    }
  )
}

/** Counts the queries to the catalog from now on. */
function countQueries(app: TestApp): () => number {
  const { catalog } = app.app.services
  let queries = 0
  for (const name of ['page', 'product', 'categories'] as const) {
    const query = catalog[name].bind(catalog) as (...args: unknown[]) => unknown
    Object.assign(catalog, {
      [name]: (...args: unknown[]) => {
        queries++
        return query(...args)
      }
    })
  }
  return () => queries
}

onOneEngine('a response that is requested twice is cached until the catalog changes', async (t) => {
  const app = await startApp(t, { products: many })
  const queries = countQueries(app)
  const paths = ['/products', '/products?limit=5&offset=10', '/products/7', '/categories']

  for (const path of paths) {
    const first = await app.request(path)
    for (let again = 0; again < 3; again++) {
      const response = await app.request(path)
      t.strictSame(response.body, first.body, path)
      for (const name of ['etag', 'link', 'content-type', 'cache-control', 'vary']) {
        t.equal(response.headers.get(name), first.headers.get(name), `${path} ${name}`)
      }
    }
  }
  t.equal(queries(), paths.length * 2, 'one query for the first request and one for all others')

  app.source.products = [...many.slice(1), sourceProduct(50)]
  await app.sync()
  t.equal((await app.request('/products/50')).status, 200)
  t.equal((await app.request('/products?limit=5&offset=10')).body.products[0].id, 12)
  t.equal(queries(), paths.length * 2 + 2)
})

onOneEngine('an error response is not cached', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  t.equal((await app.request('/products/2')).status, 404)
  app.source.products = [mascara, palette]
  await app.sync()
  t.equal((await app.request('/products/2')).status, 200)
  t.equal((await app.request('/products/2', { token: null })).status, 401, 'a cached response still needs a token')
})

onOneEngine('a response that cannot be serialized is a problem and is not cached', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { catalog } = app.app.services
  const categories = catalog.categories.bind(catalog)
  catalog.categories = async () => ({ revision: (await categories()).revision, categories: 'none' as never })

  const { status, body, headers } = await app.request('/categories')
  t.equal(status, 500)
  t.equal(body.type, 'urn:problem-type:product-catalog:internal-error')
  t.equal(headers.get('etag'), null)

  catalog.categories = categories
  t.equal((await app.request('/categories')).body.categories.length, 1)
})

onOneEngine('a matching If-None-Match gets 304 without a query', async (t) => {
  const app = await startApp(t, { products: many })
  for (const path of ['/products', '/categories', '/products/7']) {
    const { headers } = await app.request(path)
    const tag = headers.get('etag') as string
    t.match(tag, /^"[\w-]{8}\.[0-9a-z]+\.\d+(-gz)?"$/, path)

    for (const condition of [tag, `W/${tag}`, tag.replace(/"$/, '-gzip"'), `"other", ${tag}`, '*']) {
      const { status, headers, text } = await app.request(path, { headers: { 'if-none-match': condition } })
      t.equal(status, 304, `${path} ${condition}`)
      t.equal(text, '')
      t.equal(headers.get('etag'), tag)
      t.equal(headers.get('cache-control'), 'private, no-cache')
      t.equal(headers.get('content-type'), null)
      t.equal(headers.get('link'), null)
      t.ok(headers.get('cache-status'))
    }
    t.equal((await app.request(path, { headers: { 'if-none-match': '"other"' } })).status, 200)
  }

  await app.request('/products')
  const queries = countQueries(app)
  const { headers } = await app.request('/products')
  const condition = { 'if-none-match': headers.get('etag') as string }
  t.equal((await app.request('/products?limit=3', { headers: condition })).status, 304, 'a response not cached')
  t.equal((await app.request('/products?limit=0', { headers: condition })).status, 400, 'an invalid request')
  t.equal(queries(), 0)
})

onOneEngine('a 304 has no headers of a body, whether the response was cached or not', async (t) => {
  const app = await startApp(t, { products: many })
  for (const path of ['/products/7', '/products', '/categories']) {
    const first = await ask(app, path, {})
    for (const condition of [String(first.headers.etag), '*']) {
      for (const round of ['computed', 'cached', 'cached']) {
        for (const method of ['HEAD', 'GET']) {
          const { status, headers, body } = await ask(app, path, { 'if-none-match': condition }, method)
          const what = `${method} ${path}, ${condition}, ${round}`
          t.equal(status, 304, what)
          t.equal(body.length, 0, what)
          for (const name of ['content-length', 'content-type', 'content-encoding']) t.notOk(name in headers, what)
          t.equal(headers.vary, 'Accept-Encoding', what)
          t.equal(headers.etag, first.headers.etag, what)
        }
      }
    }
    // The change invalidates the cache.
    app.source.products = app.source.products.slice(0, -1)
    await app.sync()
  }
})

onOneEngine('a list has a new entity tag with every revision, a product only if it changed', async (t) => {
  const app = await startApp(t, { products: [mascara, palette] })
  const tag = async (path: string) => (await app.request(path)).headers.get('etag')
  const before = { list: await tag('/products'), mascara: await tag('/products/1'), palette: await tag('/products/2') }

  app.source.products = [mascara, { ...palette, stock: 1 }]
  await app.sync()

  t.not(await tag('/products'), before.list)
  t.equal(await tag('/products/1'), before.mascara)
  t.not(await tag('/products/2'), before.palette)
  const condition = { 'if-none-match': before.mascara as string }
  t.equal((await app.request('/products/1', { headers: condition })).status, 304)
})

onOneEngine('entity tags of different databases differ', async (t) => {
  // Created from scratch: the databases that tests get by default are copies of one.
  const start = async (products: unknown[]) =>
    await startApp(t, { products, config: { databaseUrl: await createDatabase(t) } })
  const [one, other] = [await start([mascara]), await start([palette])]
  t.not((await one.request('/products')).headers.get('etag'), (await other.request('/products')).headers.get('etag'))
})

onOneEngine('responses use the preferred compression of the client, each with its own entity tag', async (t) => {
  const app = await startApp(t, { products: many })
  const plain = await ask(app, '/products', {})
  t.equal(plain.headers['content-encoding'], undefined)
  t.match(plain.headers.vary, 'Accept-Encoding')

  const tags = new Set([plain.headers.etag])
  for (const [accept, encoding, decompress] of [
    ['br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip;q=1, br;q=0', 'gzip', gunzipSync]
  ] as const) {
    for (const round of ['computed', 'cached']) {
      const { status, headers, body } = await ask(app, '/products', { 'accept-encoding': accept })
      t.equal(status, 200)
      t.equal(headers['content-encoding'], encoding, `${accept}, ${round}`)
      t.equal(Number(headers['content-length']), body.length)
      t.ok(body.length < plain.body.length / 3)
      t.strictSame(decompress(body), plain.body)
      tags.add(headers.etag)
      const condition = { 'accept-encoding': accept, 'if-none-match': String(headers.etag) }
      t.equal((await ask(app, '/products', condition)).status, 304)
    }
  }
  t.equal(tags.size, 3)
  const both = await Promise.all(
    ['br', 'gzip'].map((accept) => ask(app, '/products?limit=9', { 'accept-encoding': accept }))
  )
  t.strictSame(
    both.map(({ headers }) => headers['content-encoding']),
    ['br', 'gzip'],
    'concurrent requests'
  )
  for (const accept of ['identity', 'compress', '']) {
    t.equal((await ask(app, '/products', { 'accept-encoding': accept })).headers['content-encoding'], undefined, accept)
  }
  t.equal(
    (await ask(app, '/categories', { 'accept-encoding': 'br' })).headers['content-encoding'],
    undefined,
    'a small response'
  )
})

onOneEngine('If-Match must match before If-None-Match is evaluated', async (t) => {
  const app = await startApp(t, { products: many })
  for (const path of ['/products', '/products?limit=2', '/products/7', '/categories']) {
    const old = '"old"'
    for (const round of ['computed', 'computed and cached', 'cached']) {
      const rejected = await ask(app, path, { 'if-match': old, 'if-none-match': '*' })
      t.equal(rejected.status, 412, `${path}, ${round}`)
      t.match(JSON.parse(String(rejected.body)).type, /:precondition-failed$/)
      t.equal(rejected.headers['content-type'], 'application/problem+json')
      for (const name of ['link', 'age', 'cache-status', 'content-encoding']) t.notOk(name in rejected.headers, name)
      const etag = String(rejected.headers.etag)
      t.match(await ask(app, path, { 'if-match': old }, 'HEAD'), { status: 412, headers: { etag } })
      for (const condition of [etag, `${old}, ${etag}`, '*', ' * ']) {
        const { status, headers } = await ask(app, path, { 'if-match': condition })
        t.equal(status, 200, condition)
        t.equal(headers.etag, etag)
        t.equal((await ask(app, path, { 'if-match': condition, 'if-none-match': etag })).status, 304)
      }
      t.equal((await ask(app, path, { 'if-match': `W/${etag}` })).status, 200, 'a tag that a proxy has weakened')
    }
  }
  for (const path of ['/products', '/products/7', '/categories']) {
    t.equal((await app.request(path, { headers: { 'if-match': '"old"' } })).status, 412, 'as the document declares')
  }
  t.equal((await ask(app, '/products/4711', { 'if-match': '"old"' })).status, 404, 'an unknown product')
})

onOneEngine('identity is sent only if the client accepts it, and 406 if it accepts nothing', async (t) => {
  const app = await startApp(t, { products: [mascara, ...many.slice(1)] })
  const large = '/products'
  const small = '/categories'
  for (const round of ['computed', 'computed and cached', 'cached']) {
    for (const [accept, forLarge, forSmall] of [
      ['GZIP', 'gzip', undefined],
      ['Br;Q=0.5, gZip;q=0.4', 'br', undefined],
      ['gzip;q=0.9, identity;q=0.8', 'gzip', undefined],
      ['identity, gzip;q=0.5', undefined, undefined],
      ['gzip, identity;q=0', 'gzip', 'gzip'],
      ['identity;q=0, *', 'br', 'br'],
      ['*;q=0, br', 'br', 'br'],
      ['*;q=0, identity;q=0.1', undefined, undefined],
      ['*', 'br', undefined],
      ['deflate', undefined, undefined]
    ] as const) {
      const what = `${accept}, ${round}`
      t.equal((await ask(app, large, { 'accept-encoding': accept })).headers['content-encoding'], forLarge, what)
      const { headers, body } = await ask(app, small, { 'accept-encoding': accept })
      t.equal(headers['content-encoding'], forSmall, `${what}, small`)
      const text = forSmall === 'br' ? brotliDecompressSync(body) : forSmall === 'gzip' ? gunzipSync(body) : body
      t.ok(JSON.parse(String(text)).categories.length > 0)
    }
    for (const accept of ['identity;q=0', '*;q=0', 'deflate, identity;q=0.000', 'gzip;q=0, br;q=0, *;q=0']) {
      for (const path of [large, small, '/products/1']) {
        const { status, headers, body } = await ask(app, path, { 'accept-encoding': accept, 'if-none-match': '*' })
        t.equal(status, 406, `${path}, ${accept}, ${round}`)
        t.match(JSON.parse(String(body)).type, /:not-acceptable$/)
        t.notOk('content-encoding' in headers)
        const tag = (await ask(app, path, {})).headers.etag as string
        t.equal((await ask(app, path, { 'accept-encoding': accept, 'if-none-match': tag })).status, 406)
        t.equal((await app.request(path, { headers: { 'accept-encoding': accept } })).status, 406)
        await app.request(path)
      }
    }
  }
})

onOneEngine('HEAD responds like GET, without the body', async (t) => {
  const app = await startApp(t, { products: many })
  for (const round of ['computed', 'cached']) {
    const head = await ask(app, '/products?limit=7', { 'accept-encoding': 'br' }, 'HEAD')
    const get = await ask(app, '/products?limit=7', { 'accept-encoding': 'br' })
    t.equal(head.status, 200, round)
    t.equal(head.body.length, 0)
    for (const name of ['etag', 'content-length', 'content-encoding', 'content-type', 'link']) {
      t.equal(head.headers[name], get.headers[name], name)
    }
  }
})

onOneEngine('memory is bounded: the cache evicts the least recently used responses', async (t) => {
  const app = await startApp(t, { products: many, config: { cacheSize: 60_000 } })
  const queries = countQueries(app)

  for (let offset = 0; offset < 30; offset++) {
    for (let again = 0; again < 2; again++) await ask(app, `/products?offset=${offset}`, { 'accept-encoding': 'br' })
  }
  const after = queries()
  await app.request('/products?offset=29')
  t.equal(queries(), after, 'the newest is cached')
  await app.request('/products?offset=0')
  t.equal(queries(), after + 1, 'the oldest is evicted')

  for (let offset = 1000; offset < 2000; offset++) await app.request(`/products?offset=${offset}`)
  const before = queries()
  await app.request('/products?offset=29')
  t.equal(queries(), before, 'responses requested once evict nothing')
})

onOneEngine('forms of a response that are created concurrently are all cached', async (t) => {
  const app = await startApp(t, { products: many })
  for (let again = 0; again < 2; again++) await ask(app, '/products', {})
  const queries = countQueries(app)
  const forms = ['br', 'gzip', 'identity']

  const responses = await Promise.all(forms.map((form) => ask(app, '/products', { 'accept-encoding': form })))

  t.strictSame(
    responses.map(({ headers }) => headers['content-encoding'] ?? 'identity'),
    forms
  )
  t.equal(String(brotliDecompressSync((responses[0] as { body: Buffer }).body)), String(responses[2]?.body))
  t.equal(queries(), 0)
})

onOneEngine('a response that a write made outdated is sent, but not cached', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const { catalog } = app.app.services
  const page = catalog.page.bind(catalog)
  catalog.page = async (query, key) => {
    const response = await page(query, key)
    app.source.products = [mascara, palette]
    await app.sync()
    // Another client sends a request meanwhile.
    await app.request('/categories')
    catalog.page = page
    return response
  }

  t.equal((await app.request('/products')).body.total, 1)
  t.equal((await app.request('/products')).body.total, 2)
})

onOneEngine('every request after a write sees it, even under concurrent reads', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const token = await app.token()
  let written = 0
  let isOver = false
  let reads = 0
  const readers = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      const least = written
      const { body } = await app.request('/products/1', { token })
      reads++
      if (body.stock < least) t.fail(`stock ${body.stock} after ${least} was written`)
    }
  })

  for (let stock = 1; stock <= 30; stock++) {
    app.source.products = [{ ...mascara, stock }]
    await app.sync()
    written = stock
  }
  isOver = true
  await Promise.all(readers)
  t.ok(reads > 30, `${reads} reads`)
})
