import { promisify } from 'node:util'
import { constants, deflateRaw, inflateRaw } from 'node:zlib'

const pack = promisify(deflateRaw)
const unpack = promisify(inflateRaw)

/**
 * Buffers batches of items until one transaction writes them. Compresses the batches to about a tenth, outside the main thread, because a
 * first sync may bring a hundred thousand products.
 */
export class BatchBuffer<T> {
  readonly #batches: Buffer[] = []

  async add(items: readonly T[]): Promise<void> {
    if (items.length === 0) return
    this.#batches.push(await pack(JSON.stringify(items), { level: constants.Z_BEST_SPEED }))
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0
  }

  /** Iterates over the batches in the order in which they were added. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T[]> {
    let next = this.#unpack(0)
    for (let i = 1; i <= this.#batches.length; i++) {
      const items = await next
      // Unpacks the next batch while the database writes this one.
      next = this.#unpack(i)
      yield items
    }
  }

  async #unpack(index: number): Promise<T[]> {
    const packed = this.#batches[index]
    if (!packed) return []
    return JSON.parse((await unpack(packed)).toString()) as T[]
  }
}
