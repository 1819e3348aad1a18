import type { StoredCategories } from './category-tree.js'
import type { IndexedValues } from './indexed-values.js'

/** The values of one product for the index, and the change that last touched the product. */
export type IndexEntry = [id: number, revision: number, values: IndexedValues]

/** The differences between two revisions of the catalog. */
export interface IndexChanges {
  /** The newer revision. */
  revision: number
  /** New and changed products. */
  entries: readonly IndexEntry[]
  /** The ids of removed products. */
  removedIds: readonly number[]
  /** The stored data of categories; undefined if it has not changed. */
  categories: StoredCategories | undefined
}
