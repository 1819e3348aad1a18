/*
 * Prices are decimals in the API (19.99) and integers in the index (1999, minor units), so that comparisons are exact. All prices are in
 * US dollars, which have two decimal places. The decimal text of a price counts, not its binary value: 1.005 is half a cent, although the
 * nearest binary number is a little smaller.
 */

/** Converts a decimal price to minor units. Rounds half a cent up. */
export function toMinorUnits(decimal: number): number {
  const { units, rest } = split(decimal)
  return rest >= '5' ? units + 1 : units
}

/** Converts minor units to a decimal price. */
export const toDecimal = (minorUnits: number): number => minorUnits / 100

/** Rounds a decimal price to two decimal places, half a cent up. */
export const roundPrice = (decimal: number): number => toDecimal(toMinorUnits(decimal))

/** Converts a lower bound to minor units. Rounds up if the bound has more than two decimal places. */
export function minorUnitsFrom(decimal: number): number {
  const { units, rest } = split(decimal)
  return rest === '' ? units : units + 1
}

/** Converts an upper bound to minor units. Rounds down if the bound has more than two decimal places. */
export const minorUnitsUpTo = (decimal: number): number => split(decimal).units

/** Below this number, the text of a number has an exponent. All smaller prices have the same units, and all round in the same way. */
const SMALLEST_PLAIN = 0.000001

/**
 * Splits a decimal price, which is not negative, into its whole minor units and the digits after them.
 * @returns `rest`: empty if the price has at most two decimal places.
 */
function split(decimal: number): { units: number; rest: string } {
  const nearest = Math.round(decimal * 100)
  // The usual case, without text.
  if (nearest / 100 === decimal) return { units: nearest, rest: '' }
  const [whole, fraction = ''] = String(Math.max(decimal, SMALLEST_PLAIN)).split('.')
  return { units: Number(whole + fraction.slice(0, 2).padEnd(2, '0')), rest: fraction.slice(2) }
}
