import type { Transaction } from 'kysely'
import type { Change } from '../../schemas/change.js'
import type { FieldDifference } from '../products/overlay.js'
import { LOCAL } from '../products/stored-product.js'
import { type Database, lockCatalog, now } from './database.js'
import type { Tables } from './tables.js'

/** The author of all changes of a transaction. */
export interface ChangeAuthor {
  by: Tables['change']['origin']
  /** The username, if `by` is `account`. */
  account?: string
}

/**
 * The id in the place of a product for a change of the categories. Such a change has a row, so that the revision grows without a gap in
 * the log: entity tags, caches, the indexes of all processes and the retention of the log then work as for any other change. The row
 * is not public, because readers of the change feed expect a product in each change.
 */
export const CATEGORIES = 0

/** A change of a product, before the change log assigns its revision. */
export interface NewChange {
  source: number
  productId: number
  kind: Change['kind']
  /** Whether readers see the change. */
  isPublic: boolean
  differences: readonly FieldDifference[]
}

/** Number of changes of each kind. */
export type ChangeCounts = Record<Change['kind'], number>

/** Appends changes to the change log inside a transaction that has locked the catalog, so that revisions have no gaps. */
export class ChangeLog {
  readonly epoch: string
  readonly at = now()
  readonly counts: ChangeCounts = { created: 0, updated: 0, deleted: 0 }
  readonly #db: Transaction<Tables>
  readonly #author: ChangeAuthor
  readonly #initial: Tables['catalog']
  #revision: number
  #nextId: number
  #currency: string

  private constructor(db: Transaction<Tables>, author: ChangeAuthor, catalog: Tables['catalog']) {
    this.#db = db
    this.#author = author
    this.#initial = catalog
    this.epoch = catalog.epoch
    this.#revision = catalog.revision
    this.#nextId = catalog.next_id
    this.#currency = catalog.currency
  }

  /** Locks the catalog until the transaction ends, so that revisions are committed in order. */
  static async open(database: Database, db: Transaction<Tables>, author: ChangeAuthor): Promise<ChangeLog> {
    return new ChangeLog(db, author, await lockCatalog(database, db))
  }

  /** Appends changes, and returns their revisions. */
  async append(changes: readonly NewChange[]): Promise<number[]> {
    for (const { kind } of changes) this.counts[kind]++
    return await this.#insert(changes)
  }

  /** Appends one change for all categories that the transaction has changed. */
  async appendCategoryChange(): Promise<void> {
    await this.#insert([{ source: LOCAL, productId: CATEGORIES, kind: 'updated', isPublic: false, differences: [] }])
  }

  async #insert(changes: readonly NewChange[]): Promise<number[]> {
    const rows = changes.map(({ source, productId, kind, isPublic, differences }) => {
      return {
        revision: ++this.#revision,
        source,
        product_id: productId,
        kind,
        is_public: isPublic ? 1 : 0,
        fields: JSON.stringify(kind === 'updated' ? differences.map(({ field }) => field) : []),
        differences: differences.length === 0 ? null : JSON.stringify(differences),
        origin: this.#author.by,
        account: this.#author.account ?? null,
        at: this.at
      }
    })
    if (rows.length > 0) await this.#db.insertInto('change').values(rows).execute()
    return rows.map(({ revision }) => revision)
  }

  /** The newest revision, including the changes of this transaction. */
  get revision(): number {
    return this.#revision
  }

  /** The currency of the catalog. */
  get currency(): string {
    return this.#currency
  }

  set currency(currency: string) {
    this.#currency = currency
  }

  /** The id for the next locally created product. */
  get nextId(): number {
    return this.#nextId
  }

  /** Marks an id as used, so that no other product gets it, even after its product was deleted. */
  reserveId(id: number): void {
    this.#nextId = Math.max(this.#nextId, id + 1)
  }

  /** Stores the revision, the next id and the currency. Call it once, at the end of the transaction. */
  async close(): Promise<void> {
    // On PostgreSQL, an update notifies all processes even if it changes no value.
    const { revision, next_id, currency } = this.#initial
    if (this.#revision === revision && this.#nextId === next_id && this.#currency === currency) return
    const values = { revision: this.#revision, next_id: this.#nextId, currency: this.#currency }
    await this.#db.updateTable('catalog').set(values).execute()
  }
}
