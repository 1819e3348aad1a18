import t from 'tap'
import { UnreadableFileError } from '../../src/transfer/errors.js'
import { readNdjson } from '../../src/transfer/ndjson.js'
import { ROW_MAX } from '../../src/transfer/rows.js'
import { readRows } from '../helpers/import-files.js'

const read = (file: string | Buffer, size = 3) => readRows(readNdjson, file, size)

t.test('each line is a row, wherever the bytes are split', async (t) => {
  const text = '\uFEFF{"id":1,"title":"ä€😀"}\r\n\n  \n{"id":2}\n{"id":3}'
  for (let size = 1; size < 40; size++) {
    t.strictSame(await read(text, size), [
      { line: 1, value: { id: 1, title: 'ä€😀' } },
      { line: 4, value: { id: 2 } },
      { line: 5, value: { id: 3 } }
    ])
  }
  t.strictSame(await read(''), [])
  t.equal((await read('{}\n'.repeat(1001), 1000)).length, 1001)
})

t.test('a row that is nested too deep to be written again is rejected', async (t) => {
  const deep = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}\n`
  t.match(await read(`${deep(19)}${deep(20)}${deep(100_000)}`, 1000), [
    { line: 1, value: {} },
    { line: 2, refused: 'must have at most 20 levels of nesting' },
    { line: 3, refused: 'must have at most 20 levels of nesting' }
  ])
})

t.test('a bad line is rejected, and the others are read', async (t) => {
  const bytes = Buffer.concat([
    Buffer.from('{"id":\n[1]\nnull\n7\n'),
    Buffer.from([0x22, 0xff, 0x22, 0x0a]),
    Buffer.from('{"id":6}\n')
  ])
  t.strictSame(await read(bytes), [
    { line: 1, refused: 'is not JSON' },
    { line: 2, refused: 'must be a JSON object (got an array)' },
    { line: 3, refused: 'must be a JSON object (got null)' },
    { line: 4, refused: 'must be a JSON object (got 7)' },
    { line: 5, refused: 'is not UTF-8' },
    { line: 6, value: { id: 6 } }
  ])
})

t.test('an endless line is rejected before it fills the memory', async (t) => {
  let sent = 0
  async function* endless() {
    yield Buffer.from('{}\n')
    for (;;) {
      sent += 65_536
      yield Buffer.alloc(65_536, 'x')
    }
  }
  const reading = (async () => {
    for await (const _ of readNdjson(endless()));
  })()
  await t.rejects(reading, new UnreadableFileError(2, `a line must have at most ${ROW_MAX} bytes`))
  t.ok(sent <= ROW_MAX + 2 * 65_536)
})
