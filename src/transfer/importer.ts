import { INT32_MAX } from '../../schemas/scalars.js'
import type { ImportMode, ImportReport, RefusedRow } from '../../schemas/transfer.js'
import { REFUSALS_MAX } from '../../schemas/transfer.js'
import type { Edited } from '../products/edits.js'
import type { Writer } from '../store/change-log.js'
import { type Stored, visible, type Write, type Writing } from '../store/product-writer.js'
import type { ProductStore } from '../store/products.js'
import { Spool } from '../support/batch-buffer.js'
import { TimeSlice } from '../support/time-slice.js'
import { type Identity, identityOf, isImportable, madeOf, merged, RefusedError, type RowValue } from './row-changes.js'
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
const cut = (text: string, max: number) => (text.length > max ? `${text.slice(0, max - 1)}…` : text)

/** Thrown to undo what was written to find out what would be. */
class Undo extends Error {}

/**
 * Makes and changes products by the rows of a file, in one transaction. It begins when all of the file is there, so that
 * nobody waits for whoever sends it.
 */
export async function importProducts(
  products: ProductStore,
  rows: AsyncIterable<ReadRow[]>,
  { mode, dryRun, progress = () => {}, signal }: ImportOptions,
  writer: Writer
): Promise<ImportReport> {
  const unread: RefusedRow[] = []
  const refused: RefusedRow[] = []
  const counts = { rows: 0, created: 0, updated: 0, unchanged: 0, refused: 0 }
  const refuse = (list: RefusedRow[], line: number, field: string | undefined, reason: string) => {
    counts.refused++
    if (list.length < REFUSALS_MAX)
      list.push({ line, ...(field !== undefined && { field: cut(field, 100) }), reason: cut(reason, 1000) })
  }
  const spool = new Spool<Row>()
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
          counts[await batch.take(row)]++
        } catch (error) {
          if (!(error instanceof RefusedError)) throw error
          refuse(refused, row.line, error.field, error.message)
        }
        await slice.turn()
      }
      await batch.flush()
      done += some.length
      progress(done, counts.rows)
    }
    if (dryRun || (mode === 'all-or-nothing' && counts.refused > 0)) throw new Undo()
  })
  await write.catch((error) => {
    if (!(error instanceof Undo)) throw error
  })
  const refusals = [...unread, ...refused].sort((a, b) => a.line - b.line).slice(0, REFUSALS_MAX)
  return { mode, dryRun, ...counts, refusals }
}

const isId = (value: unknown): value is number => Number.isInteger(value) && Math.abs(value as number) <= INT32_MAX
const isText = (value: unknown): value is string => typeof value === 'string' && !value.includes('\0')

/** Some rows, and the products that they are about. */
class Batch {
  readonly #writing: Writing
  readonly #stored: Map<number, Stored>
  /** The ids of the products that readers see with each SKU that a row has. */
  readonly #owners: Map<string, Set<number>>
  /** By the id, as rows before have it. */
  readonly #writes = new Map<number, Write>()

  private constructor(writing: Writing, stored: Map<number, Stored>, owners: Map<string, Set<number>>) {
    this.#writing = writing
    this.#stored = stored
    this.#owners = owners
  }

  static async open(writing: Writing, rows: readonly Row[]): Promise<Batch> {
    // Nothing else is looked up: PostgreSQL refuses what cannot be an id or a text, and with it all of the rows.
    const ids = rows.map(({ value }) => value.id).filter(isId)
    const skus = rows.map(({ value }) => value.sku).filter(isText)
    const owners = await writing.withSku([...new Set(skus)])
    const stored = await writing.load([...new Set([...ids, ...[...owners.values()].flat()])])
    return new Batch(writing, stored, new Map([...owners].map(([sku, ids]) => [sku, new Set(ids)])))
  }

  /**
   * Takes in a row.
   * @throws {RefusedError}
   */
  async take({ value }: Row): Promise<'created' | 'updated' | 'unchanged'> {
    const { log } = this.#writing
    const identity = identityOf(value)
    const id = this.#find(identity)
    if (id === undefined) {
      const given = identity.id ?? log.nextId
      const after = madeOf(given, value, log.at)
      this.#requireFree(String(value.sku))
      log.useId(given)
      this.#write(given, after)
      return 'created'
    }
    const before = this.#now(id) as Edited
    const after = merged(before, value, log.at)
    if (after === before) return 'unchanged'
    const sku = visible(after)?.sku as string
    if (sku !== visible(before)?.sku) this.#requireFree(sku)
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
      const now = this.#now(id)
      if (visible(now)) return id
      if (now?.base) throw new RefusedError('id', 'is of a product that is hidden')
      if (isImportable(id)) return undefined
      throw new RefusedError('id', 'is of no product: leave it out to make one')
    }
    const owners = [...(this.#owners.get(sku) ?? [])]
    if (owners.length > 1)
      throw new RefusedError('sku', `is that of several products: ${owners.slice(0, 5).join(', ')}`)
    return owners[0]
  }

  #requireFree(sku: string): void {
    const [owner] = this.#owners.get(sku) ?? []
    if (owner !== undefined) throw new RefusedError('sku', `is the SKU of product ${owner} already`)
  }

  /** A product as it is after the rows before. */
  #now = (id: number): Edited | undefined => this.#writes.get(id)?.after ?? this.#stored.get(id)

  #write(id: number, after: Edited): void {
    const old = visible(this.#now(id))
    if (old) this.#owners.get(old.sku)?.delete(id)
    const sku = visible(after)?.sku as string
    this.#owners.set(sku, (this.#owners.get(sku) ?? new Set()).add(id))
    this.#writes.set(id, { id, before: this.#stored.get(id), after })
  }
}
