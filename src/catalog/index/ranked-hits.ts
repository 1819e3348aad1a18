/** The products that match a search, by rank: 0 for a match in any field, 1 in the title or the labels, 2 in the title. */
export interface RankedHits {
  /** The rows of the products, in ascending order of rank. */
  rows: Uint32Array
  /** Number of rows of rank 2, which come last. */
  titleMatches: number
  /** Number of rows of rank 1, which come before them. */
  labelMatches: number
}

/** Number of ranks. */
const RANKS = 3

/** Upper bound of the codes that `toRankCodes` writes, excluded. */
export const RANK_CODES_END = RANKS + 1

/**
 * Ranks the rows of products that match a search.
 * @param lists The rows that match in any field, in the title or the labels, and in the title. Each list contains the next one.
 * @param scratch A buffer with an item for each row of the index.
 */
export function rankRows(
  [all, inLabels, inTitle]: readonly [Uint32Array, Uint32Array, Uint32Array],
  scratch: Uint8Array
): RankedHits {
  for (const row of all) scratch[row] = 0
  for (const row of inLabels) scratch[row] = 1
  for (const row of inTitle) scratch[row] = 2
  const rows = new Uint32Array(all.length)
  let count = 0
  for (let rank = 0; rank < RANKS; rank++) {
    for (let i = 0; i < all.length; i++) {
      const row = all[i] as number
      if (scratch[row] === rank) rows[count++] = row
    }
  }
  return { rows, titleMatches: inTitle.length, labelMatches: inLabels.length - inTitle.length }
}

/** Writes the code of each hit, its rank plus 1, to a buffer with an item for each row of the index. Returns the buffer. */
export function toRankCodes({ rows, titleMatches, labelMatches }: RankedHits, codes: Uint8Array): Uint8Array {
  for (let i = 0; i < rows.length; i++) {
    codes[rows[i] as number] =
      i >= rows.length - titleMatches ? 3 : i >= rows.length - titleMatches - labelMatches ? 2 : 1
  }
  return codes
}
