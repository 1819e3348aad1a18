import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Deadline } from '../../src/support/deadline.js'

t.test('a deadline aborts when its time is over', async (t) => {
  const { signal } = new Deadline(20, new AbortController().signal)
  t.equal(signal.aborted, false)
  await once(signal, 'abort')
  t.match(signal.reason, { name: 'TimeoutError' })
})

t.test('a deadline aborts with its parent, even if the parent was aborted before', (t) => {
  const parent = new AbortController()
  const { signal } = new Deadline(10_000, parent.signal)
  parent.abort('enough')
  t.equal(signal.reason, 'enough')
  t.equal(new Deadline(10_000, parent.signal).signal.reason, 'enough')
  t.end()
})

t.test('a cleared deadline does not abort', async (t) => {
  const parent = new AbortController()
  const deadline = new Deadline(20, parent.signal)
  deadline.clear()
  parent.abort()
  await sleep(60)
  t.equal(deadline.signal.aborted, false)
})
