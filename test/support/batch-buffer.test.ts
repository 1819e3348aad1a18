import t from 'tap'
import { BatchBuffer } from '../../src/support/batch-buffer.js'
import { mappedRow, sourceProduct } from '../helpers/products.js'

const row = (id: number) => mappedRow(sourceProduct(id))

t.test('the buffer returns the batches as they were added', async (t) => {
  const buffer = new BatchBuffer()
  await buffer.add([row(1), row(2)])
  await buffer.add([])
  await buffer.add([row(3)])

  const seen = []
  for await (const rows of buffer) seen.push(rows)

  t.strictSame(seen, [[row(1), row(2)], [row(3)]])
})

t.test('an empty buffer returns no batch', async (t) => {
  for await (const rows of new BatchBuffer()) t.fail(JSON.stringify(rows))
})
