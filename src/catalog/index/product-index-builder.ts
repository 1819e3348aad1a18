import { setImmediate } from 'node:timers/promises'
import type { CatalogVersion } from '../../products/catalog-version.js'
import type { StoredCategories } from '../../products/category-tree.js'
import type { IndexChanges, IndexEntry } from '../../products/index-entry.js'
import {
  INDEXED_FIELDS,
  INDEXED_LISTS,
  type IndexedField,
  type IndexedList,
  type IndexedValue
} from '../../products/indexed-values.js'
import { type Column, ColumnBuilder } from './column.js'
import { type ListColumn, ListColumnBuilder } from './list-column.js'
import { ProductIndex } from './product-index.js'

/** Builds an index from products that are added one by one. */
export class ProductIndexBuilder {
  readonly #ids: number[] = []
  readonly #revisions: number[] = []
  readonly #columns = INDEXED_FIELDS.map(() => new ColumnBuilder())
  readonly #lists = INDEXED_LISTS.map(() => new ListColumnBuilder())

  add([id, revision, values]: IndexEntry): void {
    this.#ids.push(id)
    this.#revisions.push(revision)
    for (let i = 0; i < INDEXED_FIELDS.length; i++) this.#columns[i]?.add(values[i] as IndexedValue | null)
    for (let i = 0; i < INDEXED_LISTS.length; i++) this.#lists[i]?.add(values[INDEXED_FIELDS.length + i] as string[])
  }

  async finish(version: CatalogVersion, categories: StoredCategories): Promise<ProductIndex> {
    const columns: Partial<Record<IndexedField, Column>> = {}
    for (const [i, field] of INDEXED_FIELDS.entries()) {
      columns[field] = this.#columns[i]?.finish() as Column
      // Lets other work run.
      await setImmediate()
    }
    const lists: Partial<Record<IndexedList, ListColumn>> = {}
    for (const [i, list] of INDEXED_LISTS.entries()) {
      lists[list] = this.#lists[i]?.finish() as ListColumn
      await setImmediate()
    }
    const added = { columns: columns as Record<IndexedField, Column>, lists: lists as Record<IndexedList, ListColumn> }
    // Sorted by category, so that the products of a category are adjacent.
    const from = new Int32Array(added.columns.category.postings.rows)
    await setImmediate()
    const rearranged = await rearrange(added, from, [])
    const ids = new Uint32Array(from.length)
    const revisions = new Uint32Array(from.length)
    for (let row = 0; row < from.length; row++) {
      ids[row] = this.#ids[from[row] as number] as number
      revisions[row] = this.#revisions[from[row] as number] as number
    }
    const textOffsets = new Float64Array(from.length)
    const textSizes = new Uint32Array(from.length)
    return new ProductIndex(version, ids, revisions, rearranged, categories, textOffsets, textSizes)
  }
}

/** Returns the index after changes. This takes about 20 ms for 100,000 products, whether one product has changed or a thousand. */
export async function applyChanges(
  index: ProductIndex,
  { revision, entries, removedIds, categories }: IndexChanges
): Promise<ProductIndex> {
  const removed = new Set(removedIds)
  const changed = new Map(entries.map((entry) => [entry[0], entry]))
  const most = index.size + entries.length
  const ids = new Uint32Array(most)
  const revisions = new Uint32Array(most)
  const from = new Int32Array(most)
  const fresh: IndexEntry[] = []
  let size = 0
  const add = (id: number, revision: number, before: number) => {
    ids[size] = id
    revisions[size] = revision
    from[size++] = before
  }
  const addFresh = (entry: IndexEntry) => {
    fresh.push(entry)
    add(entry[0], entry[1], -1)
  }
  for (let row = 0; row < index.size; row++) {
    const id = index.ids[row] as number
    const entry = changed.get(id)
    if (entry) {
      addFresh(entry)
      changed.delete(id)
    } else if (!removed.has(id)) add(id, index.revisions[row] as number, row)
  }
  for (const entry of changed.values()) addFresh(entry)
  const rowsFrom = from.subarray(0, size)
  const rearranged = await rearrange(index, rowsFrom, fresh)
  const textOffsets = new Float64Array(size)
  const textSizes = new Uint32Array(size)
  for (let row = 0; row < size; row++) {
    const before = rowsFrom[row] as number
    if (before < 0) continue
    textOffsets[row] = index.textOffsets[before] as number
    textSizes[row] = index.textSizes[before] as number
  }
  return new ProductIndex(
    { epoch: index.epoch, revision },
    ids.slice(0, size),
    revisions.slice(0, size),
    rearranged,
    categories ?? index.storedCategories,
    textOffsets,
    textSizes
  )
}

/**
 * Creates the columns for another set of rows, in steps, so that other work can run in between.
 * @param from For each new row, its row in the given columns; -1 for a row that takes the next of the `fresh` products.
 */
async function rearrange(
  { columns, lists }: Pick<ProductIndex, 'columns' | 'lists'>,
  from: Int32Array,
  fresh: readonly IndexEntry[]
): Promise<Pick<ProductIndex, 'columns' | 'lists'>> {
  const rearranged: Partial<Record<IndexedField, Column>> = {}
  for (const [i, field] of INDEXED_FIELDS.entries()) {
    rearranged[field] = columns[field].rearrange(
      from,
      fresh.map((entry) => entry[2][i] as IndexedValue | null)
    )
    await setImmediate()
  }
  const rearrangedLists: Partial<Record<IndexedList, ListColumn>> = {}
  for (const [i, list] of INDEXED_LISTS.entries()) {
    rearrangedLists[list] = lists[list].rearrange(
      from,
      fresh.map((entry) => entry[2][INDEXED_FIELDS.length + i] as string[])
    )
    await setImmediate()
  }
  return {
    columns: rearranged as Record<IndexedField, Column>,
    lists: rearrangedLists as Record<IndexedList, ListColumn>
  }
}
