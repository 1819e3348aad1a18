/* Reports the processor time of this process whenever its parent process asks: node --import meter.js SERVER. */
import { isMainThread } from 'node:worker_threads'

// Node loads this file in worker threads too. The figures of the main thread include theirs.
if (isMainThread) {
  process.on('message', () => process.send?.(process.cpuUsage()))
  // The channel must not keep the process running.
  process.channel?.unref()
}
