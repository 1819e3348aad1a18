import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The place of some bytes in a temporary file. */
export interface FileRange {
  position: number
  length: number
}

/** A file for data that does not fit into memory. It is created when it is needed, and removed at once, so that a crash leaves none. */
export class TemporaryFile {
  #handle: Promise<FileHandle> | undefined
  #size = 0

  /** Appends bytes. Returns their place. */
  async append(bytes: Uint8Array): Promise<FileRange> {
    this.#handle ??= createUnnamed()
    const range = { position: this.#size, length: bytes.length }
    this.#size += bytes.length
    await (await this.#handle).writev([bytes], range.position)
    return range
  }

  /** Reads bytes that were appended. */
  async read({ position, length }: FileRange): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    await (await this.#handle)?.read(bytes, 0, length, position)
    return bytes
  }

  async close(): Promise<void> {
    // If the file could not be created, `append` has thrown.
    await (await this.#handle?.catch(() => undefined))?.close()
  }
}

/** Creates a file without a name: it takes space until it is closed. */
async function createUnnamed(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-'))
  try {
    return await open(join(folder, 'data'), 'w+')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
