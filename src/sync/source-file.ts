import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SourceResponse, SourceTransport } from './source-client.js'
import { SourceError } from './source-error.js'
import { createBudget, defaultLimits, type ReadingBudget, type SourceLimits } from './source-limits.js'
import type { Pace, SourceRequest } from './sources/source-kind.js'

/** Content types by file extension, for kinds that check it. */
const CONTENT_TYPES: Record<string, string> = {
  '.csv': 'text/csv',
  '.json': 'application/json',
  '.jsonl': 'application/x-ndjson',
  '.ndjson': 'application/x-ndjson',
  '.tsv': 'text/tab-separated-values',
  '.txt': 'text/plain',
  '.xml': 'application/xml'
}

/** Reads a source from a local file, in the way in which `SourceClient` reads one over HTTP. Its ETag is the size and the time of the file. */
export class SourceFile implements SourceTransport {
  readonly #limits: Omit<SourceLimits, keyof Pace>

  constructor(limits: Partial<SourceLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits }
  }

  createBudget(stop: AbortSignal): ReadingBudget {
    return createBudget(this.#limits, stop)
  }

  async request<T>(
    { url }: SourceRequest,
    budget: ReadingBudget,
    read: (response: SourceResponse) => Promise<T>,
    known?: string
  ): Promise<T | undefined> {
    const path = fileURLToPath(url)
    const etag = await toEtag(path)
    if (known === etag) return undefined
    const type = CONTENT_TYPES[extname(path.replace(/\.gz$/i, '')).toLowerCase()] ?? ''
    const head = { url, headers: { 'content-type': type } }
    const body = this.#readBody(path, budget)
    const { signal } = budget.waiting
    try {
      const result = await read({ head, etag, body, signal })
      // Somebody may have written to the file in the meantime. Its parts would not belong together.
      if ((await toEtag(path)) !== etag) throw invalid('the file changed while it was read')
      return result
    } catch (error) {
      const { name } = Object(signal.reason) as Error
      throw name === 'TimeoutError' ? new SourceError('timeout', { cause: signal.reason }) : error
    } finally {
      await body.return(undefined)
    }
  }

  async close(): Promise<void> {}

  async *#readBody(path: string, budget: ReadingBudget): AsyncGenerator<Uint8Array, undefined> {
    const { waiting } = budget
    const chunks = createReadStream(path, { signal: waiting.signal })[Symbol.asyncIterator]()
    try {
      for (;;) {
        const { done, value } = await waiting.during(() => chunks.next()).catch(rethrow)
        if (done) return
        budget.bytes -= value.length
        if (budget.bytes < 0) throw new SourceError('too-large', { detail: 'the file is larger than SOURCE_MAX_BYTES' })
        waiting.extend((value.length / this.#limits.rate) * 1000)
        yield value
      }
    } finally {
      await chunks.return?.()
    }
  }
}

/** @throws {SourceError} if the file cannot be read. */
async function toEtag(path: string): Promise<string> {
  const stats = await stat(path).catch(rethrow)
  // To open a named pipe can take forever.
  if (!stats.isFile()) throw new SourceError('refused', { detail: 'SOURCE_URL does not name a regular file' })
  const { size, mtimeMs, ino } = stats
  return `"${size}-${mtimeMs}-${ino}"`
}

function rethrow(error: Error & { code?: string }): never {
  if (error.code === undefined || error.name === 'AbortError') throw error
  throw new SourceError('refused', { detail: `the file of SOURCE_URL cannot be read: ${error.code}`, cause: error })
}

const invalid = (detail: string) => new SourceError('invalid', { detail })
