import t from 'tap'
import { readJsonList } from '../../../../src/sync/sources/mapped/json-list.js'

async function* chunksOf(text: string | Uint8Array, size: number) {
  const bytes = Buffer.from(text)
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
}

async function read(text: string | Uint8Array, pointer: string, size = 1000) {
  const list: unknown[] = []
  const items = readJsonList(chunksOf(text, size), pointer)
  for (;;) {
    const { done, value } = await items.next()
    if (done) return { list, rest: value }
    list.push(value)
  }
}

const record = { 'a"\\': '[{"x', b: [1, [2, { c: '],}' }]], d: null, 'ü€😀': 'ü€😀' }

t.test('the items of a list are read from chunks of any size, at any pointer', async (t) => {
  const items = [record, 5, 'text', [], {}, [record], null]
  for (const [page, pointer, rest] of [
    [items, '', []],
    [{ items, total: 7 }, '/items', { items: [], total: 7 }],
    [{ total: 7, x: { items: [1], y: [{ items: [2] }] }, items }, '/items', undefined],
    [{ items: { items: 1 }, a: { b: 5, 'c/~"\\': { items } } }, '/a/c~1~0"\\/items', undefined],
    [{ x: ['items', [1], { items }] }, '/x/2/items', undefined],
    [[[1], items], '/1', [[1], []]]
  ] as const) {
    for (const text of [JSON.stringify(page), JSON.stringify(page, undefined, 2)]) {
      for (const size of [1, 2, 3, 7, 1000]) {
        const found = await read(text, pointer, size)
        t.strictSame(found.list, items, `${pointer} in chunks of ${size}`)
        if (rest !== undefined) t.strictSame(found.rest, rest)
      }
    }
  }
  t.strictSame((await read('\uFEFF [ ] ', '')).list, [])
  t.strictSame((await read('{"items":[\n]}', '/items')).list, [])
})

t.test('a text that is not JSON, ends early or has no such list is an error', async (t) => {
  const complete = JSON.stringify({ a: 1, items: [record, record], b: [2] })
  for (let end = 0; end < complete.length - 1; end++)
    await t.rejects(read(complete.slice(0, end), '/items', 5), {
      reason: 'invalid',
      message: /not JSON, or ends early/
    })
  for (const text of ['[1,]', '[,1]', '[1 2]', '[1}', '[1]]', '[{]', '["a]', '[1],2', 'x[1]', '[01]', '[nul]'])
    await t.rejects(read(text, ''), { reason: 'invalid', message: /not JSON/ }, text)
  for (const [text, pointer, message] of [
    ['{"items":{}}', '/items', /no list at \/items/],
    ['{"items":[]}', '', /no list at its root/],
    ['{"items":[]}', '/items/x', /no list at \/items\/x/],
    ['{"\\u0069tem":[]}', '/items', /no list/],
    ['5', '', /no list/],
    [`{"a":${'['.repeat(200)}`, '/items', /nested too deeply/],
    [`[${'{"a":'.repeat(200)}`, '', /nested too deeply/],
    [Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), '', /not UTF-8/]
  ] as const)
    await t.rejects(read(text, pointer), { name: 'SourceError', reason: 'invalid', message }, String(message))
})

t.test('a key may be escaped', async (t) => {
  t.strictSame((await read('{"\\u0069tems":[1]}', '/items')).list, [1])
})

t.test('a record, and a page without its records, must not be too large', async (t) => {
  const text = 'x'.repeat(4_000_000)
  const limit = { reason: 'too-large', message: /more than 4000000 bytes/ }
  await t.rejects(read(`["${text}"]`, '', 60_000), limit)
  await t.rejects(read(`{"a":"${text}","items":[]}`, '/items', 60_000), limit)
  await t.rejects(read(`{"${text}":1,"items":[]}`, '/items', 60_000), {
    reason: 'too-large',
    message: /a key has more than 10000 bytes/
  })
})
