import type { Kysely } from 'kysely'
import type { Author, Change, HistoryEntry } from '../../schemas/change.js'
import { LOCAL } from '../products/stored-product.js'
import { TimeSlice } from '../support/time-slice.js'
import type { Database } from './database.js'
import type { Tables } from './tables.js'

/** The author of a change in the contract. Its enumerations share no values, and others already contain `source` and `sample`. */
const authors = { source: 'sync', sample: 'seed', account: 'account', shell: 'shell' } as const satisfies Record<
  Tables['change']['origin'],
  Author
>

/** One page of the change log. */
export interface ChangesPage {
  changes: Change[]
  /** The revision to continue after: that of the last change, or the requested one if the page is empty. */
  revision: number
  /** The epoch of the catalog. */
  epoch: string
}

/** Maximum bytes of differences in one page of a history: a single change can have hundreds of kilobytes. */
const HISTORY_SIZE_MAX = 1_000_000
/** Number of rows that one query reads, or one transaction removes. */
const PRUNED_AT_ONCE = 1000

/** Reads the change log, and shortens it. */
export class ChangeStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * Reads changes, oldest first. Returns undefined if they were removed from the log, or `after` is newer than the newest change.
   * @param after The revision to start after; undefined to start with the oldest change in the log.
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

  /** Returns the newest revision to remove: the last one before the first change that must stay. */
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

/** Returns the oldest revision in the log and the newest one. If the log is empty, the oldest is the next to be assigned. */
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
