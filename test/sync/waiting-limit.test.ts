import { once } from 'node:events'
import t from 'tap'
import { WaitingLimit } from '../../src/sync/waiting-limit.js'

const { signal: never } = new AbortController()

/** Waits until the signal of the limit fires. */
const forever = (limit: WaitingLimit) => async () => {
  if (!limit.signal.aborted) await once(limit.signal, 'abort')
}

/** A clock that only the test moves, and a wait that takes some time on it. */
function createClock() {
  let time = 0
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { now: () => time, pass, wait: (milliseconds: number) => async () => pass(milliseconds) }
}

t.test('the signal fires after the time of all waits, without the time in between', async (t) => {
  const { now, pass, wait } = createClock()
  const limit = new WaitingLimit(3_600_000, never, now)
  await limit.during(wait(3_599_900))
  pass(10_000_000)
  t.notOk(limit.signal.aborted)

  // Only 100 ms are left. Without the first wait, this one would take an hour.
  await limit.during(forever(limit))
  t.match(limit.signal.reason, { name: 'TimeoutError' })
})

t.test('an extension allows more waits, but not a longer one', async (t) => {
  const { now, wait } = createClock()
  const limit = new WaitingLimit(100, never, now)
  limit.extend(3_600_000)
  await limit.during(wait(1_000_000))
  await limit.during(wait(1_000_000))
  t.notOk(limit.signal.aborted)

  await limit.during(forever(limit))
  t.match(limit.signal.reason, { name: 'TimeoutError' })
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
