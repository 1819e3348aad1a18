import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { openDatabase } from '../../src/store/open-database.js'
import { startApp } from '../helpers/app.js'
import { LEVELS, Log } from '../helpers/log.js'
import { operations } from '../helpers/operations.js'
import { mascara } from '../helpers/products.js'
import { sendRaw } from '../helpers/raw.js'

t.test('an unknown path is a problem', async (t) => {
  const app = await startApp(t)
  for (const path of ['/nothing', '/products/1/reviews', '/docs/static/nothing.js', '//']) {
    const { status, body, headers } = await app.request(path)
    t.equal(status, 404, path)
    t.equal(headers.get('content-type'), 'application/problem+json')
    t.equal(body.type, 'urn:problem-type:product-catalog:not-found')
  }
})

t.test('a known path with another method responds with 405 and the allowed methods', async (t) => {
  const app = await startApp(t)
  for (const [method, path, allow] of [
    ['PUT', '/products', 'GET, HEAD, POST'],
    ['POST', '/products/1?x=y', 'GET, HEAD, PATCH, DELETE'],
    ['GET', '/auth', 'POST, DELETE'],
    ['PATCH', '/docs/json', 'GET, HEAD'],
    ['POST', '/docs/', 'GET, HEAD'],
    ['OPTIONS', '/products', 'GET, HEAD, POST'],
    ['PROPFIND', '/products', 'GET, HEAD, POST'],
    ['PUT', '/%70roducts', 'GET, HEAD, POST'],
    ['PUT', '/products/export', 'GET, HEAD'],
    ['PUT', '/products/import', 'POST'],
    ['PUT', '/docs/static/index.css', 'GET, HEAD']
  ] as const) {
    const { status, headers, body } = await app.request(path, { method })
    t.equal(status, 405, `${method} ${path}`)
    t.strictSame(headers.get('allow')?.split(', ').sort(), allow.split(', ').sort())
    t.equal(body.type, 'urn:problem-type:product-catalog:method-not-allowed')
  }
})

t.test('fixed paths under /products do not accept the methods of a product', async (t) => {
  const app = await startApp(t)
  for (const [path, allow] of [
    ['/products/export', 'GET, HEAD'],
    ['/products/export?x=y', 'GET, HEAD'],
    ['/products/import', 'POST']
  ] as const) {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      if (allow.includes(method)) continue
      const { status, headers } = await app.request(path, { method })
      t.equal(status, 405, `${method} ${path}`)
      t.equal(headers.get('allow'), allow)
    }
  }

  const head = `Host: x\r\nAuthorization: Bearer ${await app.token()}\r\nConnection: close`
  t.match(
    await sendRaw(app.url, `PATCH /products/%65xport HTTP/1.1\r\n${head}\r\n\r\n`),
    / 405 .*\r\nallow: GET, HEAD\r\n/s
  )
})

t.test('a path with an empty segment is unknown, and the problem names a slash at the end', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const paths = [...new Set(operations.map(({ path }) => path.replace('{id}', '1').replace('{slug}', 'beauty')))]
  t.ok(paths.includes('/products/1/edits'))
  for (const path of paths.filter((path) => path !== '/')) {
    for (const method of ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'PUT']) {
      for (const extra of [`${path}/`, `${path}/?limit=1`, `${path}//`, `/${path}`]) {
        const { status, body } = await app.request(extra, { method })
        t.equal(status, 404, `${method} ${extra}`)
        if (method !== 'HEAD') t.equal(body.type, 'urn:problem-type:product-catalog:not-found')
      }
    }
    t.equal((await app.request(`${path}/`)).body.detail, 'Remove the slash at the end of the path.', path)
  }
  for (const path of ['/products//edits', '/products//history', '/products//1', '/products/1//history']) {
    for (const method of ['GET', 'DELETE']) {
      t.match((await app.request(path, { method })).body, { status: 404, detail: 'See GET /docs' }, `${method} ${path}`)
    }
  }
})

t.test('an id that is not a number is an invalid value, not an unknown path', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  for (const id of ['abc', '1.5', '1e2', '%20', '%2F', '-', '2147483648']) {
    const { status, body } = await app.request(`/products/${id}`)
    t.match({ status, ...body }, { status: 400, errors: [{ in: 'path', pointer: '/id' }] }, id)
  }
})

t.test('a query that is not percent-encoded UTF-8 is rejected', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  for (const [query, wrong] of [
    ['q=caf%E9', 'q=caf%E9'],
    ['limit=1&q=%FF', 'q=%FF'],
    ['q=%C3', 'q=%C3'],
    ['q=%C3x', 'q=%C3x'],
    ['q=%ED%A0%80', 'q=%ED%A0%80'],
    ['q=%C0%80', 'q=%C0%80'],
    ['q=50%', 'q=50%'],
    ['q=100%+%C3%A9', 'q=100%+%C3%A9'],
    ['%E9=1', '%E9=1'],
    ['%FF', '%FF']
  ] as const) {
    for (const path of ['/products', '/products/1', '/livez', '/changes']) {
      const { status, body } = await app.request(`${path}?${query}`)
      t.match(
        { status, ...body },
        {
          status: 400,
          type: 'urn:problem-type:product-catalog:malformed-request',
          detail: `The query cannot be decoded: ${JSON.stringify(wrong)} must be percent-encoded UTF-8.`
        },
        `${path}?${query}`
      )
    }
  }
  for (const query of ['q=caf%C3%A9', 'q=%F0%9F%8D%8E', 'q=50%25', 'q=a+b', 'q=']) {
    t.equal((await app.request(`/products?${query}`)).status, 200, query)
  }
})

t.test('the problem of a URL with raw characters says that they must be percent-encoded', async (t) => {
  const app = await startApp(t)
  for (const target of ['/products?q=caf\u00e9', '/caf\u00e9', '/products?q=\u{1f34e}']) {
    const response = await sendRaw(app.url, `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`)
    t.match(response, /^HTTP\/1\.1 400 .*The path and the query must be percent-encoded/s, target)
  }
})

t.test('no path accepts TRACE', async (t) => {
  const app = await startApp(t)
  for (const path of [
    '/',
    '/products',
    '/products/1',
    '/products/export',
    '/docs',
    '/docs/',
    '/docs/static/index.html'
  ]) {
    const response = await sendRaw(app.url, `TRACE ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    t.match(response, /^HTTP\/1\.1 405 .*\r\nallow: GET, HEAD/is, path)
  }
})

t.test('unknown paths and methods ignore the body', async (t) => {
  const app = await startApp(t)
  for (const body of ['{', 'x'.repeat(20_000)]) {
    const headers = { 'content-type': 'application/json' }
    t.equal((await app.request('/products', { method: 'PUT', body, headers })).status, 405)
    t.equal((await app.request('/nothing', { method: 'PUT', body, headers })).status, 404)
  }
})

t.test('every operation rejects unknown parameters', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  for (const { method, path } of operations.filter(({ body }) => body === undefined)) {
    const headers = { 'if-match': '*' }
    const { status, body } = await app.request(`${path.replace('{id}', '1').replace('{slug}', 'beauty')}?x=1`, {
      method,
      headers
    })
    t.equal(status, 400, `${method} ${path}`)
    t.strictSame(body.errors, [{ in: 'query', pointer: '/x', detail: 'is unknown: correct its name or leave it out' }])
  }
})

t.test('path traversal out of the documentation responds with 404', async (t) => {
  const app = await startApp(t)
  for (const path of ['/docs/static/../../package.json', '/docs/static/%2e%2e/%2e%2e/package.json']) {
    t.match(await sendRaw(app.url, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`), /^HTTP\/1\.1 404 /)
  }
})

t.test('a write while another process locks the database responds with 503 and Retry-After', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const token = await app.token()
  const database = openDatabase(app.config.databaseUrl)
  t.teardown(() => database.close())
  let release = () => {}
  const writing = database.write.transaction().execute(() => new Promise<void>((resolve) => (release = resolve)))

  const signIn = app.signIn()
  const before = Date.now()
  t.equal((await app.request('/products', { token })).status, 200, 'reads still work')
  t.ok(Date.now() - before < 1000, 'reads do not wait')
  const { status, headers, body } = await signIn
  t.equal(status, 503)
  t.equal(body.type, 'urn:problem-type:product-catalog:database-busy')
  t.equal(headers.get('retry-after'), '1')

  release()
  await writing
  t.equal((await app.signIn()).status, 200, 'writes work again')
})

t.test('a body that cannot be read is a problem', async (t) => {
  const app = await startApp(t)
  const post = (body: string, type = 'application/json') =>
    app.request('/auth', { method: 'POST', body, token: null, headers: { 'content-type': type } })

  for (const [what, response, status, type] of [
    ['malformed JSON', await post('{"username":'), 400, 'malformed-request'],
    ['an empty body', await post(''), 400, 'malformed-request'],
    ['a poisoned prototype', await post('{"__proto__":{"x":1}}'), 400, 'malformed-request'],
    ['text', await post('username=admin', 'text/plain'), 415, 'unsupported-media-type'],
    ['a form', await post('username=admin', 'application/x-www-form-urlencoded'), 415, 'unsupported-media-type'],
    ['a large body', await post(JSON.stringify({ username: 'x'.repeat(16_384) })), 413, 'content-too-large'],
    ['an invalid path', await app.request('/%zz'), 400, 'malformed-request']
  ] as const) {
    t.equal(response.status, status, what)
    t.equal(response.headers.get('content-type'), 'application/problem+json')
    t.equal(response.body.type, `urn:problem-type:product-catalog:${type}`)
    t.match(response.body, { status, title: String, detail: String, requestId: /^[0-9a-f-]{36}$/ })
  }
})

t.test('each invalid field of a body has a pointer', async (t) => {
  const app = await startApp(t)
  const post = async (json: unknown) =>
    (await app.request('/auth', { method: 'POST', json, token: null, headers: { 'x-real-ip': '1' } })).body.errors

  t.strictSame(await post({ username: 5, password: '', 'a/b~c': 1 }), [
    { in: 'body', pointer: '/a~1b~0c', detail: 'is unknown: correct its name or leave it out' },
    { in: 'body', pointer: '/username', detail: 'must be a string (got 5)' },
    { in: 'body', pointer: '/password', detail: 'must not be empty' }
  ])
  t.strictSame(await post({ username: 'admin' }), [{ in: 'body', pointer: '/password', detail: 'is missing' }])
  t.strictSame(await post([]), [{ in: 'body', pointer: '', detail: 'must be an object (got an array)' }])

  const unknown = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`field${i}`, 1]))
  t.equal((await post(unknown)).length, 20, 'at most twenty errors')
})

t.test('bytes that are not HTTP get a problem, and the connection closes', async (t) => {
  const app = await startApp(t)

  const garbage = await sendRaw(app.url, 'this is not HTTP\r\n\r\n')
  t.match(garbage, /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json\r\n/)
  t.match(JSON.parse(garbage.split('\r\n\r\n')[1] as string), {
    type: 'urn:problem-type:product-catalog:malformed-request',
    status: 400
  })

  const long = await sendRaw(app.url, `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`)
  t.match(long, /^HTTP\/1\.1 431 /)
  t.match(long, 'urn:problem-type:product-catalog:headers-too-large')
})

t.test('an incomplete request responds with 408 after a timeout', async (t) => {
  const app = await startApp(t)
  t.equal(app.app.server.headersTimeout, 30_000)
  // Emits the event that Node.js emits after the request timeout.
  const response = sendRaw(app.url, 'GET / HTTP/1.1\r\nHost: x\r\n')
  app.app.server.once('connection', (socket) =>
    setTimeout(() => {
      const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
      app.app.server.emit('clientError', error, socket)
    }, 50)
  )

  t.match(await response, /^HTTP\/1\.1 408 Request Timeout\r\n/)
})

t.test('a client that disconnects during its request affects no other', async (t) => {
  const app = await startApp(t)

  await new Promise<void>((resolve) => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1', () => {
      socket.write('GET /products HTTP/1.1\r\nHost: x\r\nContent-Le')
      setTimeout(() => {
        socket.resetAndDestroy()
        resolve()
      }, 20)
    })
  })

  t.equal((await app.request('/livez')).status, 200)
})

t.test('a truncated body is a malformed request, not a database failure', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const authorization = `Authorization: Bearer ${await app.token()}`
  for (const [line, type, cut] of [
    ['POST /auth', 'application/json', 'while it is read'],
    ['PATCH /products/1', 'application/merge-patch+json', 'while it is read'],
    ['POST /products/import', 'application/x-ndjson', 'while it is read'],
    ['POST /products/import', 'text/csv', 'while it is read'],
    ['POST /products/import', 'text/csv', 'before it is read']
  ] as const) {
    const log = new Log(app)
    const head = [`${line} HTTP/1.1`, 'Host: x', authorization, 'If-Match: *', `Content-Type: ${type}`]
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1', () =>
      socket.write([...head, 'Content-Length: 1000', '', '{'].join('\r\n'))
    )
    socket.on('error', () => {})
    const [request] = await once(app.app.server, 'request')
    if (cut === 'while it is read') while (!request.readableFlowing && !request.readableDidRead) await setImmediate()
    request.socket.resetAndDestroy()

    t.match(
      await log.logged(/^request (refused|failed)$/),
      { level: line === 'POST /auth' ? LEVELS.debug : LEVELS.info, problem: 'malformed-request' },
      `${line} ${cut}`
    )
    t.strictSame(
      log.lines.filter(({ level }) => level > LEVELS.info),
      []
    )
  }
})

t.test('no log line contains the query of a request', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { logLevel: 'debug' } })
  const log = new Log(app)
  for (const [method, path] of [
    ['GET', '/products?token=hunter2'],
    ['GET', '/products?limit=hunter2'],
    ['GET', '/products?q=hunter2%E9'],
    ['GET', '/nothing?token=hunter2'],
    ['PUT', '/products?token=hunter2'],
    ['GET', '/%zz?token=hunter2'],
    ['GET', '/docs/static/nothing?token=hunter2']
  ] as const) {
    await app.request(path, { method })
  }
  await sendRaw(app.url, 'GET /livez#token=hunter2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')

  const incoming = log.lines.filter(({ msg }) => msg === 'incoming request').map(({ req }) => req)
  t.match(incoming[1], { method: 'GET', url: '/products', host: String, remoteAddress: '127.0.0.1' })
  t.notMatch(JSON.stringify(log.lines), 'hunter2')
})

t.test('an internal error reveals no details', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const token = await app.token()
  app.app.services.catalog.product = () => Promise.reject(new Error('secret path /var/lib'))

  const { status, body, text } = await app.request('/products/1', { token })

  t.equal(status, 500)
  t.strictSame(Object.keys(body).sort(), ['requestId', 'status', 'title', 'type'])
  t.notMatch(text, /secret|stack|\.ts|\.js/)
})
