/*
 * Real proxies in front of the service: as docs/how-to/reverse-proxies.md configures them, and with settings that are common elsewhere,
 * such as compression of all responses. Clients follow links, save products and follow events through them.
 */
import { execFileSync } from 'node:child_process'
import { EventSourcePolyfill } from 'event-source-polyfill'
import type { Browser } from 'playwright-core'
import t, { type Test } from 'tap'
import { fetch, type RequestInit, type Response } from 'undici'
import type { Change } from '../../schemas/change.js'
import { Gateway } from '../helpers/gateway.js'
import { nextPath } from '../helpers/links.js'
import { mug } from '../helpers/local-products.js'
import { launchChromium, openTab } from './helpers/browser.js'
import { dispatcher, installProxy, type ProxyName, proxies, startProxy } from './helpers/proxies.js'
import { report, reportNotRun } from './helpers/report.js'
import { PASSWORD, signIn, startService, USERNAME } from './helpers/service.js'
import { execute, load, named, signInByPage } from './helpers/swagger-page.js'

t.jobs = 2

const PREFIX = '/catalog'
/** Codings that a client accepts. */
const codings = ['identity', 'gzip', 'br']

interface Setup {
  proxy: ProxyName
  /** What is special about the configuration. */
  title: string
  prefix: string
  /** The configuration, if it is not that of the guide. */
  configure?: (site: { port: number; service: string }) => string
  /** What the proxy makes of the `ETag` of a write, by the coding that the client accepts. */
  renames?: Record<string, RegExp>
}

const setups: Setup[] = [
  ...(['nginx', 'apache', 'caddy'] as const).flatMap((proxy) => [
    { proxy, title: 'as the guide configures it', prefix: '' },
    { proxy, title: 'as the guide configures it for a path prefix', prefix: PREFIX }
  ]),
  {
    proxy: 'nginx',
    title: 'with its default settings and compression of all responses',
    prefix: PREFIX,
    configure: ({ port, service }) => `
      gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any; gzip_http_version 1.0;
      brotli on; brotli_types *; brotli_min_length 1;
      server { listen 127.0.0.1:${port}; location ${PREFIX}/ { proxy_pass http://${service}/; } }
    `,
    renames: { gzip: /^W\//, br: /^W\// }
  },
  {
    proxy: 'nginx',
    title: 'with compression instead of that of the service',
    prefix: PREFIX,
    configure: ({ port, service }) => `
      gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;
      server {
        listen 127.0.0.1:${port};
        location ${PREFIX}/ { proxy_pass http://${service}/; proxy_set_header Accept-Encoding ''; }
      }
    `,
    renames: { gzip: /^W\// }
  },
  {
    proxy: 'apache',
    title: 'with its default settings and compression of all responses',
    prefix: PREFIX,
    configure: ({ port, service }) => `
      <VirtualHost 127.0.0.1:${port}>
        ProxyPass ${PREFIX}/ http://${service}/
        SetOutputFilter BROTLI_COMPRESS;DEFLATE
      </VirtualHost>
    `,
    renames: { gzip: /-gzip"$/, br: /-br"$/ }
  }
]

const browser = await launchChromium(t)
const counts = new Map<ProxyName, number>()

for (const { proxy, title, prefix, configure, renames = {} } of setups) {
  if (!installProxy(proxy)) {
    reportNotRun(`reverse proxy ${proxy}`, `no ${proxy} here`)
    continue
  }
  t.test(`${proxy}, ${title}`, { buffered: true }, async (t) => {
    const service = await startService(t, { TRUST_PROXY: '127.0.0.1' })
    const url = await startProxy(t, proxy, service.url, prefix, configure)
    const client = { url, authorization: `Bearer ${await signIn(service)}` }
    await checkSignIn(t, client)
    await checkLinks(t, client)
    if (prefix !== '' && !configure) await checkRedirect(t, client)
    for (const coding of codings) {
      await checkSaves(t, client, coding, renames[coding])
      await checkEvents(t, client, coding)
      await checkExport(t, client, coding)
    }
    if (configure) await checkPolyfill(t, client)
    if (browser) await checkDocumentation(t, browser, client)
    counts.set(proxy, (counts.get(proxy) ?? 0) + t.counts.fail)
  })
}

t.test('report', async () => {
  for (const [proxy, failures] of counts) report(`reverse proxy ${proxy}`, versionOf(proxy), 0, failures)
  if (!browser) reportNotRun('Swagger UI behind reverse proxies', 'no Chromium here')
})

function versionOf(proxy: ProxyName): string {
  const { program } = proxies[proxy]
  const args = proxy === 'caddy' ? ['version'] : ['-v']
  // nginx writes it to standard error.
  const printed = execFileSync('sh', ['-c', `${program} ${args.join(' ')} 2>&1`], { encoding: 'utf8' })
  return /\d+\.\d+\.\d+/.exec(printed)?.[0] ?? ''
}

interface Client {
  /** URL of the service behind the proxy. */
  url: string
  authorization: string
}

interface Options extends RequestInit {
  headers?: Record<string, string>
  json?: object
}

/** Sends a request. @param reference URL, or path below the prefix. */
async function send({ url, authorization }: Client, reference: string, options: Options = {}): Promise<Response> {
  const { json, headers, ...rest } = options
  return await fetch(reference.startsWith('/') ? `${url}${reference}` : reference, {
    redirect: 'manual',
    dispatcher,
    ...rest,
    headers: { authorization, ...(json && { 'content-type': 'application/json' }), ...headers },
    ...(json && { body: JSON.stringify(json) })
  })
}

/** The service knows the scheme, and the browser returns its cookies. */
async function checkSignIn(t: Test, client: Client): Promise<void> {
  const json = { username: USERNAME, password: PASSWORD }
  const { status, headers } = await send(client, '/auth', { method: 'POST', json })
  t.equal(status, 200)
  const isSecure = client.url.startsWith('https')
  for (const cookie of headers.getSetCookie())
    t.match(cookie, isSecure ? /^(__Host-token|device)=.*; Secure/ : /^(token|device)=/)
}

/** Every reference in a response leads to a resource behind the proxy, if the client resolves it against the URL of the request. */
async function checkLinks(t: Test, client: Client): Promise<void> {
  const { total } = (await (await send(client, '/products?limit=1')).json()) as { total: number }
  for (const query of ['limit=70', 'limit=70&offset=0']) {
    const first = await send(client, `/products?${query}`)
    const { pathname, search } = new URL(first.url)
    const ids = new Set<number>()
    for (let path: string | undefined = pathname + search; path !== undefined; ) {
      const page = await send(client, new URL(path, client.url).href)
      for (const { id } of ((await page.json()) as { products: { id: number }[] }).products) ids.add(id)
      path = nextPath(path, page.headers as unknown as Headers)
    }
    t.equal(ids.size, total, `the next links of ${query} lead to all products`)
  }

  const root = `${client.url}/`
  const { links } = (await (await send(client, root)).json()) as { links: Record<string, string> }
  for (const link of Object.values(links)) t.equal((await send(client, new URL(link, root).href)).status, 200, link)

  const redirected = await send(client, root, { headers: { accept: 'text/html' } })
  t.equal(new URL(String(redirected.headers.get('location')), root).href, `${client.url}/docs/`)
  const docs = await send(client, '/docs')
  t.equal(new URL(String(docs.headers.get('location')), `${client.url}/docs`).href, `${client.url}/docs/`)
  const synced = await send(client, '/sync', { method: 'POST', json: {} })
  t.equal(new URL(String(synced.headers.get('location')), `${client.url}/sync`).href, root)
  t.equal((await fetch(`${client.url}/docs/json`, { dispatcher })).status, 200)
  const { servers } = (await (await send(client, '/docs/json')).json()) as { servers: { url: string }[] }
  t.equal(new URL(String(servers[0]?.url), `${client.url}/docs/json`).href, root)
}

/** The guide makes the proxy complete the prefix, because relative references need its slash. */
async function checkRedirect(t: Test, client: Client): Promise<void> {
  const { headers } = await send(client, client.url)
  t.equal(new URL(String(headers.get('location')), client.url).href, `${client.url}/`)
}

/** A client that returns the ETags that it gets can save a product again and again, and never overwrites another change. */
async function checkSaves(t: Test, client: Client, coding: string, renamed?: RegExp): Promise<void> {
  const headers = { 'accept-encoding': coding }
  // Long products are compressed by the service, short ones by the proxy.
  for (const description of ['short', 'long '.repeat(500)]) {
    const json = { ...mug, sku: `${coding}-${description.length}`, description, stock: 0 }
    const created = await send(client, '/products', { method: 'POST', json, headers })
    t.equal(created.status, 201)
    const product = new URL(String(created.headers.get('location')), created.url).href
    const tagOf = (response: Response) => String(response.headers.get('etag'))
    const tags = [tagOf(created)]
    for (let stock = 1; stock <= 3; stock++) {
      const read = await send(client, product, { headers })
      t.equal(((await read.json()) as { stock: number }).stock, stock - 1)
      const ifNoneMatch = { ...headers, 'if-none-match': tagOf(read) }
      t.equal((await send(client, product, { headers: ifNoneMatch })).status, 304, `${tagOf(read)} is current`)
      // From a read at first, then from the save before.
      const tag = stock === 1 ? tagOf(read) : (tags.at(-1) as string)
      const save = { method: 'PATCH', json: { stock }, headers: { ...headers, 'if-match': tag } }
      const saved = await send(client, product, save)
      t.equal(saved.status, 200, `save ${stock} with ${tag}`)
      if (renamed) t.match(tagOf(saved), renamed, 'the proxy has renamed it')
      t.equal((await send(client, product, { ...save, json: { stock: 99 } })).status, 412, `${tag} is stale`)
      t.equal((await send(client, product, { headers: ifNoneMatch })).status, 200, `${tagOf(read)} is stale`)
      tags.push(tagOf(saved))
    }
    const removal = { method: 'DELETE', headers: { ...headers, 'if-match': tags.at(-1) as string } }
    t.equal((await send(client, product, removal)).status, 204)
  }
}

/** Reads a stream of events, decompressed. */
async function* readEvents({ body }: Response): AsyncGenerator<{ id: string; change?: Change }> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body as NonNullable<typeof body>) {
    text += decoder.decode(chunk, { stream: true })
    const events = text.split('\n\n')
    text = events.pop() as string
    for (const event of events) {
      const { id, data } = Object.fromEntries(event.split('\n').map((line) => line.split(/: (.*)/s)))
      if (id !== undefined) yield { id, ...(data !== undefined && { change: JSON.parse(data) }) }
    }
  }
}

/** Writes to a product, so that there is an event. */
async function makeChange(client: Client): Promise<void> {
  const json = { stock: Math.floor(Math.random() * 1e6) }
  t.equal((await send(client, '/products/1', { method: 'PATCH', json, headers: { 'if-match': '*' } })).status, 200)
}

/** Each event arrives before the next one happens, and a stream that resumes has no gap. */
async function checkEvents(t: Test, client: Client, coding: string): Promise<void> {
  const { catalog } = (await (await send(client, '/')).json()) as { catalog: { revision: number } }
  const open = async (query: string) => {
    const abort = new AbortController()
    const headers = { accept: 'text/event-stream', 'accept-encoding': coding }
    const response = await send(client, `/changes?${query}`, { headers, signal: abort.signal })
    t.equal(response.status, 200)
    return { events: readEvents(response), abort }
  }
  const { events, abort } = await open(`after=${catalog.revision}`)
  t.match((await events.next()).value, { id: new RegExp(`\\.${catalog.revision}$`) }, `${coding}: the start arrives`)
  let last = ''
  for (let i = 1; i <= 3; i++) {
    await makeChange(client)
    const { value } = await events.next()
    t.match(value, { change: { revision: catalog.revision + i, productId: 1 } }, `${coding}: event ${i} arrives`)
    last = value.id
  }
  abort.abort()
  await makeChange(client)
  const resumed = await open(`after=0&lastEventId=${last}`)
  t.match((await resumed.events.next()).value, { id: last })
  t.match((await resumed.events.next()).value, { change: { revision: catalog.revision + 4 } }, `${coding}: it resumes`)
  resumed.abort.abort()
}

/** The most common polyfill of `EventSource` gets each event once, although its connection breaks. */
async function checkPolyfill(t: Test, client: Client): Promise<void> {
  const { origin, pathname } = new URL(client.url)
  const { catalog } = (await (await send(client, '/')).json()) as { catalog: { revision: number } }
  const gateway = await Gateway.open(t, origin)
  const source = new EventSourcePolyfill(`${gateway.url}${pathname}/changes?after=${catalog.revision}`, {
    headers: { Authorization: client.authorization }
  })
  const revisions: number[] = []
  let arrived = () => {}
  source.addEventListener('change', (event) => {
    revisions.push((JSON.parse((event as MessageEvent).data) as Change).revision)
    arrived()
  })
  for (let i = 1; i <= 3; i++) {
    const arrival = new Promise<void>((resolve) => (arrived = resolve))
    await makeChange(client)
    await arrival
    gateway.cut()
  }
  source.close()
  t.strictSame(
    revisions,
    [1, 2, 3].map((i) => catalog.revision + i)
  )
  t.match(gateway.requests.at(-1)?.line, /[?&]lastEventId=[\w-]{8}\.\d+$/, 'the polyfill sends the query parameter')
}

/** A proxy that buffers responses passes on a complete export. */
async function checkExport(t: Test, client: Client, coding: string): Promise<void> {
  const { total } = (await (await send(client, '/products?limit=1')).json()) as { total: number }
  const exported = await (await send(client, '/products/export', { headers: { 'accept-encoding': coding } })).text()
  t.equal(exported.trimEnd().split('\n').length, total, `${coding}: an export has all products`)
}

/** The documentation page works in a browser: all its parts, the session, and a request that it sends. */
async function checkDocumentation(t: Test, browser: Browser, { url }: Client): Promise<void> {
  const { page, faults } = await openTab(browser, `${url}/`, { ignoreHTTPSErrors: true })
  await load(page, url)
  t.equal(page.url(), `${url}/docs/`)
  t.ok(await page.locator('.topbar img').evaluate((logo) => (logo as HTMLImageElement).naturalWidth > 0))
  await signInByPage(t, page)
  const [request, status] = await Promise.all([
    page.waitForRequest(/\/products\?/),
    execute(page, named('listProducts'))
  ])
  t.equal(status, 200, 'GET /products by its button')
  t.equal(request.url(), `${url}/products?limit=30`)
  await page.locator('.topbar .session button').click()
  await page.waitForFunction(() => window.document.querySelector('.topbar .session')?.textContent === '')
  const device = (await page.context().cookies(`${url}/auth`)).map(({ name }) => name)
  t.strictSame(device, ['device'], 'the browser returns the device cookie at the next sign-in')
  t.strictSame(faults, [], 'nothing on the console, nothing refused, nothing outside the prefix')
  await page.context().close()
}
