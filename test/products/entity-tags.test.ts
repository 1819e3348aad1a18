import t from 'tap'
import { findMatchingTag, matchesCondition, toEntityTag } from '../../src/products/entity-tags.js'

t.test('a condition matches the tag in each encoding, in a list of any form', async (t) => {
  for (const condition of ['"a"', '"a-br"', '"a-gz"', '"b", "a-br"', '"b","a-gz"', ' "b" ,"a"', '*', ' * '])
    t.ok(matchesCondition(condition, 'a'), condition)
})

/** A tag that the service sent, and what a proxy makes of it. */
const changedTags = [
  ['nginx, Cloudflare, CloudFront, HAProxy and Varnish', '"a"', 'W/"a"'],
  ['nginx, which decompresses', '"a-gz"', 'W/"a-gz"'],
  ['Apache mod_deflate, Caddy and lighttpd', '"a"', '"a-gzip"'],
  ['Apache mod_deflate, which decompresses', '"a-gz"', '"a-gz-gunzip"'],
  ['Apache mod_brotli and Caddy', '"a"', '"a-br"'],
  ['Caddy and mod_zstd', '"a"', '"a-zstd"'],
  ['lighttpd', '"a"', '"a-deflate"'],
  ['Jetty', '"a"', '"a--gzip"'],
  ['Jetty 9.2', '"a"', '"a;gzip"'],
  ['Apache behind a proxy that weakens', '"a"', 'W/"a-gzip"']
] as const

for (const [proxy, sent, received] of changedTags)
  t.test(`a condition matches ${received}, which comes from ${proxy}`, async (t) => {
    t.ok(matchesCondition(received, 'a'))
    t.ok(matchesCondition(`"b", ${received}`, 'a'))
    t.notOk(matchesCondition(received, 'b'))
    // mod_brotli and the service write the same tag, so nobody can tell which of them compressed.
    t.equal(findMatchingTag(received, 'a'), received === '"a-br"' ? received : sent, 'as the service sent it')
  })

t.test('no other tag matches, however similar', async (t) => {
  const others = [
    '',
    '"',
    '""',
    'a',
    'W/a',
    '"b"',
    'W/"b"',
    '"A"',
    '"aa"',
    '"b-a"',
    '" a"',
    '"a "',
    '"a',
    'a"',
    'w/"a"',
    'W/ "a"'
  ]
  const suffixed = [
    '"-gzip"',
    '"a-"',
    '"a-gzi"',
    '"a-gzipp"',
    '"agzip"',
    '"a---gzip"',
    '"a;-gzip"',
    '"a-zip"',
    '"a-gzip-1"'
  ]
  const codings = ['"a-gzip-gzip-gzip"', '"a-gz-1"', '"a:br"', '"a-identity"', '"a"-gzip', '"a";gzip']
  for (const condition of [...others, ...suffixed, ...codings]) t.notOk(matchesCondition(condition, 'a'), condition)
  for (const version of ['e.1.2', 'e.11.1', 'f.1.1', 'e.1.11'])
    for (const form of ['"V"', 'W/"V"', '"V-gzip"', '"V-br"', '"V;gzip"'])
      t.notOk(matchesCondition(form.replace('V', version), 'e.1.1'), `${form} of ${version}`)
})

t.test('the matching tag of a list is returned', async (t) => {
  t.equal(findMatchingTag('"b", W/"a-gz"', 'a'), toEntityTag('a', 'gzip'))
  t.equal(findMatchingTag('"b"', 'a'), undefined)
})
