import type { Kysely, Transaction } from 'kysely'
import type { Author, Change, HistoryEntry } from '../../schemas/change.js'
import type { Difference } from '../catalog/overlay.js'
import { type Database, now, type Tables } from './database.js'

/** Who made a change, as the contract says it: there no value is in two enumerations, and `source` and `sample` are in others. */
const authors = { source: 'sync', sample: 'seed', account: 'account', shell: 'shell' } as const satisfies Record<
  Tables['change']['origin'],
  Author
>

/** Who makes changes. */
export interface Writer {
  by: Tables['change']['origin']
  /** Name of the account, where it is one. */
  account?: string
}

/** One change of a product, before it has a number. */
export interface NewChange {
  productId: number
  kind: Change['kind']
  differences: readonly Difference[]
}

/** How many changes there were of each kind. */
export type Tally = Record<Change['kind'], number>

/** The changes that one transaction appends. While it is open nobody else can append any, so their numbers have no gaps. */
export class ChangeLog {
  readonly epoch: string
  readonly at = now()
  readonly tally: Tally = { created: 0, updated: 0, deleted: 0 }
  readonly #db: Transaction<Tables>
  readonly #writer: Writer
  #revision: number
  #nextId: number

  private constructor(db: Transaction<Tables>, writer: Writer, catalog: Tables['catalog']) {
    this.#db = db
    this.#writer = writer
    this.epoch = catalog.epoch
    this.#revision = catalog.revision
    this.#nextId = catalog.next_id
  }

  /** Opens it: from here to the commit the catalog is locked, so that revisions become visible in their order. */
  static async open(db: Transaction<Tables>, writer: Writer): Promise<ChangeLog> {
    const catalog = await db
      .updateTable('catalog')
      .set((eb) => ({ revision: eb.ref('revision') }))
      .returningAll()
      .executeTakeFirstOrThrow()
    return new ChangeLog(db, writer, catalog)
  }

  /** Appends changes. @returns Their numbers. */
  async append(changes: readonly NewChange[]): Promise<number[]> {
    const rows = changes.map(({ productId, kind, differences }) => {
      this.tally[kind]++
      return {
        revision: ++this.#revision,
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
  useId(id: number): void {
    this.#nextId = Math.max(this.#nextId, id + 1)
  }

  async close(): Promise<void> {
    // Where nothing has changed nothing is written, and nobody told.
    await this.#db
      .updateTable('catalog')
      .set({ revision: this.#revision, next_id: this.#nextId })
      .where((eb) => eb.or([eb('revision', '<', this.#revision), eb('next_id', '<', this.#nextId)]))
      .execute()
  }
}

/** The changes that an answer tells of. */
export interface ChangesPage {
  changes: Change[]
  /** The newest one that is accounted for. */
  revision: number
}

/** Rows that are removed in one transaction. */
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
   */
  async page(after: number | undefined, limit: number): Promise<ChangesPage | undefined> {
    return await this.#db.read
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute(async (db) => {
        const { oldest, newest } = await span(db)
        const start = after ?? oldest - 1
        if (start < oldest - 1 || start > newest) return undefined
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
        return { changes, revision: changes.at(-1)?.revision ?? start }
      })
  }

  /** The changes of a product, newest first, and whether there are more before them. */
  async history(
    id: number,
    before: number | undefined,
    limit: number
  ): Promise<{ history: HistoryEntry[]; hasMore: boolean }> {
    const rows = await this.#db.read
      .selectFrom('change')
      .select(['revision', 'kind', 'at', 'origin', 'account', 'differences'])
      .where('product_id', '=', id)
      .$if(before !== undefined, (query) => query.where('revision', '<', before as number))
      .orderBy('revision', 'desc')
      .limit(limit + 1)
      .execute()
    const history = rows.slice(0, limit).map(({ revision, kind, at, origin, account, differences }): HistoryEntry => {
      const changes = JSON.parse(differences ?? '[]') as HistoryEntry['changes']
      return { revision, kind, at, by: authors[origin], ...(account !== null && { account }), changes }
    })
    return { history, hasMore: rows.length > limit }
  }

  /** Removes the changes from before a time, ISO 8601, the oldest first, so that no gap is left. @returns How many. */
  async prune(before: string): Promise<number> {
    let removed = 0
    for (;;) {
      const rows = await this.#db.read
        .selectFrom('change')
        .select(['revision', 'at'])
        .orderBy('revision')
        .limit(PRUNED_AT_ONCE)
        .execute()
      const kept = rows.findIndex(({ at }) => at >= before)
      const old = kept < 0 ? rows : rows.slice(0, kept)
      const last = old.at(-1)
      if (last) await this.#db.write.deleteFrom('change').where('revision', '<=', last.revision).execute()
      removed += old.length
      if (old.length < PRUNED_AT_ONCE) return removed
    }
  }
}

/** The first change that is kept, and the last one that was made. Where none is kept, the first is the next. */
export async function span(db: Kysely<Tables>): Promise<{ oldest: number; newest: number }> {
  const { oldest, newest } = await db
    .selectFrom('catalog')
    .select((eb) => [
      'revision as newest',
      eb
        .selectFrom('change')
        .select((eb) => eb.fn.min('revision').as('oldest'))
        .as('oldest')
    ])
    .executeTakeFirstOrThrow()
  return { oldest: oldest ?? newest + 1, newest }
}
