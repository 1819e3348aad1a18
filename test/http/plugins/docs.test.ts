import { readFile } from 'node:fs/promises'
import t from 'tap'
import { parse } from 'yaml'
import { startApp } from '../../helpers/app.js'

const committed = parse(await readFile('openapi.yaml', 'utf8'))

t.test(
  'the document is published as JSON and YAML, with the service itself as its server, behind any path prefix',
  async (t) => {
    const app = await startApp(t)

    const json = await app.request('/docs/json', { token: null })
    const yaml = await app.request('/docs/yaml', { token: null })

    t.strictSame(json.body, { ...committed, servers: [{ url: '..', description: 'This service.' }] })
    t.equal(new URL('..', 'https://shop.example/catalog/docs/json').href, 'https://shop.example/catalog/')
    t.strictSame(parse(yaml.text), json.body)
    const openapi31 = await app.request('/docs/openapi-3.1.json', { token: null })
    t.strictSame(openapi31.body, { ...json.body, openapi: '3.1.0' }, 'the OpenAPI 3.1 form differs in the version only')
  }
)

t.test('the published Postman collection is the committed one and has every operation', async (t) => {
  const app = await startApp(t)
  const file = await readFile('postman_collection.json', 'utf8')

  const { status, headers, text } = await app.request('/docs/postman.json', { token: null })

  t.equal(status, 200)
  t.match(headers.get('content-type'), 'application/json')
  t.equal(text, file)
  const operations = Object.values<Record<string, { summary: string }>>(committed.paths).flatMap(Object.values)
  const { item } = JSON.parse(text) as { item: { name: string; item?: { name: string }[] }[] }
  const requests = item.flatMap((one) => one.item ?? [one])
  t.strictSame(
    requests.map(({ name }) => name).sort(),
    operations.map(({ summary }) => summary).sort(),
    'run `npm run postman`'
  )
})

t.test('the page loads nothing from other origins and works over plain HTTP', async (t) => {
  const app = await startApp(t)

  const { status, headers, text } = await app.request('/docs/', { token: null })

  t.equal(status, 200)
  t.match(text, '<title>Product Catalog: API</title>')
  t.match(text, '<meta name="viewport" content="width=device-width, initial-scale=1">', 'readable on phones')
  t.match(text, /theme\/docs\.css.*theme\/docs\.js/s)
  t.notMatch(text, /https?:\/\//)
  const policy = headers.get('content-security-policy') as string
  t.match(policy, "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:")
  t.notMatch(policy, 'upgrade-insecure-requests')
  for (const [, path] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
    t.match(path, /^\.\/static\//, 'relative')
    const part = await app.request(`/docs/${path}`, { token: null })
    t.equal(part.status, 200, String(path))
    t.equal(part.headers.get('content-security-policy'), policy)
    t.equal(part.headers.get('x-content-type-options'), 'nosniff')
  }
})

t.test('every other URL of the page redirects to it with a relative reference', async (t) => {
  const app = await startApp(t)
  for (const [path, location] of [
    ['/docs', 'docs/'],
    ['/docs?a=/', 'docs/'],
    ['/docs?a', 'docs/'],
    ['/%64ocs', 'docs/'],
    ['/docs/?a', './'],
    ['/docs/static/index.html', '../'],
    ['/docs/static/index.html?a', '../']
  ] as const) {
    for (const method of ['GET', 'HEAD']) {
      const { status, headers } = await app.request(path, { method, token: null })
      t.strictSame([status, headers.get('location')], [301, location], `${method} ${path}`)
    }
    t.equal(new URL(location, `http://x/catalog${path}`).href, 'http://x/catalog/docs/')
  }
  const script = await app.request('/docs/static/theme/docs.js', { token: null })
  for (const [, url] of script.text.matchAll(/fetch\('([^']*)'/g))
    t.match(url, /^\.\.\/\w/, 'the page calls the service')
})

t.test('the page enables trying out requests', async (t) => {
  const app = await startApp(t)
  const { text } = await app.request('/docs/static/swagger-initializer.js', { token: null })

  for (const [name, value] of Object.entries({
    persistAuthorization: true,
    tryItOutEnabled: true,
    deepLinking: true,
    filter: true,
    displayRequestDuration: true,
    requestSnippetsEnabled: true,
    validatorUrl: null
  })) {
    t.match(text, new RegExp(`"?${name}"?: ?${value}`), name)
  }
})
