import { hash } from 'node:crypto'
import t from 'tap'
import { type MappedBatch, mapRecords } from '../../src/sync/mapped-records.js'
import { mapSource, mascara, sourceProduct } from '../helpers/products.js'

async function map(records: Iterable<unknown>) {
  const batches: MappedBatch[] = []
  async function* read() {
    yield* records
    return 'the end'
  }
  const mapped = mapRecords(read(), mapSource)
  for (;;) {
    const { done, value } = await mapped.next()
    if (done) return { batches, end: value }
    batches.push(value)
  }
}

t.test('records are mapped in batches of a hundred products, and the end follows', async (t) => {
  const records = [
    ...Array.from({ length: 150 }, (_, i) => sourceProduct(i + 1, i < 120 ? { stock: -1 } : {})),
    'nonsense',
    { ...mascara, id: 7, price: -1 }
  ]

  const { batches, end } = await map(records)

  t.strictSame(
    batches.map(({ records, rows }) => [records, rows.length]),
    [
      [100, 100],
      [52, 50]
    ]
  )
  t.strictSame(batches[1]?.quarantined, [
    {
      id: undefined,
      position: 50,
      problem: { pointer: '', problem: 'must be an object', value: '"nonsense"' },
      digest: hash('sha256', '["nonsense"]')
    },
    { id: '7', position: 51, problem: { pointer: '/price', problem: 'must be at least 0', value: '-1' } }
  ])
  t.equal(batches[1]?.rows[49]?.fields.id, 150)
  t.strictSame(
    batches.map(({ reports }) => reports),
    [100, 20].map((count, i) => [
      {
        pointer: '/stock',
        problem: 'must be at least 0',
        value: '-1',
        outcome: 'repaired',
        count,
        product: i ? '101' : '1'
      }
    ])
  )
  t.equal(end, 'the end')
})

t.test('a batch ends at a quarter of a megabyte, or at a thousand unusable records', async (t) => {
  const large = await map(Array.from({ length: 60 }, (_, i) => sourceProduct(i + 1, { description: 'x'.repeat(9000) })))
  t.strictSame(
    large.batches.map(({ rows }) => rows.length),
    [26, 26, 8]
  )

  const unusable = await map(Array(2500).fill(0))
  t.strictSame(
    unusable.batches.map(({ records, quarantined }) => [records, quarantined.length]),
    [
      [1000, 1000],
      [1000, 1000],
      [500, 500]
    ]
  )
})

t.test('removed products are no records, but fill batches too', async (t) => {
  const records = Array.from({ length: 1001 }, (_, i) => ({ removed: String(i) }))
  const mapped = mapRecords([...records, mascara].values(), (record) =>
    'removed' in (record as object) ? (record as { removed: string }) : mapSource(record)
  )
  const batches: MappedBatch[] = []
  for await (const batch of mapped) batches.push(batch)
  t.match(batches, [
    { records: 0, rows: [], removed: { length: 1000 } },
    { records: 1, rows: [{ externalId: '1' }], removed: ['1000'] }
  ])
})
