import t from 'tap'
import { findMatchingTag, matchesIfMatch, matchesIfNoneMatch, toEntityTag } from '../../src/products/entity-tags.js'

t.test('If-None-Match compares weakly, with the tag in each encoding', async (t) => {
  for (const condition of ['"a"', 'W/"a"', '"b", "a-br"', 'W/"b",W/"a-gz"', '*'])
    t.ok(matchesIfNoneMatch(condition, 'a'), condition)
  for (const condition of ['"b"', 'a', '"a-zst"', '']) t.notOk(matchesIfNoneMatch(condition, 'a'), condition)
})

t.test('If-Match compares strongly', async (t) => {
  for (const condition of ['"a"', '"b", "a-br"', ' * ']) t.ok(matchesIfMatch(condition, 'a'), condition)
  for (const condition of ['W/"a"', '"b"', '']) t.notOk(matchesIfMatch(condition, 'a'), condition)
})

t.test('the matching tag is returned as the client sent it, without the weak prefix', async (t) => {
  t.equal(findMatchingTag('"b", W/"a-gz"', 'a'), toEntityTag('a', 'gzip'))
  t.equal(findMatchingTag('"b"', 'a'), undefined)
})
