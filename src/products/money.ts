/*
 * Prices are decimals in the API (19.99) and integers in the index (1999, minor units), so that comparisons are exact. All prices are in
 * US dollars, which have two decimal places.
 */

/** Converts a decimal price to minor units. Rounds, because 19.99 * 100 is 1998.9999999999998. */
export const toMinorUnits = (decimal: number): number => Math.round(decimal * 100)

/** Converts minor units to a decimal price. */
export const toDecimal = (minorUnits: number): number => minorUnits / 100

/** Rounds a decimal price to two decimal places. */
export const roundPrice = (decimal: number): number => toDecimal(toMinorUnits(decimal))

/** Converts a lower bound to minor units. Rounds up if the bound has more than two decimal places. */
export const minorUnitsFrom = (decimal: number): number => Math.ceil(withoutFloatError(decimal * 100))

/** Converts an upper bound to minor units. Rounds down if the bound has more than two decimal places. */
export const minorUnitsUpTo = (decimal: number): number => Math.floor(withoutFloatError(decimal * 100))

// 1.1 * 100 is 110.00000000000001, which must not be rounded up to 111.
const withoutFloatError = (amount: number) => Number(amount.toFixed(6))
