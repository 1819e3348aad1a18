/*
 * The worker thread that parses the pages of a source and maps their records. For one page, this takes as long as fifty requests, and for
 * a hostile page much longer. In the main thread, all requests would wait for it.
 *
 * The thread works on several pages at a time. Each has a port, on which the thread asks and the main thread answers: for the next chunk
 * of the body, or to take a batch of mapped records. So neither side buffers more than one chunk and one batch per page.
 */
import { type MessagePort, parentPort } from 'node:worker_threads'
import { DecompressedBody } from './decompressed-body.js'
import { type MappedBatch, mapRecords } from './mapped-records.js'
import { SourceError, type SourceReason } from './source-error.js'
import { kinds, type SourceKindName } from './sources/kinds.js'
import type { PageEnd, ResponseHead, SourceKind, SourceSettings } from './sources/source-kind.js'

/** The page to read. The body follows on the port. */
export interface MappingJob {
  kind: SourceKindName
  settings: SourceSettings
  head: ResponseHead
  /** The state of a continuation; undefined at the start of a page. */
  state?: Uint8Array | undefined
  /** Maximum size of the decompressed body. */
  bytes: number
}

/** The end of a page, and how many bytes decompression has added to its body. */
export interface MappedEnd {
  end: PageEnd
  bytes: number
}

/** Messages of the thread. It waits for a reply to `want` and `batch`. Each of the others ends the page. */
export type ThreadMessage =
  | ({ id: number } & Question)
  | MappedEnd
  | { failed: { reason: SourceReason; detail: string | undefined } }

/** A question to the main thread: for the next chunk of the body, or to take a batch of mapped records. */
export type Question = { want: 'chunk' } | { batch: MappedBatch }

/** The answer of the main thread: `chunk` is undefined after a batch, and at the end of the body. */
export interface ThreadAnswer {
  /** The number of the question. */
  id: number
  chunk: Uint8Array | undefined
}

parentPort?.on('message', ({ job, port }: { job: MappingJob; port: MessagePort }) => {
  // Other errors end the thread: it may be in any state.
  void mapPage(job, port).finally(() => port.close())
})

async function mapPage({ kind: name, settings, head, state, bytes }: MappingJob, port: MessagePort): Promise<void> {
  const ask = createAsk(port)
  async function* readBody(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const { chunk } = await ask({ want: 'chunk' })
      if (!chunk) return
      yield chunk
    }
  }
  const kind: SourceKind = kinds[name]
  const body = new DecompressedBody(readBody(), bytes)
  const records = kind.read(body, head, settings, state)
  try {
    const batches = mapRecords(records, (record) => kind.map(record, settings))
    for (;;) {
      const { done, value } = await batches.next()
      if (done) {
        send(port, { end: value, bytes: body.addedBytes })
        return
      }
      await ask({ batch: value })
    }
  } catch (error) {
    if (error === CLOSED) return
    if (!(error instanceof SourceError)) throw error
    send(port, { failed: { reason: error.reason, detail: error.detail } })
  } finally {
    // Releases what the kind holds, if the main thread has lost interest.
    await records.return({}).catch(() => {})
  }
}

/** Thrown if the main thread closes the port, because it no longer needs the page. */
const CLOSED = new Error('the port is closed')

/**
 * Returns a function that sends a question and waits for its answer. Several can be open at a time, because the decompression asks for the
 * next chunk while a batch is handed over.
 */
function createAsk(port: MessagePort): (question: Question) => Promise<ThreadAnswer> {
  const pending = new Map<number, { resolve: (answer: ThreadAnswer) => void; reject: (error: Error) => void }>()
  let count = 0
  let isClosed = false
  port.on('message', (answer: ThreadAnswer) => {
    pending.get(answer.id)?.resolve(answer)
    pending.delete(answer.id)
  })
  port.on('close', () => {
    isClosed = true
    for (const { reject } of pending.values()) reject(CLOSED)
  })
  return (question) =>
    new Promise((resolve, reject) => {
      if (isClosed) {
        reject(CLOSED)
        return
      }
      const id = count++
      pending.set(id, { resolve, reject })
      send(port, { id, ...question })
    })
}

const send = (port: MessagePort, message: ThreadMessage): void => port.postMessage(message)
