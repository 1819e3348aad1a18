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
    const columns = Object.fromEntries(FIELDS.map((field, i) => [field, this.#columns[i]?.finish()]))
    const added = { columns: columns as Record<Field, Column>, tags: this.#tags.finish() }
    await setImmediate()
    // Products of a category come one after the other.
    const from = new Int32Array(added.columns.category.order().rows)
    return new ProductIndex(
      revision,
      Uint32Array.from(from, (row) => this.#ids[row] as number),
      Uint32Array.from(from, (row) => this.#revisions[row] as number),
      await rearrange(added, from, []),
      new Float64Array(from.length),
      new Uint32Array(from.length)
    )
  }
}
