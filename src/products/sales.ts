import type { Product } from '../../schemas/product.js'
import { discountBetween } from './money.js'

type Sale = Pick<Product, 'price' | 'salePrice' | 'salePriceFrom' | 'salePriceUntil' | 'onSale'>

/** Returns the price that customers pay now. */
export const currentPrice = ({ price, salePrice, onSale }: Sale): number =>
  onSale && salePrice !== undefined ? salePrice : price

/** Returns whether customers pay the sale price at a time (UTC, ISO 8601). The start belongs to the sale, the end does not. */
export function isOnSale({ price, salePrice, salePriceFrom, salePriceUntil }: Sale, at: string): boolean {
  if (salePrice === undefined || salePrice >= price) return false
  return (salePriceFrom === undefined || salePriceFrom <= at) && (salePriceUntil === undefined || at < salePriceUntil)
}

/** Returns the next time after `at` at which the product goes on sale or off it; undefined if there is none. */
export const nextSaleChange = (sale: Sale, at: string): string | undefined =>
  [sale.salePriceFrom, sale.salePriceUntil].find(
    (time) => time !== undefined && time > at && isOnSale(sale, time) !== isOnSale(sale, at)
  )

/** Sets the fields of a product that follow from its sale price and from `onSale`, the state of the sale when it was stored. */
export function deriveSale(product: Sale & Pick<Product, 'discountPercentage'>): void {
  if (product.salePrice === undefined) {
    delete product.onSale
    return
  }
  product.onSale ??= false
  product.discountPercentage = product.onSale ? discountBetween(product.price, product.salePrice) : 0
}
