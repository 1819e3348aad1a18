import fc from 'fast-check'

/**
 * Throws if two values differ. fast-check needs an exception to report a counterexample.
 * @param input Input that gave `found`, for the message.
 */
export function requireEqual(found: unknown, expected: unknown, input?: unknown): void {
  const [seen, wanted] = [found, expected].map((value) => JSON.stringify(value))
  if (seen !== wanted) throw new Error(`${JSON.stringify(input) ?? ''}\n  gave ${seen}\n  not  ${wanted}`)
}

/**
 * Generates a value or undefined.
 * @param absentInFour Number of cases out of four in which the value is undefined.
 */
export const optional = <T>(value: fc.Arbitrary<T>, absentInFour = 3) =>
  fc.oneof({ weight: absentInFour, arbitrary: fc.constant(undefined) }, { weight: 4 - absentInFour, arbitrary: value })
