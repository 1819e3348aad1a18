import type { Transaction } from 'kysely'
import type { Product } from '../../schemas/product.js'
import type { Json } from '../../schemas/responses.js'
import type { CatalogVersion } from '../products/catalog-version.js'
import { WorkQueue } from '../support/work-queue.js'
import { type ChangeAuthor, ChangeLog } from './change-log.js'
import type { Database } from './database.js'
import { BusyError } from './errors.js'
import { ProductWriter } from './product-writer.js'
import type { Tables } from './tables.js'

/** A product as stored. */
export interface ReadProduct {
  /** Undefined if there is no such product. */
  json: Json<Product> | undefined
  /** The change that last touched it. */
  changed: number
  /** Whether readers see it. */
  isPublic: boolean
}

/** A result and the revision of the catalog that it belongs to. */
export type AtRevision<T> = T & { revision: number }

/**
 * Maximum number of concurrent transactions that change products: one writes, and one waits for the lock of the catalog. The others wait
 * in the queue, so that they do not take all connections from readers.
 */
const WRITERS_MAX = 2
/** Maximum number of transactions in the queue. */
const QUEUED_MAX = 1000
/** Milliseconds that a transaction waits in the queue before it fails. */
const MAX_WAIT_MS = 10_000

/** Thrown by the work of a transaction to roll it back, and to return a result nevertheless. */
export class Rollback<T> extends Error {
  constructor(readonly result: T) {
    super('the transaction was rolled back on purpose')
  }
}

/** Reads single products, and changes products in transactions. */
export class ProductStore {
  readonly #db: Database
  readonly #writers = new WorkQueue({
    concurrency: WRITERS_MAX,
    maxQueued: QUEUED_MAX,
    maxWaitMs: MAX_WAIT_MS,
    createError: () => new BusyError()
  })

  constructor(db: Database) {
    this.#db = db
  }

  /** Returns the JSON of a product and the change that last touched it. If there is no such product, `json` is undefined. */
  async product(id: number): Promise<AtRevision<ReadProduct>> {
    return await readAtRevision(this.#db, async (db) => {
      const row = await db
        .selectFrom('product_text')
        .select(['product_json', 'revision', 'is_public'])
        .where('id', '=', id)
        .executeTakeFirst()
      return {
        json: row?.product_json as Json<Product> | undefined,
        changed: row?.revision ?? 0,
        isPublic: row?.is_public === 1
      }
    })
  }

  /**
   * Changes products in one transaction. If `work` throws, the transaction is rolled back. If it throws a `Rollback` with a result, the
   * transaction is rolled back and the result is returned.
   * @throws {BusyError} if other writes take longer than 10 seconds, for example the import of a large file.
   */
  async write<T>(
    author: ChangeAuthor,
    work: (writer: ProductWriter, db: Transaction<Tables>) => Promise<T>
  ): Promise<T> {
    const write = this.#writers.run(() =>
      this.#db.write.transaction().execute(async (db) => {
        const log = await ChangeLog.open(this.#db, db, author)
        const { served } = await db.selectFrom('source_state').select('source as served').executeTakeFirstOrThrow()
        const result = await work(new ProductWriter(db, this.#db.fullText, log, served ?? undefined), db)
        await log.close()
        return result
      })
    )
    return await write.catch((error) => {
      if (error instanceof Rollback) return error.result
      throw error
    })
  }
}

/** Runs queries in one transaction, so that all of them see the same revision. */
export async function readAtRevision<T extends object>(
  { read }: Database,
  query: (db: Transaction<Tables>, at: CatalogVersion) => Promise<T>
): Promise<AtRevision<T>> {
  const run = async (db: Transaction<Tables>) => {
    const at = await db.selectFrom('catalog').select(['revision', 'epoch']).executeTakeFirstOrThrow()
    return { revision: at.revision, ...(await query(db, at)) }
  }
  if (read.isTransaction) return await run(read as Transaction<Tables>)
  return await read.transaction().setIsolationLevel('repeatable read').execute(run)
}
