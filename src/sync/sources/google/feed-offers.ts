import { Product } from '../../../../schemas/product.js'
import { type Availability, OPTIONS_MAX, ProductAttribute, ProductVariant } from '../../../../schemas/variant.js'
import { TRAITS } from '../../../products/merchant-feed.js'
import { roundPrice } from '../../../products/money.js'
import type { SourceRecord } from '../source-record.js'
import { type Period, parseAvailability, parseOption, parsePeriod, parsePrice } from './feed-values.js'

const { properties: limits } = ProductVariant
const { properties: productLimits } = Product

const AVAILABILITY_FORM = 'must be in_stock, out_of_stock, preorder or backorder'
const PRICE_FORM = 'must be a price such as 15.00 USD'
const PERIOD_FORM = 'must be two times such as 2026-11-20T00:00+0100/2026-11-30T23:59+0100'

/** An item whose price is usable. */
export interface Offer {
  record: SourceRecord
  /** Its position among the items of the product. */
  position: number
  id: string | undefined
  sku: string | undefined
  title: string | undefined
  price: number
  currency: string
  salePrice: number | undefined
  salePeriod: Period | undefined
  availability: Availability
  stock: number | undefined
  barcode: string | undefined
  mpn: string | undefined
  image: string | undefined
  traits: ProductAttribute[]
  /** The values of `variant_option`, which names all options of a variant. */
  options: ProductAttribute[]
}

/** Reads an item. Returns undefined if it has no usable price. @param currency The currency of prices that name none. */
export function readOffer(record: SourceRecord, position: number, currency: string): Offer | undefined {
  const regular = record.parsed('/price', parsePrice, PRICE_FORM)
  if (!regular) {
    if (record.line('/price', {}) === undefined) record.drop('/price', 'is missing')
    return undefined
  }
  const code = regular.currency ?? currency
  const price = roundPrice(regular.amount, code)
  const stock =
    record.integer('/quantity_to_sell_on_facebook', limits.stock) ?? record.integer('/inventory', limits.stock)
  return {
    record,
    position,
    id: record.id('/id', limits.externalId),
    sku: record.code('/sku', limits.sku),
    title: record.line('/title', productLimits.title),
    price,
    currency: code,
    ...readSale(record, price, code),
    availability: readAvailability(record, stock),
    stock,
    barcode: record.code('/gtin', limits.barcode),
    mpn: record.code('/mpn', productLimits.mpn),
    image: record.url('/image_link'),
    traits: Object.entries(TRAITS).flatMap(([attribute, name]) => {
      const value = record.line(`/${attribute}`, ProductAttribute.properties.value)
      return value === undefined ? [] : [{ name, value }]
    }),
    options: record.list('/variant_option', { maxItems: OPTIONS_MAX }).flatMap((option) => {
      return option.parsed('', parseOption, 'must have the form name:value, both short') ?? []
    })
  }
}

/** Reads the availability. An item is not in stock if its word for that is unknown, unless it has a number of units. */
function readAvailability(record: SourceRecord, stock: number | undefined): Availability {
  const known = record.parsed('/availability', parseAvailability, AVAILABILITY_FORM)
  if (known !== undefined) return known
  const isInStock = stock === undefined ? record.line('/availability', {}) === undefined : stock > 0
  return isInStock ? 'in-stock' : 'out-of-stock'
}

/** Reads the sale price. It counts only if it is lower than the price, and if its period is known. */
function readSale(record: SourceRecord, price: number, currency: string): Pick<Offer, 'salePrice' | 'salePeriod'> {
  const none = { salePrice: undefined, salePeriod: undefined }
  const sale = record.parsed('/sale_price', parsePrice, PRICE_FORM)
  if (!sale) return none
  const salePrice = roundPrice(sale.amount, currency)
  if ((sale.currency ?? currency) !== currency) record.drop('/sale_price', `must be in ${currency} like the price`)
  else if (salePrice > price) record.drop('/sale_price', 'must be lower than the price')
  else if (salePrice < price) {
    const salePeriod = record.parsed('/sale_price_effective_date', parsePeriod, PERIOD_FORM)
    if (salePeriod || record.line('/sale_price_effective_date', {}) === undefined) return { salePrice, salePeriod }
    record.drop('/sale_price', 'must have a period that is readable')
  }
  return none
}

/** Returns the variant of a product that an offer is. @param options Its values that other offers do not have. */
export const toVariant = (offer: Offer, options: readonly ProductAttribute[]): ProductVariant => {
  const { id, barcode, image, price, salePrice, stock, availability } = offer
  const sku = offer.sku ?? (id !== undefined && id.length <= (limits.sku.maxLength ?? 0) ? id : undefined)
  return {
    ...(id !== undefined && { externalId: id }),
    ...(sku !== undefined && { sku }),
    ...(barcode !== undefined && { barcode }),
    options: [...options],
    price,
    ...(salePrice !== undefined && { salePrice }),
    ...(stock !== undefined && { stock }),
    availability,
    ...(image !== undefined && { image })
  }
}
