import fc from 'fast-check'

/**
 * Throws where what was found is not what was expected, as properties have to.
 * @param asked What was asked, for the message.
 */
export function same(found: unknown, expected: unknown, asked?: unknown): void {
  const [seen, wanted] = [found, expected].map((value) => JSON.stringify(value))
  if (seen !== wanted) throw new Error(`${JSON.stringify(asked) ?? ''}\n  gave ${seen}\n  not  ${wanted}`)
}

/** A value, or none in so many of four cases: most queries are to find something. */
export const rarely = <T>(value: fc.Arbitrary<T>, without = 3) =>
  fc.oneof({ weight: without, arbitrary: fc.constant(undefined) }, { weight: 4 - without, arbitrary: value })
