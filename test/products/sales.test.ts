import t from 'tap'
import { currentPrice, deriveSale, isOnSale, nextSaleChange } from '../../src/products/sales.js'

const JANUARY = '2026-01-01T00:00:00.000Z'
const FEBRUARY = '2026-02-01T00:00:00.000Z'
const MARCH = '2026-03-01T00:00:00.000Z'
const sale = { price: 20, salePrice: 15 }

t.test('a sale lasts from its start to before its end', async (t) => {
  const limited = { ...sale, salePriceFrom: JANUARY, salePriceUntil: FEBRUARY }
  t.equal(isOnSale(limited, '2025-12-31T23:59:59.999Z'), false)
  t.equal(isOnSale(limited, JANUARY), true)
  t.equal(isOnSale(limited, '2026-01-31T23:59:59.999Z'), true)
  t.equal(isOnSale(limited, FEBRUARY), false)
  t.equal(isOnSale(sale, JANUARY), true, 'without bounds')
  t.equal(isOnSale({ price: 20 }, JANUARY), false, 'without a sale price')
  t.equal(isOnSale({ price: 15, salePrice: 15 }, JANUARY), false, 'at the regular price')
})

t.test('the next change of a sale is its start or its end, if that changes the price', async (t) => {
  const limited = { ...sale, salePriceFrom: FEBRUARY, salePriceUntil: MARCH }
  t.equal(nextSaleChange(limited, JANUARY), FEBRUARY)
  t.equal(nextSaleChange(limited, FEBRUARY), MARCH)
  t.equal(nextSaleChange(limited, MARCH), undefined)
  t.equal(nextSaleChange(sale, JANUARY), undefined)
  t.equal(nextSaleChange({ ...limited, salePrice: 20 }, JANUARY), undefined)
  t.equal(nextSaleChange({ ...limited, salePriceUntil: JANUARY }, JANUARY), undefined, 'ends before it starts')
})

t.test('the discount follows from the sale price while it applies', async (t) => {
  const product = { ...sale, discountPercentage: 3, onSale: true }
  deriveSale(product)
  t.match(product, { discountPercentage: 25, onSale: true })
  t.equal(currentPrice(product), 15)

  const waiting = { ...sale, discountPercentage: 3 }
  deriveSale(waiting)
  t.match(waiting, { discountPercentage: 0, onSale: false })
  t.equal(currentPrice(waiting), 20)

  const regular = { price: 20, discountPercentage: 3, onSale: true }
  deriveSale(regular)
  t.strictSame(regular, { price: 20, discountPercentage: 3 })
})
