import { TimeSlice } from '../support/time-slice.js'

/** Maximum number of alternatives for a word. */
const ALTERNATIVES_MAX = 5

/** Returns the maximum number of wrong letters: one in a word of up to five letters, two in a longer one. */
export const maxEditDistance = (word: string): number => ([...word].length < 6 ? 1 : 2)

/**
 * Returns the words that a misspelled word may mean: those with the fewest mistakes that occur in a product. If there are many, returns
 * the first few in alphabetical order.
 * @param candidates Words that may be meant.
 * @param occurs Returns whether a product contains the word.
 */
export async function findClosestWords(
  word: string,
  candidates: readonly string[],
  occurs: (word: string) => Promise<boolean>
): Promise<string[]> {
  const most = maxEditDistance(word)
  const byDistance = Array.from({ length: most + 1 }, (): string[] => [])
  const slice = new TimeSlice()
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate, most)
    if (distance !== undefined) byDistance[distance]?.push(candidate)
    await slice.turn()
  }
  for (const group of byDistance) {
    const found: string[] = []
    for (const candidate of group.sort()) {
      if (found.length < ALTERNATIVES_MAX && (await occurs(candidate))) found.push(candidate)
    }
    if (found.length > 0) return found
  }
  return []
}

/**
 * Returns the optimal string alignment distance of two words: the number of letters to insert, delete, replace or swap with their
 * neighbor. Returns undefined if it is more than `most`.
 */
export function editDistance(one: string, other: string, most: number): number | undefined {
  const a = [...one]
  const b = [...other]
  if (Math.abs(a.length - b.length) > most) return undefined
  // Three rows of the usual matrix: a swap looks two rows back.
  let last: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let value = Math.min(change, (previous[j] as number) + 1, (current[j - 1] as number) + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, (last[j - 2] as number) + 1)
      }
      current[j] = value
      if (value < least) least = value
    }
    // A swap can lower the distance by one row at most.
    if (least > most + 1) return undefined
    last = previous
    previous = current
  }
  const distance = previous[b.length] as number
  return distance <= most ? distance : undefined
}
