/*
 * Prints the longest event loop delay of a process when it exits: node --import report-event-loop-delay.js SERVER. If its parent process
 * sends `reset`, only delays after that count.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

// Node also loads this file in worker threads, whose delays do not matter.
if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  // Another figure covers the startup.
  setTimeout(() => delay.enable(), 2000).unref()
  process.on('message', (message) => message === 'reset' && delay.reset())
  process.channel?.unref()
  process.on('exit', () => console.log(`longest block: ${delay.max / 1e6} ms`))
}
