import t from 'tap'
import { BatchBuffer } from '../../src/support/batch-buffer.js'
import { mapProduct } from '../../src/sync/sources/dummyjson-mapping.js'
import { sourceProduct } from '../helpers/products.js'

const row = (id: number) => {
  const mapped = mapProduct(sourceProduct(id))
  if ('refused' in mapped) throw new Error(mapped.refused)
  return mapped.row
}

t.test('rows come back as they were added, as many at a time', async (t) => {
  const spool = new BatchBuffer()
  await spool.add([row(1), row(2)])
  await spool.add([])
  await spool.add([row(3)])

  const seen = []
  for await (const rows of spool) seen.push(rows)

  t.strictSame(seen, [[row(1), row(2)], [row(3)]])
})

t.test('an empty one has nothing', async (t) => {
  for await (const rows of new BatchBuffer()) t.fail(JSON.stringify(rows))
})
