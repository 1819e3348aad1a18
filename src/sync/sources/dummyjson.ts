import { Pool } from 'undici'
import { toSourceName } from '../../store/sources.js'
import { Deadline } from '../../support/deadline.js'
import { version } from '../../version.js'
import type { MappedPage } from '../page.js'
import { readPageInThread } from '../page-reader.js'
import { RequestPacer } from '../request-pacer.js'
import { Retries, readRetryAfter } from '../retries.js'
import { SourceError } from '../source-error.js'

/** Products requested per page. A source may send fewer. */
const PAGE_SIZE = 1000

export interface SourceLimits {
  /** Milliseconds to connect. */
  connect: number
  /** Milliseconds for one page, from the request to its last byte. */
  page: number
  /** Milliseconds for all pages together. */
  total: number
  /** Maximum size of one page, in bytes. A product of DummyJSON has about 1.5 kB. */
  pageBytes: number
  /** Maximum size of all pages together, in bytes. */
  bytes: number
  /** Requests per period. DummyJSON allows 100 in 10 seconds. */
  requests: number
  /** Length of the period, in milliseconds. */
  period: number
}

export const sourceLimits: SourceLimits = {
  connect: 5_000,
  page: 30_000,
  total: 600_000,
  pageBytes: 16_000_000,
  bytes: 512_000_000,
  requests: 80,
  period: 10_000
}

/** The ETag of a page, for a conditional request. */
export interface Validator {
  path: string
  etag: string
}

/** The result of a complete fetch, apart from the products. */
export interface FetchSummary {
  /** The ETags of all pages. Empty if a page has none, or if the catalog changed during the fetch. */
  validators: Validator[]
  /** Whether products were added or removed during the fetch. A product may then have moved between pages and be missing. */
  isShifting: boolean
}

/**
 * A product source with the API of DummyJSON. The service does not trust it. It follows no redirects, verifies certificates regardless of
 * the environment, and limits the size, the time and the nesting of responses.
 */
export class DummyJsonSource {
  /** Identifies the source. */
  readonly name: string
  readonly #pool: Pool
  readonly #pacer: RequestPacer
  readonly #base: string
  readonly #limits: SourceLimits

  /** @param url Base URL of `/products`, without a trailing slash. */
  constructor(url: string, limits: Partial<SourceLimits> = {}) {
    const { origin, pathname } = new URL(url)
    this.name = toSourceName(url)
    this.#base = pathname === '/' ? '' : pathname
    this.#limits = { ...sourceLimits, ...limits }
    this.#pacer = new RequestPacer(this.#limits.requests, this.#limits.period)
    this.#pool = new Pool(origin, {
      connections: 1,
      connect: { timeout: this.#limits.connect, rejectUnauthorized: true }
    })
  }

  /**
   * Fetches the whole catalog, unless the ETags of an earlier fetch show that it has not changed. The fetch fails if a page is missing or if
   * the number of products differs from `total`.
   * @param onPage Receives each page. The next page is requested after it resolves.
   * @returns Undefined if the catalog has not changed.
   * @throws {SourceError}
   */
  async read(
    validators: readonly Validator[],
    stop: AbortSignal,
    onPage: (page: MappedPage) => Promise<void>
  ): Promise<FetchSummary | undefined> {
    const deadline = new Deadline(this.#limits.total, stop)
    const budget: Budget = { signal: deadline.signal, bytes: this.#limits.bytes, retries: new Retries() }
    try {
      if (validators.length > 0 && (await this.#isUnchanged(validators, budget))) return undefined
      return await this.#readAll(budget, onPage)
    } finally {
      deadline.clear()
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  async #readAll(budget: Budget, onPage: (page: MappedPage) => Promise<void>): Promise<FetchSummary> {
    const summary: FetchSummary = { validators: [], isShifting: false }
    let pages = 0
    let products = 0
    let total: number | undefined
    for (;;) {
      const path = `${this.#base}/products?limit=${PAGE_SIZE}&skip=${products}`
      const { etag, bytes } = await this.#get(path, budget)
      const page = await readPageInThread(bytes, budget.signal).catch(rethrow)
      if (etag !== undefined) summary.validators.push({ path, etag })
      if (page.total !== (total ?? page.total)) summary.isShifting = true
      pages++
      products += page.products
      total = page.total
      await onPage(page)
      if (products >= total || page.products === 0) break
    }
    if (products < total || (products > total && !summary.isShifting)) {
      throw new SourceError('invalid', { detail: `the source sent ${products} of ${total} products` })
    }
    if (summary.isShifting || summary.validators.length < pages) summary.validators = []
    return summary
  }

  async #isUnchanged(validators: readonly Validator[], budget: Budget): Promise<boolean> {
    for (const { path, etag } of validators) {
      if ((await this.#get(path, budget, etag)).status !== 304) return false
    }
    return true
  }

  async #get(path: string, budget: Budget, etag?: string): Promise<SourceResponse> {
    return await budget.retries.attempt(async () => {
      await this.#pacer.wait(budget.signal).catch(rethrow)
      // A deadline for the whole page: a timeout per chunk would never end a body that drips.
      const deadline = new Deadline(this.#limits.page, budget.signal)
      try {
        return await this.#request(path, budget, deadline.signal, etag).catch(rethrow)
      } finally {
        deadline.clear()
      }
    }, budget.signal)
  }

  async #request(path: string, budget: Budget, signal: AbortSignal, etag?: string): Promise<SourceResponse> {
    const { statusCode, headers, body } = await this.#pool.request({
      method: 'GET',
      path,
      headers: {
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': `product-catalog/${version}`,
        ...(etag !== undefined && { 'if-none-match': etag })
      },
      signal
    })
    if (statusCode !== 200) {
      await body.dump({ limit: 1000, signal })
      if (statusCode === 304 && etag !== undefined) return { status: 304, etag, bytes: new Uint8Array() }
      throw new SourceError(`http-${statusCode}`, { retryAfter: readRetryAfter(headers['retry-after']) })
    }
    const wrong = findHeaderProblem(headers)
    if (wrong !== undefined) {
      // Closes the connection instead of reading the body.
      body.on('error', () => {}).destroy()
      throw new SourceError('invalid', { detail: wrong })
    }
    const bytes = await readBytes(body, budget, this.#limits.pageBytes)
    return { status: 200, etag: typeof headers.etag === 'string' ? headers.etag : undefined, bytes }
  }
}

/** The unused part of the limits of one fetch. */
interface Budget {
  signal: AbortSignal
  bytes: number
  retries: Retries
}

interface SourceResponse {
  status: 200 | 304
  etag: string | undefined
  bytes: Uint8Array<ArrayBuffer>
}

/** Returns the reason to reject a response by its headers: it is not JSON, or has a content coding that was not requested. */
function findHeaderProblem(headers: NodeJS.Dict<string | string[]>): string | undefined {
  const { 'content-type': type, 'content-encoding': encoding = 'identity' } = headers
  if (encoding !== 'identity') return `the response has the content coding ${quote(encoding)}`
  return /^application\/([\w.+-]+\+)?json *(;|$)/i.test(String(type))
    ? undefined
    : `the response has the content type ${quote(type)}`
}

/** Shortens a text of the source for the log. */
const quote = (text: unknown) => String(text).slice(0, 100)

async function readBytes(
  body: AsyncIterable<Buffer>,
  budget: Budget,
  pageBytes: number
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    budget.bytes -= chunk.length
    // Leaving the loop destroys the body and closes its connection.
    if (bytes > pageBytes || budget.bytes < 0) throw new SourceError('too-large')
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

function rethrow(error: Error & { code?: string | number }): never {
  throw toSourceError(error)
}

function toSourceError(error: Error & { code?: string | number }): SourceError {
  if (error instanceof SourceError) return error
  // If a wait was aborted, its cause is the reason of the abort signal.
  const { name } = Object(error.name === 'AbortError' ? error.cause : error) as Error
  const timedOut = name === 'TimeoutError' || String(error.code).endsWith('_TIMEOUT')
  return new SourceError(timedOut ? 'timeout' : 'refused', { cause: error })
}
