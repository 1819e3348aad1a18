/* Sends the processor time of a process to its parent process on request: node --import report-cpu-usage.js SERVER. */
import { isMainThread } from 'node:worker_threads'

// Node also loads this file in worker threads. The figures of the main thread include theirs.
if (isMainThread) {
  process.on('message', (message) => message === 'report' && process.send?.(process.cpuUsage()))
  // The channel must not keep the process running.
  process.channel?.unref()
}
