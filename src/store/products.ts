import type { Kysely, Transaction } from 'kysely'
import { LOCAL_ID_MIN, type Product } from '../../schemas/product.js'
import type { Json } from '../../schemas/responses.js'
import { Admission, NotAdmittedError } from '../admission.js'
import type { Fields } from '../catalog/overlay.js'
import { ChangeLog, type Tally, type Writer } from './change-log.js'
import type { Database, Tables } from './database.js'
import { allIds, CHUNK, chunks } from './derived.js'
import { BusyError } from './failures.js'
import { type Stored, type Write, Writing } from './writing.js'

/** What the source says of a product, ready to be stored. */
export interface ProductRow {
  fields: Fields
  /** Of the fields, so that a release that maps otherwise writes them anew. */
  hash: string
}

/** What was read, and the revision that it was read at. */
export type Dated<T> = T & { revision: number }

/**
 * Transactions that change products and are under way at a time: one does, and one waits for it in the database. The others wait
 * here, so that they do not take all connections from those who read. And milliseconds that they do at most.
 */
const WRITERS = 2
const WAITING_MAX = 1000
const WAIT = 10_000
/** Rows of which only the id is read at once. */
const IDS = 2000

/** The products, and what changes them. */
export class ProductStore {
  readonly #db: Database
  readonly #writers = new Admission({ places: WRITERS, queue: WAITING_MAX, patience: WAIT })

  constructor(db: Database) {
    this.#db = db
  }

  /** The product in full, with the change that last touched it; no JSON where there is no such product. */
  async product(id: number): Promise<Dated<{ json: Json<Product> | undefined; changed: number }>> {
    return await dated(this.#db, async (db) => {
      const row = await db
        .selectFrom('product_text')
        .select(['product_json', 'revision'])
        .where('id', '=', id)
        .executeTakeFirst()
      return { json: row?.product_json as Json<Product> | undefined, changed: row?.revision ?? 0 }
    })
  }

  /** Those of the rows that say something else than what is stored. */
  async differing(rows: readonly ProductRow[]): Promise<ProductRow[]> {
    return await differing(this.#db.read, rows)
  }

  /**
   * Changes products, in one transaction: all of it or, where it throws, nothing.
   * @throws {BusyError} where others take too long, as an import of a large file may.
   */
  async write<T>(writer: Writer, work: (writing: Writing, db: Transaction<Tables>) => Promise<T>): Promise<T> {
    try {
      return await this.#writers.admit(Symbol('write'), () =>
        this.#db.write.transaction().execute(async (db) => {
          const log = await ChangeLog.open(db, writer)
          const result = await work(new Writing(db, this.#db.fullText, log), db)
          await log.close()
          return result
        })
      )
    } catch (error) {
      throw error instanceof NotAdmittedError ? new BusyError() : error
    }
  }

  /**
   * Has the source say this of its products, in one transaction. What was edited or made here stays as it is; each product
   * that readers see appear, differ or disappear appends a change.
   * @param changed Those that may differ from what is stored.
   * @param gone The ids of those that it does not have any more.
   * @param alongside What else is to be written in that transaction. Where it answers false, all stays as it is.
   * @returns How much has changed, and the revision of the catalog after it.
   */
  async replace(
    changed: AsyncIterable<ProductRow[]> | Iterable<ProductRow[]>,
    gone: readonly number[],
    by: 'source' | 'sample',
    alongside: (db: Transaction<Tables>) => Promise<boolean>
  ): Promise<Dated<Tally>> {
    return await this.write({ by }, async (writing, db) => {
      const { log } = writing
      if (!(await alongside(db))) return { ...log.tally, revision: log.revision }
      for await (const rows of changed) {
        for (const chunk of chunks(rows, CHUNK)) await this.#put(writing, await differing(db, chunk))
      }
      for (const chunk of chunks(gone, CHUNK)) {
        // Unless another process has found that it is gone, too.
        const stored = [...(await writing.load(chunk))].sort(([a], [b]) => a - b)
        await writing.apply(stored.map(([id, before]): Write => ({ id, before, after: withoutSource(before) })))
      }
      return { ...log.tally, revision: log.revision }
    })
  }

  /** Whether anybody has written since a revision what the source says. */
  async hasReplacedSince(revision: number): Promise<boolean> {
    const row = await this.#db.read
      .selectFrom('change')
      .select('revision')
      .where('revision', '>', revision)
      .where('origin', '=', 'source')
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  async #put(writing: Writing, rows: readonly ProductRow[]): Promise<void> {
    const stored = await writing.load(rows.map(({ fields }) => fields.id))
    const writes = rows.map(({ fields, hash }): Write => {
      const before = stored.get(fields.id)
      const { edits, isHidden } = before ?? { edits: {}, isHidden: false }
      return { id: fields.id, before, after: { base: fields, hash, edits, isHidden } }
    })
    await writing.apply(writes)
  }

  /** Of the products that the source had last: how many there are, and the ids of those that are not among these, in order. */
  async missing(from: ReadonlySet<number>): Promise<{ known: number; missing: number[] }> {
    const { read } = this.#db
    const known = new Set<number>()
    const shown = (after: number) =>
      read.selectFrom('product').select('id').where('id', '>', after).where('id', '<', LOCAL_ID_MIN).orderBy('id')
    // Readers may see nothing of a product that the source has.
    const edited = (after: number) =>
      read
        .selectFrom('product_edit')
        .select('id')
        .where('id', '>', after)
        .where('base_json', 'is not', null)
        .orderBy('id')
    for (const page of [
      (after: number) => shown(after).limit(IDS).execute(),
      (after: number) => edited(after).where('id', '<', LOCAL_ID_MIN).limit(IDS).execute()
    ]) {
      for await (const ids of allIds(page)) for (const id of ids) known.add(id)
    }
    const missing = [...known].filter((id) => !from.has(id)).sort((a, b) => a - b)
    return { known: known.size, missing }
  }
}

const withoutSource = ({ edits, isHidden }: Stored) => ({ base: undefined, hash: '', edits, isHidden })

/** Reads several things of the same moment. */
export async function dated<T extends object>(
  { read }: Database,
  query: (db: Transaction<Tables>, revision: number) => Promise<T>
): Promise<Dated<T>> {
  const ask = async (db: Transaction<Tables>) => {
    const { revision } = await db.selectFrom('catalog').select('revision').executeTakeFirstOrThrow()
    return { revision, ...(await query(db, revision)) }
  }
  if (read.isTransaction) return await ask(read as Transaction<Tables>)
  return await read.transaction().setIsolationLevel('repeatable read').execute(ask)
}

async function differing(db: Kysely<Tables>, rows: readonly ProductRow[]): Promise<ProductRow[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ fields }) => fields.id)
  const hashes = new Map<number, string>()
  // Where there are edits, these know it too when readers see nothing of the product.
  for (const table of ['product', 'product_edit'] as const) {
    const stored = await db.selectFrom(table).select(['id', 'source_hash']).where('id', 'in', ids).execute()
    for (const { id, source_hash } of stored) hashes.set(id, source_hash)
  }
  return rows.filter(({ fields, hash }) => hashes.get(fields.id) !== hash)
}
