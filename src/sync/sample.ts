import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

/** The products of the sample catalog, as DummyJSON would send them. */
export async function readSample(): Promise<unknown[]> {
  const path = createRequire(import.meta.url).resolve('#sample')
  return JSON.parse(await readFile(path, 'utf8')) as unknown[]
}
