import { hash } from 'node:crypto'
import type { SourceProductRow } from '../store/source-products.js'
import { type DescribedProblem, describeProblem, type FieldReportCount, FieldReports } from './field-reports.js'
import type { SourceKind } from './sources/source-kind.js'

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
  problem: DescribedProblem
  /** Hash of the whole record; undefined if it has an external id. */
  digest?: string
}

/** Mapped records, in the order of the source. */
export interface MappedBatch {
  /** Number of records, usable or not. */
  records: number
  rows: SourceProductRow[]
  quarantined: QuarantinedRecord[]
  /** The repaired and dropped fields of the rows. */
  reports: FieldReportCount[]
  /** The external ids of products that the source has removed. They do not count as records. */
  removed?: string[]
}

/** Validates and maps records. Returns them in batches, followed by what the records end with. */
export async function* mapRecords<T>(
  records: Pick<Iterator<unknown, T> | AsyncIterator<unknown, T>, 'next'>,
  map: (record: unknown) => ReturnType<SourceKind['map']>
): AsyncGenerator<MappedBatch, T> {
  let batch = startBatch()
  let reports = new FieldReports()
  let size = 0
  let count = 0
  const finish = ({ removed, ...rest }: ReturnType<typeof startBatch>): MappedBatch => ({
    ...rest,
    reports: reports.counts,
    ...(removed.length > 0 && { removed })
  })
  for (;;) {
    const { done, value } = await records.next()
    if (done) {
      if (count > 0) yield finish(batch)
      return value
    }
    const mapping = map(value)
    // Most kinds map at once. To wait for each of their records would take longer than to map them.
    const mapped = mapping instanceof Promise ? await mapping : mapping
    if ('removed' in mapped) {
      batch.removed.push(mapped.removed)
    } else if ('row' in mapped) {
      batch.records++
      batch.rows.push(mapped.row)
      reports.add(mapped.row.externalId, mapped.reports)
      size += mapped.size
    } else {
      const { id, problem } = mapped
      batch.quarantined.push({
        id,
        position: batch.records++,
        problem: describeProblem(problem),
        ...(id === undefined && { digest: hash('sha256', JSON.stringify([value])) })
      })
    }
    count++
    if (batch.rows.length < BATCH_PRODUCTS && size < BATCH_SIZE && count < BATCH_RECORDS) continue
    yield finish(batch)
    batch = startBatch()
    reports = new FieldReports()
    size = 0
    count = 0
  }
}

const startBatch = () => ({
  records: 0,
  rows: [] as SourceProductRow[],
  quarantined: [] as QuarantinedRecord[],
  removed: [] as string[]
})
