import t from 'tap'
import { SourceRecord } from '../../../src/sync/sources/source-record.js'

/** Reads a value, and returns the result with the reports. */
function read<T>(value: unknown, use: (record: SourceRecord) => T) {
  const record = new SourceRecord({ field: value })
  const result = use(record)
  return [result, ...record.reports.map(({ outcome, problem }) => `${outcome}: ${problem}`)]
}

t.test('missing, null and empty fields are undefined, and not reported', async (t) => {
  for (const value of [undefined, null, '']) {
    t.strictSame(
      read(value, (record) => record.line('/field', {})),
      [undefined]
    )
    t.strictSame(
      read(value, (record) => record.decimal('/field', {})),
      [undefined]
    )
    t.strictSame(
      read(value, (record) => record.time('/field')),
      [undefined]
    )
    t.strictSame(
      read(value, (record) => record.url('/field')),
      [undefined]
    )
    t.strictSame(
      read(value, (record) => record.boolean('/field')),
      [undefined]
    )
    t.strictSame(
      read(value, (record) => record.list('/field')),
      [[]]
    )
  }
  t.strictSame(new SourceRecord('text').line('/field', {}), undefined)
  t.strictSame(new SourceRecord({}).line('/constructor/name', {}), undefined, 'inherited properties are no fields')
})

t.test('fields are read by JSON Pointer', async (t) => {
  const record = new SourceRecord({ 'a/b': { '~c': ['x', 'y'] } })
  t.equal(record.line('/a~1b/~0c/1', {}), 'y')
})

t.test('text is normalized and limited', async (t) => {
  for (const [value, result, ...reports] of [
    [' Red\u0000\u00a0 shoe ', 'Red shoe'],
    [12, '12', 'repaired: must be a string'],
    [true, undefined, 'dropped: must be a string'],
    ['x'.repeat(11), 'x'.repeat(10), 'repaired: must have at most 10 characters'],
    ['😀'.repeat(11), '😀'.repeat(10), 'repaired: must have at most 10 characters'],
    [`${'x'.repeat(9)} y`, 'x'.repeat(9), 'repaired: must have at most 10 characters']
  ]) {
    t.strictSame(
      read(value, (record) => record.line('/field', { maxLength: 10 })),
      [result, ...reports],
      `${value}`
    )
  }
  t.strictSame(
    read('a\r\n b', (record) => record.lines('/field', {})),
    ['a\n b']
  )
  t.strictSame(
    read('<p>a &amp; b</p>c', (record) => record.html('/field', {})),
    ['a & b\n\nc']
  )
  t.strictSame(
    read('x'.repeat(11), (record) => record.code('/field', { maxLength: 10 })),
    [undefined, 'dropped: must have at most 10 characters']
  )
})

t.test('ids are never repaired', async (t) => {
  const limits = { maxLength: 10 }
  t.strictSame(
    read(8137960948015, (record) => record.id('/field', {})),
    ['8137960948015']
  )
  t.strictSame(
    read(' a-1 ', (record) => record.id('/field', limits)),
    ['a-1']
  )
  for (const value of [2 ** 53, 1.5, [], true, 'x'.repeat(11)])
    t.match(
      read(value, (record) => record.id('/field', limits)),
      [undefined, /^dropped/]
    )
})

t.test('numbers may be text, and are limited', async (t) => {
  const limits = { minimum: 0, maximum: 10 }
  for (const [value, integer, decimal] of [
    [5, [5], [5]],
    ['5', [5, 'repaired: must be a number'], [5, 'repaired: must be a number']],
    [16.5, [undefined, 'dropped: must be at most 10'], [undefined, 'dropped: must be at most 10']],
    [6.5, [6, 'repaired: must be an integer'], [6.5]],
    [-3, [0, 'repaired: must be at least 0'], [0, 'repaired: must be at least 0']],
    ['1,5', [undefined, 'dropped: must be a number'], [undefined, 'dropped: must be a number']],
    ['0x1', [undefined, 'dropped: must be a number'], [undefined, 'dropped: must be a number']]
  ] as const) {
    t.strictSame(
      read(value, (record) => record.integer('/field', limits)),
      integer,
      `${value}`
    )
    t.strictSame(
      read(value, (record) => record.decimal('/field', limits)),
      decimal,
      `${value}`
    )
  }
  t.strictSame(
    read('1.005', (record) => record.money('/field', 'USD')),
    [1.01, 'repaired: must be a number']
  )
  t.strictSame(
    read(-0.01, (record) => record.money('/field', 'USD')),
    [undefined, 'dropped: must be at least 0']
  )
})

t.test('addresses are completed and percent-encoded', async (t) => {
  for (const [value, result, ...reports] of [
    ['https://shop.example/a.jpg?v=1', 'https://shop.example/a.jpg?v=1'],
    ['//shop.example/a.jpg', 'https://shop.example/a.jpg', 'repaired: must be a web address'],
    [' http://shop.example/ü b.jpg', 'http://shop.example/%C3%BC%20b.jpg', 'repaired: must be a web address'],
    ['/a.jpg', undefined, 'dropped: must be a web address'],
    ['javascript:alert(1)', undefined, 'dropped: must be a web address'],
    [`https://shop.example/${'x'.repeat(2048)}`, undefined, 'dropped: must be a web address'],
    [7, undefined, 'dropped: must be a web address']
  ]) {
    t.strictSame(
      read(value, (record) => record.url('/field')),
      [result, ...reports],
      `${value}`
    )
  }
  const urls = ['https://a.example/1', null, 'https://a.example/1', 'https://a.example/2', 'https://a.example/3']
  t.strictSame(
    read(urls, (record) => record.urls('/field', { maxItems: 4 })),
    [['https://a.example/1', 'https://a.example/2'], 'repaired: must have at most 4 values']
  )
})

t.test('times are converted to UTC', async (t) => {
  for (const [value, result, ...reports] of [
    ['2025-02-27T15:47:33-05:00', '2025-02-27T20:47:33.000Z'],
    ['2026-11-20T00:00+0900', '2026-11-19T15:00:00.000Z'],
    ['2024-05-23 08:56:21', '2024-05-23T08:56:21.000Z', 'repaired: must have a time zone'],
    ['2024-05-23T08:56:21', '2024-05-23T08:56:21.000Z', 'repaired: must have a time zone'],
    ['2024-05-23', '2024-05-23T00:00:00.000Z', 'repaired: must have a time zone'],
    ['2016-12-31T23:59:60Z', undefined, 'dropped: must be a date and time such as 2026-11-24T08:30:00Z'],
    ['May 23, 2024', undefined, 'dropped: must be a date and time such as 2026-11-24T08:30:00Z'],
    [1716454581, undefined, 'dropped: must be a date and time such as 2026-11-24T08:30:00Z']
  ]) {
    t.strictSame(
      read(value, (record) => record.time('/field')),
      [result, ...reports],
      `${value}`
    )
  }
})

t.test('truth values, choices and lists', async (t) => {
  for (const [value, result] of [
    ['1', true],
    ['no', false],
    [0, false],
    ['parent', undefined]
  ])
    t.match(
      read(value, (record) => record.boolean('/field')),
      [result, /must be true or false/]
    )
  t.strictSame(
    read(true, (record) => record.boolean('/field')),
    [true]
  )
  const choices = { 'In Stock': 1, 'Sold Out': 2 }
  t.strictSame(
    read(' in stock', (record) => record.choice('/field', choices)),
    [1]
  )
  t.strictSame(
    read('?', (record) => record.choice('/field', choices)),
    [undefined, 'dropped: must be one of In Stock, Sold Out']
  )
  t.strictSame(
    read('a, b', (record) => record.words('/field', { items: {} })),
    [['a', 'b'], 'repaired: must be an array']
  )
  t.strictSame(
    read({}, (record) => record.words('/field', { items: {} })),
    [[], 'dropped: must be an array']
  )
  t.strictSame(
    read('Café & Thé', (record) => record.category('/field')),
    [[{ slug: 'cafe-the', name: 'Café & Thé' }]]
  )
  t.strictSame(
    read('A > B', (record) => record.category('/field', '>')?.map(({ slug }) => slug)),
    [['a', 'a-b']]
  )
  t.strictSame(
    read('in_stock', (record) => record.choice('/field', choices)),
    [1]
  )
  t.strictSame(
    read('<b>a</b>\n&amp;', (record) => record.textOrHtml('/field', {})),
    ['a &']
  )
  t.strictSame(
    read('a\nb < c & d', (record) => record.textOrHtml('/field', {})),
    ['a\nb < c & d']
  )
  const parse = (text: string) => (text === 'one' ? 1 : undefined)
  t.strictSame(
    read('one', (record) => record.parsed('/field', parse, 'must be one')),
    [1]
  )
  t.strictSame(
    read('two', (record) => record.parsed('/field', parse, 'must be one')),
    [undefined, 'dropped: must be one']
  )
  t.strictSame(
    read('!!!', (record) => record.category('/field')),
    [undefined, 'dropped: must contain a letter, a digit or a symbol']
  )
})

t.test('an address that is a list in JSON is repaired', async (t) => {
  const [first, second] = ['https://i.example/1', 'https://i.example/2']
  for (const [value, result, ...reports] of [
    [[`["${first}"]`, second], [first, second], 'repaired: must be a web address'],
    [[`["${first}", "${second}"]`], [first, second], 'repaired: must be a web address'],
    [[`["${first}", 5]`], [first], 'repaired: must be a web address', 'dropped: must be a web address'],
    [['["'], [], 'dropped: must be a web address'],
    [[`["${'x'.repeat(10_000)}"]`], [], 'dropped: must be a web address']
  ])
    t.strictSame(
      read(value, (record) => record.urls('/field', { maxItems: 5 })),
      [result, ...reports],
      String(value).slice(0, 50)
    )
  t.equal(
    read([JSON.stringify(Array.from({ length: 9 }, (_, i) => `https://i.example/${i}`))], (record) =>
      record.urls('/field', { maxItems: 5 })
    )[0]?.length,
    5
  )
})

t.test('paths of categories and codes of currencies are read', async (t) => {
  t.strictSame(
    read(['Home', null, 'Pots'], (record) => record.categoryPath('/field')),
    [
      [
        { slug: 'home', name: 'Home' },
        { slug: 'home-pots', name: 'Pots' }
      ]
    ]
  )
  t.strictSame(
    read([], (record) => record.categoryPath('/field')),
    [undefined]
  )
  t.strictSame(
    read(['!'], (record) => record.categoryPath('/field')),
    [undefined, 'dropped: must contain a letter, a digit or a symbol']
  )
  t.strictSame(
    read('Home', (record) => record.categoryPath('/field')),
    [undefined, 'dropped: must be an array']
  )
  t.strictSame(
    read(' eur', (record) => record.currency('/field')),
    ['EUR']
  )
  t.strictSame(
    read('EUE', (record) => record.currency('/field')),
    [undefined, 'dropped: must be a currency of ISO 4217, such as EUR']
  )
})

t.test('prices can be in minor units', async (t) => {
  const field = { field: 1999 }
  t.equal(new SourceRecord(field).money('/field', 'USD', 2), 19.99)
  t.equal(new SourceRecord(field).money('/field', 'JPY', 0), 1999)
})

t.test('a value can be read as a part of the record, with its own pointer', async (t) => {
  const record = new SourceRecord({ a: { b: 'x' }, empty: '' })
  t.equal(record.value('/a/b'), 'x')
  t.equal(record.value('/empty'), undefined)
  const part = record.part('free', '/cost')
  t.equal(part.money('', 'USD'), undefined)
  t.match(part.explain(''), { pointer: '/cost', problem: 'must be a number', value: 'free' })
  t.match(record.part(undefined, '/none').explain(''), { pointer: '/none', problem: 'is missing' })
  t.equal(record.reports.length, 1)
})

t.test('records in lists report their whole pointer, and the number of reports is limited', async (t) => {
  const record = new SourceRecord({ list: Array(150).fill({ stock: 'x' }) })
  for (const item of record.list('/list')) item.integer('/stock', {})
  t.equal(record.reports.length, 100)
  t.match(record.reports[7], { pointer: '/list/7/stock', value: 'x' })
})

t.test('a record explains why a field is undefined', async (t) => {
  const record = new SourceRecord({ price: 'free', title: '\u200b', id: null })
  record.money('/price', 'USD')
  record.line('/title', {})
  t.match(record.explain('/price'), { pointer: '/price', problem: 'must be a number', value: 'free' })
  t.match(record.explain('/title'), { problem: 'must not be empty' })
  t.match(record.explain('/id'), { problem: 'is missing', value: undefined })
  t.match(new SourceRecord(7).explain('/id'), { pointer: '', problem: 'must be an object', value: 7 })
})

t.test('the usual forms of a source are no repairs', async (t) => {
  const record = new SourceRecord(
    {
      name: 'Salt &amp;amp; <b>Pepper</b>',
      sku: '10&#215;20',
      words: ['a &lt; b'],
      price: '1250',
      at: '2026-01-02T03:04:05'
    },
    { hasHtmlText: true, hasNumbersAsText: true, hasTimesWithoutZone: true }
  )
  t.equal(record.line('/name', {}), 'Salt &amp; Pepper')
  t.equal(record.code('/sku', {}), '10×20')
  t.strictSame(record.words('/words', { items: {} }), ['a < b'])
  t.equal(record.money('/price', 'KWD', 3), 1.25)
  t.equal(record.time('/at'), '2026-01-02T03:04:05.000Z')
  t.strictSame(record.reports, [])
})

t.test('currencies are those of ISO 4217', async (t) => {
  t.strictSame(
    read('JPY', (record) => record.currency('/field')),
    ['JPY']
  )
  t.strictSame(
    read('YEN', (record) => record.currency('/field')),
    [undefined, 'dropped: must be a currency of ISO 4217, such as EUR']
  )
})

t.test('a field with values of several types is compared without a report', async (t) => {
  t.strictSame(
    read(true, (record) => record.value('/field') === 'parent'),
    [false]
  )
  t.strictSame(
    read('parent', (record) => record.value('/field') === 'parent'),
    [true]
  )
})

t.test('a mapping can prepare HTML', async (t) => {
  t.strictSame(
    read('<p>A</p>', (record) => record.html('/field', {}, (html) => html.replace('A', 'B &amp; C'))),
    ['B & C']
  )
})

t.test('slugs are read as they are, and other texts become slugs', async (t) => {
  const slug = (value: unknown) => read(value, (record) => record.slug('/field'))
  t.strictSame(slug('mens-shirts-x1a2b3c4d'), ['mens-shirts-x1a2b3c4d'])
  t.strictSame(slug("Men's Shirts"), ['mens-shirts', 'repaired: must be a slug such as mens-shirts'])
  t.strictSame(slug('!'), [undefined, 'dropped: must contain a letter, a digit or a symbol'])
  t.strictSame(slug(undefined), [undefined])
})

t.test('an object whose `toString` is no function is dropped like any other', async (t) => {
  const record = new SourceRecord({ field: { toString: '' } })
  t.equal(record.time('/field'), undefined)
  t.equal(record.boolean('/field'), undefined)
  t.match(record.reports, [{ outcome: 'dropped' }, { outcome: 'dropped' }])
})
