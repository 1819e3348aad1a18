import { Product } from '../../../../schemas/product.js'
import { type Availability, PRICE_MAX, ProductAttribute } from '../../../../schemas/variant.js'
import { NO_END, NO_START } from '../../../products/merchant-feed.js'
import { currencyDigits, isCurrency } from '../../../products/money.js'
import { toLine } from '../../../products/text.js'
import { parseTime } from '../source-time.js'
import { toOptionName } from '../source-variants.js'

const MEASURE_MAX = Product.properties.weight.maximum as number
const { name: nameLimits, value: valueLimits } = ProductAttribute.properties

/** A price in a merchant feed. */
export interface FeedPrice {
  amount: number
  /** Undefined if the feed names none. */
  currency: string | undefined
}

const PRICE_TEXT_MAX = 100
const PRICE = /^(?:([a-z]{3})\s*)?(\d[\d.,'’\s]*?)\s*(?:([a-z]{3}))?$/i
const GROUPED_BY = { ',': /^\d{1,3}(,\d{3})+$/, '.': /^\d{1,3}(\.\d{3})+$/ }

/** Parses a price such as `15.00 USD`, `USD 15.00`, `15,550.00 RUB` or `15,00 EUR`. Returns undefined if it is none. */
export function parsePrice(text: string): FeedPrice | undefined {
  const [, before, number = '', after] = (text.length <= PRICE_TEXT_MAX && PRICE.exec(text.trim())) || []
  if (before !== undefined && after !== undefined) return undefined
  const currency = (before ?? after)?.toUpperCase()
  const digits = number.replace(/['’\s]/g, '')
  // A currency without decimal places has points for grouping only: 15.000 VND is fifteen thousand.
  const isGrouped = currency !== undefined && currencyDigits(currency) === 0 && GROUPED_BY['.'].test(digits)
  const amount = parseAmount(isGrouped ? digits.replaceAll('.', '') : digits)
  if (amount === undefined || amount > PRICE_MAX || (currency !== undefined && !isCurrency(currency))) return undefined
  return { amount, currency }
}

/** Parses a number. A comma separates the decimal places only if one or two digits follow it at the end, or if it follows a point. */
function parseAmount(number: string): number | undefined {
  const mark = number.lastIndexOf(',') > number.lastIndexOf('.') ? ',' : '.'
  const grouping = mark === ',' ? '.' : ','
  const [whole = '', fraction, ...more] = number.split(mark)
  const isDecimal =
    fraction !== undefined &&
    more.length === 0 &&
    /^\d+$/.test(fraction) &&
    (mark === '.' || fraction.length <= 2 || whole.includes(grouping))
  const digits = isDecimal ? whole : number
  const separator = isDecimal ? grouping : mark
  if (!/^\d+$/.test(digits) && !GROUPED_BY[separator].test(digits)) return undefined
  return Number(`${digits.replaceAll(separator, '')}.${isDecimal ? fraction : '0'}`)
}

/** Units in kilograms and in centimeters. */
export const WEIGHTS = { kg: 1, g: 0.001, mg: 0.000001, lb: 0.45359237, lbs: 0.45359237, oz: 0.028349523125 }
export const LENGTHS = { cm: 1, mm: 0.1, m: 100, in: 2.54, inch: 2.54, ft: 30.48 }
const MEASURE = /^(\d{1,15}(?:[.,]\d{1,15})?)\s*([a-z]+)\.?$/i

/** Parses a measure such as `0.2 kg`. @param units The factors of the units. */
export function parseMeasure(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, number = '', unit = ''] = MEASURE.exec(text.trim()) ?? []
  const name = unit.toLowerCase()
  if (!Object.hasOwn(units, name)) return undefined
  // Without the rounding, the factors would add digits that no feed has written.
  const measure = Math.round(Number(number.replace(',', '.')) * (units[name] as number) * 1e6) / 1e6
  return measure <= MEASURE_MAX ? measure : undefined
}

/** The words of all platforms and of schema.org, without blanks, hyphens and underscores. */
const AVAILABILITIES: Record<string, Availability> = {
  instock: 'in-stock',
  availablefororder: 'in-stock',
  instoreonly: 'in-stock',
  onlineonly: 'in-stock',
  madetoorder: 'in-stock',
  preorder: 'preorder',
  presale: 'preorder',
  backorder: 'backorder',
  outofstock: 'out-of-stock',
  soldout: 'out-of-stock',
  discontinued: 'out-of-stock',
  reserved: 'out-of-stock',
  limitedavailability: 'low-stock'
}

/** Parses an availability such as `in_stock`, `In Stock` or `https://schema.org/InStock`. Returns undefined if the word is unknown. */
export function parseAvailability(text: string): Availability | undefined {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\/schema\.org\//, '')
    .replace(/[\s_-]+/g, '')
  return Object.hasOwn(AVAILABILITIES, word) ? AVAILABILITIES[word] : undefined
}

/** The times at which a sale starts and ends. Undefined if it has no start or no end. */
export interface Period {
  from: string | undefined
  until: string | undefined
}

/** Parses two times, separated by a slash. */
export function parsePeriod(text: string): Period | undefined {
  const [from, until, ...more] = text.split('/').map((time) => parseTime(time))
  if (from === undefined || until === undefined || until <= from || more.length > 0) return undefined
  return { from: from > NO_START ? from : undefined, until: until < NO_END ? until : undefined }
}

/** Parses a detail in the form `section:name:value` or `name:value`. Returns undefined if it is none, or too long for an attribute. */
export function parseDetail(text: string): ProductAttribute | undefined {
  const [first = '', second, ...rest] = text.split(':')
  if (second === undefined) return undefined
  return rest.length === 0 ? toAttribute(first, second) : toAttribute(second, rest.join(':'))
}

/** Parses an option in the form `name:value`. Returns undefined if it is none, or too long. */
export function parseOption(text: string): ProductAttribute | undefined {
  const [name = '', ...rest] = text.split(':')
  return rest.length === 0 ? undefined : toAttribute(name, rest.join(':'))
}

function toAttribute(name: string, value: string): ProductAttribute | undefined {
  const attribute = { name: toOptionName(name), value: toLine(value) }
  const isUsable = isLength(attribute.name, nameLimits.maxLength) && isLength(attribute.value, valueLimits.maxLength)
  return isUsable ? attribute : undefined
}

const isLength = (text: string, max = 0) => text !== '' && [...text].length <= max
