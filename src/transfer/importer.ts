import { INT32_MAX } from '../../schemas/scalars.js'
import type { ImportMode, ImportReport, RefusedRow } from '../../schemas/transfer.js'
import { REFUSALS_MAX } from '../../schemas/transfer.js'
import type { UnsavedProduct } from '../products/stored-product.js'
import { type StoredProduct, visibleProduct } from '../products/stored-product.js'
import type { ChangeAuthor } from '../store/change-log.js'
import type { ProductChange, ProductWriter } from '../store/product-writer.js'
import type { ProductStore } from '../store/products.js'
import { BatchBuffer } from '../support/batch-buffer.js'
import { TimeSlice } from '../support/time-slice.js'
import {
  createFromRow,
  type Identity,
  isImportableId,
  RefusedRowError,
  type RowValue,
  readIdentity,
  updateFromRow
} from './row-changes.js'
import type { ReadRow } from './rows.js'

interface Row {
  line: number
  value: RowValue
}

export interface ImportOptions {
  mode: ImportMode
  dryRun: boolean
  /** Is told how many of the rows are done. */
  progress?: (done: number, rows: number) => void
  /** Gives up, and writes nothing. */
  signal?: AbortSignal
}

/** A row may have names and values of a megabyte, and a report has a thousand rows. */
const truncate = (text: string, max: number) => (text.length > max ? `${text.slice(0, max - 1)}…` : text)

/** Thrown to undo what was written to find out what would be. */
class RollbackSignal extends Error {}

/**
 * Makes and changes products by the rows of a file, in one transaction. It begins when all of the file is there, so that
 * nobody waits for whoever sends it.
 */
export async function importProducts(
  products: ProductStore,
  rows: AsyncIterable<ReadRow[]>,
  { mode, dryRun, progress = () => {}, signal }: ImportOptions,
  writer: ChangeAuthor
): Promise<ImportReport> {
  const unread: RefusedRow[] = []
  const refused: RefusedRow[] = []
  const counts = { rows: 0, created: 0, updated: 0, unchanged: 0, refused: 0 }
  const refuse = (list: RefusedRow[], line: number, field: string | undefined, reason: string) => {
    counts.refused++
    if (list.length < REFUSALS_MAX)
      list.push({ line, ...(field !== undefined && { field: truncate(field, 100) }), reason: truncate(reason, 1000) })
  }
  const spool = new BatchBuffer<Row>()
  for await (const some of rows) {
    counts.rows += some.length
    for (const row of some) if ('refused' in row) refuse(unread, row.line, row.field, row.refused)
    await spool.add(some.filter((row) => 'value' in row))
  }
  const write = products.write(writer, async (writing) => {
    let done = 0
    const slice = new TimeSlice()
    for await (const some of spool) {
      signal?.throwIfAborted()
      const batch = await Batch.open(writing, some)
      for (const row of some) {
        try {
          counts[await batch.applyRow(row)]++
        } catch (error) {
          if (!(error instanceof RefusedRowError)) throw error
          refuse(refused, row.line, error.field, error.message)
        }
        await slice.turn()
      }
      await batch.flush()
      done += some.length
      progress(done, counts.rows)
    }
    if (dryRun || (mode === 'all-or-nothing' && counts.refused > 0)) throw new RollbackSignal()
  })
  await write.catch((error) => {
    if (!(error instanceof RollbackSignal)) throw error
  })
  const refusals = [...unread, ...refused].sort((a, b) => a.line - b.line).slice(0, REFUSALS_MAX)
  return { mode, dryRun, ...counts, refusals }
}

const isId = (value: unknown): value is number => Number.isInteger(value) && Math.abs(value as number) <= INT32_MAX
const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0')

/** Some rows, and the products that they are about. */
class Batch {
  readonly #writing: ProductWriter
  readonly #stored: Map<number, StoredProduct>
  /** The ids of the products that readers see with each SKU that a row has. */
  readonly #owners: Map<string, Set<number>>
  /** By the id, as rows before have it. */
  readonly #writes = new Map<number, ProductChange>()

  private constructor(writing: ProductWriter, stored: Map<number, StoredProduct>, owners: Map<string, Set<number>>) {
    this.#writing = writing
    this.#stored = stored
    this.#owners = owners
  }

  static async open(writing: ProductWriter, rows: readonly Row[]): Promise<Batch> {
    // Nothing else is looked up: PostgreSQL refuses what cannot be an id or a text, and with it all of the rows.
    const ids = rows.map(({ value }) => value.id).filter(isId)
    const skus = rows.map(({ value }) => value.sku).filter(isText)
    const owners = await writing.findBySku([...new Set(skus)])
    const stored = await writing.load([...new Set([...ids, ...[...owners.values()].flat()])])
    return new Batch(writing, stored, new Map([...owners].map(([sku, ids]) => [sku, new Set(ids)])))
  }

  /**
   * Takes in a row.
   * @throws {RefusedRowError}
   */
  async applyRow({ value }: Row): Promise<'created' | 'updated' | 'unchanged'> {
    const { log } = this.#writing
    const identity = readIdentity(value)
    const id = this.#find(identity)
    if (id === undefined) {
      const given = identity.id ?? log.nextId
      const after = createFromRow(given, value, log.at)
      this.#requireUnusedSku(String(value.sku))
      log.reserveId(given)
      this.#write(given, after)
      return 'created'
    }
    const before = this.#now(id) as UnsavedProduct
    const after = updateFromRow(before, value, log.at)
    if (after === before) return 'unchanged'
    const sku = visibleProduct(after)?.sku as string
    if (sku !== visibleProduct(before)?.sku) this.#requireUnusedSku(sku)
    this.#write(id, after)
    return 'updated'
  }

  /** Writes what was taken in. */
  async flush(): Promise<void> {
    await this.#writing.apply([...this.#writes.values()])
  }

  /** The product that a row is about; undefined where it is to be made. */
  #find({ id, sku = '' }: Identity): number | undefined {
    if (id !== undefined) {
      const currentState = this.#now(id)
      if (visibleProduct(currentState)) return id
      if (currentState?.base) throw new RefusedRowError('id', 'is of a product that is hidden')
      if (isImportableId(id)) return undefined
      throw new RefusedRowError('id', 'is of no product: leave it out to make one')
    }
    const owners = [...(this.#owners.get(sku) ?? [])]
    if (owners.length > 1)
      throw new RefusedRowError('sku', `is that of several products: ${owners.slice(0, 5).join(', ')}`)
    return owners[0]
  }

  #requireUnusedSku(sku: string): void {
    const [owner] = this.#owners.get(sku) ?? []
    if (owner !== undefined) throw new RefusedRowError('sku', `is already the SKU of product ${owner}`)
  }

  /** A product as it is after the rows before. */
  #now = (id: number): UnsavedProduct | undefined => this.#writes.get(id)?.after ?? this.#stored.get(id)

  #write(id: number, after: UnsavedProduct): void {
    const old = visibleProduct(this.#now(id))
    if (old) this.#owners.get(old.sku)?.delete(id)
    const sku = visibleProduct(after)?.sku as string
    this.#owners.set(sku, (this.#owners.get(sku) ?? new Set()).add(id))
    this.#writes.set(id, { id, before: this.#stored.get(id), after })
  }
}
