import type { Kysely } from 'kysely'
import type { Author, Change, HistoryEntry } from '../../schemas/change.js'
import { LOCAL } from '../products/stored-product.js'
import { TimeSlice } from '../support/time-slice.js'
import type { Database } from './database.js'
import type { Tables } from './tables.js'

/** Authors of changes in the API. It uses other words than the table, because its enumerations must not share values. */
const authors = {
  source: 'sync',
  sample: 'seed',
  account: 'account',
  shell: 'shell',
  schedule: 'schedule'
} as const satisfies Record<Tables['change']['origin'], Author>

/** One page of the change log. */
export interface ChangesPage {
  changes: Change[]
  /** The revision to continue after: the last one that the page covers. */
  revision: number
  /** The epoch of the catalog. */
  epoch: string
}

/** Maximum size of the differences in one page of a history. A single change can have hundreds of kilobytes. */
const HISTORY_BYTES_MAX = 1_000_000
/** Number of rows that one query of `prune` reads, or one transaction removes. */
const PRUNE_BATCH = 1000

/** Reads the change log, and removes old changes. */
export class ChangeStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * Reads changes that readers see, oldest first. Returns undefined if some were removed from the log, or if `after` is newer than the newest change.
   * @param after The revision to start after; undefined to start with the oldest change in the log.
   * @param expectedEpoch The epoch that `after` belongs to, if the caller has one. If the catalog has another, the result is undefined.
   */
  async page(
    after: number | undefined,
    limit: number,
    expectedEpoch: string | undefined
  ): Promise<ChangesPage | undefined> {
    return await this.#db.read
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (db) => {
        const { oldest, newest, epoch } = await readRetainedRange(db)
        const start = after ?? oldest - 1
        if ((expectedEpoch ?? epoch) !== epoch || start < oldest - 1 || start > newest) return undefined
        const rows = await db
          .selectFrom('change')
          .select(['revision', 'kind', 'product_id', 'fields', 'at'])
          .where('revision', '>', start)
          .where('is_public', '=', 1)
          .orderBy('revision')
          .limit(limit)
          .execute()
        const changes = rows.map(({ revision, kind, product_id, fields, at }) => {
          return { revision, kind, productId: product_id, fields: JSON.parse(fields) as string[], at }
        })
        // Changes that readers do not see may follow the last one on an incomplete page.
        const revision = changes.length < limit ? newest : (changes.at(-1)?.revision ?? start)
        return { changes, revision, epoch }
      })
  }

  /**
   * Reads changes of a product, newest first: at most `limit` changes and at most a megabyte, but at least one change. A source that is
   * not served now may have a product with the same id. The result does not include the changes of that product.
   * @returns The changes, and whether there are older ones.
   */
  async history(
    id: number,
    before: number | undefined,
    limit: number
  ): Promise<{ history: HistoryEntry[]; hasMore: boolean }> {
    const candidates = await this.#db.read
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
    const page = candidates.slice(0, limit).filter((row, i) => {
      size += row.size ?? 0
      return i === 0 || size <= HISTORY_BYTES_MAX
    })
    if (page.length === 0) return { history: [], hasMore: false }
    const rows = await this.#db.read
      .selectFrom('change')
      .select(['revision', 'kind', 'at', 'origin', 'account', 'differences'])
      .where(
        'revision',
        'in',
        page.map(({ revision }) => revision)
      )
      .orderBy('revision', 'desc')
      .execute()
    const history = rows.map(({ revision, kind, at, origin, account, differences }): HistoryEntry => {
      const changes = JSON.parse(differences ?? '[]') as HistoryEntry['changes']
      return { revision, kind, at, by: authors[origin], ...(account !== null && { account }), changes }
    })
    return { history, hasMore: candidates.length > page.length }
  }

  /** Returns the time of the newest change, ISO 8601; undefined if the log is empty. */
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
   * Removes changes older than a time. Starts with the oldest change, so that the log has no gaps. Times are ISO 8601.
   * @param latest Changes later than this have a wrong time. They do not keep the changes after them in the log: they are removed
   *   together with the next expired change.
   * @returns The number of removed changes.
   */
  async prune(before: string, latest: string): Promise<number> {
    const last = await this.#lastExpired(before, latest)
    if (last === undefined) return 0
    const { oldest } = await readRetainedRange(this.#db.read)
    for (let end = oldest - 1; end < last; ) {
      end = Math.min(end + PRUNE_BATCH, last)
      await this.#db.write.deleteFrom('change').where('revision', '<=', end).execute()
    }
    return last - oldest + 1
  }

  /** Returns the newest revision to remove; undefined if there is none. All older revisions are to be removed too. */
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
        .limit(PRUNE_BATCH)
        .execute()
      for (const { revision, at } of rows) {
        if (at >= before && at <= latest) return last
        if (at < before) last = revision
        position = revision
      }
      if (rows.length < PRUNE_BATCH) return last
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
