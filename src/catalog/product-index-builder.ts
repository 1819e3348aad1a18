import { setImmediate } from 'node:timers/promises'
import { type Column, ColumnBuilder, type Value } from './column.js'
import { FIELDS, type Field } from './facts.js'
import { ListColumnBuilder } from './list-column.js'
import { type IndexEntry, ProductIndex, rearrange } from './product-index.js'

/** Makes an index of products that come one after the other. */
export class ProductIndexBuilder {
  readonly #ids: number[] = []
  readonly #revisions: number[] = []
  readonly #columns = FIELDS.map(() => new ColumnBuilder())
  readonly #tags = new ListColumnBuilder()

  add([id, revision, facts]: IndexEntry): void {
    this.#ids.push(id)
    this.#revisions.push(revision)
    for (let i = 0; i < FIELDS.length; i++) this.#columns[i]?.add(facts[i] as Value | null)
    this.#tags.add(facts[FIELDS.length] as string[])
  }

  async finish(revision: number): Promise<ProductIndex> {
    const columns: Partial<Record<Field, Column>> = {}
    for (const [i, field] of FIELDS.entries()) {
      columns[field] = this.#columns[i]?.finish() as Column
      // Others get their turn.
      await setImmediate()
    }
    const added = { columns: columns as Record<Field, Column>, tags: this.#tags.finish() }
    await setImmediate()
    // Products of a category come one after the other.
    const from = new Int32Array(added.columns.category.postings.rows)
    await setImmediate()
    const rearranged = await rearrange(added, from, [])
    const ids = new Uint32Array(from.length)
    const revisions = new Uint32Array(from.length)
    for (let row = 0; row < from.length; row++) {
      ids[row] = this.#ids[from[row] as number] as number
      revisions[row] = this.#revisions[from[row] as number] as number
    }
    const textAt = new Float64Array(from.length)
    return new ProductIndex(revision, ids, revisions, rearranged, textAt, new Uint32Array(from.length))
  }
}
