/** The products that match a search, and how well. */
export interface RankedHits {
  /** Their rows, in ascending order of rank: matches in any field, then in the labels, then in the title. */
  rows: Uint32Array
  /** Number of rows with the highest rank, which come last. */
  titleMatches: number
  /** Number of rows with the rank below, which come before those. */
  labelMatches: number
}

/** Ranks are 0 for a match in any field, 1 for one in the labels, and 2 for one in the title. */
const RANKS = 3

/** Greater than any code that `toRankCodes` writes. */
export const RANK_CODES_END = RANKS + 1

/**
 * Ranks the rows of products that match a search.
 * @param lists The rows that match in any field; those of them that match in their labels; those of them that match in their title.
 * @param scratch A buffer with a place for each row of the index.
 */
export function rankRows(
  [all, labeled, titled]: readonly [Uint32Array, Uint32Array, Uint32Array],
  scratch: Uint8Array
): RankedHits {
  for (const row of all) scratch[row] = 0
  for (const row of labeled) scratch[row] = 1
  for (const row of titled) scratch[row] = 2
  const rows = new Uint32Array(all.length)
  let last = 0
  for (let rank = 0; rank < RANKS; rank++) {
    for (let i = 0; i < all.length; i++) {
      const row = all[i] as number
      if (scratch[row] === rank) rows[last++] = row
    }
  }
  return { rows, titleMatches: titled.length, labelMatches: labeled.length - titled.length }
}

/** Writes one more than its rank to the place of each hit in a buffer, and returns the buffer. */
export function toRankCodes({ rows, titleMatches, labelMatches }: RankedHits, codes: Uint8Array): Uint8Array {
  for (let i = 0; i < rows.length; i++) {
    codes[rows[i] as number] =
      i >= rows.length - titleMatches ? 3 : i >= rows.length - titleMatches - labelMatches ? 2 : 1
  }
  return codes
}
