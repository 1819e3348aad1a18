import type { ImportReport } from '../../schemas/transfer.js'
import type { ProductMemory } from '../catalog/product-memory.js'
import type { ChangeAuthor } from '../store/change-log.js'
import type { Database } from '../store/database.js'
import type { ProductStore } from '../store/products.js'
import { WorkQueue } from '../support/work-queue.js'
import { TooManyTransfersError } from './errors.js'
import type { Format } from './export-formats.js'
import { type ExportStream, exportProducts } from './exporter.js'
import { readFormat } from './formats.js'
import { type ImportOptions, importProducts } from './importer.js'

/** Maximum number of concurrent exports. Each keeps a snapshot of the database open. */
const EXPORTS_MAX = 4

/** Exports and imports catalogs. Limits how many run concurrently, so that they do not slow other requests down. */
export class Transfers {
  readonly #database: Database
  readonly #products: ProductStore
  readonly #memory: ProductMemory
  readonly #stopping: AbortSignal
  readonly #exports = createQueue(EXPORTS_MAX)
  readonly #imports = createQueue(1)

  /** @param stopping Aborts a running import. Nothing of it is written. */
  constructor(database: Database, products: ProductStore, memory: ProductMemory, stopping: AbortSignal) {
    this.#database = database
    this.#products = products
    this.#memory = memory
    this.#stopping = stopping
  }

  /** @throws {TooManyTransfersError} */
  async export(query: Parameters<typeof exportProducts>[2], format: Format): Promise<ExportStream> {
    const release = await this.#exports.acquire()
    try {
      const stream = await exportProducts(this.#database, this.#memory, query, format)
      return { ...stream, close: () => stream.close().finally(release) }
    } catch (error) {
      release()
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
    author: ChangeAuthor
  ): Promise<ImportReport> {
    return await this.#imports.run(() =>
      importProducts(this.#products, readFormat[format](from), { ...options, signal: this.#stopping }, author)
    )
  }
}

const createQueue = (concurrency: number) =>
  new WorkQueue({ concurrency, maxQueued: 0, createError: () => new TooManyTransfersError() })
