import t from 'tap'
import {
  LENGTHS,
  parseDetail,
  parseMeasure,
  parsePeriod,
  parsePrice,
  WEIGHTS
} from '../../../../src/sync/sources/google/feed-values.js'

t.test('prices are read in all forms that feeds have', async (t) => {
  for (const [text, amount, currency] of [
    ['15.00 USD', 15, 'USD'],
    ['USD 15.00', 15, 'USD'],
    ['15.00USD', 15, 'USD'],
    [' 15 usd ', 15, 'USD'],
    ['15,550.00 RUB', 15_550, 'RUB'],
    ['15.550,5 EUR', 15_550.5, 'EUR'],
    ['15,00 EUR', 15, 'EUR'],
    ['15,5 EUR', 15.5, 'EUR'],
    ['4999 JPY', 4999, 'JPY'],
    ['4,999 JPY', 4999, 'JPY'],
    ['15.000 VND', 15_000, 'VND'],
    ['15.00 JPY', 15, 'JPY'],
    ['1,234,567 JPY', 1_234_567, 'JPY'],
    ['1.234.567 EUR', 1_234_567, 'EUR'],
    ['1.234,567 KWD', 1234.567, 'KWD'],
    ['15.000 KWD', 15, 'KWD'],
    ["1'234.50 CHF", 1234.5, 'CHF'],
    ['1 234,50 EUR', 1234.5, 'EUR'],
    ['1\u202f234,50\u00a0EUR', 1234.5, 'EUR'],
    ['0.00 EUR', 0, 'EUR'],
    ['15.99', 15.99, undefined]
  ] as const)
    t.strictSame(parsePrice(text), { amount, currency }, text)
})

t.test('text that is no price is not read as one', async (t) => {
  for (const text of [
    ...[
      '',
      'free',
      '-1 EUR',
      '15 EUR USD',
      'EUR 15 EUR',
      '15 XYZ',
      '$15',
      '1,23,4 EUR',
      '1,2345 EUR',
      '1.2.3',
      '1,2.3,4'
    ],
    ...['15. EUR', ',5 EUR', '1e3 EUR', '9'.repeat(20), '2000000000 EUR', `${' '.repeat(200)}1`]
  ])
    t.equal(parsePrice(text), undefined, text)
})

t.test('measures become kilograms and centimeters', async (t) => {
  for (const [text, kilograms] of [
    ['0.2 kg', 0.2],
    ['300 g', 0.3],
    ['300g', 0.3],
    ['8 oz', 0.226796],
    ['1 lb', 0.453592],
    ['2,5 LBS.', 1.133981]
  ] as const)
    t.equal(parseMeasure(text, WEIGHTS), kilograms, text)
  t.equal(parseMeasure('20 in', LENGTHS), 50.8)
  t.equal(parseMeasure('20 mm', LENGTHS), 2)
  for (const text of ['', '1', 'kg', '1 stone', '-1 kg', '1 in', '1 constructor', '99999999999 kg'])
    t.equal(parseMeasure(text, WEIGHTS), undefined, text)
})

t.test('periods are read with and without seconds and colons', async (t) => {
  for (const text of [
    '2026-11-20T00:00+0900/2026-11-30T23:59+0900',
    '2026-11-20T00:00:00+09:00/2026-11-30T23:59:00+09:00',
    '2026-11-19T15:00Z / 2026-11-30T14:59Z'
  ])
    t.strictSame(parsePeriod(text), { from: '2026-11-19T15:00:00.000Z', until: '2026-11-30T14:59:00.000Z' }, text)
  for (const text of [
    ...['', '2026-11-20', 'a/b', '2026-11-20/', '2026-11-20/2026-11-20', '2026-11-20/2026-11-19'],
    '2026-11-20/2026-11-21/2026-11-22'
  ])
    t.equal(parsePeriod(text), undefined, text)
})

t.test('details have a name and a value', async (t) => {
  t.strictSame(parseDetail('General : Product Type : Digital player'), {
    name: 'Product Type',
    value: 'Digital player'
  })
  t.strictSame(parseDetail(':Ratio:16:9'), { name: 'Ratio', value: '16:9' })
  t.strictSame(parseDetail('Ratio:wide'), { name: 'Ratio', value: 'wide' })
  for (const text of ['', 'Ratio', 'a::b', 'a:b:', `a:${'b'.repeat(101)}:c`, `a:b:${'c'.repeat(201)}`])
    t.equal(parseDetail(text), undefined, text)
})
