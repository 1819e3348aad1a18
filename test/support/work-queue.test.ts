import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { QueueFullError, WorkQueue } from '../../src/support/work-queue.js'

/** Work that goes on until it is told to end. */
class Work {
  hasBegun = false
  end: (error?: Error) => void = () => {}
  readonly settled: Promise<string>

  constructor(admission: WorkQueue, key: string) {
    this.settled = admission
      .run(key, () => {
        this.hasBegun = true
        return new Promise<string>((resolve, reject) => {
          this.end = (error) => (error ? reject(error) : resolve(key))
        })
      })
      .catch((error: Error) => error.message || error.name)
  }
}

t.test('so much is under way at a time, and of each key one, in the order in which it came', async (t) => {
  const admission = new WorkQueue({ concurrency: 2, maxQueued: 10, maxWaitMs: 10_000 })
  const works = ['a', 'a', 'b', 'a', 'c', 'd'].map((key) => new Work(admission, key)) as [
    Work,
    Work,
    Work,
    Work,
    Work,
    Work
  ]
  const [a1, a2, b, a3, c, d] = works
  const underWay = async (...expected: Work[]) => {
    await setImmediate()
    for (const [i, work] of works.entries()) t.equal(work.hasBegun, expected.includes(work), `work ${i}`)
  }

  await underWay(a1, b)
  b.end()
  await underWay(a1, b, c)
  c.end()
  await underWay(a1, b, c, d)
  a1.end(new Error('failed'))
  await underWay(a1, b, c, d, a2)
  d.end()
  await underWay(a1, b, c, d, a2)
  a2.end()
  await underWay(...works)
  a3.end()
  t.strictSame(await Promise.all(works.map(({ settled }) => settled)), ['failed', 'a', 'b', 'a', 'c', 'd'])
})

t.test('a place that was given to one who waited is not given to another who comes at that moment', async (t) => {
  const admission = new WorkQueue({ concurrency: 1, maxQueued: 10, maxWaitMs: 10_000 })
  const first = new Work(admission, 'a')
  const waiting = new Work(admission, 'b')
  let late: Work | undefined
  first.settled.then(() => {
    late = new Work(admission, 'c')
  })

  first.end()
  while (!late) await setImmediate()
  await setImmediate()

  t.ok(waiting.hasBegun)
  t.notOk(late.hasBegun)
})

t.test('what finds no room to wait is refused at once, and what has waited for too long later', async (t) => {
  const admission = new WorkQueue({ concurrency: 1, maxQueued: 2, maxWaitMs: 100 })
  const works = ['a', 'a', 'b', 'c'].map((key) => new Work(admission, key)) as [Work, Work, Work, Work]
  const before = performance.now()

  t.equal(await works[3].settled, 'QueueFullError')
  t.ok(performance.now() - before < 100)
  t.strictSame(await Promise.all([works[1].settled, works[2].settled]), ['QueueFullError', 'NotAdmittedError'])
  t.ok(performance.now() - before >= 99)
  works[0].end()
  t.equal(await works[0].settled, 'a')
  t.strictSame(
    works.map(({ hasBegun }) => hasBegun),
    [true, false, false, false],
    'and none of that was begun'
  )
  t.equal(await admission.run('a', async () => 'again'), 'again')
  await t.rejects(
    admission.run('a', () => Promise.reject(new QueueFullError())),
    QueueFullError
  )
})
