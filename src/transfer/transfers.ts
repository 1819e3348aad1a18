import type { ImportReport } from '../../schemas/transfer.js'
import type { ProductMemory } from '../catalog/product-memory.js'
import type { ChangeAuthor } from '../store/change-log.js'
import type { Database } from '../store/database.js'
import type { ProductStore } from '../store/products.js'
import { TooManyTransfersError } from './errors.js'
import { type ExportStream, exportProducts, type Format } from './exporter.js'
import { readFormat } from './formats.js'
import { type ImportOptions, importProducts } from './importer.js'

/** Exports at once: each holds a view of the database. */
const EXPORTS_MAX = 4

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

  /** @throws {TooManyTransfersError} */
  async export(query: Parameters<typeof exportProducts>[2], format: Format): Promise<ExportStream> {
    if (this.#exports === EXPORTS_MAX) throw new TooManyTransfersError()
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
   * @throws {TooManyTransfersError}
   * @throws {UnreadableFileError}
   */
  async import(
    from: AsyncIterable<Uint8Array>,
    format: keyof typeof readFormat,
    options: ImportOptions,
    writer: ChangeAuthor
  ): Promise<ImportReport> {
    if (this.#isImporting) throw new TooManyTransfersError()
    this.#isImporting = true
    try {
      return await importProducts(
        this.#products,
        readFormat[format](from),
        { ...options, signal: this.#stopping },
        writer
      )
    } finally {
      this.#isImporting = false
    }
  }
}
