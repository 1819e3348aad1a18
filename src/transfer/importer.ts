import type { Kysely } from 'kysely'
import { INT32_MAX } from '../../schemas/scalars.js'
import type { ImportMode, ImportReport, RefusedRow } from '../../schemas/transfer.js'
import { REFUSALS_MAX } from '../../schemas/transfer.js'
import { parseVersionTag } from '../products/entity-tags.js'
import type { UnsavedProduct } from '../products/stored-product.js'
import { type StoredProduct, visibleProduct } from '../products/stored-product.js'
import type { ChangeAuthor } from '../store/change-log.js'
import { readEarlierVersions, type WantedVersion } from '../store/earlier-versions.js'
import type { ProductChange, ProductWriter } from '../store/product-writer.js'
import { type ProductStore, Rollback } from '../store/products.js'
import { findSourceIds } from '../store/sources.js'
import type { Tables } from '../store/tables.js'
import { BatchBuffer } from '../support/batch-buffer.js'
import { TimeSlice } from '../support/time-slice.js'
import {
  createFromRow,
  type ExportedVersion,
  type Identity,
  isImportableId,
  normalizeRow,
  RefusedRowError,
  type RowValue,
  readIdentity,
  readVersion,
  updateFromRow,
  withoutReadOnly
} from './row-changes.js'
import type { ReadRow } from './rows.js'

interface Row {
  line: number
  value: RowValue
}

export interface ImportOptions {
  mode: ImportMode
  dryRun: boolean
  /** Whether to ignore the versions of the rows, and overwrite changes that were made after their export. */
  force: boolean
  /** Receives the number of processed rows. */
  progress?: (done: number, rows: number) => void
  /** Aborts the import. Nothing is written. */
  signal?: AbortSignal
}

/** Shortens a text for the report, because a row can have names and values of a megabyte. */
const truncate = (text: string, max: number) => (text.length > max ? `${text.slice(0, max - 1)}…` : text)

/**
 * Creates and updates products from the rows of a file, in one transaction. The transaction begins after the whole file was received, so
 * that a slow client does not block other writes.
 * @throws {UnreadableFileError} from the reader of the rows.
 */
export async function importProducts(
  products: ProductStore,
  rows: AsyncIterable<ReadRow[]>,
  { mode, dryRun, force, progress = () => {}, signal }: ImportOptions,
  author: ChangeAuthor
): Promise<ImportReport> {
  const unreadable: RefusedRow[] = []
  const invalid: RefusedRow[] = []
  const counts = { rows: 0, created: 0, updated: 0, unchanged: 0, refused: 0 }
  const refuse = (list: RefusedRow[], line: number, field: string | undefined, reason: string) => {
    counts.refused++
    if (list.length < REFUSALS_MAX)
      list.push({ line, ...(field !== undefined && { field: truncate(field, 100) }), reason: truncate(reason, 1000) })
  }
  const buffer = new BatchBuffer<Row>()
  for await (const batch of rows) {
    counts.rows += batch.length
    for (const row of batch) if ('refused' in row) refuse(unreadable, row.line, row.field, row.refused)
    await buffer.add(batch.filter((row) => 'value' in row).map(normalizeRow))
  }
  await products.write(author, async (writer, db) => {
    let done = 0
    const slice = new TimeSlice()
    for await (const rows of buffer) {
      signal?.throwIfAborted()
      const batch = await Batch.open(writer, db, rows, force)
      for (const row of rows) {
        try {
          counts[await batch.applyRow(row)]++
        } catch (error) {
          if (!(error instanceof RefusedRowError)) throw error
          refuse(invalid, row.line, error.field, error.message)
        }
        await slice.turn()
      }
      await batch.flush()
      done += rows.length
      progress(done, counts.rows)
    }
    if (dryRun || (mode === 'all-or-nothing' && counts.refused > 0)) throw new Rollback(undefined)
  })
  const refusals = [...unreadable, ...invalid].sort((a, b) => a.line - b.line).slice(0, REFUSALS_MAX)
  return { mode, dryRun, ...counts, refusals }
}

const isId = (value: unknown): value is number => Number.isInteger(value) && Math.abs(value as number) <= INT32_MAX
const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0')

/** Reasons why the product at the time of an export is not known. */
const FOREIGN = 'the row was exported from another catalog, or before this one was restored'
const EXPIRED = 'the change log no longer has its value at the time of the export'

/** Applies a batch of rows to the products that they identify. */
class Batch {
  readonly #writer: ProductWriter
  readonly #stored: Map<number, StoredProduct>
  /** Ids of the visible products that have each SKU. */
  readonly #owners: Map<string, Set<number>>
  /** Ids of products that a source had. If it has them again, they get the same ids. */
  readonly #absent: ReadonlySet<number>
  /** Changes by earlier rows, by product id. */
  readonly #changes = new Map<number, ProductChange>()
  /** The products as they were when the rows were exported. Empty if the import is forced. */
  readonly #exported = new Map<Row, ExportedVersion>()
  readonly #force: boolean

  private constructor(
    writer: ProductWriter,
    stored: Map<number, StoredProduct>,
    owners: Map<string, Set<number>>,
    absent: ReadonlySet<number>,
    force: boolean
  ) {
    this.#writer = writer
    this.#stored = stored
    this.#owners = owners
    this.#absent = absent
    this.#force = force
  }

  static async open(writer: ProductWriter, db: Kysely<Tables>, rows: readonly Row[], force: boolean): Promise<Batch> {
    // Other values are not looked up: PostgreSQL would reject the query, and with it the whole batch.
    const ids = rows.map(({ value }) => value.id).filter(isId)
    const skus = rows.map(({ value }) => value.sku).filter(isText)
    const owners = await writer.findBySku([...new Set(skus)])
    const stored = await writer.load([...new Set([...ids, ...[...owners.values()].flat()])])
    const absent = await findSourceIds(
      db,
      ids.filter((id) => isImportableId(id) && !stored.get(id)?.base)
    )
    const owned = new Map([...owners].map(([sku, ids]) => [sku, new Set(ids)]))
    const batch = new Batch(writer, stored, owned, absent, force)
    if (!force) await batch.#loadExported(db, rows)
    return batch
  }

  async #loadExported(db: Kysely<Tables>, rows: readonly Row[]): Promise<void> {
    const changed: (WantedVersion & { row: Row })[] = []
    for (const row of rows) {
      const { id, sku, version: tag } = row.value
      const version = parseVersionTag(String(tag))
      const [owner] = this.#owners.get(String(sku)) ?? []
      const stored = this.#stored.get(isId(id) ? id : (owner ?? 0))
      const product = visibleProduct(stored)
      if (!version || !stored || !product) continue
      if (version.epoch !== this.#writer.log.epoch) this.#exported.set(row, { unknown: FOREIGN })
      else if (version.revision === stored.revision) this.#exported.set(row, { product })
      else changed.push({ row, product, revision: version.revision })
    }
    const earlier = await readEarlierVersions(db, this.#writer.servedSource, changed)
    for (const [i, { row }] of changed.entries()) {
      const product = earlier[i]
      this.#exported.set(row, product ? { product } : { unknown: EXPIRED })
    }
  }

  /**
   * Validates a row and keeps its change until `flush`.
   * @throws {RefusedRowError}
   */
  async applyRow(row: Row): Promise<'created' | 'updated' | 'unchanged'> {
    const { log } = this.#writer
    // `onSale` depends on the clock, so its value in the file says nothing about the product.
    const { version: tag, onSale: _, ...value } = row.value
    const version = readVersion(tag)
    const identity = readIdentity(value)
    const id = this.#find(identity)
    if (id === undefined) {
      if (identity.id !== undefined && version?.epoch === log.epoch && !this.#force) {
        throw new RefusedRowError(
          'id',
          `belongs to a product that was deleted after the export (got ${identity.id}). Leave the row out, or use force to create it again`
        )
      }
      const newId = identity.id ?? log.nextId
      const after = createFromRow(newId, value, log.currency, log.at)
      this.#requireUnusedSku(String(value.sku))
      log.reserveId(newId)
      this.#setChange(newId, after)
      return 'created'
    }
    const before = this.#current(id) as UnsavedProduct
    const after = updateFromRow(before, this.#force ? withoutReadOnly(value) : value, this.#exported.get(row), log.at)
    if (after === before) return 'unchanged'
    const sku = visibleProduct(after)?.sku as string
    if (sku !== visibleProduct(before)?.sku) this.#requireUnusedSku(sku)
    this.#setChange(id, after)
    return 'updated'
  }

  /** Writes the changes. */
  async flush(): Promise<void> {
    await this.#writer.apply([...this.#changes.values()])
  }

  /** Returns the id of the product that a row updates; undefined if the row creates a product. */
  #find({ id, sku = '' }: Identity): number | undefined {
    if (id !== undefined) {
      const product = this.#current(id)
      if (visibleProduct(product)) return id
      if (product?.base)
        throw new RefusedRowError('id', `belongs to a hidden product (got ${id}): revert its edits first`)
      if (this.#absent.has(id))
        throw new RefusedRowError(
          'id',
          `belongs to a product that a source had and can have again (got ${id}): leave it out to create one`
        )
      if (isImportableId(id)) return undefined
      throw new RefusedRowError('id', `belongs to no product (got ${id}): leave it out to create one`)
    }
    const owners = [...(this.#owners.get(sku) ?? [])]
    if (owners.length > 1)
      throw new RefusedRowError('sku', `belongs to several products: ${owners.slice(0, 5).join(', ')}. Add an id`)
    return owners[0]
  }

  #requireUnusedSku(sku: string): void {
    const [owner] = this.#owners.get(sku) ?? []
    if (owner !== undefined) throw new RefusedRowError('sku', `belongs to product ${owner}: use another SKU`)
  }

  /** Returns a product as it is after the earlier rows. */
  #current = (id: number): UnsavedProduct | undefined => this.#changes.get(id)?.after ?? this.#stored.get(id)

  #setChange(id: number, after: UnsavedProduct): void {
    const before = visibleProduct(this.#current(id))
    if (before) this.#owners.get(before.sku)?.delete(id)
    const sku = visibleProduct(after)?.sku as string
    this.#owners.set(sku, (this.#owners.get(sku) ?? new Set()).add(id))
    this.#changes.set(id, { id, before: this.#stored.get(id), after })
  }
}
