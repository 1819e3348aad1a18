import { gzipSync } from 'node:zlib'
import t from 'tap'
import { readRejection } from '../../src/sync/rejection.js'

async function* bodyOf(...chunks: (string | Uint8Array)[]) {
  for (const chunk of chunks) yield Buffer.from(chunk)
}
const read = (body: unknown, secrets: string[] = []) => readRejection(bodyOf(JSON.stringify(body)), secrets)

t.test('a rejection has the code and the message of the source', async (t) => {
  t.equal(
    await read({ code: 'rest_no_route', message: 'No route was found.', data: { status: 404 } }),
    'rest_no_route: No route was found.'
  )
  t.equal(await read({ title: 'Forbidden', detail: 'No access.', status: 403 }), 'Forbidden: No access.')
  t.equal(await readRejection(bodyOf(gzipSync('{"message":"Zip"}')), []), 'Zip')
  t.equal(await read({ message: 'a\r\nb\u0000c' }), 'a b c')
  t.equal((await read({ message: 'x'.repeat(3000) }))?.length, 200)
})

t.test('other bodies have no text', async (t) => {
  for (const body of [{}, null, [], 'text', { message: 1 }, { message: '' }]) t.equal(await read(body), undefined)
  t.equal(await readRejection(bodyOf('<h1>No</h1>'), []), undefined)
  t.equal(await readRejection(bodyOf('{"message":"', 'x'.repeat(5000), '"}'), []), undefined)
  t.equal(await readRejection(bodyOf(gzipSync(`{"message":"${'x'.repeat(5000)}"}`)), []), undefined)
})

t.test('a text with a secret is left out', async (t) => {
  t.equal(await read({ message: 'The key abc is unknown.' }, ['abc']), undefined)
  t.equal(await read({ message: `${'x'.repeat(195)} abcdefgh` }, ['abcdefgh']), undefined)
  t.equal(await read({ message: 'The key is unknown.' }, ['abc']), 'The key is unknown.')
})

t.test('a body that breaks off is ignored', async (t) => {
  async function* broken() {
    yield Buffer.from('{"mess')
    throw new Error('reset')
  }
  t.equal(await readRejection(broken(), []), undefined)
})
