/** A version of the catalog. Revisions of different epochs cannot be compared. */
export interface CatalogVersion {
  /** Random id of the database, which a restore from a backup changes. */
  epoch: string
  revision: number
}
