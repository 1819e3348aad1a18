import t from 'tap'
import { ColumnBuilder, type Value } from '../../src/catalog/column.js'
import { type Condition, Marks } from '../../src/catalog/condition.js'
import { ListColumnBuilder } from '../../src/catalog/list-column.js'

t.test('a column tells any number of values apart', async (t) => {
  for (const count of [1, 255, 256, 65_535, 65_536, 70_000]) {
    const values = Array.from({ length: count }, (_, i) => (i * 7919) % count)
    const built = columnOf(values)
    t.equal(built.values.length, new Set(values).size)
    // Built at once, or of what there was before.
    const column = count % 2 === 0 ? built : built.replace(new Int32Array(count).fill(-1), values)
    t.equal(column.values.length, new Set(values).size)
    t.ok(values.every((value, row) => column.values[column.codes[row] as number] === value))
    t.ok(column.values.every((value, code) => code === 0 || (column.values[code - 1] as number) < (value as number)))
  }
})

t.test('bounds and values need not occur', async (t) => {
  const column = columnOf([10, 30, null, 20, 30])
  const rows = (condition: Condition) => {
    const found = condition.rows(new Uint32Array(5))
    t.equal(condition.count, found.length)
    t.strictSame([...condition.keep(Uint32Array.of(0, 1, 2, 3, 4), new Uint32Array(5))], [...found].sort())
    return [...found].sort()
  }
  t.strictSame(rows(column.between(10, 30)), [0, 1, 3, 4])
  t.strictSame(rows(column.between(11, 29)), [3])
  t.strictSame(rows(column.between(undefined, 29)), [0, 3])
  t.strictSame(rows(column.between(31, undefined)), [])
  t.strictSame(rows(column.between(30, 10)), [])
  t.strictSame(
    rows(column.between(undefined, undefined)),
    [0, 1, 3, 4],
    'but what has no value is not within any bounds'
  )
  t.strictSame(rows(column.among([30, 15, 10])), [0, 1, 4])
  t.strictSame([...column.among([30, 10]).keep(Uint32Array.of(4, 3, 2, 0), new Uint32Array(4))], [4, 0])
})

t.test('a product that has several of the values is found once', async (t) => {
  const builder = new ListColumnBuilder()
  for (const values of [['a', 'b'], [], ['b', 'c']]) builder.add(values)
  const tags = builder.finish()
  const rows = (...values: string[]) => [...tags.among(values).rows(new Uint32Array(3))]
  t.strictSame(rows('a', 'b', 'c'), [0, 2])
  t.strictSame(rows('c', 'x'), [2])
  t.strictSame(rows('x'), [])
  t.strictSame([...tags.among(['a', 'b']).keep(Uint32Array.of(2, 1, 0), new Uint32Array(3))], [2, 0])
})

t.test('marks are never taken for those of before', async (t) => {
  const marks = new Marks(2)
  for (let i = 0; i < 1000; i++) {
    const row = i % 2
    const mark = marks.set(Uint32Array.of(row))
    if (marks.of[row] !== mark || marks.of[1 - row] === mark) t.fail(`time ${i}`)
  }
  t.pass()
})

function columnOf(values: (Value | null)[]) {
  const builder = new ColumnBuilder()
  for (const value of values) builder.add(value)
  return builder.finish()
}
