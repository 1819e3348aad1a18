import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

/** The currency of the sample, which its products do not name. */
export const SAMPLE_CURRENCY = 'USD'

/** Returns the products of the sample catalog, in the form of DummyJSON. */
export async function readSample(): Promise<unknown[]> {
  const path = createRequire(import.meta.url).resolve('#sample')
  return JSON.parse(await readFile(path, 'utf8')) as unknown[]
}
