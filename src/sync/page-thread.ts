/*
 * The thread that reads the pages of a source. To parse, check and map one takes as long as fifty requests do, and one that
 * was made to take long takes much longer; here it holds up nobody.
 */
import { parentPort } from 'node:worker_threads'
import { type MappedPage, PageError, readPage } from './page.js'

export type PageMessage = { page: MappedPage } | { wrong: string }

parentPort?.on('message', (bytes: Uint8Array) => {
  let message: PageMessage
  try {
    message = { page: readPage(bytes) }
  } catch (error) {
    if (!(error instanceof PageError)) throw error
    message = { wrong: error.message }
  }
  parentPort?.postMessage(message)
})
