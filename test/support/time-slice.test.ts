import t from 'tap'
import { TimeSlice } from '../../src/support/time-slice.js'

t.test('other work runs once a slice is used up, and no sooner', async (t) => {
  const slice = new TimeSlice()
  t.equal(slice.turn(), undefined)
  let hasRun = false
  setImmediate(() => {
    hasRun = true
  })
  const end = performance.now() + 6
  while (performance.now() < end);
  await slice.turn()
  t.ok(hasRun)
})

t.test('of several loops that wait, each turn of the event loop continues one', async (t) => {
  const slices = Array.from({ length: 5 }, () => new TimeSlice())
  const end = performance.now() + 6
  while (performance.now() < end);
  const continued: number[] = []
  let turn = 0
  let hasEnded = false
  const count = () => {
    turn++
    if (!hasEnded) setImmediate(count)
  }
  setImmediate(count)
  await Promise.all(
    slices.map(async (slice) => {
      await slice.turn()
      continued.push(turn)
    })
  )
  hasEnded = true
  t.equal(new Set(continued).size, slices.length, `in the turns ${continued}`)
})
