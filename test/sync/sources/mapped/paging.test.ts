import t from 'tap'
import type { Paging } from '../../../../schemas/source-paging.js'
import { firstPage, mayRepeatLastPage, nextPage, readPageEnd } from '../../../../src/sync/sources/mapped/paging.js'
import type { SourceSettings } from '../../../../src/sync/sources/source-kind.js'
import { mappingWith } from '../../../helpers/mappings.js'

const url = 'https://shop.example/api/products?lang=en'
const settingsOf = (paging?: Paging): SourceSettings => ({
  url,
  currency: 'EUR',
  mapping: mappingWith({}, { ...(paging && { paging }) })
})
const page = { records: 5, recordsSoFar: 5, isShifting: false, end: {} }

t.test('the address of the source stays, and the parameters of the paging are added', async (t) => {
  for (const [paging, first, next] of [
    [undefined, '', 'whole'],
    [{ type: 'none' }, '', 'whole'],
    [{ type: 'link' }, '', 'whole'],
    [{ type: 'page' }, '&page=1', '&page=2'],
    [{ type: 'page', first: 0, parameter: 'p' }, '&p=0', '&p=1'],
    [{ type: 'page', sizeParameter: 'limit', size: 50 }, '&limit=50&page=1', '&limit=50&page=2'],
    [{ type: 'offset' }, '&offset=0', '&offset=5'],
    [{ type: 'offset', parameter: 'skip' }, '&skip=0', '&skip=5'],
    [{ type: 'next', next: '/next', sizeParameter: 'per_page', size: 9 }, '&per_page=9', 'whole']
  ] as [Paging, string, string][]) {
    const settings = settingsOf(paging)
    const request = firstPage(settings)
    t.strictSame(request, { url: url + first })
    t.strictSame(nextPage({ ...page, request }, settings), next === 'whole' ? next : { url: url + next })
  }
})

t.test('pages by number or offset end with the total, or with an empty page', async (t) => {
  for (const type of ['page', 'offset'] as const) {
    const settings = settingsOf({ type })
    const request = firstPage(settings)
    t.match(nextPage({ ...page, request, end: { total: 6 } }, settings), { url: /=/ })
    t.equal(nextPage({ ...page, request, end: { total: 5 } }, settings), 'whole')
    t.equal(nextPage({ ...page, request, records: 0 }, settings), 'whole')
    for (const [records, total] of [
      [0, 6],
      [5, 4]
    ] as const)
      t.throws(() => nextPage({ ...page, request, records, end: { total } }, settings), {
        reason: 'invalid',
        message: `sync failed: the source sent 5 of ${total} products`
      })
    t.equal(nextPage({ ...page, request, end: { total: 4 }, isShifting: true }, settings), 'whole')
  }
})

t.test('a page that repeats the first one is no end', async (t) => {
  const settings = settingsOf({ type: 'page', first: 0 })
  const repeated = (number: number) => ({ ...page, isRepeated: true, request: { url: `${url}&page=${number}` } })
  t.match(nextPage(repeated(1), settings), { incomplete: /Check the parameter page of paging/ })
  t.equal(nextPage(repeated(2), settings), 'whole')
  for (const [paging, expected] of [
    [{ type: 'page' }, true],
    [{ type: 'page', total: '/total' }, false],
    [{ type: 'offset' }, false],
    [undefined, false]
  ] as [Paging, boolean][])
    t.equal(mayRepeatLastPage(settingsOf(paging)), expected)
})

t.test('the URL of the next page is relative to that of the page, and on the same server', async (t) => {
  const settings = settingsOf({ type: 'link' })
  const request = { url }
  const next = (address: string) => nextPage({ ...page, request, end: { next: address } }, settings)
  t.strictSame(next('?page=2#top'), { url: 'https://shop.example/api/products?page=2' })
  t.strictSame(next('/x'), { url: 'https://shop.example/x' })
  for (const other of ['http://shop.example/x', 'https://shop.example:444/', '//other.example', 'data:,x'])
    t.throws(() => next(other), { reason: 'invalid', message: /on another server/ }, other)
  t.throws(() => next(url), { reason: 'invalid', message: /that of the page itself/ })
})

t.test('the total and the next page are read from the page', async (t) => {
  const head = { url, headers: { link: '<?page=2>; rel=next' } }
  t.match(readPageEnd({ count: '7' }, head, settingsOf({ type: 'link', total: '/count' })), {
    next: '?page=2',
    total: 7
  })
  const next = settingsOf({ type: 'next', next: '/links/next' })
  t.match(readPageEnd({ links: { next: '?page=3' } }, head, next), { next: '?page=3', total: undefined })
  for (const links of [{}, { next: null }, { next: '' }]) t.equal(readPageEnd({ links }, head, next).next, undefined)
  t.throws(() => readPageEnd({ count: 'many' }, head, settingsOf({ type: 'page', total: '/count' })), {
    reason: 'invalid',
    message: /no number of records at \/count/
  })
})
