import type { Kysely, Transaction } from 'kysely'
import type { Author, Change, HistoryEntry } from '../../schemas/change.js'
import type { FieldDifference } from '../products/overlay.js'
import { LOCAL } from '../products/stored-product.js'
import { TimeSlice } from '../support/time-slice.js'
import { type Database, lockCatalog, now, type Tables } from './database.js'

/** Who made a change, as the contract says it: there no value is in two enumerations, and `source` and `sample` are in others. */
const authors = { source: 'sync', sample: 'seed', account: 'account', shell: 'shell' } as const satisfies Record<
  Tables['change']['origin'],
  Author
>

/** Who makes changes. */
export interface ChangeAuthor {
  by: Tables['change']['origin']
  /** Name of the account, where it is one. */
  account?: string
}

/** One change of a product, before it has a number. */
export interface NewChange {
  source: number
  productId: number
  kind: Change['kind']
  differences: readonly FieldDifference[]
}

/** How many changes there were of each kind. */
export type ChangeCounts = Record<Change['kind'], number>

/** The changes that one transaction appends. While it is open nobody else can append any, so their numbers have no gaps. */
export class ChangeLog {
  readonly epoch: string
  readonly at = now()
  readonly counts: ChangeCounts = { created: 0, updated: 0, deleted: 0 }
  readonly #db: Transaction<Tables>
  readonly #writer: ChangeAuthor
  readonly #before: Tables['catalog']
  #revision: number
  #nextId: number

  private constructor(db: Transaction<Tables>, writer: ChangeAuthor, catalog: Tables['catalog']) {
    this.#db = db
    this.#writer = writer
    this.#before = catalog
    this.epoch = catalog.epoch
    this.#revision = catalog.revision
    this.#nextId = catalog.next_id
  }

  /** Opens it: from here to the commit the catalog is locked, so that revisions become visible in their order. */
  static async open(database: Database, db: Transaction<Tables>, writer: ChangeAuthor): Promise<ChangeLog> {
    return new ChangeLog(db, writer, await lockCatalog(database, db))
  }

  /** Appends changes. @returns Their numbers. */
  async append(changes: readonly NewChange[]): Promise<number[]> {
    const rows = changes.map(({ source, productId, kind, differences }) => {
      this.counts[kind]++
      return {
        revision: ++this.#revision,
        source,
        product_id: productId,
        kind,
        fields: JSON.stringify(differences.map(({ field }) => field)),
        differences: differences.length === 0 ? null : JSON.stringify(differences),
        origin: this.#writer.by,
        account: this.#writer.account ?? null,
        at: this.at
      }
    })
    if (rows.length > 0) await this.#db.insertInto('change').values(rows).execute()
    return rows.map(({ revision }) => revision)
  }

  /** Number of the newest change, this transaction's included. */
  get revision(): number {
    return this.#revision
  }

  /** The id for the next product that is made here. */
  get nextId(): number {
    return this.#nextId
  }

  /** Says that a product has this id, so that no other is given it, not even when the product is gone. */
  reserveId(id: number): void {
    this.#nextId = Math.max(this.#nextId, id + 1)
  }

  async close(): Promise<void> {
    // If nothing has changed, no process is told to look for changes: PostgreSQL tells them even of an update of no row.
    if (this.#revision === this.#before.revision && this.#nextId === this.#before.next_id) return
    await this.#db.updateTable('catalog').set({ revision: this.#revision, next_id: this.#nextId }).execute()
  }
}

/** The changes that an answer tells of. */
export interface ChangesPage {
  changes: Change[]
  /** The newest one that is accounted for. */
  revision: number
  /** The epoch of the catalog. */
  epoch: string
}

/** Bytes of the differences that one page of a history has: a product can differ by hundreds of kilobytes. */
const HISTORY_SIZE_MAX = 1_000_000
/** Rows that are read at once, and removed in one transaction. */
const PRUNED_AT_ONCE = 1000

/** Reads the change log, and shortens it. */
export class ChangeStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * The changes after a revision, or all that are kept, oldest first; undefined where they are not kept any more, or are of
   * a time that this catalog has not seen.
   * @param asked The epoch of the revision, if it is known. If the catalog has another one, the result is undefined.
   */
  async page(after: number | undefined, limit: number, asked: string | undefined): Promise<ChangesPage | undefined> {
    return await this.#db.read
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (db) => {
        const { oldest, newest, epoch } = await readRetainedRange(db)
        const start = after ?? oldest - 1
        if ((asked ?? epoch) !== epoch || start < oldest - 1 || start > newest) return undefined
        const rows = await db
          .selectFrom('change')
          .select(['revision', 'kind', 'product_id', 'fields', 'at'])
          .where('revision', '>', start)
          .orderBy('revision')
          .limit(limit)
          .execute()
        const changes = rows.map(({ revision, kind, product_id, fields, at }) => {
          return { revision, kind, productId: product_id, fields: JSON.parse(fields) as string[], at }
        })
        return { changes, revision: changes.at(-1)?.revision ?? start, epoch }
      })
  }

  /**
   * Reads changes of a product, newest first: as many as `limit` and a megabyte allow, but at least one. If the id is also that of
   * a product of a source that is not served now, its changes are left out.
   * @returns The changes, and whether there are more before them.
   */
  async history(
    id: number,
    before: number | undefined,
    limit: number
  ): Promise<{ history: HistoryEntry[]; hasMore: boolean }> {
    const found = await this.#db.read
      .selectFrom('change')
      .select((eb) => ['revision', eb.fn<number | null>('octet_length', ['differences']).as('size')])
      .where('product_id', '=', id)
      .where(({ eb, selectFrom }) =>
        eb.or([
          eb('source', '=', LOCAL),
          eb('source', '=', selectFrom('source_state').select('source').$castTo<number>())
        ])
      )
      .$if(before !== undefined, (query) => query.where('revision', '<', before as number))
      .orderBy('revision', 'desc')
      .limit(limit + 1)
      .execute()
    let size = 0
    const kept = found.slice(0, limit).filter((row, i) => {
      size += row.size ?? 0
      return i === 0 || size <= HISTORY_SIZE_MAX
    })
    if (kept.length === 0) return { history: [], hasMore: false }
    const rows = await this.#db.read
      .selectFrom('change')
      .select(['revision', 'kind', 'at', 'origin', 'account', 'differences'])
      .where(
        'revision',
        'in',
        kept.map(({ revision }) => revision)
      )
      .orderBy('revision', 'desc')
      .execute()
    const history = rows.map(({ revision, kind, at, origin, account, differences }): HistoryEntry => {
      const changes = JSON.parse(differences ?? '[]') as HistoryEntry['changes']
      return { revision, kind, at, by: authors[origin], ...(account !== null && { account }), changes }
    })
    return { history, hasMore: found.length > kept.length }
  }

  /** Returns the time of the newest change, ISO 8601; undefined if none is kept. */
  async newestAt(): Promise<string | undefined> {
    const newest = await this.#db.read
      .selectFrom('change')
      .select('at')
      .orderBy('revision', 'desc')
      .limit(1)
      .executeTakeFirst()
    return newest?.at
  }

  /**
   * Removes the changes from before a time, the oldest first, so that no gap is left. Times are ISO 8601.
   * @param latest Changes that are dated later have a wrong time. They do not hold up the removal of others after them, and
   * are removed with these.
   * @returns The number of removed changes.
   */
  async prune(before: string, latest: string): Promise<number> {
    const last = await this.#lastExpired(before, latest)
    if (last === undefined) return 0
    const { oldest } = await readRetainedRange(this.#db.read)
    for (let end = oldest - 1; end < last; ) {
      end = Math.min(end + PRUNED_AT_ONCE, last)
      await this.#db.write.deleteFrom('change').where('revision', '<=', end).execute()
    }
    return last - oldest + 1
  }

  /** The newest change that is old enough, before the first that is not. */
  async #lastExpired(before: string, latest: string): Promise<number | undefined> {
    let last: number | undefined
    const slice = new TimeSlice()
    for (let position = 0; ; ) {
      await slice.turn()
      const rows = await this.#db.read
        .selectFrom('change')
        .select(['revision', 'at'])
        .where('revision', '>', position)
        .orderBy('revision')
        .limit(PRUNED_AT_ONCE)
        .execute()
      for (const { revision, at } of rows) {
        if (at >= before && at <= latest) return last
        if (at < before) last = revision
        position = revision
      }
      if (rows.length < PRUNED_AT_ONCE) return last
    }
  }
}

/** The first change that is kept, and the last one that was made. Where none is kept, the first is the next. */
export async function readRetainedRange(
  db: Kysely<Tables>
): Promise<{ oldest: number; newest: number; epoch: string }> {
  const { oldest, newest, epoch } = await db
    .selectFrom('catalog')
    .select((eb) => [
      'revision as newest',
      'epoch',
      eb
        .selectFrom('change')
        .select((eb) => eb.fn.min('revision').as('oldest'))
        .as('oldest')
    ])
    .executeTakeFirstOrThrow()
  return { oldest: oldest ?? newest + 1, newest, epoch }
}
