import { setImmediate } from 'node:timers/promises'
import type { IndexStore } from '../store/index-store.js'
import { RevisionChangedError } from '../store/search.js'
import type { ProductIndex } from './index/product-index.js'
import { applyChanges, ProductIndexBuilder } from './index/product-index-builder.js'
import { TextCache } from './text-cache.js'

/** Bytes of products in their short form that are kept. */
const TEXTS_SIZE = 48_000_000
const COMMA = ','.charCodeAt(0)

/** What is kept in memory of the products, to find them and to show them in lists. It follows the catalog by its revisions. */
export class ProductMemory {
  readonly #facts: IndexStore
  readonly #texts = new TextCache(TEXTS_SIZE)
  #index: ProductIndex | undefined
  #refreshing: Promise<ProductIndex> | undefined

  constructor(facts: IndexStore) {
    this.#facts = facts
  }

  /** Returns the index at this revision or a later one, of this epoch; without an epoch, of whichever the index has. */
  async index(revision: number, epoch?: string): Promise<ProductIndex> {
    const isAt = (index: ProductIndex | undefined): index is ProductIndex =>
      index !== undefined && index.revision >= revision && (epoch === undefined || index.epoch === epoch)
    if (isAt(this.#index)) return this.#index
    const refreshed = await this.#refreshing
    if (isAt(refreshed)) return refreshed
    // That one had begun before the revision was there.
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
    })
    return await this.#refreshing
  }

  /** Reads the texts of all products, or of as many as there is room for, before they are asked for. */
  async preload(signal: AbortSignal): Promise<void> {
    for await (const texts of this.#facts.allTexts()) {
      // The index may be another one by now, and some of the products too.
      const index = this.#index as ProductIndex
      for (const [id, { revision, summary }] of texts) {
        const row = index.rowOf(id)
        if (index.revisions[row] === revision && index.textAt[row] === 0) this.#keep(index, row, Buffer.from(summary))
      }
      await setImmediate()
      if (signal.aborted || this.#texts.isFull) return
    }
  }

  /**
   * Products in their short form, with commas between them, and what comes before and after them.
   * @throws {RevisionChangedError} where one of them is not any more what it was at the revision of the index.
   */
  async renderList(index: ProductIndex, rows: Uint32Array, before: string, after: string): Promise<Buffer> {
    const read = new Map<number, Buffer>()
    // What was in memory before the reading need not be any more after it. Nothing is waited for between this and the copying.
    for (;;) {
      const missing = this.#missing(index, rows, read)
      if (missing.length === 0) break
      await this.#read(index, missing, read)
    }
    let length = Buffer.byteLength(before) + Buffer.byteLength(after) + rows.length
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number
      length += read.get(row)?.length ?? (index.textLength[row] as number)
    }
    const bytes = Buffer.allocUnsafe(length)
    let end = bytes.write(before)
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number
      if (i > 0) bytes[end++] = COMMA
      const text = read.get(row)
      const length = text?.length ?? (index.textLength[row] as number)
      if (text) text.copy(bytes, end)
      else this.#texts.copy(index.textAt[row] as number, length, bytes, end)
      end += length
    }
    end += bytes.write(after, end)
    for (const [row, text] of read) this.#keep(index, row, text)
    return bytes.subarray(0, end)
  }

  /** Those of the products whose texts are neither in memory nor read. */
  #missing(index: ProductIndex, rows: Uint32Array, read: ReadonlyMap<number, Buffer>): number[] {
    const missing: number[] = []
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number
      if (!this.#texts.has(index.textAt[row] as number) && !read.has(row)) missing.push(row)
    }
    return missing
  }

  /** Reads the texts of products. */
  async #read(index: ProductIndex, missing: readonly number[], read: Map<number, Buffer>): Promise<void> {
    const texts = await this.#facts.texts(missing.map((row) => index.ids[row] as number))
    for (const row of missing) {
      const text = texts.get(index.ids[row] as number)
      if (!text) throw new RevisionChangedError(index.revision + 1)
      // It is as it was at the revision of the index if the change that last touched it is the same.
      if (text.revision !== index.revisions[row]) throw new RevisionChangedError(text.revision)
      read.set(row, Buffer.from(text.summary))
    }
  }

  #keep(index: ProductIndex, row: number, text: Buffer): void {
    index.textAt[row] = this.#texts.add(text)
    index.textLength[row] = text.length
  }

  async #refresh(): Promise<ProductIndex> {
    this.#index = await updateIndex(this.#facts, this.#index)
    return this.#index
  }
}

/** An index of the products as they are now. @param before One of an earlier revision, from which there is less to do. */
export async function updateIndex(facts: IndexStore, before: ProductIndex | undefined): Promise<ProductIndex> {
  let index = before ?? (await buildIndex(facts))
  for (;;) {
    const changes = await facts.changes(index)
    if (changes) return changes.revision === index.revision ? index : await applyChanges(index, changes)
    index = await buildIndex(facts)
  }
}

/** The index of all products. What is changed while they are read is in it as it was before or after: it follows. */
async function buildIndex(facts: IndexStore): Promise<ProductIndex> {
  const version = await facts.version()
  const builder = new ProductIndexBuilder()
  for await (const entries of facts.all()) {
    for (const entry of entries) builder.add(entry)
    // Between two readings others get their turn.
    await setImmediate()
  }
  return await builder.finish(version)
}
