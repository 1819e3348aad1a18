import { gzipSync } from 'node:zlib'
import t from 'tap'
import { DecompressedBody } from '../../src/sync/decompressed-body.js'

const text = 'all of the text '.repeat(1000)

async function read(bytes: Uint8Array, size: number, max = 100_000) {
  async function* chunks() {
    for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
  }
  const body = new DecompressedBody(chunks(), max)
  const read: Uint8Array[] = []
  for await (const chunk of body) read.push(chunk)
  return { text: Buffer.concat(read).toString(), addedBytes: body.addedBytes }
}

t.test('gzip is recognized by its content', async (t) => {
  const packed = gzipSync(text)
  for (const size of [1, 7, 100_000]) {
    t.strictSame(await read(packed, size), { text, addedBytes: text.length - packed.length })
    t.strictSame(await read(Buffer.from(text), size), { text, addedBytes: 0 })
  }
  t.strictSame(await read(Buffer.of(0x1f), 1), { text: '\u001f', addedBytes: 0 })
  t.strictSame(await read(Buffer.of(), 1), { text: '', addedBytes: 0 })
})

t.test('gzip that is too large, cut off or damaged is an error', async (t) => {
  const packed = gzipSync(Buffer.alloc(50_000_000))
  await t.rejects(read(packed, 1000), { name: 'SourceError', reason: 'too-large' })
  await t.rejects(read(packed.subarray(0, -10), 1000, 60_000_000), { name: 'SourceError', reason: 'invalid' })
  await t.rejects(read(Buffer.of(0x1f, 0x8b, 1, 2, 3), 1), { name: 'SourceError', reason: 'invalid' })
})

t.test('the errors of the body pass through', async (t) => {
  async function* broken() {
    yield gzipSync(text).subarray(0, 20)
    throw new Error('connection lost')
  }
  await t.rejects(
    (async () => {
      for await (const _ of new DecompressedBody(broken(), 1000));
    })(),
    { message: 'connection lost' }
  )
})
