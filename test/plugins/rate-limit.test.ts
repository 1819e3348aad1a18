import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { RateLimiter, toClient } from '../../src/plugins/rate-limit.js'
import { startApp } from '../helpers/app.js'

t.test('an address that sends too much has to wait, whatever it asks for', async (t) => {
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
  t.equal((await app.request('/readyz', { token: null })).status, 200, 'who watches over the service is counted apart')
})

t.test('a forged address changes nothing, unless the proxy that says it is trusted', async (t) => {
  const doubting = await startApp(t, { config: { rateLimit: 2 } })
  const trusting = await startApp(t, { config: { rateLimit: 2, trustProxy: ['127.0.0.0/8'] } })
  const ask = async (app: typeof doubting, address: string) =>
    (await app.request('/', { token: null, headers: { 'x-forwarded-for': address } })).status

  const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.3']
  const forged: number[] = []
  const believed: number[] = []
  for (const address of addresses) {
    forged.push(await ask(doubting, address))
    believed.push(await ask(trusting, address))
  }
  t.strictSame(forged, [200, 200, 429])
  t.strictSame(believed, [200, 200, 200])
})

t.test('a key may be hit so many times in a minute, and then the count starts anew', async (t) => {
  const limiter = new RateLimiter(2)
  const hit = (seconds: number, key = 'one') => limiter.hit(key, seconds * 1000)

  t.strictSame(hit(0), { limit: 2, remaining: 1, reset: 60, isExceeded: false })
  t.strictSame(hit(0.5), { limit: 2, remaining: 0, reset: 60, isExceeded: false })
  t.strictSame(hit(30), { limit: 2, remaining: 0, reset: 30, isExceeded: true })
  t.strictSame(hit(59.5), { limit: 2, remaining: 0, reset: 1, isExceeded: true }, 'what is refused does not extend it')
  t.match(hit(59.5, 'other'), { remaining: 1, isExceeded: false }, 'each key by itself')
  t.strictSame(hit(60), { limit: 2, remaining: 1, reset: 60, isExceeded: false })
})

t.test('a flood of addresses costs bounded memory, and the limiter goes on', async (t) => {
  const limiter = new RateLimiter(1)
  const padding = Buffer.alloc(8000, 'x').toString()
  limiter.hit('first')
  const before = heapUsed()

  // As parts of long headers, which is where a trusted proxy puts them.
  for (let i = 0; i < 50_000; i++) limiter.hit(`${padding}, 198.51.100.${i}`.slice(padding.length + 2))

  t.ok(heapUsed() - before < 8_000_000)
  t.ok(limiter.hit('198.51.100.49999').isExceeded, 'the newest is still counted')
  t.notOk(limiter.hit('first').isExceeded, 'the oldest has made room')
})

t.test('an IPv6 network is counted as one, whatever the address in it', async (t) => {
  for (const [address, client] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::1', '2001:db8:1:2'],
    ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:db8::1:2:3:4:5', '2001:db8:0:1'],
    ['2001:db8::', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0']
  ] as const) {
    t.equal(toClient(address), client, address)
  }
  t.not(toClient('::1'), toClient('1::1'))
  t.ok(toClient('x'.repeat(10_000)).length < 100, 'what is no address is not kept in full')
})

/** Bytes in use once all garbage is collected. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
