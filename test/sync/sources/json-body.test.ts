import t from 'tap'
import { readJsonBody } from '../../../src/sync/sources/json-body.js'

const head = (type: string) => ({ url: 'http://source.example', headers: { 'content-type': type } })

async function read(body: string | Uint8Array, type = 'application/json') {
  const bytes = Buffer.from(body)
  async function* chunks() {
    for (let i = 0; i < bytes.length; i += 65_536) yield bytes.subarray(i, i + 65_536)
  }
  return await readJsonBody(chunks(), head(type))
}

t.test('JSON is read, with any media type for JSON', async (t) => {
  t.strictSame(await read('{"a":[1,"é"]}'), { a: [1, 'é'] })
  t.strictSame(await read('[]', 'application/vnd.api+json; charset=utf-8'), [])
})

t.test('a body that is not JSON, or exceeds a limit, is rejected with the reason', async (t) => {
  const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
  t.type(await read(deep(100)), Array)
  t.strictSame(await read(JSON.stringify(['[[{{,'.repeat(50)])), ['[[{{,'.repeat(50)], 'brackets in text do not count')

  for (const [what, message, body] of [
    ['deep', /nested/, deep(101)],
    ['deep, and cut off', /nested/, '['.repeat(5_000_000)],
    ['objects in objects', /nested/, '{"a":'.repeat(200)],
    ['wide', /values/, `[${Array(1_000_000).fill('{}').join()}]`],
    ['cut off in a text', /not JSON/, '{"products":["'],
    ['cut off after a backslash', /not JSON/, '{"products":["\\'],
    ['empty', /not JSON/, ''],
    ['no UTF-8', /UTF-8/, Buffer.from([0x22, 0xff, 0x22])]
  ] as const) {
    await t.rejects(read(body), { name: 'SourceError', reason: 'invalid', message }, what)
  }
  await t.rejects(read('{}', 'text/html'), {
    name: 'SourceError',
    reason: 'invalid',
    message: /content type text\/html/
  })
  await t.rejects(read(Buffer.alloc(16_000_001, ' ')), { name: 'SourceError', reason: 'too-large' })
})
