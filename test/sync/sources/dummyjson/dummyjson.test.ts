import t from 'tap'
import { dummyjson } from '../../../../src/sync/sources/dummyjson/dummyjson.js'

const settings = { url: 'http://source.example/shop', currency: 'USD' }
const head = { url: settings.url, headers: { 'content-type': 'application/json' } }
const request = { url: `${settings.url}/products` }

async function read(text: string) {
  async function* body() {
    yield Buffer.from(text)
  }
  const records = dummyjson.read(body(), head, settings)
  const list: unknown[] = []
  for (;;) {
    const { done, value } = await records.next()
    if (done) return { records: list, end: value }
    list.push(value)
  }
}

t.test('a page has records and a total', async (t) => {
  t.strictSame(await read('{"products":[1,{"id":2}],"total":7,"skip":0}'), {
    records: [1, { id: 2 }],
    end: { total: 7 }
  })
  for (const text of ['{"products":{},"total":1}', '{"products":[]}', '{"products":[],"total":-1}', '[]']) {
    await t.rejects(read(text), { reason: 'invalid', message: /form of a product page/ }, text)
  }
})

t.test('pages follow until all products of the total are read', async (t) => {
  const page = { request, records: 1000, recordsSoFar: 1000, isShifting: false, end: { total: 1500 } }

  t.strictSame(dummyjson.first(settings), { url: 'http://source.example/shop/products?limit=1000&skip=0' })
  t.strictSame(dummyjson.first({ ...settings, url: 'http://source.example/products' }), {
    url: 'http://source.example/products?limit=1000&skip=0'
  })
  t.strictSame(dummyjson.next(page, settings), { url: 'http://source.example/shop/products?limit=1000&skip=1000' })
  t.equal(dummyjson.next({ ...page, records: 500, recordsSoFar: 1500 }, settings), 'whole')
  t.throws(() => dummyjson.next({ ...page, records: 0 }, settings), { message: /sent 1000 of 1500 products/ })
  t.throws(() => dummyjson.next({ ...page, recordsSoFar: 2000 }, settings), { message: /sent 2000 of 1500 products/ })
  t.equal(dummyjson.next({ ...page, recordsSoFar: 2000, isShifting: true }, settings), 'whole')
})
