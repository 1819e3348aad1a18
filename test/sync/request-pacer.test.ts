import t from 'tap'
import { RequestPacer } from '../../src/sync/request-pacer.js'

const signal = new AbortController().signal

t.test('requests of several callers keep the rate together', async (t) => {
  const period = 200
  const pacer = new RequestPacer(2, period)
  const times = await Promise.all(
    Array.from({ length: 5 }, async () => {
      await pacer.wait(signal)
      return performance.now()
    })
  )
  for (const [i, time] of times.slice(2).entries()) {
    // A timer can fire a millisecond early.
    t.ok(time - (times[i] as number) >= period - 5, `request ${i + 3}`)
  }
})

t.test('a request that is given up does not affect others', async (t) => {
  const pacer = new RequestPacer(1, 100)
  await pacer.wait(signal)
  await t.rejects(pacer.wait(AbortSignal.abort()), { name: 'AbortError' })
  await t.resolves(pacer.wait(signal))
})
