/** A state of the catalog. Revisions of different epochs cannot be compared. */
export interface CatalogVersion {
  /** Tells this database apart from any other, and from itself before it was restored from a backup. */
  epoch: string
  revision: number
}
