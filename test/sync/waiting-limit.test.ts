import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { WaitingLimit } from '../../src/sync/waiting-limit.js'

const { signal: never } = new AbortController()

/** Waits until the signal of the limit fires. */
const forever = (limit: WaitingLimit) => async () => {
  if (!limit.signal.aborted) await once(limit.signal, 'abort')
}

t.test('the signal fires after the time of all waits, without the time in between', async (t) => {
  const limit = new WaitingLimit(300, never)
  await limit.during(() => sleep(200))
  await sleep(300)
  t.notOk(limit.signal.aborted)

  const before = performance.now()
  await limit.during(forever(limit))
  t.ok(performance.now() - before < 250, 'the rest of the time')
  t.match(limit.signal.reason, { name: 'TimeoutError' })
})

t.test('an extension allows more waits, but not a longer one', async (t) => {
  const limit = new WaitingLimit(150, never)
  limit.extend(10_000)
  await limit.during(() => sleep(100))
  await limit.during(() => sleep(100))
  t.notOk(limit.signal.aborted)

  const before = performance.now()
  await limit.during(forever(limit))
  t.ok(performance.now() - before < 5000)
})

t.test('the signal fires with its parent', async (t) => {
  const parent = new AbortController()
  const limit = new WaitingLimit(10_000, parent.signal)
  const cleared = new WaitingLimit(10_000, parent.signal)
  cleared.clear()

  parent.abort(new Error('stopped'))

  t.match(limit.signal.reason, { message: 'stopped' })
  t.notOk(cleared.signal.aborted, 'the limit no longer listens')
  t.ok(new WaitingLimit(10_000, parent.signal).signal.aborted)
})
