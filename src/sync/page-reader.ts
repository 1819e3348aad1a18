import { Worker } from 'node:worker_threads'
import type { MappedPage } from './page.js'
import type { PageMessage } from './page-thread.js'
import { SourceError } from './source-error.js'

/** Milliseconds without a page after which the thread ends. Most syncs find no change and need no thread. */
const IDLE_TIMEOUT = 5000

interface PendingPage {
  resolve: (page: MappedPage) => void
  reject: (error: Error) => void
}

/** The worker thread that parses pages. It is started on demand and does not keep the process alive. */
const thread = {
  worker: undefined as Worker | undefined,
  /** Pending pages, in the order in which the thread returns them. */
  pending: [] as PendingPage[],
  idle: undefined as NodeJS.Timeout | undefined,

  read(bytes: Uint8Array<ArrayBuffer>): Promise<MappedPage> {
    clearTimeout(this.idle)
    this.worker ??= this.start()
    return new Promise((resolve, reject) => {
      this.pending.push({ resolve, reject })
      this.worker?.ref()
      this.worker?.postMessage(bytes, [bytes.buffer])
    })
  },

  start(): Worker {
    const worker = new Worker(new URL('./page-thread.js', import.meta.url))
    worker.on('message', (message: PageMessage) => {
      const { resolve, reject } = this.pending.shift() as PendingPage
      if ('page' in message) resolve(message.page)
      else reject(new SourceError('invalid', { detail: message.error }))
      if (this.pending.length > 0) return
      worker.unref()
      this.idle = setTimeout(() => this.end(), IDLE_TIMEOUT).unref()
    })
    worker.on('error', (error) => {
      const { pending } = this
      this.end()
      for (const { reject } of pending) reject(error)
    })
    return worker
  },

  end(): void {
    void this.worker?.terminate()
    this.worker = undefined
    this.pending = []
  }
}

/**
 * Parses, validates and maps a page in a worker thread.
 * @param bytes Transferred to the thread, and unusable afterwards.
 * @throws {SourceError} `invalid` if the bytes are not a page of products.
 */
export async function readPageInThread(bytes: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<MappedPage> {
  signal.throwIfAborted()
  return await new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop)
    thread
      .read(bytes)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop))
  })
}
