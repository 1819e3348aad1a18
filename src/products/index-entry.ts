import type { IndexedValues } from './indexed-values.js'

/** One product for the index. */
export type IndexEntry = [id: number, revision: number, values: IndexedValues]

/** The products that differ from those of an earlier revision. */
export interface IndexChanges {
  /** The revision that the changes lead to. */
  revision: number
  /** New and changed products. */
  entries: readonly IndexEntry[]
  /** The ids of removed products. */
  gone: readonly number[]
}
