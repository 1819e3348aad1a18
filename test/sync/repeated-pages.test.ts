import t from 'tap'
import type { MappedBatch } from '../../src/sync/mapped-records.js'
import { RepeatedPages } from '../../src/sync/repeated-pages.js'
import { mappedRow, sourceProduct } from '../helpers/products.js'

const problem = { pointer: '/id', problem: 'is missing' }

/** Returns a batch with usable products, quarantined products, and records without an id. */
function batchOf(usable: number[], quarantined: string[] = [], digests: string[] = []): MappedBatch {
  return {
    records: usable.length + quarantined.length + digests.length,
    rows: usable.map((id) => mappedRow(sourceProduct(id))),
    quarantined: [
      ...quarantined.map((id) => ({ id, position: 0, problem })),
      ...digests.map((digest) => ({ id: undefined, position: 0, problem, digest }))
    ],
    reports: []
  }
}

/** Returns which of the pages are repeated. */
function read(pages: MappedBatch[][]): boolean[] {
  const known = new Set<string>()
  const repeated = new RepeatedPages((id) => known.has(id))
  return pages.map((batches) => {
    repeated.startPage()
    for (const batch of batches) repeated.add(batch)
    const isRepeated = repeated.endPage()
    for (const { rows, quarantined } of batches) {
      for (const { externalId } of rows) known.add(externalId)
      for (const { id } of quarantined) if (id !== undefined) known.add(id)
    }
    return isRepeated
  })
}

t.test('a page whose ids are all known is a repeated one', async (t) => {
  t.strictSame(read([[batchOf([1, 2], ['3'])], [batchOf([2])], [batchOf([], ['1'])]]), [false, true, true])
  t.strictSame(read([[batchOf([1])], [batchOf([1]), batchOf([2])], [batchOf([1], ['3'])]]), [false, false, false])
  t.strictSame(read([[batchOf([1], [], ['a'])], [batchOf([1], [], ['b'])]]), [false, true])
})

t.test('a page without an id is a repeated one if it is the same as the previous page', async (t) => {
  const [a, b] = [batchOf([], [], ['a']), batchOf([], [], ['b'])]
  t.strictSame(read([[a], [b], [a], [a, b], [batchOf([], [], ['a', 'b'])]]), [false, false, false, false, true])
  t.strictSame(read([[batchOf([1])], [a], [batchOf([2])], [a], [a]]), [false, false, false, false, true])
  t.strictSame(read([[a], [batchOf([1], [], ['a'])], [a]]), [false, false, false])
})

t.test('an empty page is none', async (t) => {
  t.strictSame(read([[], [], [batchOf([])]]), [false, false, false])
})

t.test('a page that starts again counts once', async (t) => {
  const repeated = new RepeatedPages(() => false)
  for (const digest of ['a', 'a']) {
    repeated.startPage()
    repeated.add(batchOf([7]))
    repeated.startPage()
    repeated.add(batchOf([], [], [digest]))
  }
  t.notOk(repeated.endPage())
  repeated.startPage()
  repeated.add(batchOf([], [], ['a']))
  t.ok(repeated.endPage())
})
