import { Pool } from 'undici'
import { toSourceName } from '../../store/sources.js'
import { Deadline } from '../../support/deadline.js'
import { version } from '../../version.js'
import type { MappedPage } from '../page.js'
import { readPageInThread } from '../page-reader.js'
import { RequestPacer } from '../request-pacer.js'
import { Retries, readRetryAfter } from '../retries.js'
import { SourceError } from '../source-error.js'

/** Products that one request asks for. A source may send fewer. */
const PAGE_SIZE = 1000

export interface SourceLimits {
  /** Milliseconds until a connection has to stand. */
  connect: number
  /** Milliseconds for one page, from the request to its last byte. */
  page: number
  /** Milliseconds for all pages together. */
  total: number
  /** Bytes of one page, and of all together. A product of DummyJSON has about 1.5 kB. */
  pageBytes: number
  bytes: number
  /** Requests in a period of so many milliseconds. DummyJSON allows 100 in 10 seconds. */
  requests: number
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

/** A page by its ETag, to be asked for again only if it has changed. */
export interface Validator {
  path: string
  etag: string
}

/** What a reading tells beside the products. */
export interface FetchSummary {
  /** Of all pages; none where the source does not give each of them one, or where they are not of one moment. */
  validators: Validator[]
  /** Whether products came or went meanwhile, so that one may have slipped from a page to another and be missing. */
  isShifting: boolean
}

/**
 * A product source that answers as DummyJSON does. Redirects are not followed, certificates are checked whatever the
 * environment says, and nothing of it is believed: not its length, its encoding, nor its time.
 */
export class DummyJsonSource {
  /** Tells it from other sources. */
  readonly name: string
  readonly #pool: Pool
  readonly #pacer: RequestPacer
  readonly #base: string
  readonly #limits: SourceLimits

  /** @param url Address under which `/products` is found, without a slash at its end. */
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
   * Reads the whole catalog, or learns from the ETags of an earlier reading that it is still the same. A catalog that is
   * not whole is none: a page that is missing, or a `total` that is not kept to, fails the reading.
   * @param take Is given each page, and waited for.
   * @returns undefined where the catalog is still the same.
   * @throws {SourceError}
   */
  async read(
    validators: readonly Validator[],
    stop: AbortSignal,
    take: (page: MappedPage) => Promise<void>
  ): Promise<FetchSummary | undefined> {
    const deadline = new Deadline(this.#limits.total, stop)
    const budget: Budget = { signal: deadline.signal, bytes: this.#limits.bytes, retries: new Retries() }
    try {
      if (validators.length > 0 && (await this.#isUnchanged(validators, budget))) return undefined
      return await this.#readAll(budget, take)
    } finally {
      deadline.clear()
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  async #readAll(budget: Budget, take: (page: MappedPage) => Promise<void>): Promise<FetchSummary> {
    const read: FetchSummary = { validators: [], isShifting: false }
    let pages = 0
    let products = 0
    let total: number | undefined
    for (;;) {
      const path = `${this.#base}/products?limit=${PAGE_SIZE}&skip=${products}`
      const { etag, bytes } = await this.#get(path, budget)
      const page = await readPageInThread(bytes, budget.signal).catch(rethrow)
      if (etag !== undefined) read.validators.push({ path, etag })
      if (page.total !== (total ?? page.total)) read.isShifting = true
      pages++
      products += page.products
      total = page.total
      await take(page)
      if (products >= total || page.products === 0) break
    }
    if (products < total || (products > total && !read.isShifting)) {
      throw new SourceError('invalid', { detail: `it has sent ${products} products of ${total}` })
    }
    if (read.isShifting || read.validators.length < pages) read.validators = []
    return read
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
      // Of the whole, not of each piece: a body that drips never pauses for long.
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
      // It is not waited for: the connection goes with it.
      body.on('error', () => {}).destroy()
      throw new SourceError('invalid', { detail: wrong })
    }
    const bytes = await readBytes(body, budget, this.#limits.pageBytes)
    return { status: 200, etag: typeof headers.etag === 'string' ? headers.etag : undefined, bytes }
  }
}

/** What is left for a reading. */
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

/** A page that calls itself something else than JSON, or comes compressed though that was not asked for, is not even read. */
function findHeaderProblem(headers: NodeJS.Dict<string | string[]>): string | undefined {
  const { 'content-type': type, 'content-encoding': encoding = 'identity' } = headers
  if (encoding !== 'identity') return `it comes with the encoding ${quote(encoding)}`
  return /^application\/([\w.+-]+\+)?json *(;|$)/i.test(String(type)) ? undefined : `it is of the type ${quote(type)}`
}

/** What the source says, for the log: as much as helps to recognize it. */
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
    // Leaving the loop ends the body and its connection.
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
  // What was only waiting tells in its cause why it was to stop.
  const { name } = Object(error.name === 'AbortError' ? error.cause : error) as Error
  const timedOut = name === 'TimeoutError' || String(error.code).endsWith('_TIMEOUT')
  return new SourceError(timedOut ? 'timeout' : 'refused', { cause: error })
}
