import type { FastifyBaseLogger } from 'fastify'
import { SAMPLE } from '../products/stored-product.js'
import { type SourceProductStore, toIds } from '../store/source-products.js'
import type { SourceState, SourceStateStore } from '../store/source-state.js'
import { FetchedCatalog } from './fetched-catalog.js'
import { mapRecords } from './mapped-records.js'
import { readSample, SAMPLE_CURRENCY } from './sample.js'
import { mapProduct } from './sources/dummyjson/dummyjson-mapping.js'

export interface PreparationOptions {
  /** Whether a source is configured. */
  hasSource: boolean
  /** Whether the sample is served until the first sync. */
  sample: boolean
  products: SourceProductStore
  state: SourceStateStore
  log: FastifyBaseLogger
}

/**
 * Prepares the catalog at startup. Before the first sync, loads the sample, or removes it if it is disabled. Without a source, removes the
 * products of the previous source.
 */
export async function prepareCatalog({ hasSource, sample, products, state, log }: PreparationOptions): Promise<void> {
  const stored = await state.get()
  if (!hasSource) {
    if (stored.source === undefined) return
    const { deleted } = await products.replace({ source: undefined }, 'source')
    log.warn({ deleted }, 'no source is configured: the products of the previous source were removed')
    return
  }
  if (hasSynced(stored)) return
  const source = sample ? SAMPLE : undefined
  const fetched = new FetchedCatalog(products, SAMPLE, SAMPLE_CURRENCY)
  if (sample) {
    const records = (await readSample()).values()
    const batches = mapRecords(records, (record) => mapProduct(record, { currency: SAMPLE_CURRENCY }))
    for await (const batch of batches) await fetched.addBatch(batch)
  }
  const { missing } = await products.findMissing(SAMPLE, fetched.externalIds)
  let isServed = sample
  // If nothing changes, the service must start even if the database is read-only.
  const isPrepared = fetched.isUnchanged && missing.length === 0 && stored.source === source
  if (!isPrepared) {
    const categories = { list: fetched.categories.list(), isComplete: true }
    await products.replace(
      { source, changed: fetched.changed(), removedIds: toIds(missing), categories },
      'sample',
      async (db) => {
        // Checked again in the transaction, because another process may have completed a sync in the meantime.
        const isFirst = !hasSynced(await state.get(db))
        isServed = sample && isFirst
        return isFirst
      }
    )
  }
  if (isServed) log.warn('serving the sample catalog until the first successful sync')
}

/** Returns whether a sync has stored products of a source. An incomplete one does not count as a success, but its products must stay. */
const hasSynced = ({ lastSuccess, source }: SourceState) =>
  lastSuccess !== undefined || (source !== undefined && source !== SAMPLE)
