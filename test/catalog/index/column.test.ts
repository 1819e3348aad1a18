import fc from 'fast-check'
import t from 'tap'
import { listRows } from '../../../src/catalog/index/bitmap.js'
import { ColumnBuilder } from '../../../src/catalog/index/column.js'
import { type Condition, toRowsCondition } from '../../../src/catalog/index/condition.js'
import { ListColumnBuilder } from '../../../src/catalog/index/list-column.js'
import type { IndexedValue } from '../../../src/products/indexed-values.js'
import { requireEqual } from '../../helpers/properties.js'

t.test('a column encodes any number of distinct values', async (t) => {
  for (const count of [1, 255, 256, 65_535, 65_536, 70_000]) {
    const values = Array.from({ length: count }, (_, i) => (i * 7919) % count)
    const built = columnOf(values)
    t.equal(built.values.length, new Set(values).size)
    // Half of the columns are built from scratch, the others from an earlier column.
    const column = count % 2 === 0 ? built : built.rearrange(new Int32Array(count).fill(-1), values)
    t.equal(column.values.length, new Set(values).size)
    t.ok(values.every((value, row) => column.values[column.codes[row] as number] === value))
    t.ok(column.values.every((value, code) => code === 0 || (column.values[code - 1] as number) < (value as number)))
  }
})

t.test('conditions accept bounds and values that no row has', async (t) => {
  const column = columnOf([10, 30, null, 20, 30])
  const rows = (condition: Condition) => {
    const found = rowsOf(condition, 5)
    t.equal(condition.count, found.length)
    if (condition.rows) t.strictSame([...condition.rows].sort(), found)
    return found
  }
  t.strictSame(rows(column.whereBetween(10, 30)), [0, 1, 3, 4])
  t.strictSame(rows(column.whereBetween(11, 29)), [3])
  t.strictSame(rows(column.whereBetween(undefined, 29)), [0, 3])
  t.strictSame(rows(column.whereBetween(31, undefined)), [])
  t.strictSame(rows(column.whereBetween(30, 10)), [])
  t.strictSame(rows(column.whereBetween(undefined, undefined)), [0, 1, 3, 4], 'a row without a value is in no range')
  t.strictSame(rows(column.whereIn([30, 15, 10])), [0, 1, 4])
})

t.test('a product with several of the values is found once', async (t) => {
  const builder = new ListColumnBuilder()
  for (const values of [['a', 'b'], [], ['b', 'c']]) builder.add(values)
  const tags = builder.finish()
  const rows = (...values: string[]) => rowsOf(tags.whereIn(values), 3)
  t.strictSame(rows('a', 'b', 'c'), [0, 2])
  t.strictSame(rows('c', 'x'), [2])
  t.strictSame(rows('x'), [])
})

t.test('a condition returns exactly its rows, few or many, and its word range covers them', async () => {
  const size = 1000
  const value = fc.integer({ min: 0, max: 40 })
  // Most values are rare, one is frequent, and neighboring rows often share a value.
  const runs = fc.tuple(fc.oneof(value, fc.constant(3), fc.constant(null)), fc.integer({ min: 1, max: 50 }))
  const values = fc.array(runs, { minLength: 100, maxLength: 200 }).map((runs) => {
    return runs.flatMap(([value, times]) => Array<number | null>(times).fill(value)).slice(0, size)
  })
  fc.assert(
    fc.property(values, fc.uniqueArray(value, { maxLength: 3 }), value, value, (values, some, least, most) => {
      const column = columnOf(values)
      const lists = values.map((value, row) => (value === null ? [] : [...new Set([value, row % 7])]))
      const builder = new ListColumnBuilder()
      for (const list of lists) builder.add(list)
      const rowsWhere = (isExpected: (row: number) => boolean) => [...values.keys()].filter(isExpected)

      check(
        column.whereIn(some),
        rowsWhere((row) => some.includes(values[row] as number)),
        values.length
      )
      check(
        builder.finish().whereIn(some),
        rowsWhere((row) => !!lists[row]?.some((one) => some.includes(one))),
        values.length
      )
      check(
        toRowsCondition(Uint32Array.from(some)),
        some.sort((a, b) => a - b),
        values.length
      )
      const isWithin = (value: number | null) => value !== null && value >= least && value <= most
      check(
        column.whereBetween(least, most),
        rowsWhere((row) => isWithin(values[row] as number | null)),
        values.length
      )
    }),
    { numRuns: 200 }
  )
})

function check(condition: Condition, expected: number[], size: number): void {
  requireEqual(rowsOf(condition, size), expected)
  if (condition.rows)
    requireEqual(
      [...condition.rows].sort((a, b) => a - b),
      expected
    )
  const { from, to } = condition.wordRange
  const isIn = (row: number, from: number, to: number) => row >= from * 32 && row < to * 32
  requireEqual(
    expected.filter((row) => !isIn(row, from, to)),
    []
  )
  const words = { from: 2, to: 9 }
  const bitmap = condition.bitmapOf(words, new Int32Array(Math.ceil(size / 32)).fill(-1))
  requireEqual(
    [...listRows(bitmap, words, new Uint32Array(size))],
    expected.filter((row) => isIn(row, 2, 9))
  )
}

/** Returns the rows that meet a condition, in ascending order. */
function rowsOf(condition: Condition, size: number): number[] {
  const words = { from: 0, to: Math.ceil(size / 32) }
  // The condition overwrites the old bits of the buffer.
  const buffer = new Int32Array(words.to).fill(-1)
  return [...listRows(condition.bitmapOf(words, buffer), words, new Uint32Array(size))]
}

function columnOf(values: (IndexedValue | null)[]) {
  const builder = new ColumnBuilder()
  for (const value of values) builder.add(value)
  return builder.finish()
}

t.test('a column prepared in steps equals one that is sorted in one go', async (t) => {
  for (const values of [['b', null, 'a', 'b'], [3, 1, null, 2], [null], []] as (IndexedValue | null)[][]) {
    const builder = new ColumnBuilder()
    for (const value of values) builder.add(value)
    const column = builder.finish()
    t.notOk(column.isReady)
    await Promise.all([column.prepare(), column.prepare()])
    t.ok(column.isReady)
    await column.prepare()
    const sorted = columnOf(values)
    t.strictSame([column.values, [...column.codes]], [sorted.values, [...sorted.codes]])
  }
})
