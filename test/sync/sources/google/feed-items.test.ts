import t from 'tap'
import { ItemBuilder, isUnreadable, toAttributeName } from '../../../../src/sync/sources/google/feed-items.js'

t.test('names of attributes are recognized in all forms', async (t) => {
  for (const name of ['image_link', ' Image Link', 'g:image_link', 'IMAGE-LINK'])
    t.equal(toAttributeName(name), 'image_link')
  t.equal(toAttributeName('summary'), 'description')
  for (const name of ['', 'shipping', 'constructor', '__proto__']) t.equal(toAttributeName(name), undefined)
})

t.test('the first value with the highest rank counts, and all values of a list', async (t) => {
  const builder = new ItemBuilder()
  for (const [value, rank] of [
    [' ', 2],
    [' a\n', 0],
    ['b', 1],
    ['c', 1],
    ['d', 0]
  ] as const) {
    builder.add('title', value, rank)
    builder.add('product_highlight', value, rank)
  }
  const item = builder.finish()
  t.strictSame(item, { title: 'b', product_highlight: ['a', 'b', 'c', 'd'] })
  t.notOk(isUnreadable(item))
})

t.test('an item is limited in size', async (t) => {
  const list = new ItemBuilder()
  for (let i = 0; i < 1000; i++) list.add('product_highlight', 'x')
  t.equal((list.finish() as { product_highlight: string[] }).product_highlight.length, 200)

  const large = new ItemBuilder()
  large.add('id', 'a')
  for (let i = 0; i < 200; i++) large.add('product_highlight', 'x'.repeat(100_000))
  t.ok(isUnreadable(large.finish()))
  t.match(large.finish(), { id: 'a', unreadable: /at most 1000000 characters/ })
})
