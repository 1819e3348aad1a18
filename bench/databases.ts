/** Number of products in the large catalog. */
export const LARGE = 100_000

/** Paths of the database files that the suites of a run share. */
export interface Databases {
  small: string
  large: string
}
