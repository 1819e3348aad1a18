/* Bodies of a media type that the operation does not declare. They must be neither parsed nor stored. */
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { startApp } from '../helpers/app.js'
import { Attacker } from '../helpers/attacker.js'
import { onOneEngine } from '../helpers/engines.js'
import { mug } from '../helpers/local-products.js'
import { operations } from '../helpers/operations.js'
import { mascara } from '../helpers/products.js'
import { exchange } from '../helpers/raw.js'

const problem = (name: string) => `urn:problem-type:product-catalog:${name}`

const withBody = operations.filter(({ mediaTypes }) => mediaTypes.length > 0)
const ignoringBodies = operations.filter(({ method, mediaTypes }) => method === 'DELETE' && mediaTypes.length === 0)
/** Media types of all parsers of the service, and others that clients and attackers send. */
const types = [
  ...new Set(withBody.flatMap(({ mediaTypes }) => mediaTypes)),
  'text/plain',
  'application/xml',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'application/vnd.api+json',
  'application/x-tar'
]
/** Values of Content-Type that no parser may accept. */
const malformed = [
  'json',
  'application/',
  '/json',
  'application/json/',
  'application json',
  '*/*',
  'application/*',
  ';',
  'undefined'
]
/** Returns equivalent spellings of a media type (RFC 9110, section 8.3.1). */
const spellings = [
  (type: string) => type,
  (type: string) => type.toUpperCase(),
  (type: string) => `${type};`,
  (type: string) => `${type}; charset=utf-8`,
  (type: string) => `${type} ;CHARSET="UTF-8"`,
  (type: string) => `${type}; boundary=x; version=1`
]
/** Returns other media types that start or end like a given one. */
const others = [
  (type: string) => `${type}x`,
  (type: string) => `x${type}`,
  (type: string) => `${type},text/plain`,
  (type: string) => `text/plain,${type}`,
  (type: string) => `text/plain; a=${type}`
]
/** A body that is invalid for every operation in every format. */
const poison = JSON.stringify({ category: 5, sku: 'x', title: 't', price: -5, thumbnail: 'javascript:alert(1)' })

const trusting = { products: [mascara], config: { trustProxy: ['127.0.0.1'] } }
const pathOf = ({ path }: { path: string }) => path.replace('{id}', '1').replace('{slug}', 'tea')

onOneEngine('a body of an undeclared media type is rejected, and nothing of it is stored', async (t) => {
  const app = await startApp(t, trusting)
  const attacker = await Attacker.create(t, app)
  const { revision } = (await app.request('/')).body.catalog
  t.ok(withBody.length >= 5)
  for (const operation of withBody) {
    const { method, mediaTypes } = operation
    const send = async (type: string) => {
      const headers = { 'content-type': type, 'if-match': '*' }
      return await attacker.send({ method, path: pathOf(operation), headers, body: poison })
    }
    for (const type of types) {
      for (const spell of spellings) {
        const { status, body } = await send(spell(type))
        const what = `${operation.operationId} as ${spell(type)}`
        if (!mediaTypes.includes(type))
          t.match({ status, body }, { status: 415, body: { detail: mediaTypes.join(' or ') } }, what)
        // An import returns its errors in the report.
        else t.match(status, operation.operationId === 'importProducts' ? /422|400/ : 400, what)
      }
    }
    for (const type of [...malformed, ...mediaTypes.flatMap((type) => others.map((change) => change(type)))]) {
      t.equal((await send(type)).status, 415, `${operation.operationId} as ${type}`)
    }
  }
  t.equal((await app.request('/')).body.catalog.revision, revision)
  t.equal((await app.request('/categories')).status, 200)
  attacker.check(t)
})

t.test('a charset other than UTF-8 is rejected', async (t) => {
  const app = await startApp(t, trusting)
  const attacker = await Attacker.create(t, app)
  for (const operation of withBody) {
    const [type] = operation.mediaTypes as [string]
    for (const charset of ['utf-16', '"utf-16le"', 'latin1', 'iso-8859-1', 'windows-1252', 'UTF-7', 'x'.repeat(1000)]) {
      for (const parameter of [`;charset=${charset}`, `; a=b; Charset = ${charset}`]) {
        const headers = { 'content-type': type + parameter, 'if-match': '*' }
        const { status, body } = await attacker.send({
          method: operation.method,
          path: pathOf(operation),
          headers,
          body: poison
        })
        t.match(
          { status, detail: body.detail },
          { status: 415, detail: /^The charset must be utf-8/ },
          type + parameter
        )
      }
    }
  }
  attacker.check(t)
})

t.test('an operation that requires a body rejects a request without one', async (t) => {
  const app = await startApp(t, trusting)
  const attacker = await Attacker.create(t, app)
  for (const operation of withBody) {
    const { method, operationId, mediaTypes } = operation
    const isOptional = operationId === 'startSync'
    for (const headers of [{}, { 'content-length': '0' }] as Record<string, string>[]) {
      const { status, body } = await attacker.send({
        method,
        path: pathOf(operation),
        headers: { 'if-match': '*', ...headers }
      })
      if (isOptional) t.equal(status, 202)
      else
        t.match(
          { status, ...body },
          { status: 400, type: problem('malformed-request'), detail: mediaTypes.join(' or ') }
        )
    }
    // A body without a media type has no declared type.
    const untyped = { method, path: pathOf(operation), headers: { 'if-match': '*' }, body: poison }
    t.equal((await attacker.send(untyped)).status, 415, `${operationId} without a type`)
    const lines = [
      `${method} ${pathOf(operation)} HTTP/1.1`,
      'Host: a',
      `Authorization: Bearer ${await app.token()}`,
      'If-Match: *'
    ]
    const chunked = [...lines, 'Transfer-Encoding: chunked', 'Connection: close', '', '0', '', ''].join('\r\n')
    const expected = isOptional ? 202 : 415
    t.strictSame((await exchange(app.url, chunked)).statuses, [expected], `${operationId} without a type and a length`)
    const typed = { method, path: pathOf(operation), headers: { 'if-match': '*', 'content-type': 'application/json' } }
    if (!isOptional && mediaTypes.includes('application/json')) {
      t.match((await attacker.send(typed)).body, { status: 400, detail: `The request needs a body of the type` })
    }
  }
  attacker.check(t)
})

t.test('a caller without permission gets 401 or 403, whatever the type of the body', async (t) => {
  const app = await startApp(t, trusting)
  const options = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: poison }
  t.equal((await app.request('/products', { ...options, token: null })).status, 401)
  t.equal((await app.request('/products', { ...options, token: await app.tokenOf('reader') })).status, 403)
})

t.test('an operation without a body ignores bodies of any type', async (t) => {
  const app = await startApp(t, trusting)
  const attacker = await Attacker.create(t, app)
  t.ok(ignoringBodies.length >= 2)
  for (const operation of ignoringBodies.filter(({ operationId }) => operationId !== 'signOut')) {
    for (const type of [...types, ...malformed]) {
      const headers = { 'content-type': type, 'if-match': '"old"' }
      const { status } = await attacker.send({
        method: operation.method,
        path: pathOf(operation),
        headers,
        body: poison
      })
      // The category has no edits.
      t.equal(status, operation.operationId === 'revertCategory' ? 404 : 412, `${operation.operationId} as ${type}`)
    }
  }
  attacker.check(t)
})

t.test(
  'a compressed body is rejected before it is read, and the response says that no content coding is accepted',
  async (t) => {
    const app = await startApp(t, trusting)
    const attacker = await Attacker.create(t, app)
    const send = (operation: (typeof withBody)[number], coding: string, body: string | Buffer) => {
      const [type] = operation.mediaTypes as [string]
      const headers = { 'content-type': type, 'content-encoding': coding, 'if-match': '"old"' }
      return attacker.send({ method: operation.method, path: pathOf(operation), headers, body })
    }
    for (const operation of withBody) {
      for (const coding of ['gzip', 'x-gzip', 'GZIP', 'br', 'deflate', 'zstd', 'compress', 'UTF-8', 'identity, gzip']) {
        const { status, headers, body } = await send(operation, coding, gzipSync(poison))
        t.match(
          { status, accepted: headers['accept-encoding'], ...body },
          { status: 415, accepted: 'identity', detail: `Content-Encoding must be identity (got "${coding}")` },
          `${operation.operationId} as ${coding}`
        )
      }
      for (const coding of ['identity', 'Identity', '', 'identity, identity']) {
        const { status, headers } = await send(operation, coding, poison)
        t.not(status, 415, `${operation.operationId} as ${coding}`)
        t.notOk('accept-encoding' in headers)
      }
      const { headers } = await attacker.send({
        method: operation.method,
        path: pathOf(operation),
        body: poison,
        headers: { 'content-type': 'text/plain', 'if-match': '*' }
      })
      t.notOk('accept-encoding' in headers, 'the media type is the reason')
    }
    // The rest of the body never arrives.
    const lines = [
      'POST /products HTTP/1.1',
      'Host: a',
      `Authorization: Bearer ${await app.token()}`,
      'Connection: close'
    ]
    const body = ['Content-Type: application/json', 'Content-Encoding: gzip', 'Content-Length: 1000']
    const unread = await exchange(app.url, `${[...lines, ...body].join('\r\n')}\r\n\r\nx`)
    t.strictSame(unread.statuses, [415])
    attacker.check(t)
  }
)

t.test('JSON may begin with a byte order mark', async (t) => {
  const app = await startApp(t, trusting)
  const headers = { 'content-type': 'application/json' }
  const { status, body } = await app.request('/products', {
    method: 'POST',
    headers,
    body: `\uFEFF${JSON.stringify(mug)}`
  })
  t.match({ status, title: body.title }, { status: 201, title: mug.title })
})

t.test('a valid body is accepted with every spelling of its media type', async (t) => {
  const app = await startApp(t, trusting)
  for (const [i, spell] of spellings.entries()) {
    const headers = { 'content-type': spell('application/json') }
    const { status } = await app.request('/products', {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...mug, sku: `M-${i}` })
    })
    t.equal(status, 201, headers['content-type'])
  }
})

t.test('a body that is slow to parse or not UTF-8 is rejected before it is parsed', async (t) => {
  const app = await startApp(t, trusting)
  const attacker = await Attacker.create(t, app)
  const headers = { 'content-type': 'application/json' }
  for (const [body, detail] of [
    ['['.repeat(100_000), 'nested more than 20 levels deep'],
    [JSON.stringify({ ...mug, tags: Array(10_001).fill('a') }), 'at most 10000 values'],
    [Buffer.from([0x22, 0xff, 0x22]), 'encoded as UTF-8 (invalid at byte offset 1)'],
    [Buffer.from('{"sku":"café"}', 'latin1'), 'invalid at byte offset 11)'],
    [Buffer.from('{"sku":"\uFFFDé\xff"}').subarray(0, -3), 'invalid at byte offset 13)'],
    [Buffer.from([0x22, 0xef, 0xbf]), 'invalid at byte offset 1)'],
    [Buffer.from('\uFEFF{}', 'utf16le'), 'invalid at byte offset 0)']
  ] as const) {
    const outcome = await attacker.send({ method: 'POST', path: '/products', headers, body: body as string | Buffer })
    t.match(outcome, { status: 400, body: { type: problem('malformed-request'), detail } })
  }
  attacker.check(t)
})
