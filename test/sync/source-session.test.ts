import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { Client } from 'undici'
import { parseSourceAuth, type SourceAuth } from '../../src/sync/source-auth.js'
import { SourceSession } from '../../src/sync/source-session.js'
import { catalog } from '../../src/sync/sources/catalog/catalog.js'
import { failure } from '../helpers/failure.js'

const BASIC = parseSourceAuth('Basic ada:secret password') as SourceAuth
const { signal } = new AbortController()

/** Starts a server for sign-ins, and opens a session of it. */
async function open(t: Test, answer: RequestListener, auth: SourceAuth | undefined = BASIC, timeoutMs?: number) {
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    bodies.push(`${request.method} ${request.url} ${Buffer.concat(await request.toArray())}`)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new Client(url)
  t.teardown(async () => {
    await client.destroy()
    server.close()
  })
  const clock = { time: 0 }
  const session = new SourceSession(auth, { url, currency: 'USD' }, catalog.signIn, timeoutMs, () => clock.time)
  return { session, client, bodies, clock, header: () => session.header(client, signal) }
}

const json =
  (status: number, body: unknown, headers = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

t.test('concurrent requests share one sign-in, and later ones its token', async (t) => {
  let count = 0
  const { session, bodies, header } = await open(t, (...exchange) =>
    json(200, { token: `token-${++count}` })(...exchange)
  )

  const headers = await Promise.all([header(), header()])

  t.strictSame(
    headers,
    [1, 2].map(() => ({ name: 'authorization', value: 'Bearer token-1' }))
  )
  t.strictSame(bodies, ['POST /auth {"username":"ada","password":"secret password"}'])
  t.ok(['token-1', 'secret password'].every((secret) => session.secrets.includes(secret)))
  t.ok(session.renew(headers[0]))
  t.match(await header(), { value: 'Bearer token-2' })
  t.ok(session.renew(headers[0]), 'the new token stays')
  t.match(await header(), { value: 'Bearer token-2' })
})

t.test('other credentials are sent as they are', async (t) => {
  for (const text of ['Bearer abc', 'X-Key: abc', 'X-Key: Basic YTpi'] as const) {
    const auth = parseSourceAuth(text) as SourceAuth
    const { bodies, header, session } = await open(t, json(500, {}), auth)
    t.strictSame(await header(), auth)
    t.notOk(session.renew(auth))
    t.strictSame(bodies, [])
  }
})

t.test('a sign-in that never ends fails, and a request that is stopped does not wait for it', async (t) => {
  const drip: RequestListener = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const timer = setInterval(() => response.write(' '), 50)
    response.on('close', () => clearInterval(timer))
  }
  const { session, client, bodies } = await open(t, drip, BASIC, 2000)
  const stopping = new AbortController()
  const stopped = failure(session.header(client, stopping.signal))
  const other = failure(session.header(client, signal))

  stopping.abort(new Error('stopped'))

  t.match(await Promise.race([stopped, other]), { message: 'stopped' })
  t.match(await other, { name: 'TimeoutError' })
  t.equal(bodies.length, 1)
})

t.test('rejected credentials are sent again after 15 minutes, and then less often', async (t) => {
  const { bodies, clock, header } = await open(t, json(401, { title: 'Wrong', detail: 'for secret password' }))
  const rejected = { reason: 'http-401', detail: /rejected the user name or the password of SOURCE_AUTH: http-401\. / }
  const minutes = [0, 14, 16, 40, 47, 100, 107]
  const attempts: number[] = []
  for (const minute of minutes) {
    clock.time = minute * 60_000
    t.match(await failure(header()), rejected)
    attempts.push(bodies.length)
  }
  t.strictSame(attempts, [1, 1, 2, 2, 3, 3, 4])
})

t.test('a locked account is left alone as long as the source says', async (t) => {
  const { bodies, clock, header } = await open(t, json(429, {}, { 'retry-after': '30' }))
  t.match(await failure(header()), { reason: 'http-429', retryAfter: 30_000 })
  clock.time = 29_000
  t.match(await failure(header()), { reason: 'http-429', retryAfter: 1000 })
  t.equal(bodies.length, 1)
  clock.time = 31_000
  t.match(await failure(header()), { reason: 'http-429' })
  t.equal(bodies.length, 2)
})

t.test('a response without a token, and a failure, say what is wrong', async (t) => {
  for (const [answer, error] of [
    [json(200, {}), { reason: 'invalid', detail: /has no token/ }],
    [json(200, { token: 'a\nb' }), { reason: 'invalid', detail: /has no token/ }],
    [json(200, 'x'.repeat(70_000)), { reason: 'too-large' }],
    [json(503, { title: 'Busy' }), { reason: 'http-503', detail: /sign-in failed: http-503 \(Busy\)/ }]
  ] as const) {
    const { header } = await open(t, answer)
    t.match(await failure(header()), error)
    t.match(await failure(header()), error, 'the next request tries again')
  }
})
