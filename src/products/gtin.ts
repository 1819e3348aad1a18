const FORM = /^(?:\d{8}|\d{12,14})$/
/**
 * Numbers, in the form with 14 digits, that GS1 leaves to each shop or uses for coupons. They identify nothing outside the shop. The first
 * digit is that of the packaging.
 */
const RESTRICTED = /^(?:\d(?:2|0[245]|9[89])|0{6}[02])/

/** Returns whether a text is a GTIN that identifies a product worldwide: 8, 12, 13 or 14 digits, the last of which is the check digit. */
export function isGtin(text: string): boolean {
  if (!FORM.test(text)) return false
  const digits = text.padStart(14, '0')
  if (RESTRICTED.test(digits)) return false
  const sum = [...digits].reduce((sum, digit, i) => sum + Number(digit) * (i % 2 === 0 ? 3 : 1), 0)
  return sum % 10 === 0 && sum > 0
}
