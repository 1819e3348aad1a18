import { type Dispatcher, Pool } from 'undici'
import { version } from '../version.js'
import { readRejection } from './rejection.js'
import { RequestPacer } from './request-pacer.js'
import { readRetryAfter } from './retries.js'
import { SourceError } from './source-error.js'
import { createBudget, defaultLimits, type ReadingBudget, type SourceLimits } from './source-limits.js'
import type { SourceSession } from './source-session.js'
import type { Pace, ResponseHead, SourceRequest } from './sources/source-kind.js'
import { WaitingLimit } from './waiting-limit.js'

/** Statuses of a response that say that the source does not have what was requested, or no longer. */
const MISSING = new Set([404, 410])

/** Names the service to sources. */
export const USER_AGENT = `product-catalog/${version}`

/** Bytes of a body without content that are read, to keep the connection. */
const DUMPED_MAX = 1000

/** Minimum length of credentials. Shorter texts, such as numbers, also occur in messages. */
const SECRET_MIN = 8

/** A successful response. */
export interface SourceResponse {
  head: ResponseHead
  etag: string | undefined
  body: AsyncIterator<Uint8Array>
  /** Fires if the response takes too long, or if the reading is stopped. */
  signal: AbortSignal
}

/** Reads a response. */
type ResponseReader<T> = (response: SourceResponse) => Promise<T>

/** Sends the requests of a reading, or reads a file instead. */
export type SourceTransport = Pick<SourceClient, 'createBudget' | 'request' | 'close'>

/**
 * Sends requests to a source. The service does not trust it. The client follows no redirects, verifies certificates regardless of the
 * environment, and limits the size and the time of responses.
 */
export class SourceClient {
  readonly #pool: Pool
  readonly #pacer: RequestPacer
  readonly #limits: SourceLimits
  readonly #headers: Record<string, string>
  readonly #session: SourceSession

  /**
   * @param origin The origin of all requests.
   * @param session The credentials of all requests.
   */
  constructor(origin: string, limits: Partial<SourceLimits> & Pace, session: SourceSession) {
    this.#headers = {
      // Some servers choose a format by it, and some reject requests that do not accept what they have.
      accept: 'application/json, application/xml;q=0.9, text/*;q=0.8, */*;q=0.5',
      'accept-encoding': 'gzip',
      'user-agent': USER_AGENT
    }
    this.#session = session
    this.#limits = { ...defaultLimits, ...limits }
    this.#pacer = new RequestPacer(this.#limits.requests, this.#limits.period)
    this.#pool = new Pool(origin, {
      connections: 1,
      connect: { timeout: this.#limits.connect, rejectUnauthorized: true },
      // The client has limits of its own, which take into account how much has arrived.
      headersTimeout: 0,
      bodyTimeout: 0
    })
  }

  /** Returns the budget of a new reading. The caller clears `waiting` at its end. */
  createBudget(stop: AbortSignal): ReadingBudget {
    return createBudget(this.#limits, stop)
  }

  /**
   * Sends a request. After a temporary failure, sends it again, also if the connection broke while the body was read.
   * @param read Reads the response. After a retry, it is called again.
   * @param etag Makes the request conditional.
   * @returns The result of `read`; undefined if the source still has the version with the ETag.
   * @throws {SourceError} or what `read` throws.
   */
  async request<T>(
    request: SourceRequest,
    budget: ReadingBudget,
    read: ResponseReader<T>,
    etag?: string
  ): Promise<T | undefined> {
    const { signal } = budget.waiting
    return await budget.retries.attempt(async () => {
      await budget.waiting.during(() => this.#pacer.wait(signal)).catch(rethrow)
      const waiting = new WaitingLimit(this.#limits.response, signal)
      try {
        const response = await budget.waiting
          .during(() => waiting.during(() => this.#send(request, budget, waiting.signal, etag)))
          .catch(rethrow)
        return await this.#read(request.url, response, budget, waiting, read)
      } finally {
        waiting.clear()
      }
    }, signal)
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  /** @returns Undefined if the source still has the version with the ETag. */
  async #send(
    request: SourceRequest,
    budget: ReadingBudget,
    signal: AbortSignal,
    etag?: string
  ): Promise<Dispatcher.ResponseData | undefined> {
    const { url, isOptional, accept } = request
    const { pathname, search, searchParams } = new URL(url)
    const auth = await this.#session.header(this.#pool, signal)
    const response = await this.#pool.request({
      method: 'GET',
      path: `${pathname}${search}`,
      headers: {
        ...this.#headers,
        ...(accept !== undefined && { accept }),
        ...(auth && { [auth.name]: auth.value }),
        ...(etag !== undefined && { 'if-none-match': etag })
      },
      signal
    })
    const { statusCode, headers, body } = response
    if (statusCode === 200 || (isOptional && MISSING.has(statusCode))) return response
    if (statusCode === 401 && budget.renewals > 0 && this.#session.renew(auth)) {
      budget.renewals--
      await body.dump({ limit: DUMPED_MAX, signal })
      return await this.#send(request, budget, signal, etag)
    }
    if (statusCode === 304 && etag !== undefined) {
      await body.dump({ limit: DUMPED_MAX, signal })
      return undefined
    }
    const secrets = [...this.#session.secrets, ...searchParams.values()].flatMap((secret) =>
      secret.length < SECRET_MIN ? [] : [secret, encodeURIComponent(secret)]
    )
    body.on('error', () => {})
    const text = await readRejection(body, secrets)
    // Closes the connection if the body was not read to its end.
    body.destroy()
    const advice = statusCode === 401 ? '. Check SOURCE_AUTH' : ''
    const detail = `http-${statusCode}${text === undefined ? '' : ` (${text})`}${advice}`
    throw new SourceError(`http-${statusCode}`, { detail, retryAfter: readRetryAfter(headers['retry-after']) })
  }

  async #read<T>(
    url: string,
    response: Dispatcher.ResponseData | undefined,
    budget: ReadingBudget,
    waiting: WaitingLimit,
    read: ResponseReader<T>
  ): Promise<T | undefined> {
    if (!response) return undefined
    const { body } = response
    const { signal } = waiting
    try {
      const head = toHead(url, response)
      return await read({ head, etag: head.headers.etag, body: this.#readBody(body, budget, waiting), signal })
    } catch (error) {
      throw signal.aborted ? toSourceError(signal.reason) : error
    } finally {
      // Closes the connection if the body was not read to its end.
      body.on('error', () => {}).destroy()
    }
  }

  async *#readBody(
    body: AsyncIterable<Buffer>,
    budget: ReadingBudget,
    waiting: WaitingLimit
  ): AsyncGenerator<Uint8Array> {
    const chunks = body[Symbol.asyncIterator]()
    for (;;) {
      const { done, value } = await budget.waiting.during(() => waiting.during(() => chunks.next())).catch(rethrow)
      if (done) return
      budget.bytes -= value.length
      if (budget.bytes < 0) throw new SourceError('too-large', { detail: 'the source sent too much data' })
      const time = (value.length / this.#limits.rate) * 1000
      waiting.extend(time)
      budget.waiting.extend(time)
      yield value
    }
  }
}

/** Content codings that the mapping thread removes. It recognizes them by the content. */
const CODINGS = new Set(['identity', 'gzip', 'x-gzip'])

/** @throws {SourceError} if the response has a content coding that was not requested. */
function toHead(url: string, { statusCode, headers }: Dispatcher.ResponseData): ResponseHead {
  const { 'content-encoding': encoding = 'identity' } = headers
  if (!CODINGS.has(String(encoding))) {
    throw new SourceError('invalid', {
      detail: `the response has the content coding ${String(encoding).slice(0, 100)}`
    })
  }
  return {
    url,
    isMissing: MISSING.has(statusCode),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  }
}

function rethrow(error: Error & { code?: string | number }): never {
  throw toSourceError(error)
}

export function toSourceError(error: Error & { code?: string | number }): SourceError {
  if (error instanceof SourceError) return error
  // If a wait was aborted, its cause is the reason of the abort signal.
  const { name } = Object(error.name === 'AbortError' ? error.cause : error) as Error
  const timedOut = name === 'TimeoutError' || String(error.code).endsWith('_TIMEOUT')
  return new SourceError(timedOut ? 'timeout' : 'refused', { cause: error })
}
