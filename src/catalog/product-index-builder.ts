import { type Column, ColumnBuilder, type Value } from './column.js'
import { FIELDS, type Field } from './facts.js'
import { ListColumnBuilder } from './list-column.js'
import { type IndexEntry, ProductIndex } from './product-index.js'

/** Makes an index of products that come one after the other, in the order of their ids. */
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

  finish(revision: number): ProductIndex {
    const columns = Object.fromEntries(FIELDS.map((field, i) => [field, this.#columns[i]?.finish()]))
    return new ProductIndex(
      revision,
      new Uint32Array(this.#ids),
      new Uint32Array(this.#revisions),
      columns as Record<Field, Column>,
      this.#tags.finish(),
      new Float64Array(this.#ids.length),
      new Uint32Array(this.#ids.length)
    )
  }
}
