import { promisify } from 'node:util'
import { constants, deflateRaw, inflateRaw } from 'node:zlib'
import type { Product } from '../../schemas/product.js'
import type { ProductRow } from '../store/products.js'
import { toRow } from './mapping.js'

const pack = promisify(deflateRaw)
const unpack = promisify(inflateRaw)

/**
 * Holds products between the reading of the source, which takes as long as it takes, and the one transaction that stores
 * them. They are compressed, off the main thread, to about a tenth: a first sync may bring a hundred thousand.
 */
export class Spool {
  readonly #packed: Buffer[] = []

  async add(rows: readonly ProductRow[]): Promise<void> {
    if (rows.length === 0) return
    const json = `[${rows.map((row) => row.productJson).join(',')}]`
    this.#packed.push(await pack(json, { level: constants.Z_BEST_SPEED }))
  }

  /** What was added, in its order, as much at a time as was added at a time. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ProductRow[]> {
    let next = this.#unpack(0)
    for (let i = 1; i <= this.#packed.length; i++) {
      const rows = await next
      // Made while those before it are being written, which takes another thread or another machine.
      next = this.#unpack(i)
      yield rows
    }
  }

  async #unpack(index: number): Promise<ProductRow[]> {
    const packed = this.#packed[index]
    if (!packed) return []
    const products = JSON.parse((await unpack(packed)).toString()) as Product[]
    return products.map(toRow)
  }
}
