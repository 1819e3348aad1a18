import { Worker } from 'node:worker_threads'
import type { MappedPage } from './page.js'
import type { PageMessage } from './page-thread.js'
import { SourceError } from './source-error.js'

/** Milliseconds without a page after which the thread ends: most syncs find that nothing has changed, and need none. */
const IDLE = 5000

interface PendingPage {
  resolve: (page: MappedPage) => void
  reject: (error: Error) => void
}

/** The thread that reads pages, started when it is needed. It does not keep the process alive. */
const thread = {
  worker: undefined as Worker | undefined,
  /** Those who wait for a page, in the order in which the thread answers. */
  asked: [] as PendingPage[],
  idle: undefined as NodeJS.Timeout | undefined,

  ask(bytes: Uint8Array<ArrayBuffer>): Promise<MappedPage> {
    clearTimeout(this.idle)
    this.worker ??= this.start()
    return new Promise((resolve, reject) => {
      this.asked.push({ resolve, reject })
      this.worker?.ref()
      this.worker?.postMessage(bytes, [bytes.buffer])
    })
  },

  start(): Worker {
    const worker = new Worker(new URL('./page-thread.js', import.meta.url))
    worker.on('message', (message: PageMessage) => {
      const { resolve, reject } = this.asked.shift() as PendingPage
      if ('page' in message) resolve(message.page)
      else reject(new SourceError('invalid', { detail: message.wrong }))
      if (this.asked.length > 0) return
      worker.unref()
      this.idle = setTimeout(() => this.end(), IDLE).unref()
    })
    worker.on('error', (error) => {
      const waiting = this.asked
      this.end()
      for (const { reject } of waiting) reject(error)
    })
    return worker
  },

  end(): void {
    void this.worker?.terminate()
    this.worker = undefined
    this.asked = []
  }
}

/**
 * Reads a page in a thread of its own.
 * @param bytes As the source sent them. They are gone afterwards.
 * @throws {SourceError} where it is none.
 */
export async function readPageInThread(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<MappedPage> {
  signal.throwIfAborted()
  return await new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop)
    thread
      .ask(bytes)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop))
  })
}
