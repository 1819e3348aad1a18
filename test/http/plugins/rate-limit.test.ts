import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { RateLimiter } from '../../../src/http/plugins/rate-limit.js'
import { startApp } from '../../helpers/app.js'
import { mascara } from '../../helpers/products.js'

t.test('an address that exceeds the limit has to wait, whatever it requests', async (t) => {
  const app = await startApp(t, { config: { rateLimit: 3 } })
  const statuses: number[] = []

  for (const path of ['/', '/nothing', '/products', '/']) {
    const { status, headers } = await app.request(path, { token: 'bad' })
    statuses.push(status)
    t.equal(headers.get('ratelimit-limit'), '3')
    t.equal(headers.get('ratelimit-remaining'), String(Math.max(0, 3 - statuses.length)))
    t.ok(Number(headers.get('ratelimit-reset')) > 0)
  }

  t.strictSame(statuses, [200, 404, 401, 429])
  const { body, headers } = await app.request('/', { token: null })
  t.match(body, { type: 'urn:problem-type:product-catalog:too-many-requests', detail: /^Try again in \d+ seconds\.$/ })
  t.ok(Number(headers.get('retry-after')) > 0)
  t.equal((await app.request('/readyz', { token: null })).status, 200, 'health checks do not count')
})

t.test('an account that exceeds the limit has to wait, whatever its address and token', async (t) => {
  const app = await startApp(t, { products: [mascara], config: { rateLimit: 5, trustProxy: ['127.0.0.0/8'] } })
  const from = (address: number) => ({ 'x-forwarded-for': `192.0.2.${address}` })
  const tokens = [await app.token(), (await app.signIn()).body.token]
  const editor = await app.tokenOf('editor')
  const left: (string | null)[] = []

  for (const [i, address] of [1, 2, 2, 2, 3].entries()) {
    const path = i === 0 ? '/categories' : '/products'
    const { status, headers } = await app.request(path, { token: tokens[i % 2] as string, headers: from(address) })
    t.equal(status, 200)
    left.push(headers.get('ratelimit-remaining'))
  }
  t.strictSame(left, ['4', '3', '2', '1', '0'], 'the headers show the limit of the account')
  const { headers: otherHeaders } = await app.request('/products', { token: editor, headers: from(2) })
  t.equal(otherHeaders.get('ratelimit-remaining'), '1', 'the headers show the limit of the address, which is lower')

  for (const path of ['/products', '/products/1', '/changes', '/products/1/history']) {
    const { status, body, headers } = await app.request(path, { token: tokens[0] as string, headers: from(4) })
    t.equal(status, 429, path)
    t.equal(body.type, 'urn:problem-type:product-catalog:too-many-requests')
    t.equal(headers.get('ratelimit-remaining'), '0')
    t.equal(headers.get('ratelimit-reset'), headers.get('retry-after'))
    t.ok(Number(headers.get('retry-after')) > 0)
  }
  t.equal((await app.request('/', { token: null, headers: from(5) })).status, 200, 'public operations still work')
})

t.test('a forwarded address counts only if it comes from a trusted proxy', async (t) => {
  const untrusting = await startApp(t, { config: { rateLimit: 2 } })
  const trusting = await startApp(t, { config: { rateLimit: 2, trustProxy: ['127.0.0.0/8'] } })
  const elsewhere = await startApp(t, { config: { rateLimit: 2, trustProxy: ['198.51.100.7'] } })
  const ask = async (app: typeof untrusting, headers: Record<string, string>) =>
    (await app.request('/', { token: null, headers })).status

  const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.3']
  const statuses = { forged: [], believed: [], untrusted: [], prefixed: [], other: [] } as Record<string, number[]>
  for (const address of addresses) {
    statuses.forged?.push(await ask(untrusting, { 'x-forwarded-for': address }))
    statuses.believed?.push(await ask(trusting, { 'x-forwarded-for': address }))
    statuses.untrusted?.push(await ask(elsewhere, { 'x-forwarded-for': address }))
    // The proxy appends its entry. The client controls everything before it.
    statuses.prefixed?.push(await ask(trusting, { 'x-forwarded-for': `${address}, 203.0.113.9` }))
    const other = { forwarded: `for=${address}`, 'x-real-ip': address, 'x-client-ip': address, via: address }
    statuses.other?.push(await ask(trusting, { ...other, 'x-forwarded-for': '203.0.113.10' }))
  }
  t.strictSame(statuses, {
    forged: [200, 200, 429],
    believed: [200, 200, 200],
    untrusted: [200, 200, 429],
    prefixed: [200, 200, 429],
    other: [200, 200, 429]
  })
})

t.test('a forged address does not allow more sign-ins', async (t) => {
  const app = await startApp(t)
  const statuses: number[] = []

  for (let i = 0; i < 11; i++) {
    const headers = { 'x-forwarded-for': `192.0.2.${i}` }
    // An invalid body is rejected before it counts as a failed sign-in.
    statuses.push((await app.request('/auth', { method: 'POST', json: {}, token: null, headers })).status)
  }

  t.strictSame(statuses, [...Array(10).fill(400), 429])
})

t.test('the limiter counts hits per key and restarts after a minute', async (t) => {
  const limiter = new RateLimiter(2)
  const hit = (seconds: number, key = 'one') => limiter.count(key, seconds * 1000)

  t.strictSame(hit(0), { limit: 2, remaining: 1, reset: 60, isExceeded: false })
  t.strictSame(hit(0.5), { limit: 2, remaining: 0, reset: 60, isExceeded: false })
  t.strictSame(hit(30), { limit: 2, remaining: 0, reset: 30, isExceeded: true })
  t.strictSame(hit(59.5), { limit: 2, remaining: 0, reset: 1, isExceeded: true }, 'rejected hits do not extend it')
  t.match(hit(59.5, 'other'), { remaining: 1, isExceeded: false }, 'another key')
  t.strictSame(hit(60), { limit: 2, remaining: 1, reset: 60, isExceeded: false })
})

t.test('a flood of addresses costs bounded memory and evicts the oldest', async (t) => {
  const limiter = new RateLimiter(1)
  const padding = Buffer.alloc(8000, 'x').toString()
  limiter.count('first')
  const before = heapUsed()

  // Each key is a slice of a long header, as with a trusted proxy.
  for (let i = 0; i < 50_000; i++) limiter.count(`${padding}, 198.51.100.${i}`.slice(padding.length + 2))

  t.ok(heapUsed() - before < 8_000_000)
  t.ok(limiter.count('198.51.100.49999').isExceeded, 'the newest is kept')
  t.notOk(limiter.count('first').isExceeded, 'the oldest is evicted')
})

/** Returns the used heap in bytes after a garbage collection. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
