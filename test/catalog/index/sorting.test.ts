import fc from 'fast-check'
import t from 'tap'
import { countAtOrBefore, sortBy, sortInSteps, topCounts } from '../../../src/catalog/index/sorting.js'
import { requireEqual } from '../../helpers/properties.js'

/** More rows than one pass of the sort can distinguish. */
const ROWS = 6000
const rows = fc.uniqueArray(fc.integer({ min: 0, max: ROWS - 1 }), { maxLength: 300 })

/** A sort key: its codes are computed from these numbers. */
const key = fc.record({
  size: fc.constantFrom(1, 2, 50, 2048, 2049, 5000),
  step: fc.integer({ min: 1, max: 997 }),
  descending: fc.boolean()
})
const codesOf = ({ size, step }: { size: number; step: number }) =>
  Uint32Array.from({ length: ROWS }, (_, row) => (row * step) % size)

t.test('`sortBy` sorts by several keys and keeps the order of equal rows', async () => {
  fc.assert(
    fc.property(rows, fc.array(key, { maxLength: 3 }), (unsorted, specs) => {
      const keys = specs.map((spec) => ({ ...spec, codes: codesOf(spec) }))
      const compare = (a: number, b: number) => {
        for (const { codes, descending } of keys) {
          const difference = (codes[a] as number) - (codes[b] as number)
          if (difference !== 0) return descending ? -difference : difference
        }
        return 0
      }
      const expected = [...unsorted].sort(compare)
      const given = Uint32Array.from(unsorted)
      const sorted = sortBy(given, keys)
      requireEqual([...sorted], expected)
      requireEqual([...given], unsorted)

      for (const row of unsorted.slice(0, 5)) {
        const position = keys.map(({ codes }) => codes[row] as number)
        const isLast = (one: number, i: number) =>
          i === expected.length - 1 || compare(one, expected[i + 1] as number) !== 0
        requireEqual(
          countAtOrBefore(sorted, keys, position),
          expected.findIndex((one, i) => compare(one, row) === 0 && isLast(one, i)) + 1
        )
        const [first, ...others] = keys
        if (first === undefined) continue
        const before = (position[0] as number) + (first.descending ? 0.5 : -0.5)
        requireEqual(
          countAtOrBefore(sorted, keys, [before, ...others.map(() => 0)]),
          expected.findIndex((one) => first.codes[one] === position[0])
        )
      }
    }),
    { numRuns: 300 }
  )
})

t.test('`sortBy` sorts 30,000 rows', async (t) => {
  const size = 30_000
  const codes = Uint32Array.from({ length: size }, (_, row) => (row * 7919) % size)
  const sorted = sortBy(
    codes.map((_, row) => row),
    [{ codes, size, descending: true }]
  )
  t.ok(sorted.every((row, i) => codes[row] === size - 1 - i))
})

t.test('`sortInSteps` returns the same order as a plain sort', async () => {
  const items = fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 20_000, size: 'max' })
  await fc.assert(
    fc.asyncProperty(items, async (items) => {
      const sorted = [...items].sort((a, b) => a - b)
      requireEqual(await sortInSteps(items, (a, b) => a - b), sorted)
    }),
    { numRuns: 20 }
  )
})

t.test('`topCounts` returns the codes with the highest counts, and lower codes first if counts are equal', async () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 4 }), { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (counts, most) => {
      const codes = [...counts.keys()].filter((code) => counts[code] !== 0)
      codes.sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b)
      // The last count is the one of rows without a value.
      requireEqual(topCounts(Uint32Array.from([...counts, 7]), counts.length, most), codes.slice(0, most))
    })
  )
})
