import { startApp } from '../../helpers/app.js'
import { onOneEngine } from '../../helpers/engines.js'
import { mascara } from '../../helpers/products.js'

onOneEngine('with a catalog, the service is alive and ready', async (t) => {
  const app = await startApp(t, { products: [mascara] })

  const live = await app.request('/livez', { token: null })
  t.strictSame(live.body, { status: 'ok' })
  t.equal(live.headers.get('cache-control'), 'no-store')
  const { status, headers, body } = await app.request('/readyz', { token: null })
  t.equal(headers.get('cache-control'), 'no-store')
  t.equal(status, 200)
  t.strictSame(body, {
    status: 'ok',
    checks: [
      { name: 'database', status: 'ok' },
      { name: 'catalog', status: 'ok' }
    ]
  })
})

onOneEngine('with the sample, the service is ready but degraded', async (t) => {
  const app = await startApp(t, { config: { sampleCatalog: true, sourceUrl: 'http://127.0.0.1:1' } })

  const { status, body } = await app.request('/readyz', { token: null })

  t.equal(status, 200)
  t.equal(body.status, 'degraded')
  t.match(body.checks[1], { name: 'catalog', status: 'degraded', detail: /sample/ })
})

onOneEngine('without a catalog, the service is alive but not ready', async (t) => {
  const app = await startApp(t, { config: { sourceUrl: 'http://127.0.0.1:1' } })

  t.equal((await app.request('/livez', { token: null })).status, 200)
  const { status, body, headers } = await app.request('/readyz', { token: null })
  t.equal(status, 503)
  t.equal(headers.get('content-type'), 'application/problem+json')
  t.ok(Number(headers.get('retry-after')) > 0)
  t.match(body, {
    type: 'urn:problem-type:product-catalog:not-ready',
    checks: [
      { name: 'database', status: 'ok' },
      {
        name: 'catalog',
        status: 'failed',
        detail: 'There is no catalog yet. The source could not be read yet (refused).'
      }
    ]
  })
})

onOneEngine('if all products are quarantined, the service reports that the source has responded', async (t) => {
  const app = await startApp(t, { products: [{ id: 1 }, 'nonsense'] })
  const { catalog } = (await app.request('/', { token: null })).body
  t.match(catalog, { state: 'empty', quarantined: 2, reason: 'all-quarantined', products: 0 })
  t.notOk('lastSync' in catalog)
  const { status, body } = await app.request('/readyz', { token: null })
  t.equal(status, 503)
  const detail = 'The source has responded, but all of its products are in quarantine. `GET /sync` and the log say why.'
  t.match(body.checks[1], { status: 'failed', detail: `There is no catalog yet. ${detail}` })
  t.match((await app.request('/products')).body, { status: 503, detail: `${detail} Try again later.` })

  app.source.products = [mascara]
  await app.sync()
  t.match((await app.request('/')).body.catalog, { state: 'fresh', quarantined: 0, products: 1, reason: undefined })
  app.source.products = [{ id: 1 }]
  await app.sync()
  t.match((await app.request('/')).body.catalog, { quarantined: 1, products: 1, reason: 'all-quarantined' })
})

onOneEngine('without a database, the service is alive but not ready', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const token = await app.token()
  await app.request('/products')
  await app.app.services.stop()

  t.equal((await app.request('/livez', { token: null })).status, 200)
  const { status, body } = await app.request('/readyz', { token: null })
  t.equal(status, 503)
  t.match(body.checks, [
    { name: 'database', status: 'failed' },
    { name: 'catalog', status: 'failed' }
  ])
  for (const path of ['/', '/products']) {
    t.equal((await app.request(path, { token })).status, 500, `${path} fails`)
  }
})
