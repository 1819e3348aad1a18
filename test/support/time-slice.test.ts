import t from 'tap'
import { TimeSlice } from '../../src/support/time-slice.js'

t.test('a slice yields to other work only after it is used up', async (t) => {
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

t.test('each turn of the event loop resumes one waiting slice', async (t) => {
  const slices = Array.from({ length: 5 }, () => new TimeSlice())
  const end = performance.now() + 6
  while (performance.now() < end);
  const resumed: number[] = []
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
      resumed.push(turn)
    })
  )
  hasEnded = true
  t.equal(new Set(resumed).size, slices.length, `resumed in turns ${resumed}`)
})
