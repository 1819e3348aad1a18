/*
 * Prices are decimals in the contract (19.99) and minor units in the index (1999), where they compare exactly. Every currency of the
 * catalog has two decimal places.
 */

/** Returns a decimal price in minor units. Rounds instead of truncating: 19.99 * 100 is 1998.9999999999998. */
export const toMinorUnits = (decimal: number): number => Math.round(decimal * 100)

/** Returns the decimal price of an amount in minor units. */
export const toDecimal = (minorUnits: number): number => minorUnits / 100

/** Returns a decimal price, rounded to whole minor units. */
export const roundPrice = (decimal: number): number => toDecimal(toMinorUnits(decimal))

/** Returns the least amount in minor units that is not below a decimal price, which may have any number of decimal places. */
export const minorUnitsFrom = (decimal: number): number => Math.ceil(withoutFloatError(decimal * 100))

/** Returns the greatest amount in minor units that is not above a decimal price, which may have any number of decimal places. */
export const minorUnitsUpTo = (decimal: number): number => Math.floor(withoutFloatError(decimal * 100))

// 1.1 * 100 is 110.00000000000001, which must not count as more than 110.
const withoutFloatError = (amount: number) => Number(amount.toFixed(6))
