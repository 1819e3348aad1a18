/*
 * The worker thread that parses the pages of a source. Parsing, validating and mapping one page takes as long as fifty requests, and a
 * hostile page much longer. In the main thread, all requests would wait for it.
 */
import { parentPort } from 'node:worker_threads'
import { type MappedPage, PageError, readPage } from './page.js'

export type PageMessage = { page: MappedPage } | { error: string }

parentPort?.on('message', (bytes: Uint8Array) => {
  let message: PageMessage
  try {
    message = { page: readPage(bytes) }
  } catch (error) {
    if (!(error instanceof PageError)) throw error
    message = { error: error.message }
  }
  parentPort?.postMessage(message)
})
