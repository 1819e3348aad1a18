import t from 'tap'
import { isGtin } from '../../src/products/gtin.js'

t.test('numbers with 8, 12, 13 or 14 digits and a correct check digit are GTINs', async (t) => {
  for (const text of ['96385074', '036000291452', '4006381333931', '04006381333931', '10036000291459', '9783161484100'])
    t.ok(isGtin(text), text)
  for (const text of [
    '',
    '0',
    '4006381333932',
    '400638133393',
    '978-3-16-148410-0',
    ' 4006381333931',
    '00000000',
    'SKU-1'
  ])
    t.notOk(isGtin(text), text)
})

t.test('numbers that each shop assigns itself, and coupons, identify no product', async (t) => {
  for (const text of ['2001219056223', '0212345678909', '0412345678903', '9912345678909', '20123451', '01234565']) {
    const digits = text.slice(0, -1).padStart(13, '0')
    const sum = [...digits].reduce((sum, digit, i) => sum + Number(digit) * (i % 2 === 0 ? 3 : 1), 0)
    const valid = `${text.slice(0, -1)}${(10 - (sum % 10)) % 10}`
    t.notOk(isGtin(valid), valid)
  }
})
