import t from 'tap'
import { findNextLink } from '../../../src/sync/sources/link-header.js'

t.test('the target of the next link is found', async (t) => {
  for (const [header, target] of [
    ['<https://a.example/?page=2>; rel="next"', 'https://a.example/?page=2'],
    ['<?page=1>; rel=prev, <?page=3>; rel=next', '?page=3'],
    ['<a>;rel="last";title="x, y; rel=\\"next\\"",<b>; title="z" ; rel = "last NEXT"', 'b'],
    ['<a,b;c>; rel="next"', 'a,b;c'],
    ['<a>; type="text/html"; REL=next; x', 'a'],
    ['<>; rel=next', ''],
    ['<a>; rel="nextpage", <b>; rel="prev"', undefined],
    ['<a>, <b>; rel="first"', undefined],
    ['a; rel=next', undefined],
    ['', undefined],
    [undefined, undefined]
  ] as const)
    t.equal(findNextLink(header), target, String(header))
})

t.test('a hostile header takes no time', async (t) => {
  const start = process.cpuUsage()
  for (const text of ['<', '<a>;', '<a>; rel="', ' ; a=', '<a> ', '<a>;\t '])
    findNextLink(text.repeat(100_000 / text.length))
  t.ok(process.cpuUsage(start).user < 2_000_000)
})
