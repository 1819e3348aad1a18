import fc from 'fast-check'
import t from 'tap'
import {
  currencyDigits,
  discountBetween,
  indexedPriceFrom,
  indexedPriceUpTo,
  isCurrency,
  priceBelow,
  roundPrice,
  toIndexedPrice
} from '../../src/products/money.js'
import { requireEqual } from '../helpers/properties.js'
import { runs } from '../helpers/runs.js'

t.test('each price of a currency survives rounding and the index', async (t) => {
  for (const [currency, digits] of [
    ['USD', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['CLF', 4]
  ] as const) {
    t.equal(currencyDigits(currency), digits)
    for (let units = 0; units <= 100_000; units++) {
      const text = String(units).padStart(digits + 1, '0')
      const decimal = Number(`${text.slice(0, text.length - digits)}.${text.slice(text.length - digits)}`)
      const indexed = [toIndexedPrice, indexedPriceFrom, indexedPriceUpTo].map((convert) => convert(decimal))
      const isExact = indexed.every((price) => price === units * 10 ** (4 - digits))
      if (!isExact || roundPrice(decimal, currency) !== decimal) t.fail(`${decimal} ${currency}`)
    }
  }
})

t.test('currencies have the decimal places of ISO 4217, where the locale data of Intl differ', async (t) => {
  t.strictSame(['IQD', 'AFN', 'IDR', 'UYW', 'ISK'].map(currencyDigits), [3, 2, 2, 4, 0])
  t.strictSame(['EUR', 'CLF', 'EUE', 'usd', ''].map(isCurrency), [true, true, false, false, false])
})

t.test('a price below a bound is one unit of the currency lower', async (t) => {
  t.strictSame([priceBelow(25, 'USD'), priceBelow(25, 'JPY'), priceBelow(25, 'KWD')], [24.99, 24, 24.999])
  t.strictSame([discountBetween(30, 20), discountBetween(10, 9.99), discountBetween(10, 0)], [33.33, 0.1, 100])
})

t.test('a price is rounded to the nearest cent, and half a cent up', async (t) => {
  for (const [price, rounded] of [
    [1.005, 1.01],
    [2.675, 2.68],
    [1.115, 1.12],
    [8.345, 8.35],
    [1.255, 1.26],
    [9_999_999.995, 10_000_000],
    [10_000_000, 10_000_000],
    [19.99, 19.99],
    [19.994, 19.99],
    [19.996, 20],
    [0.1 + 0.2, 0.3],
    [1.0049999999999997, 1],
    [0.005, 0.01],
    [0.004999999, 0],
    [1e-7, 0],
    [5e-324, 0],
    [1.5e3, 1500],
    [0, 0],
    [-0, 0]
  ] as const) {
    t.equal(roundPrice(price, 'USD'), rounded, String(price))
  }
})

t.test('in the index, a lower bound is rounded up and an upper bound down', async (t) => {
  for (const [bound, from, upTo] of [
    [9.99999, 100_000, 99_999],
    [1.1, 11_000, 11_000],
    [1.00005, 10_001, 10_000],
    [1.0000000000000002, 10_001, 10_000],
    [1e-7, 1, 0],
    [5e-324, 1, 0],
    [1_000_000_000, 10_000_000_000_000, 10_000_000_000_000],
    [0, 0, 0]
  ] as const) {
    t.equal(indexedPriceFrom(bound), from, `from ${bound}`)
    t.equal(indexedPriceUpTo(bound), upTo, `up to ${bound}`)
  }
})

/** Converts the decimal text of a number to whole units and the rest, in units of 10^-400, with whole numbers only. */
function toExact(decimal: number, digits: number): { units: bigint; rest: bigint } {
  const [, whole = '', fraction = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(decimal)) ?? []
  const value = BigInt(whole + fraction) * 10n ** BigInt(400 + digits - fraction.length + Number(exponent))
  return { units: value / SCALE, rest: value % SCALE }
}
const SCALE = 10n ** 400n

t.test('rounding is exact for the decimal text of any price and bound', async () => {
  const ties = fc.integer({ min: 0, max: 999_999_999 }).map((cents) => Number(`${cents}5e-3`))
  const decimals = fc
    .tuple(fc.integer({ min: 0, max: 9_999_999 }), fc.stringMatching(/^\d{0,12}$/))
    .map(([whole, fraction]) => Number(`${whole}.${fraction}`))
  const doubles = fc.double({ min: 0, max: 10_000_000, noNaN: true })
  const price = fc
    .tuple(fc.oneof(ties, decimals, doubles), fc.constantFrom(0, 0, 1, -1))
    .map(([price, steps]) => Math.max(0, neighbor(price, steps)))
  fc.assert(
    fc.property(price, (price) => {
      const cents = toExact(price, 2)
      const rounded = Number(cents.units + (cents.rest * 2n >= SCALE ? 1n : 0n)) / 100
      const { units, rest } = toExact(price, 4)
      requireEqual(
        [roundPrice(price, 'USD'), indexedPriceFrom(price), indexedPriceUpTo(price)],
        [rounded, Number(units + (rest > 0n ? 1n : 0n)), Number(units)],
        price
      )
    }),
    { numRuns: runs(5000, 200_000) }
  )
})

/** Returns the next larger or smaller floating-point number. */
function neighbor(value: number, steps: number): number {
  const bits = new BigInt64Array(new Float64Array([value]).buffer)
  bits[0] = (bits[0] as bigint) + BigInt(steps)
  const [next = 0] = new Float64Array(bits.buffer)
  return Number.isNaN(next) ? value : next
}
