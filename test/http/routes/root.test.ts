import { startApp } from '../../helpers/app.js'
import { onOneEngine } from '../../helpers/engines.js'
import { mascara, palette, sourceProduct } from '../../helpers/products.js'

onOneEngine('the root describes the service and the state of its catalog', async (t) => {
  const app = await startApp(t, { products: [mascara, palette, sourceProduct(3, { price: -1 })] })

  const { status, headers, body } = await app.request('/', { token: null })

  t.equal(status, 200)
  t.equal(headers.get('cache-control'), 'no-store')
  t.match(body, {
    name: 'product-catalog',
    version: /^\d+\.\d+\.\d+/,
    links: { docs: 'docs/', openapi: 'docs/json', openapiYaml: 'docs/yaml' },
    catalog: { state: 'fresh', products: 2, quarantined: 1, revision: 2 }
  })
  t.ok(Math.abs(Date.parse(body.catalog.lastSync) - Date.now()) < 60_000)
})

onOneEngine('a browser is redirected to the documentation', async (t) => {
  const app = await startApp(t)

  const { status, headers } = await app.request('/', { token: null, headers: { accept: 'text/html,*/*;q=0.8' } })

  t.equal(status, 302)
  t.equal(headers.get('location'), 'docs/')
  t.equal(headers.get('cache-control'), 'no-store')
})

onOneEngine('a catalog without a successful sync for three intervals is reported as stale', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { syncInterval: 1 } })
  app.source.answer = (_request, response) => response.writeHead(503).end()
  const { lastSync } = (await app.request('/')).body.catalog

  await new Promise((resolve) => setTimeout(resolve, 3100))

  const { catalog } = (await app.request('/')).body
  t.equal(catalog.state, 'stale')
  t.ok(catalog.lastSync < new Date(Date.now() - 3000).toISOString())
  t.ok(catalog.lastSync >= lastSync)
  const { status, headers } = await app.request('/products')
  t.equal(status, 200, 'still served')
  t.match(headers.get('cache-status'), /^catalog; hit; ttl=-\d; detail=http-503$/)
  t.ok(Number(headers.get('age')) >= 3)
  t.match((await app.request('/readyz')).body, { status: 'degraded' })
})
