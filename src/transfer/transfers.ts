import type { ImportReport } from '../../schemas/transfer.js'
import type { ProductMemory } from '../catalog/product-memory.js'
import { ProblemError } from '../http/problems.js'
import type { ChangeAuthor } from '../store/change-log.js'
import type { Database } from '../store/database.js'
import type { ProductStore } from '../store/products.js'
import { type ExportStream, exportProducts, type Format } from './exporter.js'
import { readFormat } from './formats.js'
import { type ImportOptions, importProducts } from './importer.js'
import { UnreadableError } from './rows.js'

/** Exports at once: each holds a view of the database. */
const EXPORTS_MAX = 4
/** Seconds after which there may be room again. */
const RETRY_AFTER = 10

/** Takes whole catalogs out and in, so many at a time that those who read a page feel nothing of it. */
export class Transfers {
  readonly #database: Database
  readonly #products: ProductStore
  readonly #memory: ProductMemory
  readonly #stopping: AbortSignal
  #exports = 0
  #isImporting = false

  /** @param stopping Ends the import that is under way; nothing of it is written. */
  constructor(database: Database, products: ProductStore, memory: ProductMemory, stopping: AbortSignal) {
    this.#database = database
    this.#products = products
    this.#memory = memory
    this.#stopping = stopping
  }

  /** @throws {ProblemError} where there is no room for one more. */
  async export(query: Parameters<typeof exportProducts>[2], format: Format): Promise<ExportStream> {
    if (this.#exports === EXPORTS_MAX) throw busy()
    this.#exports++
    const free = () => {
      this.#exports--
    }
    try {
      const { close: end, ...others } = await exportProducts(this.#database, this.#memory, query, format)
      return { ...others, close: () => end().finally(free) }
    } catch (error) {
      free()
      throw error
    }
  }

  /**
   * @throws {ProblemError} if another import is running, or the file cannot be read.
   */
  async import(
    from: AsyncIterable<Uint8Array>,
    format: keyof typeof readFormat,
    options: ImportOptions,
    writer: ChangeAuthor
  ): Promise<ImportReport> {
    if (this.#isImporting) throw busy()
    this.#isImporting = true
    try {
      return await importProducts(
        this.#products,
        readFormat[format](from),
        { ...options, signal: this.#stopping },
        writer
      )
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error
      const detail = `line ${error.line}: ${error.message}`
      throw new ProblemError('invalid-request', detail, { errors: [{ in: 'body', pointer: '', detail }] })
    } finally {
      this.#isImporting = false
    }
  }
}

const busy = () =>
  new ProblemError('too-many-transfers', `Try again in ${RETRY_AFTER} seconds.`, {
    headers: { 'retry-after': RETRY_AFTER }
  })
