import type { ReadRow } from '../../src/transfer/rows.js'

async function* toChunks(file: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(file)
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size)
}

/**
 * Reads all rows of a file.
 * @param read The reader of the format.
 * @param size Bytes per chunk.
 */
export async function readRows(
  read: (from: AsyncIterable<Uint8Array>) => AsyncIterable<ReadRow[]>,
  file: string | Uint8Array,
  size = 7
): Promise<ReadRow[]> {
  const rows: ReadRow[] = []
  for await (const some of read(toChunks(file, size))) rows.push(...some)
  return rows
}
