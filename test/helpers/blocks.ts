/**
 * Runs work, and measures the longest time for which it blocked the event loop.
 * @returns Milliseconds of processor time between two turns of the loop. Unlike elapsed time, processor time does not depend on
 * other processes on the machine.
 */
export async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let isOver = false
  let before = process.cpuUsage()
  const turn = () => {
    const { user, system } = process.cpuUsage(before)
    longest = Math.max(longest, (user + system) / 1000)
    before = process.cpuUsage()
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
