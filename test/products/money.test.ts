import t from 'tap'
import { minorUnitsFrom, minorUnitsUpTo, roundPrice, toDecimal, toMinorUnits } from '../../src/products/money.js'

t.test('each price in cents survives the conversion to minor units and back', async (t) => {
  for (let cents = 0; cents <= 100_000; cents++) {
    const decimal = Number(`${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`)
    if (toMinorUnits(decimal) !== cents || toDecimal(cents) !== decimal) t.fail(`${decimal} is not ${cents}`)
  }
})

t.test('a price is rounded to the nearest cent, not truncated', async (t) => {
  t.equal(toMinorUnits(19.99), 1999)
  t.equal(toMinorUnits(19.994), 1999)
  t.equal(roundPrice(19.996), 20)
  t.equal(roundPrice(0.1 + 0.2), 0.3)
})

t.test('a lower bound is rounded up and an upper bound down', async (t) => {
  t.equal(minorUnitsFrom(9.991), 1000)
  t.equal(minorUnitsUpTo(9.999), 999)
  t.equal(minorUnitsFrom(-0.005), -0)
})

t.test('floating-point error moves no bound', async (t) => {
  t.equal(minorUnitsFrom(1.1), 110)
  t.equal(minorUnitsUpTo(19.99), 1999)
})
