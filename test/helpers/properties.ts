import fc from 'fast-check'

/**
 * Throws if two values differ. fast-check needs an exception to report a counterexample.
 * @param asked Input, for the message.
 */
export function same(found: unknown, expected: unknown, asked?: unknown): void {
  const [seen, wanted] = [found, expected].map((value) => JSON.stringify(value))
  if (seen !== wanted) throw new Error(`${JSON.stringify(asked) ?? ''}\n  gave ${seen}\n  not  ${wanted}`)
}

/** Generates a value, or none in a number of four cases, so that most queries match something. */
export const rarely = <T>(value: fc.Arbitrary<T>, without = 3) =>
  fc.oneof({ weight: without, arbitrary: fc.constant(undefined) }, { weight: 4 - without, arbitrary: value })
