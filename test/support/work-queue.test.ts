import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { WorkQueue, type WorkQueueOptions } from '../../src/support/work-queue.js'

const createQueue = (options: Partial<WorkQueueOptions>) =>
  new WorkQueue({ concurrency: 1, maxQueued: 10, createError: () => new Error('queue full'), ...options })

/** A task that runs until the test ends it. */
class Task {
  hasStarted = false
  end: (error?: Error) => void = () => {}
  readonly result: Promise<string>

  constructor(queue: WorkQueue, name: string, key?: string) {
    this.result = queue
      .run(() => {
        this.hasStarted = true
        return new Promise<string>((resolve, reject) => {
          this.end = (error) => (error ? reject(error) : resolve(name))
        })
      }, key)
      .catch((error: Error) => error.message)
  }
}

/** Returns which of the tasks have started, once all that can start have. */
async function started(tasks: Record<string, Task>): Promise<string[]> {
  await setImmediate()
  return Object.keys(tasks).filter((name) => tasks[name]?.hasStarted)
}

t.test('tasks run up to the limits, in total and by key, first in, first out', async (t) => {
  const queue = createQueue({ concurrency: 2, maxWaitMs: 10_000 })
  const names = ['a1', 'a2', 'b', 'a3', 'c', 'd'] as const
  const tasks = Object.fromEntries(names.map((name) => [name, new Task(queue, name, name[0])])) as Record<
    (typeof names)[number],
    Task
  >

  t.strictSame(await started(tasks), ['a1', 'b'])
  tasks.b.end()
  t.strictSame(await started(tasks), ['a1', 'b', 'c'], 'a task that waits for its key does not delay the next')
  tasks.c.end()
  t.strictSame(await started(tasks), ['a1', 'b', 'c', 'd'])
  tasks.a1.end(new Error('failed'))
  t.strictSame(await started(tasks), ['a1', 'a2', 'b', 'c', 'd'], 'a failed task frees its slot')
  tasks.d.end()
  t.strictSame(await started(tasks), ['a1', 'a2', 'b', 'c', 'd'])
  tasks.a2.end()
  t.strictSame(await started(tasks), [...names])
  tasks.a3.end()
  t.strictSame(await Promise.all(names.map((name) => tasks[name].result)), ['failed', 'a2', 'b', 'a3', 'c', 'd'])
})

t.test('tasks without a key share only the total limit, first in, first out', async (t) => {
  const queue = createQueue({ concurrency: 2 })
  const tasks = Object.fromEntries([1, 2, 3, 4].map((name) => [name, new Task(queue, String(name))]))

  t.strictSame(await started(tasks), ['1', '2'])
  tasks[2]?.end()
  t.strictSame(await started(tasks), ['1', '2', '3'])
  tasks[1]?.end()
  t.strictSame(await started(tasks), ['1', '2', '3', '4'])
})

t.test('a task added when another ends does not overtake a waiting task', async (t) => {
  const queue = createQueue({})
  const first = new Task(queue, 'first')
  const waiting = new Task(queue, 'waiting')
  let late: Task | undefined
  first.result.then(() => {
    late = new Task(queue, 'late')
  })
  await setImmediate()

  first.end()
  while (!late) await setImmediate()
  await setImmediate()

  t.ok(waiting.hasStarted)
  t.notOk(late.hasStarted)
})

t.test('a task is rejected at once if the queue is full, and later if it waits too long', async (t) => {
  const queue = createQueue({ maxQueued: 2, maxWaitMs: 100 })
  const before = performance.now()
  const running = new Task(queue, 'running')
  const waiting = [new Task(queue, 'second'), new Task(queue, 'third')]
  const rejected: string[] = []
  const results = [...waiting, new Task(queue, 'fourth')].map(async ({ result }, i) => {
    t.equal(await result, 'queue full')
    rejected.push(String(i))
  })

  await results[2]
  t.strictSame(rejected, ['2'], 'the queue is full for the fourth task')
  await Promise.all(results)
  // A timer may fire up to a millisecond early.
  t.ok(performance.now() - before >= 99)
  running.end()
  t.equal(await running.result, 'running')
  t.notOk(waiting.some(({ hasStarted }) => hasStarted))
  t.equal(await queue.run(async () => 'again'), 'again')
})

t.test('without queue slots, a task is rejected as soon as the limit is reached', async (t) => {
  const queue = createQueue({ concurrency: 2, maxQueued: 0 })
  const release = await queue.acquire()
  await queue.acquire()

  await t.rejects(queue.acquire(), { message: 'queue full' })
  release()
  await queue.acquire()
})

t.test('releasing a slot twice frees it once', async (t) => {
  const queue = createQueue({ maxQueued: 0 })
  const release = await queue.acquire()
  release()
  const releaseSecond = await queue.acquire()

  release()

  await t.rejects(queue.acquire(), { message: 'queue full' }, 'the second task still runs')
  releaseSecond()
  await queue.acquire()
})

t.test('the queue is idle when no task runs or waits', async (t) => {
  const queue = createQueue({})
  await queue.idle()
  const [first, second] = [new Task(queue, 'first'), new Task(queue, 'second')]
  let isIdle = false
  const idle = Promise.all([queue.idle(), queue.idle()]).then(() => {
    isIdle = true
  })

  await setImmediate()
  first.end()
  await setImmediate()
  t.ok(second.hasStarted)
  t.notOk(isIdle)
  second.end()
  await idle
})
