import t from 'tap'
import { TextCache } from '../../src/catalog/text-cache.js'

t.test('a full cache evicts the oldest texts first', async (t) => {
  const cache = new TextCache(3_000_000)
  const texts = Array.from({ length: 40 }, (_, i) => Buffer.alloc(100_000 + i, `text ${i} `))
  const positions = texts.map((text) => cache.add(text))

  t.equal(new Set(positions).size, texts.length)
  t.notOk(cache.has(positions[0] as number))
  t.ok(cache.has(positions.at(-1) as number))
  const first = positions.findIndex((position) => cache.has(position))
  t.ok(first > 10 && first < 25, `${texts.length - first} newest texts cached`)
  for (const [i, position] of positions.entries()) {
    t.equal(cache.has(position), i >= first)
    if (i < first) continue
    const copy = Buffer.alloc(2 + (texts[i] as Buffer).length)
    cache.copy(position, (texts[i] as Buffer).length, copy, 2)
    t.ok(copy.subarray(2).equals(texts[i] as Buffer))
  }
})

t.test('the cache is full once it cannot grow any more', async (t) => {
  const cache = new TextCache(1_500_000)
  t.notOk(cache.isFull)
  t.notOk(cache.has(0))
  cache.add(Buffer.alloc(900_000))
  t.notOk(cache.isFull)
  cache.add(Buffer.alloc(900_000))
  t.ok(cache.isFull)
})

t.test('a text longer than the cache is not cached', async (t) => {
  t.equal(new TextCache(1_000_000).add(Buffer.alloc(1_000_001)), 0)
})
