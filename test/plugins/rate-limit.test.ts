import t from 'tap'
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
