import fc from 'fast-check'
import t from 'tap'
import { minorUnitsFrom, minorUnitsUpTo, roundPrice, toDecimal, toMinorUnits } from '../../src/products/money.js'
import { requireEqual } from '../helpers/properties.js'
import { runs } from '../helpers/runs.js'

t.test('each price in cents survives the conversion to minor units and back', async (t) => {
  for (let cents = 0; cents <= 100_000; cents++) {
    const decimal = Number(`${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`)
    const converted = [toMinorUnits, minorUnitsFrom, minorUnitsUpTo].map((convert) => convert(decimal))
    if (converted.some((units) => units !== cents) || toDecimal(cents) !== decimal) t.fail(`${decimal} is not ${cents}`)
  }
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
    t.equal(roundPrice(price), rounded, String(price))
  }
})

t.test('a lower bound is rounded up and an upper bound down', async (t) => {
  for (const [bound, from, upTo] of [
    [9.991, 1000, 999],
    [9.999, 1000, 999],
    [1.1, 110, 110],
    [19.99, 1999, 1999],
    [1.005, 101, 100],
    [1.0000000000000002, 101, 100],
    [1e-7, 1, 0],
    [5e-324, 1, 0],
    [10_000_000, 1_000_000_000, 1_000_000_000],
    [0, 0, 0]
  ] as const) {
    t.equal(minorUnitsFrom(bound), from, `from ${bound}`)
    t.equal(minorUnitsUpTo(bound), upTo, `up to ${bound}`)
  }
})

/** Converts the decimal text of a number to whole minor units and the rest, in units of 10^-400, with whole numbers only. */
function toExact(decimal: number): { units: bigint; rest: bigint } {
  const [, whole = '', fraction = '', exponent = '0'] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(decimal)) ?? []
  const value = BigInt(whole + fraction) * 10n ** BigInt(402 - fraction.length + Number(exponent))
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
      const { units, rest } = toExact(price)
      const up = (isUp: boolean) => Number(units + (isUp ? 1n : 0n))
      requireEqual(
        [toMinorUnits(price), minorUnitsFrom(price), minorUnitsUpTo(price)],
        [up(rest * 2n >= SCALE), up(rest > 0n), up(false)],
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
