/* The Big List of Naughty Strings and more, in every place that accepts a string. */
import { createRequire } from 'node:module'
import type { ImportReport } from '../../schemas/transfer.js'
import { toLine, toLines } from '../../src/products/text.js'
import { startApp, type TestApp } from '../helpers/app.js'
import { Attacker } from '../helpers/attacker.js'
import { onOneEngine } from '../helpers/engines.js'
import { mug } from '../helpers/local-products.js'
import { operations, type Parameter } from '../helpers/operations.js'
import { mascara, palette } from '../helpers/products.js'
import { runs } from '../helpers/runs.js'

const listed = createRequire(import.meta.url)('big-list-of-naughty-strings') as string[]
const strings = [
  ...listed,
  ...[
    '\0',
    'a\0b',
    '\u0001',
    '\x7f\x85\x9f',
    '\u2028\u2029',
    '\ufeff',
    '\ufffe\uffff',
    '\u{10ffff}',
    'e\u0301'.repeat(60)
  ],
  ...[
    '\u0600'.repeat(60),
    'ß'.repeat(60),
    'İ'.repeat(60),
    '%00',
    '%',
    '%zz',
    '%c0%80',
    '%ff',
    '\\u0000',
    '\\',
    '"',
    "'",
    '`'
  ],
  ...[
    '=cmd()',
    '+1',
    '-1',
    '@x',
    '1e999',
    '9'.repeat(150),
    '0x10',
    'NaN',
    '__proto__',
    'constructor',
    '*',
    '(',
    '[',
    '^',
    '%_'
  ]
]
/** A selection for expensive places: many strings attack other software and are equivalent here. */
const some = strings.filter((_, i) => i % runs(72, 24) === 0)

const start = (t: Parameters<typeof startApp>[0]): Promise<TestApp> =>
  startApp(t, { products: [mascara, palette], config: { trustProxy: ['127.0.0.1'] } })

/** Builds a request of an operation with a text as one of its parameters. */
function fill(path: string, { in: where, name }: Parameter, value: string) {
  const escaped = encodeURIComponent(value)
  const filled = path.replace('{id}', where === 'path' ? escaped : '1')
  return {
    path: where === 'query' ? `${filled}?${name}=${escaped}` : filled,
    // As UTF-8, without the bytes that clients cannot send in a header. Other tests send those through raw sockets.
    ...(where === 'header' && {
      headers: { [name]: Buffer.from(value.replaceAll(/\p{Cc}/gu, ' ')).toString('latin1') }
    })
  }
}

onOneEngine('every parameter of every operation accepts or rejects any text', async (t) => {
  const app = await start(t)
  const attacker = await Attacker.create(t, app)
  const parameters = operations.flatMap(({ method, path, parameters, operationId }) =>
    parameters.map((parameter) => ({ method, path, parameter, operationId }))
  )
  t.ok(parameters.length > 40)
  for (const [i, value] of strings.entries()) {
    for (const [j, { method, path, parameter, operationId }] of parameters.entries()) {
      const isSearch = operationId === 'listProducts' && parameter.name === 'q'
      // Search parameters get every text. The others get a few each, in turn.
      if (!isSearch && (i + j) % 40 !== 0) continue
      // Another test covers writes that succeed.
      if (operationId === 'createProduct') continue
      const request = fill(path, parameter, value)
      await attacker.send({ method, ...request, headers: { 'if-match': '"another"', ...request.headers } })
    }
  }
  attacker.check(t)
  t.equal((await app.request('/products')).body.total, 2)
})

onOneEngine('every accepted text is read, found and exported in its normal form', async (t) => {
  const app = await start(t)
  const attacker = await Attacker.create(t, app)
  const row = (value: string, i: number) => ({
    ...mug,
    sku: `N-${i}`,
    title: value,
    description: value,
    brand: value,
    tags: [value],
    warranty: value
  })
  const { body } = await attacker.send({
    method: 'POST',
    path: '/products/import?mode=each',
    headers: { 'content-type': 'application/x-ndjson' },
    body: strings.map((value, i) => JSON.stringify(row(value, i))).join('\n')
  })
  const report = body as ImportReport
  t.equal(report.rows, strings.length)
  const refused = new Set(report.refusals.map(({ line }) => line - 1))
  // Assertion titles use numbers, because the texts could attack the reporter.
  const hasReason = (i: number) => /^$|\p{Cc}|^.{101}/su.test(toLine(strings[i] as string))
  t.strictSame(
    [...refused].filter((i) => !hasReason(i)),
    [],
    'rejected texts are empty, too long or contain control characters'
  )
  t.ok(refused.size < strings.length / 5, `${refused.size} were refused`)

  const { text } = await attacker.send({ path: '/products/export' })
  const exported = new Map(
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map((product) => [product.sku, product])
  )
  const changed: number[] = []
  const lost: number[] = []
  for (const [i, value] of strings.entries()) {
    if (refused.has(i)) continue
    const { title, description, tags, brand, warranty } = exported.get(`N-${i}`)
    const lines = [title, tags[0], brand ?? ''].every((text) => text === toLine(value))
    if (!lines || description !== toLines(value) || warranty !== toLines(value)) changed.push(i)
    if (brand === undefined) continue
    const found = await attacker.send({ path: `/products?brand=${encodeURIComponent(value)}&limit=100` })
    if (!found.body.products.some(({ sku }: { sku: string }) => sku === `N-${i}`)) lost.push(i)
  }
  t.strictSame(changed, [])
  t.strictSame(lost, [])

  const csv = await attacker.send({ path: '/products/export', headers: { accept: 'text/csv' } })
  const again = await attacker.send({
    method: 'POST',
    path: '/products/import?mode=each',
    headers: { 'content-type': 'text/csv' },
    body: csv.text
  })
  t.match(again.body, { created: 0, updated: 0, refused: 0 }, 'importing the CSV export changes nothing')
  attacker.check(t)
})

onOneEngine('every field of every body accepts or rejects any text', async (t) => {
  const app = await start(t)
  const attacker = await Attacker.create(t, app)
  const json = { 'content-type': 'application/json' }
  const fields = [
    'sku',
    'title',
    'description',
    'category',
    'brand',
    'thumbnail',
    'warranty',
    'shipping',
    'returnPolicy',
    'barcode'
  ]
  const others = ['price', 'stock', 'tags', 'images', 'dimensions', 'availability']
  for (const [i, value] of some.entries()) {
    for (const field of [...fields, ...others]) {
      await attacker.send({
        method: 'PATCH',
        path: '/products/1',
        headers: { 'content-type': 'application/merge-patch+json', 'if-match': '*' },
        body: JSON.stringify({ [field]: value })
      })
    }
    await attacker.send({
      method: 'POST',
      path: '/products',
      headers: { ...json, 'idempotency-key': encodeURIComponent(value).slice(0, 200) || '-' },
      body: JSON.stringify({
        ...mug,
        ...Object.fromEntries(fields.slice(1, 3).map((field) => [field, value])),
        sku: `${i}`
      })
    })
    await attacker.send({
      method: 'POST',
      path: '/products',
      headers: json,
      body: JSON.stringify({ ...mug, [value]: value })
    })
    await attacker.send({ method: 'POST', path: '/products', headers: json, body: value })
    for (const credentials of [
      { username: value, password: 'x' },
      { username: `user${i}`, password: value },
      { [value]: value }
    ]) {
      await attacker.send({ method: 'POST', path: '/auth', headers: json, body: JSON.stringify(credentials) })
    }
    const csv = `sku,${value}\r\n${value},${value}\r\n`
    const ndjson = `${value}\n${JSON.stringify({ sku: value, [value]: value })}\n`
    for (const [type, body] of [
      ['text/csv', csv],
      ['application/x-ndjson', ndjson],
      [
        JSON.stringify(value)
          .slice(1, 50)
          .replaceAll(/[^ -~]/g, '?'),
        value
      ]
    ] as const) {
      await attacker.send({
        method: 'POST',
        path: '/products/import?dryRun=true',
        headers: { 'content-type': type },
        body
      })
    }
  }
  attacker.check(t)
})
