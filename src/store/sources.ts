import type { Kysely, Transaction } from 'kysely'
import { LOCAL_ID_END, LOCAL_ID_MIN } from '../../schemas/product.js'
import type { Edits } from '../products/overlay.js'
import { LOCAL, SAMPLE } from '../products/stored-product.js'
import type { ChangeLog } from './change-log.js'
import { CHUNK, chunks } from './chunks.js'
import { type Database, lockCatalog } from './database.js'
import type { Tables } from './tables.js'

/** The name of a source that was read by an early release, which did not store the URL. */
const UNNAMED = ''

/** The edits of one product of a source that is not served now. */
export interface KeptEdit {
  source: string
  externalId: string
  id: number
  /** The edited fields. */
  fields: string[]
  isHidden: boolean
}

/** Stores the sources and the ids of their products. */
export class SourceStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * Returns the number of a source. Stores the source if it is new.
   * @param name As `toSourceName` returns it.
   */
  async ensure(name: string): Promise<number> {
    const { id, isStored } = await this.identify(name)
    if (isStored) return id
    return await this.#db.write.transaction().execute(async (db) => {
      // The lock ensures that only one of several starting processes stores the source.
      await lockCatalog(this.#db, db)
      return await this.store(name, db)
    })
  }

  /** Returns the number of a source, or the one that it would get if it were stored. */
  async identify(name: string, db: Kysely<Tables> = this.#db.read): Promise<{ id: number; isStored: boolean }> {
    const stored = await findSource(db, name)
    if (stored !== undefined) return { id: stored, isStored: true }
    const unnamed = await findSource(db, UNNAMED)
    if (unnamed !== undefined) return { id: unnamed, isStored: false }
    const { last } = await db
      .selectFrom('source')
      .select((eb) => eb.fn.max('id').as('last'))
      .executeTakeFirstOrThrow()
    return { id: Number(last) + 1, isStored: false }
  }

  /** Stores a source unless it is stored already, in a transaction that has locked the catalog. Returns its number. */
  async store(name: string, db: Transaction<Tables>): Promise<number> {
    const { id, isStored } = await this.identify(name, db)
    if (!isStored) {
      const row = { id, name }
      await db
        .insertInto('source')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute()
    }
    return id
  }

  /** Returns the name of a source. */
  async name(id: number): Promise<string> {
    const { name } = await this.#db.read
      .selectFrom('source')
      .select('name')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    return name
  }

  /** Returns the edits of all sources except the current one, ordered by source and id. */
  async keptEdits(current: number | undefined): Promise<KeptEdit[]> {
    const rows = await this.#db.read
      .selectFrom('product_edit')
      .innerJoin('source', 'source.id', 'product_edit.source')
      .innerJoin('source_product', (join) =>
        join
          .onRef('source_product.source', '=', 'product_edit.source')
          .onRef('source_product.id', '=', 'product_edit.id')
      )
      .select(['source.name', 'external_id', 'product_edit.id', 'edits', 'hidden'])
      .where('product_edit.source', 'not in', [LOCAL, current ?? LOCAL])
      .orderBy('product_edit.source')
      .orderBy('product_edit.id')
      .execute()
    return rows.map(({ name, external_id, id, edits, hidden }) => {
      const fields = Object.keys(JSON.parse(edits) as Edits)
      return { source: name, externalId: external_id, id, fields, isHidden: hidden === 1 }
    })
  }
}

async function findSource(db: Kysely<Tables>, name: string): Promise<number | undefined> {
  return (await db.selectFrom('source').select('id').where('name', '=', name).executeTakeFirst())?.id
}

/**
 * Returns the name of the source at a URL: its scheme, host, port and path. Omits user, password, query and fragment: they may contain
 * secrets, and may change while the source stays the same.
 */
export function toSourceName(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`
}

/** Returns the ids of products of a source by external id. Omits unknown products. */
export async function findIds(
  db: Kysely<Tables>,
  source: number,
  externalIds: readonly string[]
): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  for (const chunk of chunks(externalIds, CHUNK)) {
    const rows = await db
      .selectFrom('source_product')
      .select(['external_id', 'id'])
      .where('source', '=', source)
      .where('external_id', 'in', chunk)
      .execute()
    for (const { external_id, id } of rows) ids.set(external_id, id)
  }
  return ids
}

/** Returns the external ids of products of a source by id. */
export async function findExternalIds(
  db: Kysely<Tables>,
  source: number,
  ids: readonly number[]
): Promise<Map<number, string>> {
  const rows = await db
    .selectFrom('source_product')
    .select(['id', 'external_id'])
    .where('source', '=', source)
    .where('id', 'in', ids)
    .execute()
  return new Map(rows.map(({ id, external_id }) => [id, external_id]))
}

/**
 * Returns the ids of products of a source by external id. Assigns a permanent id to each new product: its external id if that is an unused
 * number, otherwise the next id of the catalog. A number in the range of local products is unused if it is not below the next id.
 */
export async function assignIds(
  db: Transaction<Tables>,
  log: ChangeLog,
  source: number,
  externalIds: readonly string[]
): Promise<Map<string, number>> {
  const ids = await findIds(db, source, externalIds)
  await replaceLocalIds(db, log, source, ids)
  const missing = externalIds.filter((externalId) => !ids.has(externalId))
  for (const chunk of chunks(missing, CHUNK)) {
    const numbers = chunk.map(toNumber).filter((id) => id !== undefined)
    // Ids of the sample count as unused: the first sync replaces the sample.
    const usedIds = await findSourceIds(db, numbers, [source, SAMPLE])
    const rows = chunk.map((external_id) => {
      const number = toNumber(external_id)
      const isUsed = number === undefined || (number < LOCAL_ID_MIN ? usedIds.has(number) : number < log.nextId)
      const id = isUsed ? log.nextId : number
      if (id >= LOCAL_ID_MIN) log.reserveId(id)
      ids.set(external_id, id)
      return { source, external_id, id }
    })
    await db.insertInto('source_product').values(rows).execute()
  }
  return ids
}

/**
 * Assigns other ids to products of a source whose ids local products have. Earlier releases let imports create such local products while
 * the source did not have its products.
 * @param ids The ids by external id. The function updates them.
 */
async function replaceLocalIds(
  db: Transaction<Tables>,
  log: ChangeLog,
  source: number,
  ids: Map<string, number>
): Promise<void> {
  const externalIds = new Map([...ids].map(([externalId, id]) => [id, externalId]))
  const inRange = [...externalIds.keys()].filter((id) => id >= LOCAL_ID_MIN)
  for (const chunk of chunks(inRange, CHUNK)) {
    const local = await db
      .selectFrom('product')
      .select('id')
      .where('id', 'in', chunk)
      .where('source', '=', LOCAL)
      .execute()
    for (const { id: before } of local) {
      const id = log.nextId
      log.reserveId(id)
      for (const table of ['source_product', 'product_edit'] as const)
        await db.updateTable(table).set({ id }).where('source', '=', source).where('id', '=', before).execute()
      ids.set(externalIds.get(before) as string, id)
    }
  }
}

/** Returns those ids that products of sources have or had. @param except The sources whose products do not count. */
export async function findSourceIds(
  db: Kysely<Tables>,
  ids: readonly number[],
  except: readonly number[] = []
): Promise<Set<number>> {
  const found = new Set<number>()
  for (const chunk of chunks(ids, CHUNK)) {
    const rows = await db
      .selectFrom('source_product')
      .select('id')
      .where('id', 'in', chunk)
      .where('source', 'not in', [LOCAL, ...except])
      .execute()
    for (const { id } of rows) found.add(id)
  }
  return found
}

const toNumber = (externalId: string): number | undefined =>
  /^[1-9]\d{0,9}$/.test(externalId) && Number(externalId) < LOCAL_ID_END ? Number(externalId) : undefined
