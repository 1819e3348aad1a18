import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startApp } from '../../helpers/app.js'
import { operations } from '../../helpers/operations.js'
import { mascara } from '../../helpers/products.js'

const never = new Int32Array(new SharedArrayBuffer(4))

/** Milliseconds that contain a whole interval of measurement, whenever they start. */
const OVERLOAD_MS = 11_000

/** Delays every turn of the event loop for `time` milliseconds. Blocks without using the processor, which other tests need. */
async function overload(time: number): Promise<void> {
  const end = performance.now() + time
  while (performance.now() < end) {
    Atomics.wait(never, 0, 0, 1300)
    await setImmediate()
  }
}

t.test(
  'under overload, the service rejects new requests with 503, but its health checks still respond with 200',
  async (t) => {
    const app = await startApp(t, { products: [mascara] })
    const token = await app.token()
    const ask = (path: string, method = 'GET') => app.request(path, { method, token })
    const rejected = operations.filter(({ operationId }) => !operationId.startsWith('check'))
    for (const path of ['/products', '/', '/.well-known/jwks.json']) t.not((await ask(path)).status, 503, path)

    await overload(OVERLOAD_MS)
    for (const { path, method } of rejected) {
      const send = () => ask(path.replace('{id}', '1').replace('{slug}', 'beauty'), method)
      let response = await send()
      // On a slow machine, the service may measure a recovery before all requests are sent.
      for (let tries = 0; response.status !== 503 && tries < 3; tries++) {
        await overload(OVERLOAD_MS)
        response = await send()
      }
      const { status, headers, body } = response
      t.equal(status, 503, `${method} ${path}`)
      t.equal(body.type, 'urn:problem-type:product-catalog:overloaded')
      t.equal(headers.get('retry-after'), '5')
      t.ok(headers.has('ratelimit-remaining'))
    }
    for (const path of ['/livez', '/readyz']) t.equal((await ask(path)).status, 200, path)

    let tries = 0
    while ((await ask('/products')).status === 503 && tries++ < 100) await sleep(100)
    t.equal((await ask('/products')).status, 200, 'the service recovers')
  }
)
