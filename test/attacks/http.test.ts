/* Request smuggling: raw bytes that two HTTP parsers can understand differently. */
import t from 'tap'
import { startApp } from '../helpers/app.js'
import { Attacker } from '../helpers/attacker.js'
import { mug } from '../helpers/local-products.js'
import { mascara, palette } from '../helpers/products.js'
import { exchange } from '../helpers/raw.js'

/** Joins lines to a request. Ends it with an empty line if there is no body. */
const http = (line: string, headers: string[], rest = '') => `${[line, ...headers].join('\r\n')}\r\n\r\n${rest}`

const HOST = 'Host: shop.example'
const CHUNKED = 'Transfer-Encoding: chunked'
const JSON_TYPE = 'Content-Type: application/json'
/** A smuggled request. Only it gets 404, so a 404 means that the service has processed it. */
const SMUGGLED = http('GET /smuggled HTTP/1.1', [HOST])

t.test('a request with an ambiguous length gets one response, and the connection closes', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { trustProxy: ['127.0.0.1'] } })
  let n = 0
  // Another address each time, to stay below the limits per address.
  const post = (headers: string[], body: string) =>
    http('POST /auth HTTP/1.1', [HOST, JSON_TYPE, `X-Forwarded-For: 10.0.0.${++n}`, ...headers], body)
  const length = `Content-Length: ${SMUGGLED.length + 5}`
  const both = `0\r\n\r\n${SMUGGLED}`
  for (const [what, bytes] of Object.entries({
    'Content-Length and Transfer-Encoding': post([length, CHUNKED], both),
    'Transfer-Encoding and Content-Length': post([CHUNKED, length], both),
    'Content-Length, and a space before the colon of Transfer-Encoding': post(
      [length, 'Transfer-Encoding : chunked'],
      both
    ),
    'Content-Length, and the value of Transfer-Encoding on a folded line': post(
      [length, 'Transfer-Encoding:\r\n chunked'],
      both
    ),
    'Content-Length, and Transfer-Encoding on the folded line of another header': post(
      [length, 'X: y\r\n Transfer-Encoding: chunked'],
      both
    ),
    'Content-Length, and a tab after the colon of Transfer-Encoding': post(
      [length, 'Transfer-Encoding:\tchunked'],
      both
    ),
    'Content-Length, and the transfer coding xchunked': post([length, 'Transfer-Encoding: xchunked'], both),
    'Content-Length, and the transfer codings identity, chunked': post(
      [length, 'Transfer-Encoding: identity, chunked'],
      both
    ),
    'Content-Length, and the transfer codings chunked, identity': post(
      [length, 'Transfer-Encoding: chunked, identity'],
      both
    ),
    'Content-Length, and Transfer-Encoding twice': post([length, CHUNKED, CHUNKED], both),
    'Content-Length, and the transfer coding in quotes': post([length, 'Transfer-Encoding: "chunked"'], both),
    'Content-Length, and a control character before the transfer coding': post(
      [length, 'Transfer-Encoding: \x0bchunked'],
      both
    ),
    'chunked that is not the last transfer coding': post(['Transfer-Encoding: chunked, gzip'], both),
    'an unknown transfer coding': post(['Transfer-Encoding: chunk'], both),
    'two different Content-Length headers': post([length, 'Content-Length: 5'], `0\r\n\r\n${SMUGGLED}`),
    'two different Content-Length headers, the shorter one first': post(
      ['Content-Length: 5', length],
      `0\r\n\r\n${SMUGGLED}`
    ),
    'the same Content-Length header twice': post(['Content-Length: 2', 'Content-Length: 2'], `{}${SMUGGLED}`),
    'a Content-Length header with two values': post(['Content-Length: 5, 5'], `0\r\n\r\n${SMUGGLED}`),
    'a Content-Length with a plus sign': post(['Content-Length: +5'], `0\r\n\r\n${SMUGGLED}`),
    'a negative Content-Length': post(['Content-Length: -5'], SMUGGLED),
    'a hexadecimal Content-Length': post(['Content-Length: 0x5'], `0\r\n\r\n${SMUGGLED}`),
    'a Content-Length with a space in the number': post(['Content-Length: 0 5'], `0\r\n\r\n${SMUGGLED}`),
    'a Content-Length of 30 digits': post([`Content-Length: ${'9'.repeat(30)}`], SMUGGLED),
    'an empty Content-Length': post(['Content-Length: '], SMUGGLED),
    'a space before the colon of Content-Length': post(['Content-Length : 5'], `0\r\n\r\n${SMUGGLED}`),
    'a chunk size with a plus sign': post([CHUNKED], `+5\r\n12345\r\n0\r\n\r\n${SMUGGLED}`),
    'a negative chunk size': post([CHUNKED], `-1\r\n\r\n0\r\n\r\n${SMUGGLED}`),
    'a chunk size with the prefix 0x': post([CHUNKED], `0x5\r\n12345\r\n0\r\n\r\n${SMUGGLED}`),
    'a chunk size of 17 digits': post([CHUNKED], `${'F'.repeat(17)}\r\n12345\r\n0\r\n\r\n${SMUGGLED}`),
    'a chunk longer than its size': post([CHUNKED], `2\r\n12345\r\n0\r\n\r\n${SMUGGLED}`),
    'a chunk without a line end after its data': post([CHUNKED], `5\r\n123450\r\n\r\n${SMUGGLED}`),
    'chunks with line feeds instead of CRLF': post([CHUNKED], `2\n{}\n0\n\n${SMUGGLED}`),
    'chunks with carriage returns instead of CRLF': post([CHUNKED], `2\r{}\r0\r\r${SMUGGLED}`),
    'a missing chunk size': post([CHUNKED], `\r\n\r\n${SMUGGLED}`),
    'a chunk extension with a control character': post([CHUNKED], `2;\x00\r\n{}\r\n0\r\n\r\n${SMUGGLED}`),
    'Transfer-Encoding in HTTP/1.0': http('POST /auth HTTP/1.0', [JSON_TYPE, length, CHUNKED], both)
  })) {
    const { statuses, isClosed, text } = await exchange(app.url, bytes)
    t.strictSame(statuses, [400], what)
    t.ok(isClosed, `closed after ${what}`)
    t.match(text, /^X-Content-Type-Options: nosniff\r$/im)
  }
})

t.test('an invalid request line or header is rejected, and the connection closes', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const get = (...headers: string[]) => http('GET /livez HTTP/1.1', [HOST, ...headers], SMUGGLED)
  for (const [what, bytes] of Object.entries({
    'a space before the colon': get('X : y'),
    'a header without a name': get(': y'),
    'a header without a colon': get('X'),
    'a folded line': get('X: y\r\n z'),
    'a folded line as the first header': http('GET /livez HTTP/1.1', [' X: y', HOST]),
    'a NUL in a value': get('X: a\0b'),
    'a NUL in a name': get('X\0: b'),
    'a carriage return in a value': get('X: a\rInjected: yes'),
    'a control character in a value': get('X: a\x01'),
    'line feeds instead of CRLF, and a control character': 'GET /livez HTTP/1.1\nHost: x\nX: \x01y\n\n',
    'a header name that is not ASCII': get('Ünlü: x'),
    'a header name with parentheses': get('X(y): z'),
    'no Host header': http('GET /livez HTTP/1.1', []),
    'a method with a parenthesis': http('GE(T /livez HTTP/1.1', [HOST]),
    'a lower-case method': http('get /livez HTTP/1.1', [HOST]),
    'an unknown method': http('HACK /livez HTTP/1.1', [HOST]),
    'a long method': http(`${'G'.repeat(20_000)} /livez HTTP/1.1`, [HOST]),
    'an unknown HTTP version': http('GET /livez HTTP/3.7', [HOST]),
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'the greeting of SSH': 'SSH-2.0-OpenSSH_9.9\r\n',
    'a TLS handshake': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'tabs instead of spaces in the request line': http('GET\t/livez\tHTTP/1.1', [HOST]),
    'spaces in the path': http('GET /livez x HTTP/1.1', [HOST]),
    'a NUL in the path': http('GET /\x00livez HTTP/1.1', [HOST]),
    'many headers': get(...Array.from({ length: 3000 }, (_, i) => `X${i}: y`)),
    'a long header': get(`X: ${'y'.repeat(20_000)}`),
    'a long header name': get(`${'X'.repeat(20_000)}: y`),
    'a long path': http(`GET /${'a'.repeat(20_000)} HTTP/1.1`, [HOST])
  })) {
    const { statuses, isClosed } = await exchange(app.url, Buffer.from(bytes, 'latin1'))
    t.equal(statuses.length, 1, what)
    t.ok(statuses[0] === 400 || statuses[0] === 431, `${what}: ${statuses}`)
    t.ok(isClosed, `closed after ${what}`)
  }
  t.equal((await app.request('/livez')).status, 200)
})

t.test('an unusual but unambiguous request gets one response, and the next request is parsed correctly', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const bearer = `Authorization: Bearer ${await app.token()}`
  const last = http('GET /livez HTTP/1.1', [HOST, 'Connection: close'])
  const chunks = `2;${'x'.repeat(100)}\r\n{}\r\n0\r\n\r\n`
  for (const [what, bytes, first] of [
    [
      'a GET with Content-Length and a body',
      http('GET /livez HTTP/1.1', [HOST, `Content-Length: ${SMUGGLED.length}`], SMUGGLED),
      200
    ],
    [
      'a GET with a chunked body',
      http('GET /livez HTTP/1.1', [HOST, CHUNKED], `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`),
      200
    ],
    [
      'a body for an unknown path',
      http('POST /nothing HTTP/1.1', [HOST, `Content-Length: ${SMUGGLED.length}`], SMUGGLED),
      404
    ],
    ['a chunk extension', http('POST /auth HTTP/1.1', [HOST, JSON_TYPE, CHUNKED], chunks), 400],
    [
      'a token in a trailer',
      http('GET /products HTTP/1.1', [HOST, CHUNKED, 'Trailer: Authorization'], `0\r\n${bearer}\r\n\r\n`),
      401
    ],
    ['an absolute URL as the request target', http('GET http://evil.example/livez HTTP/1.1', [HOST]), 200],
    ['OPTIONS with the request target *', http('OPTIONS * HTTP/1.1', [HOST]), 404],
    [
      'two Authorization headers, the first one valid',
      http('GET /products HTTP/1.1', [HOST, bearer, 'Authorization: Bearer x']),
      200
    ],
    [
      'two Authorization headers, the second one valid',
      http('GET /products HTTP/1.1', [HOST, 'Authorization: Bearer x', bearer]),
      401
    ],
    [
      'two token cookies, the second one valid',
      http('GET /products HTTP/1.1', [HOST, 'Cookie: token=x', `Cookie: token=${bearer.slice(22)}`]),
      200
    ],
    [
      'Authorization as a hop-by-hop header',
      http('GET /products HTTP/1.1', [HOST, bearer, 'Connection: keep-alive, Authorization']),
      200
    ],
    [
      'another method and path in headers',
      http('GET /livez HTTP/1.1', [
        HOST,
        'X-HTTP-Method-Override: DELETE',
        'X-Original-URL: /auth',
        'X-Rewrite-URL: /auth'
      ]),
      200
    ],
    ['an unknown expectation', http('GET /livez HTTP/1.1', [HOST, 'Expect: miracles']), 417],
    [
      'header values that are not ASCII',
      http('GET /livez HTTP/1.1', [HOST, 'X: äöü \xff', 'Accept-Encoding: \xe9;q=\xff']),
      200
    ]
  ] as const) {
    const { statuses, isClosed } = await exchange(app.url, Buffer.from(bytes + last, 'latin1'))
    const isEnded = statuses.length === 1 && isClosed
    t.strictSame(statuses, isEnded ? [first] : [first, 200], `${what} gets ${first}`)
  }
})

t.test('a request that a proxy may parse differently is rejected, and the connection closes', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { trustProxy: ['127.0.0.1'] } })
  for (const [bytes, detail] of [
    [http('GET /livez HTTP/1.1', [HOST, 'Host: evil.example']), /exactly one Host header \(got 2\)/],
    [http('GET /livez HTTP/1.1', [HOST, HOST, 'X: y', 'hOST: evil.example']), /exactly one Host header \(got 3\)/],
    [http('POST /nothing HTTP/1.1', [HOST, HOST, JSON_TYPE, 'Content-Length: 2'], '{}'), /exactly one Host header/],
    [http('GET * HTTP/1.1', [HOST]), /request target/],
    [http('GET *livez HTTP/1.1', [HOST]), /request target/],
    [http('OPTIONS *livez HTTP/1.1', [HOST]), /request target/],
    [http('GET ftp://shop.example/livez HTTP/1.1', [HOST]), /request target/],
    [http('GET /livez HTTP/2.0', [HOST]), /got HTTP\/2\.0/],
    [http('GET /livez HTTP/0.9', [HOST]), /got HTTP\/0\.9/]
  ] as const) {
    const { text, statuses, isClosed } = await exchange(app.url, bytes + SMUGGLED)
    t.strictSame(statuses, [400], bytes)
    t.ok(isClosed, bytes)
    const [, body = ''] = text.split('\r\n\r\n')
    t.match(JSON.parse(body), { type: 'urn:problem-type:product-catalog:malformed-request', detail }, bytes)
  }
  for (const [line, status] of [
    ['GET http://user:secret@shop.example/livez', 400],
    ['GET http://%zz/nope', 400],
    ['GET http://%zz/products/1', 400],
    ['DELETE http://shop.example/products', 405],
    ['PATCH http://shop.example/nothing', 404]
  ] as const) {
    const { statuses } = await exchange(app.url, `${line} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n`)
    t.strictSame(statuses, [status], line)
  }
  for (const target of ['/livez', 'http://shop.example/livez', 'HTTPS://shop.example/livez']) {
    const { statuses } = await exchange(app.url, http(`GET ${target} HTTP/1.0`, [HOST]))
    t.strictSame(statuses, [200], target)
  }
})

t.test('requests to upgrade to another protocol are not granted', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  for (const protocol of ['h2c', 'websocket', 'TLS/1.0']) {
    const headers = [
      HOST,
      'Connection: Upgrade, close',
      `Upgrade: ${protocol}`,
      'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA'
    ]
    t.strictSame((await exchange(app.url, http('GET /livez HTTP/1.1', headers))).statuses, [200], protocol)
  }
  const { text, isClosed } = await exchange(app.url, http('CONNECT evil.example:443 HTTP/1.1', [HOST]))
  t.equal(text, '')
  t.ok(isClosed, 'the service opens no tunnel')
})

t.test('chunk extensions of megabytes are rejected before they are read', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const head = http('POST /auth HTTP/1.1', [HOST, JSON_TYPE, CHUNKED])
  for (const [what, chunk] of Object.entries({
    'one chunk extension of eight megabytes': `2;${'x'.repeat(8_000_000)}\r\n{}\r\n0\r\n\r\n`,
    '8000 chunk extensions of a kilobyte': `${`1;${'x'.repeat(1000)}\r\n \r\n`.repeat(8000)}0\r\n\r\n`,
    '8000 trailers of a kilobyte': `2\r\n{}\r\n0\r\n${`X: ${'y'.repeat(1000)}\r\n`.repeat(8000)}\r\n`
  })) {
    const { statuses, isClosed } = await exchange(app.url, head + chunk)
    t.ok(statuses.length <= 1 && statuses.every((status) => status >= 400 && status < 500), `${what}: ${statuses}`)
    t.ok(isClosed, what)
  }
})

t.test('a hundred pipelined requests get their responses in order', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const paths = Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? '/nothing' : i % 3 === 1 ? '/livez' : '/products'))
  const bytes = paths.map((path) => http(`GET ${path} HTTP/1.1`, [HOST])).join('')
  const last = http('GET /livez HTTP/1.1', [HOST, 'Connection: close'])

  const { statuses } = await exchange(app.url, bytes + last)

  t.strictSame(
    statuses,
    [...paths, '/livez'].map((path) => ({ '/nothing': 404, '/livez': 200, '/products': 401 })[path])
  )
})

t.test('no input injects a response header', async (t) => {
  const app = await startApp(t, {
    products: [mascara, palette],
    config: { trustProxy: ['127.0.0.1'], corsOrigins: ['https://shop.example'] }
  })
  const attacker = await Attacker.create(t, app)
  const tails = [
    '%0d%0aInjected:%20yes',
    '%0aInjected:%20yes',
    '%0dInjected: yes',
    '%E5%98%8A%E5%98%8DInjected:%20yes',
    '%00',
    '%22',
    '%3E',
    ',;'
  ].map((tail) => tail.replaceAll(' ', '%20'))
  for (const tail of tails) {
    for (const path of [
      `/products?limit=1&q=mascara${tail}`,
      `/products?limit=1&category=${tail}`,
      `/products?limit=1&brand=Brand&tag=test&q=${tail}`,
      `/products?limit=1&sort=price${tail}`,
      `/products?cursor=${tail}`,
      `/products/export?brand=${tail}`,
      `/products/1${tail}`,
      `/docs${tail}`,
      `/${tail}`,
      `/changes?after=0${tail}`
    ]) {
      const { headers } = await attacker.send({ path })
      t.notMatch(String(headers.link ?? ''), /[\r\n]|[^\x20-\x7e]/)
      await attacker.send({
        path,
        headers: {
          origin: `https://shop.example${decodeURIComponent(tail)
            .replaceAll(/[\r\n\0]/g, ' ')
            .replaceAll(/[^ -~]/g, '?')}`
        }
      })
    }
  }
  for (const headers of [
    { 'accept-encoding': `br;q=${'9'.repeat(5000)}` },
    { 'accept-encoding': `${'a,'.repeat(7000)}gzip` },
    { accept: `${'text/csv;q=0.1,'.repeat(900)}x` },
    { 'if-none-match': `${'W/"x",'.repeat(2300)}` },
    { 'if-none-match': `${'"'.repeat(14_000)}` },
    { cookie: `${'a=b;'.repeat(3500)}` },
    { cookie: `token=${'%zz'.repeat(4000)}`, authorization: '' },
    { cookie: `${'='.repeat(14_000)}`, authorization: '' },
    { 'x-forwarded-for': `${'1.1.1.1,'.repeat(1700)}`, 'x-forwarded-host': '\t', 'x-forwarded-proto': 'javascript' },
    { 'x-forwarded-for': 'x'.repeat(14_000) },
    { 'content-type': `${';'.repeat(14_000)}` },
    { 'content-type': `application/json${' '.repeat(14_000)};` },
    { range: `bytes=${'0-1,'.repeat(3000)}` },
    { 'last-event-id': '9'.repeat(14_000), accept: 'text/event-stream' }
  ]) {
    for (const path of ['/products', '/products/export', '/changes?after=0', '/docs/json']) {
      await attacker.send({ path, headers })
      await attacker.send({ method: 'POST', path: '/products', headers, body: JSON.stringify(mug) })
    }
  }
  t.strictSame(
    attacker.violations.filter((what) => !/^text\/html/.test(what)),
    []
  )
})
