/* Tells, when the process ends, for how long its event loop was held up at most: node --import blocks.js SERVER. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

// Node runs this in its worker threads too, which nobody waits for.
if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  // What the start itself takes is another figure.
  setTimeout(() => delay.enable(), 2000).unref()
  process.on('exit', () => console.log(`longest block: ${delay.max / 1e6} ms`))
}
