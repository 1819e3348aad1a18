import { TimeSlice } from '../support/time-slice.js'
import type { Corrections, Terms } from './query.js'

/** Maximum number of corrections of a word. */
const CORRECTIONS_MAX = 5

/** Returns the terms with corrected words. */
export const applyCorrections = (terms: Terms, corrections: Corrections): Terms =>
  terms.map((term, i) => {
    const corrected = corrections[i] as readonly string[]
    return corrected.length > 0 ? [...corrected, ...term.slice(1)] : term
  })

/** Returns the maximum edit distance of a correction: 1 for words of up to five letters, 2 for longer words. */
export const maxEditDistance = (word: string): number => ([...word].length < 6 ? 1 : 2)

/**
 * Returns the corrections of a misspelled word: the candidates with the smallest edit distance that occur in a product. If there are more
 * than `CORRECTIONS_MAX`, returns the first in alphabetical order.
 * @param candidates Words with a similar spelling.
 * @param occurs Returns whether a product contains a word.
 */
export async function findClosestWords(
  word: string,
  candidates: readonly string[],
  occurs: (word: string) => Promise<boolean>
): Promise<string[]> {
  const maxDistance = maxEditDistance(word)
  const byDistance = Array.from({ length: maxDistance + 1 }, (): string[] => [])
  const slice = new TimeSlice()
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate, maxDistance)
    if (distance !== undefined) byDistance[distance]?.push(candidate)
    await slice.turn()
  }
  for (const group of byDistance) {
    const found: string[] = []
    for (const candidate of group.sort()) {
      if (found.length < CORRECTIONS_MAX && (await occurs(candidate))) found.push(candidate)
    }
    if (found.length > 0) return found
  }
  return []
}

/**
 * Returns the optimal string alignment distance of two words: the number of letters to insert, delete, replace or swap with their
 * neighbor. Returns undefined if it is greater than `maxDistance`.
 */
export function editDistance(first: string, second: string, maxDistance: number): number | undefined {
  const a = [...first]
  const b = [...second]
  if (Math.abs(a.length - b.length) > maxDistance) return undefined
  // The last three rows of the matrix: a swap refers to the row before the previous one.
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let value = Math.min(change, (previous[j] as number) + 1, (current[j - 1] as number) + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, (beforePrevious[j - 2] as number) + 1)
      }
      current[j] = value
      if (value < least) least = value
    }
    // The distance is at least the minimum of the row minus 1, because a swap skips one row.
    if (least > maxDistance + 1) return undefined
    beforePrevious = previous
    previous = current
  }
  const distance = previous[b.length] as number
  return distance <= maxDistance ? distance : undefined
}
