import { setImmediate } from 'node:timers/promises'
import type { IndexStore } from '../store/index-store.js'
import { RevisionChangedError } from '../store/search.js'
import type { ProductIndex } from './index/product-index.js'
import { applyChanges, ProductIndexBuilder } from './index/product-index-builder.js'
import { TextCache } from './text-cache.js'

/** Size limit of the cached summaries, in bytes. */
const TEXTS_SIZE = 48_000_000
const COMMA = ','.charCodeAt(0)

/** The products in memory: the index that finds them, and their summaries for lists. It follows the revisions of the catalog. */
export class ProductMemory {
  readonly #store: IndexStore
  readonly #texts = new TextCache(TEXTS_SIZE)
  #index: ProductIndex | undefined
  #refreshing: Promise<ProductIndex> | undefined

  constructor(store: IndexStore) {
    this.#store = store
  }

  /** Returns the index at a revision of an epoch, or a later one. Without an epoch, the index may be of any. */
  async index(revision: number, epoch?: string): Promise<ProductIndex> {
    const hasReached = (index: ProductIndex | undefined): index is ProductIndex =>
      index !== undefined && index.revision >= revision && (epoch === undefined || index.epoch === epoch)
    if (hasReached(this.#index)) return this.#index
    const refreshed = await this.#refreshing
    if (hasReached(refreshed)) return refreshed
    // That refresh may have started before the revision was committed.
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
    })
    return await this.#refreshing
  }

  /** Loads the summaries of all products, or as many as fit into the cache, before clients request them. */
  async preload(signal: AbortSignal): Promise<void> {
    for await (const texts of this.#store.allTexts()) {
      // The index and some products may have changed since the read.
      const index = this.#index as ProductIndex
      for (const [id, { revision, summary }] of texts) {
        const row = index.rowOf(id)
        if (index.revisions[row] === revision && index.textOffsets[row] === 0)
          this.#cache(index, row, Buffer.from(summary))
      }
      await setImmediate()
      if (signal.aborted || this.#texts.isFull) return
    }
  }

  /**
   * Concatenates the summaries of products, separated by commas, between two texts.
   * @throws {RevisionChangedError} if a product has changed since the revision of the index.
   */
  async renderList(index: ProductIndex, rows: Uint32Array, before: string, after: string): Promise<Buffer> {
    const read = new Map<number, Buffer>()
    // A read may evict texts that were cached before it, so the loop checks again. There must be no `await` between the check and the
    // copying.
    for (;;) {
      const missing = this.#missing(index, rows, read)
      if (missing.length === 0) break
      await this.#read(index, missing, read)
    }
    let length = Buffer.byteLength(before) + Buffer.byteLength(after) + rows.length
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number
      length += read.get(row)?.length ?? (index.textSizes[row] as number)
    }
    const bytes = Buffer.allocUnsafe(length)
    let end = bytes.write(before)
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number
      if (i > 0) bytes[end++] = COMMA
      const text = read.get(row)
      const length = text?.length ?? (index.textSizes[row] as number)
      if (text) text.copy(bytes, end)
      else this.#texts.copy(index.textOffsets[row] as number, length, bytes, end)
      end += length
    }
    end += bytes.write(after, end)
    for (const [row, text] of read) this.#cache(index, row, text)
    return bytes.subarray(0, end)
  }

  /** Returns the rows whose summaries are neither cached nor read. */
  #missing(index: ProductIndex, rows: Uint32Array, read: ReadonlyMap<number, Buffer>): number[] {
    const missing: number[] = []
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number
      if (!this.#texts.has(index.textOffsets[row] as number) && !read.has(row)) missing.push(row)
    }
    return missing
  }

  async #read(index: ProductIndex, missing: readonly number[], read: Map<number, Buffer>): Promise<void> {
    const texts = await this.#store.texts(missing.map((row) => index.ids[row] as number))
    for (const row of missing) {
      const text = texts.get(index.ids[row] as number)
      if (!text) throw new RevisionChangedError(index.revision + 1)
      // The product is unchanged if its newest change is the one in the index.
      if (text.revision !== index.revisions[row]) throw new RevisionChangedError(text.revision)
      read.set(row, Buffer.from(text.summary))
    }
  }

  #cache(index: ProductIndex, row: number, text: Buffer): void {
    index.textOffsets[row] = this.#texts.add(text)
    index.textSizes[row] = text.length
  }

  async #refresh(): Promise<ProductIndex> {
    this.#index = await updateIndex(this.#store, this.#index)
    return this.#index
  }
}

/** Returns an index at the current revision. @param before An earlier index to update, if there is one. */
export async function updateIndex(store: IndexStore, before: ProductIndex | undefined): Promise<ProductIndex> {
  let index = before ?? (await buildIndex(store))
  for (;;) {
    const changes = await store.changes(index)
    if (changes) return changes.revision === index.revision ? index : await applyChanges(index, changes)
    index = await buildIndex(store)
  }
}

/**
 * Builds an index of all products. Its revision is that at the start of the read. It may contain later changes already; applying them again
 * does no harm.
 */
async function buildIndex(store: IndexStore): Promise<ProductIndex> {
  const version = await store.version()
  const builder = new ProductIndexBuilder()
  for await (const entries of store.all()) {
    for (const entry of entries) builder.add(entry)
    // Lets other work run.
    await setImmediate()
  }
  return await builder.finish(version, await store.categories())
}
