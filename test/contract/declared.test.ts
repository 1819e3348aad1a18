/* What every operation answers to what has nothing to do with what it is for. */
import t from 'tap'
import { startApp } from '../helpers/app.js'
import { type Operation, operations } from '../helpers/operations.js'
import { mascara } from '../helpers/products.js'

const LARGE = 'x'.repeat(1_100_000)
/** Takes files, which may be larger than a test should send. */
const UPLOAD = 'importProducts'

const at = ({ path }: Operation) => path.replace('{id}', '1')
/** Refused for nothing but what the test is about. */
const whole = { 'if-match': '*' }

t.test('whoever asks too much is told so, whatever is asked for', async (t) => {
  for (const operation of operations) {
    const app = await startApp(t, { products: [mascara], config: { rateLimit: 1 } })
    const token = operation.security ? null : await app.token()
    const options = { method: operation.method, token, ...(operation.body && { json: {} }) }
    // Ten sign-ins are allowed, and one of anything else.
    let status = 0
    for (let tries = 0; tries < 12 && status !== 429; tries++)
      status = (await app.request(at(operation), options)).status
    t.equal(status, 429, operation.operationId)
    await app.app.close()
  }
})

t.test('a body that is too large is refused, also where none is needed', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  for (const operation of operations.filter(({ responses }) => '413' in responses)) {
    if (operation.operationId === UPLOAD) continue
    const { method, mediaTypes } = operation
    const headers = { ...whole, 'content-type': mediaTypes[0] ?? 'application/json' }
    t.equal((await app.request(at(operation), { method, headers, body: LARGE })).status, 413, operation.operationId)
  }
})

t.test('a body of another media type is refused', async (t) => {
  const app = await startApp(t, { products: [mascara] })
  for (const operation of operations.filter(({ responses }) => '415' in responses)) {
    const headers = { ...whole, 'content-type': 'application/xml' }
    const { status } = await app.request(at(operation), { method: operation.method, headers, body: '<x/>' })
    t.equal(status, 415, operation.operationId)
  }
})
