import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { MappedBatch } from './mapped-records.js'
import type { MappedEnd, MappingJob, Question, ThreadAnswer, ThreadMessage } from './mapping-thread.js'
import { SourceError } from './source-error.js'

/** Milliseconds without a page after which the thread ends. Most syncs find no change and need no thread. */
const IDLE_TIMEOUT = 5000

/** Milliseconds between two messages of the thread. The largest page that is parsed as a whole takes a few seconds. */
const SILENCE_MAX_MS = 60_000
const TOO_SLOW = 'mapping the records of the source takes too long'

/** The worker thread that maps pages. It is started on demand and does not keep the process alive. */
const thread = {
  worker: undefined as Worker | undefined,
  /** Reports a crash of the thread to the pages that it works on. */
  failures: new Set<(error: Error) => void>(),
  idle: undefined as NodeJS.Timeout | undefined,

  begin(job: MappingJob, port: MessagePort, onFailure: (error: Error) => void): void {
    clearTimeout(this.idle)
    this.worker ??= this.start()
    this.failures.add(onFailure)
    this.worker.ref()
    this.worker.postMessage({ job, port }, [port])
  },

  finish(onFailure: (error: Error) => void): void {
    if (!this.failures.delete(onFailure) || this.failures.size > 0) return
    this.worker?.unref()
    this.idle = setTimeout(() => this.end(), IDLE_TIMEOUT).unref()
  },

  start(): Worker {
    const worker = new Worker(new URL('./mapping-thread.js', import.meta.url))
    worker.on('error', (error) => {
      const detail = 'the thread that maps the source has crashed'
      this.fail(new SourceError('invalid', { detail, cause: error }))
    })
    return worker
  },

  /** Ends the thread, and with it all pages that it works on. */
  fail(error: SourceError): void {
    const { failures } = this
    this.end()
    for (const fail of failures) fail(error)
  },

  end(): void {
    void this.worker?.terminate()
    this.worker = undefined
    this.failures = new Set()
  }
}

/**
 * Parses a page and maps its records in a worker thread. The body is read only as fast as the thread and `onBatch` take it.
 * @param onBatch Receives the mapped records. The thread continues after it resolves.
 * @param silenceMax Milliseconds between two messages of the thread after which it counts as stuck.
 * @throws {SourceError} if the body is not a page of the kind, or if the thread is stuck.
 */
export async function mapPageInThread(
  job: MappingJob,
  body: AsyncIterator<Uint8Array>,
  signal: AbortSignal,
  onBatch: (batch: MappedBatch) => Promise<void>,
  silenceMax = SILENCE_MAX_MS
): Promise<MappedEnd> {
  signal.throwIfAborted()
  const { port1: port, port2 } = new MessageChannel()

  async function answer({ id, ...message }: { id: number } & Question): Promise<void> {
    if ('batch' in message) {
      await onBatch(message.batch)
      port.postMessage({ id, chunk: undefined } satisfies ThreadAnswer)
      return
    }
    const { done, value } = await body.next()
    // A copy, because a chunk may be a part of a buffer that the connection needs.
    const chunk = done ? undefined : new Uint8Array(value)
    port.postMessage({ id, chunk } satisfies ThreadAnswer, chunk ? [chunk.buffer] : [])
  }

  let resolve!: (end: MappedEnd) => void
  let reject!: (error: Error) => void
  const promise = new Promise<MappedEnd>((...settle) => {
    ;[resolve, reject] = settle
  })
  const stop = () => reject(signal.reason)
  const answers = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  /** Limits the time until the next message, while the thread has all answers. */
  const watch = () => {
    timer = setTimeout(() => thread.fail(new SourceError('timeout', { detail: TOO_SLOW })), silenceMax)
  }
  signal.addEventListener('abort', stop)
  port.on('message', (message: ThreadMessage) => {
    clearTimeout(timer)
    if ('end' in message) resolve(message)
    else if ('failed' in message) reject(new SourceError(message.failed.reason, message.failed))
    else {
      const answered = answer(message)
        .catch(reject)
        .finally(() => {
          answers.delete(answered)
          if (answers.size === 0) watch()
        })
      answers.add(answered)
    }
  })
  try {
    thread.begin(job, port2, reject)
    watch()
    return await promise
  } finally {
    signal.removeEventListener('abort', stop)
    thread.finish(reject)
    port.close()
    await Promise.all(answers)
    clearTimeout(timer)
  }
}
