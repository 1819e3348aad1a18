import t from 'tap'
import { readTableItems } from '../../../../src/sync/sources/google/feed-table.js'
import { feeds } from '../../../helpers/feed-server.js'

async function read(text: string | Iterable<string>, size = 50): Promise<unknown[]> {
  async function* chunks() {
    if (typeof text !== 'string') return yield* text
    for (let i = 0; i < text.length; i += size) yield text.slice(i, i + size)
  }
  const items: unknown[] = []
  for await (const item of readTableItems(chunks())) items.push(item)
  return items
}

t.test('TSV and CSV are read from chunks of any size', async (t) => {
  for (const size of [1, 7, 100_000]) {
    t.match(await read(feeds.tsv, size), [
      {
        id: 'TSH001',
        title: 'Tee "Light"',
        additional_image_link: ['https://img.example/t2.jpg', 'https://img.example/t3.jpg'],
        gtin: '04901234567894',
        product_type: 'Apparel > Shirts'
      }
    ])
    t.match(await read(feeds.csv, size), [
      { id: 'DB_1', description: 'Solid plastic, "dishwasher" safe', quantity_to_sell_on_facebook: '75' }
    ])
  }
})

t.test('separators, line ends and names of columns differ', async (t) => {
  const item = [{ id: '1', title: 'a', image_link: 'b' }]
  for (const text of [
    'id;title;image link\n1;a;b\n',
    'ID,Title,Image-Link,Other\r\n1,a,b,x\r\n',
    'id|title|g:image_link\r1|a|b\r',
    '# a comment\n\n#another\nid\ttitle\timage_link\n\n1\ta\tb\n\n',
    'id\ttitle\timage_link\n1\ta\tb\t\t\n',
    '"id","title","image_link"\n"1","a","b"\n'
  ])
    t.strictSame(await read(text), item, JSON.stringify(text))
  t.strictSame(await read('id\ttitle\n'), [], 'a feed without products')
})

t.test('quotation marks within a cell, line ends in quotes and missing cells are no error', async (t) => {
  t.strictSame(await read('id\ttitle\tbrand\n1\t24" screen\tx\n2\t"two\nlines"\n3\t"A" b\tc\n'), [
    { id: '1', title: '24" screen', brand: 'x' },
    { id: '2', title: 'two\nlines' },
    { id: '3', title: '"A" b', brand: 'c' }
  ])
})

t.test('a row with more cells than the header is unreadable, and the others are not', async (t) => {
  t.strictSame(await read('id,title\n1,a,b\n2,c\n'), [
    { id: '1', unreadable: 'must have at most 2 cells, like the line of column names' },
    { id: '2', title: 'c' }
  ])
})

t.test('details are separated by commas before a section', async (t) => {
  t.strictSame(await read('id;title;product_detail\n1;a;General:Type:Player, small,Display:Size:15:9\n'), [
    { id: '1', title: 'a', product_detail: ['General:Type:Player, small', 'Display:Size:15:9'] }
  ])
})

t.test('a table without the columns of a feed is none', async (t) => {
  await t.rejects(read('{"products":[]}\n'), {
    name: 'SourceError',
    reason: 'invalid',
    detail: /no column id and no column title/
  })
  await t.rejects(read('id,name\n1,a\n'), { name: 'SourceError', reason: 'invalid', detail: /no column title/ })
})

t.test('a last row without a line end, an open quotation and a missing header are signs of truncation', async (t) => {
  for (const text of ['id,title\n1,a', 'id,title\n1,"a\n', 'id,title', '# comment\n'])
    await t.rejects(read(text), { name: 'SourceError', reason: 'invalid', detail: /truncated/ }, JSON.stringify(text))
})

t.test('characters outside of the basic plane stay whole in long texts', async (t) => {
  for (const start of ['', 'x']) {
    const title = start + '😀'.repeat(20_000)
    t.strictSame(await read(`id,title\n1,${title}\n`, 100_000), [{ id: '1', title }])
  }
})

t.test('a row with only # marks the end, with and without a line end', async (t) => {
  for (const text of ['id,title\n1,a\n#', 'id,title\r\n1,a\r\n#,', 'id\ttitle\n1\ta\n"#"\t""', 'id,title\n1,a\n#,\n'])
    for (const size of [1, 7, 100])
      t.strictSame(await read(text, size), [{ id: '1', title: 'a' }], JSON.stringify(text))
  for (const text of ['id,title\n1,a#', 'id,title\n#1,a', 'id,title\n1,"a\n#', 'id,title\n1,#'])
    await t.rejects(read(text), { name: 'SourceError', detail: /truncated/ }, JSON.stringify(text))
  t.strictSame(await read('id,title\n#1,a\n'), [{ id: '#1', title: 'a' }], 'an id may start with #')
})

t.test('a row without an end is an error', async (t) => {
  function* endless(text: string) {
    yield 'id,title\n1,'
    for (let i = 0; i < 300; i++) yield text.repeat(10_000)
  }
  for (const text of ['x', ',', '"" ', 'é'])
    await t.rejects(
      read(endless(text)),
      { name: 'SourceError', reason: 'too-large', detail: /line 2 of the feed/ },
      text
    )
  function* header() {
    for (let i = 0; i < 300; i++) yield 'x'.repeat(10_000)
  }
  await t.rejects(read(header()), { name: 'SourceError', reason: 'too-large' })
})
