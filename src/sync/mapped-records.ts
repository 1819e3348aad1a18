import type { SourceProductRow } from '../store/products.js'
import type { MappedRecord } from './sources/source-kind.js'

/** Products per batch. A batch is written in a few milliseconds. */
const BATCH_PRODUCTS = 100
/** Characters of JSON at which a batch is complete. */
const BATCH_SIZE = 250_000
/** Records per batch, usable or not. */
const BATCH_RECORDS = 1000

/** A record that cannot be used. */
export interface QuarantinedRecord {
  /** Its external id; undefined if that is not usable either. */
  id: string | undefined
  /** Its position in the batch. */
  position: number
  reason: string
}

/** Mapped records, in the order of the source. */
export interface MappedBatch {
  /** Number of records, usable or not. */
  records: number
  rows: SourceProductRow[]
  quarantined: QuarantinedRecord[]
}

/** Validates and maps records. Returns them in batches, followed by what the records end with. */
export async function* mapRecords<T>(
  records: Pick<Iterator<unknown, T> | AsyncIterator<unknown, T>, 'next'>,
  map: (record: unknown) => MappedRecord
): AsyncGenerator<MappedBatch, T> {
  let batch: MappedBatch = { records: 0, rows: [], quarantined: [] }
  let size = 0
  for (;;) {
    const { done, value } = await records.next()
    if (done) {
      if (batch.records > 0) yield batch
      return value
    }
    const mapped = map(value)
    if ('row' in mapped) {
      batch.rows.push(mapped.row)
      size += mapped.size
    } else batch.quarantined.push({ id: mapped.id, position: batch.records, reason: mapped.refused })
    batch.records++
    if (batch.rows.length < BATCH_PRODUCTS && size < BATCH_SIZE && batch.records < BATCH_RECORDS) continue
    yield batch
    batch = { records: 0, rows: [], quarantined: [] }
    size = 0
  }
}
