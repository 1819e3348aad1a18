import { promisify } from 'node:util'
import { constants, deflateRaw, inflateRaw } from 'node:zlib'

const pack = promisify(deflateRaw)
const unpack = promisify(inflateRaw)

/**
 * Holds what comes in, which takes as long as it takes, until the one transaction that stores it. It is compressed, off the
 * main thread, to about a tenth: a first sync may bring a hundred thousand products.
 */
export class BatchBuffer<T> {
  readonly #packed: Buffer[] = []

  async add(items: readonly T[]): Promise<void> {
    if (items.length === 0) return
    this.#packed.push(await pack(JSON.stringify(items), { level: constants.Z_BEST_SPEED }))
  }

  get isEmpty(): boolean {
    return this.#packed.length === 0
  }

  /** What was added, in its order, as much at a time as was added at a time. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T[]> {
    let next = this.#unpack(0)
    for (let i = 1; i <= this.#packed.length; i++) {
      const items = await next
      // Made while those before it are being written, which takes another thread or another machine.
      next = this.#unpack(i)
      yield items
    }
  }

  async #unpack(index: number): Promise<T[]> {
    const packed = this.#packed[index]
    if (!packed) return []
    return JSON.parse((await unpack(packed)).toString()) as T[]
  }
}
