import { existsSync, readFileSync } from 'node:fs'

/** The time that the main thread has used, in nanoseconds, and other figures of the scheduler (Linux). */
const SCHEDULER_STATS = `/proc/self/task/${process.pid}/schedstat`
const hasSchedulerStats = existsSync(SCHEDULER_STATS)

/**
 * Returns the processor time of the main thread in milliseconds. Other threads, such as those of the garbage collector, block no request.
 * Without statistics of the scheduler, it is the time of the whole process.
 */
function mainThreadTime(): number {
  if (hasSchedulerStats) return Number(readFileSync(SCHEDULER_STATS, 'utf8').split(' ')[0]) / 1_000_000
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * Runs work, and measures the longest time for which it blocked the event loop.
 * @returns Milliseconds of processor time between two turns of the loop. Unlike elapsed time, processor time does not depend on
 * other processes on the machine.
 */
export async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let isOver = false
  let before = mainThreadTime()
  const turn = () => {
    const now = mainThreadTime()
    longest = Math.max(longest, now - before)
    before = now
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  try {
    await work()
  } finally {
    isOver = true
  }
  turn()
  return longest
}
