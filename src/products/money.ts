/*
 * Prices are decimals in the API (19.99). The index holds them as integers, in ten-thousandths, so that comparisons are exact in every currency.
 * The decimal text of a price counts, not its binary value: 1.005 is half a cent, although the nearest binary number is a little smaller.
 */

/** Currencies whose number of decimal places is not 2 (ISO 4217, table A.1). `Intl` follows CLDR, which differs from ISO. */
const DIGITS: Record<string, number> = Object.fromEntries(
  [
    { digits: 0, codes: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF' },
    { digits: 3, codes: 'BHD IQD JOD KWD LYD OMR TND' },
    { digits: 4, codes: 'CLF UYW' }
  ].flatMap(({ digits, codes }) => codes.split(' ').map((code) => [code, digits]))
)

/** Returns the number of decimal places of a currency. */
export const currencyDigits = (currency: string): number => DIGITS[currency] ?? 2

const CURRENCIES: ReadonlySet<string> = new Set([...Intl.supportedValuesOf('currency'), ...Object.keys(DIGITS)])

/** Returns whether a text is the code of a currency (ISO 4217). */
export const isCurrency = (code: string): boolean => CURRENCIES.has(code)

/** Rounds a price to the decimal places of its currency, half up. */
export function roundPrice(decimal: number, currency: string): number {
  const digits = currencyDigits(currency)
  const { units, rest } = split(decimal, digits)
  return (rest >= '5' ? units + 1 : units) / 10 ** digits
}

/** Decimal places of the prices in the index: the most that a currency has. */
const INDEX_DIGITS = 4

/** Converts a price, rounded to the decimal places of its currency, to the integer in the index. */
export const toIndexedPrice = (decimal: number): number => split(decimal, INDEX_DIGITS).units

/** Converts a lower bound to an integer in the index. Rounds up if the bound has more decimal places. */
export function indexedPriceFrom(decimal: number): number {
  const { units, rest } = split(decimal, INDEX_DIGITS)
  return rest === '' ? units : units + 1
}

/** Converts an upper bound to an integer in the index. Rounds down if the bound has more decimal places. */
export const indexedPriceUpTo = (decimal: number): number => split(decimal, INDEX_DIGITS).units

/** Returns the highest price in a currency below a bound, such as 24.99 below 25. */
export function priceBelow(bound: number, currency: string): number {
  const scale = 10 ** currencyDigits(currency)
  return (bound * scale - 1) / scale
}

/** Returns the discount from a price to a lower one, in percent with two decimal places. */
export const discountBetween = (price: number, lower: number): number => Math.round((1 - lower / price) * 10_000) / 100

/** Below this number, the text of a number has an exponent. All smaller prices have the same units, and all round in the same way. */
const SMALLEST_PLAIN = 0.000001

/**
 * Splits a decimal, which is not negative, into its whole units and the digits after them.
 * @param digits Decimal places of a unit.
 * @returns `rest`: empty if the decimal has at most these places.
 */
function split(decimal: number, digits: number): { units: number; rest: string } {
  const scale = 10 ** digits
  const nearest = Math.round(decimal * scale)
  // The usual case, without text.
  if (nearest / scale === decimal) return { units: nearest, rest: '' }
  const [whole, fraction = ''] = String(Math.max(decimal, SMALLEST_PLAIN)).split('.')
  return { units: Number(whole + fraction.slice(0, digits).padEnd(digits, '0')), rest: fraction.slice(digits) }
}
