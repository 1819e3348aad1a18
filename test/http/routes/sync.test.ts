import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startApp } from '../../helpers/app.js'
import { mascara, palette, sourceProduct } from '../../helpers/products.js'
import { exchange } from '../../helpers/raw.js'

t.test('an admin can start a sync without waiting for the source', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  let release = () => {}
  app.source.answer = (request, response) => {
    release = () => {
      app.source.serve(request, response)
      release = () => {}
    }
  }
  app.source.products = [mascara, palette]

  const { status, headers, body } = await app.request('/sync', { method: 'POST', json: {} })

  t.equal(status, 202)
  t.equal(headers.get('location'), './', 'relative to /sync')
  t.match(body, { state: 'fresh', products: 1, revision: 1 })
  while ((await app.request('/')).body.catalog.products !== 2) {
    release()
    await sleep(10)
  }
})

t.test('an admin can accept a much smaller catalog', async (t) => {
  const app = await startApp(t, { products: Array.from({ length: 20 }, (_, i) => sourceProduct(i + 1)) })
  app.source.products = [mascara]
  await app.sync()
  t.match((await app.request('/')).body.catalog, { products: 20, reason: 'shrunk' })

  await app.request('/sync', { method: 'POST', json: { acceptLoss: true } })

  while ((await app.request('/')).body.catalog.products !== 1) await sleep(10)
  t.notOk('reason' in (await app.request('/')).body.catalog)
})

t.test('the body is optional, whatever the client says about the missing one', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const authorization = `Authorization: Bearer ${await app.token()}`
  const chunked = 'Transfer-Encoding: chunked'
  for (const [status, headers, body] of [
    [202, [], ''],
    [202, ['Content-Length: 0'], ''],
    [202, ['Content-Type: application/json'], ''],
    [202, ['Content-Type: application/json; charset=utf-8', 'Content-Length: 0'], ''],
    [202, ['Content-Type: application/x-www-form-urlencoded', 'Content-Length: 0'], ''],
    [202, ['Content-Type: nonsense'], ''],
    [202, [chunked], '0\r\n\r\n'],
    [202, ['Content-Type: application/json', chunked], '0\r\n\r\n'],
    [400, ['Content-Type: application/json', chunked], '1\r\n{\r\n0\r\n\r\n'],
    [415, [chunked], '2\r\n{}\r\n0\r\n\r\n'],
    [415, ['Content-Length: 2'], '{}'],
    [415, ['Content-Encoding: gzip', chunked], '0\r\n\r\n'],
    [415, ['Content-Type: text/plain', chunked], '0\r\n\r\n']
  ] as const) {
    const head = ['POST /sync HTTP/1.1', 'Host: a', authorization, 'Connection: close', ...headers]
    const { statuses } = await exchange(app.url, `${head.join('\r\n')}\r\n\r\n${body}`)
    t.strictSame(statuses, [status], headers.join(', '))
  }
})

t.test('other roles and other bodies are rejected', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  const before = app.source.requests.length

  for (const [expected, options] of [
    [401, { token: null, json: {} }],
    [403, { token: await app.tokenOf('editor'), json: {} }],
    [400, { json: { acceptLoss: 'yes' } }],
    [400, { json: { force: true } }],
    [415, { body: 'acceptLoss=true', headers: { 'content-type': 'application/x-www-form-urlencoded' } }]
  ] as const) {
    t.equal((await app.request('/sync', { method: 'POST', ...options })).status, expected, JSON.stringify(options))
  }
  t.equal(app.source.requests.length, before)
})
