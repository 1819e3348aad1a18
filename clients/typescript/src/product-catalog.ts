import { unlessAborted, wait } from './abortable.js'
import { AccessToken } from './access-token.js'
import { Operations, operations } from './generated/operations.js'
import type {
  Change,
  Credentials,
  ExportProductsParameters,
  ListProductsParameters,
  Product,
  ProductSummary
} from './generated/types.js'
import type { Operation, RequestOptions } from './operation.js'
import { ProblemError, readProblem } from './problem-error.js'
import { type PreparedRequest, prepareRequest } from './request.js'
import { ResponseCache } from './response-cache.js'
import { readEvents, readLines } from './streams.js'

export interface ClientOptions {
  /** Address of the service. */
  url: string | URL
  /** Maximum number of retries of a request after 429 or 503. Default: 3. */
  retries?: number | undefined
  /** Maximum total wait for retries of a call, in milliseconds. If `Retry-After` exceeds it, the call fails. Default: 60,000. */
  maxWait?: number | undefined
  /** Maximum number of characters of cached responses. 0 turns the cache off. Default: 5,000,000. */
  cacheSize?: number | undefined
  /** Function that sends the requests. Default: the global `fetch`. */
  fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined
}

/**
 * Credentials of the client: an account, with which it signs in by itself, or an existing token. With neither, requests have no
 * credentials except the cookies of the browser.
 */
export type Identity =
  | (Credentials & { token?: never })
  | { token: string; username?: never; password?: never }
  | { token?: never; username?: never; password?: never }

export type ProductCatalogOptions = ClientOptions & Identity

/** Options of `changes`. */
export interface ChangesOptions extends RequestOptions {
  /** Epoch of the revision to start after. */
  epoch?: string | undefined
}

/** The parameters of `listProducts` that filter and sort. */
export type ProductQuery = Omit<ListProductsParameters, 'limit' | 'offset' | 'cursor' | 'facets'>

/** Maximum number of products on a page. */
const PAGE_SIZE = 100
/** Time without data after which a stream counts as broken. The service sends something every 15 seconds. */
const IDLE_TIMEOUT_MS = 45_000

/**
 * A client of a product catalog service. Each operation of the OpenAPI document is a method with the same name.
 *
 * Methods throw a `ProblemError` for each error response. If the client cannot reach the service, they throw the error of `fetch`.
 */
export class ProductCatalog extends Operations {
  readonly #url: string
  readonly #fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly #retries: number
  readonly #maxWait: number
  readonly #cache: ResponseCache
  readonly #token: AccessToken | string | undefined

  constructor(options: ProductCatalogOptions) {
    super()
    const { url, token, username, password, retries = 3, maxWait = 60_000, cacheSize = 5_000_000 } = options
    const { fetch = globalThis.fetch } = options
    const { origin, pathname } = new URL(url)
    this.#url = origin + pathname.replace(/\/+$/, '')
    // Browsers throw if `fetch` is called as a method of another object.
    this.#fetch = (url, init) => fetch(url, init)
    this.#retries = retries
    this.#maxWait = maxWait
    this.#cache = new ResponseCache(cacheSize)
    this.#token = username === undefined ? token : new AccessToken(() => this.signIn({ body: { username, password } }))
  }

  /** Yields all products that match a query, in their short form. Follows cursors, so it skips and repeats none. */
  async *products(query: ProductQuery = {}, options?: RequestOptions): AsyncGenerator<ProductSummary, void> {
    let cursor: string | undefined
    do {
      const page = await this.listProducts({ ...query, limit: PAGE_SIZE, cursor }, options)
      yield* page.products
      cursor = page.nextCursor
    } while (cursor !== undefined)
  }

  /** Yields all products that match a query, in full, all from the same point in time. */
  async *exportedProducts(
    query: Omit<ExportProductsParameters, 'accept'> = {},
    options?: RequestOptions
  ): AsyncGenerator<Product, void> {
    const file = await this.exportProducts({ ...query, accept: 'application/x-ndjson' }, options)
    for await (const line of readLines(file)) yield JSON.parse(line) as Product
  }

  /**
   * Yields the changes after a revision, and then new changes as they happen. Continues until you leave the loop: if the connection
   * breaks, the client reconnects and misses no change. Throws if it cannot reconnect within `maxWait`. Throws `revision-gone` if the
   * service no longer keeps the changes, or if the catalog was restored from a backup.
   * @param after Revision to start after. Default: the oldest that the service keeps.
   * @param options Pass the `epoch` of the revision, from `getServiceInfo` or `listChanges`. Without it, the client does not notice a
   * restore that happened before the stream starts.
   */
  async *changes(after?: number, options: ChangesOptions = {}): AsyncGenerator<Change, void> {
    const operation = { ...operations.listChanges, accept: 'text/event-stream' }
    const { epoch, ...rest } = options
    let lastEventId: string | undefined
    let delay = 1000
    // No reconnects before the first connection, so that the caller learns of a failure at once.
    let remainingWait = 0
    for (;;) {
      try {
        const stream = await this.send<ReadableStream<Uint8Array>>(operation, { after, epoch, lastEventId }, rest)
        remainingWait = this.#maxWait
        for await (const { id, data, retry } of readEvents(stream, IDLE_TIMEOUT_MS)) {
          if (retry !== undefined) delay = Number(retry)
          // The stream starts with an id, so the client knows the epoch before the first change.
          if (id !== undefined) lastEventId = id
          if (data === undefined) continue
          yield JSON.parse(data) as Change
        }
      } catch (error) {
        if (!mayRecover(error) || remainingWait < delay) throw error
        remainingWait -= delay
      }
      await wait(delay, options.signal)
    }
  }

  /** Signs out, if the client has signed in. The next request that needs a token signs in again. */
  override async signOut(options?: RequestOptions): Promise<void> {
    if (this.#token instanceof AccessToken) {
      const token = this.#token.current
      if (token === undefined) return
      await super.signOut(options)
      this.#token.drop(token)
    } else await super.signOut(options)
  }

  protected override async send<T>(operation: Operation, parameters: object, options: RequestOptions = {}): Promise<T> {
    const request = prepareRequest(this.#url, operation, { ...parameters })
    const cached = operation.isConditional ? this.#cache.get(request.url) : undefined
    if (cached) request.headers['if-none-match'] = cached.etag
    const response = await this.#fetchWithRetries(request, operation, options.signal)
    if (response.status === 304 && cached) return withEtag(JSON.parse(cached.json), cached.etag) as T

    const etag = response.headers.get('etag')
    if (operation.accept === undefined) return withEtag({}, etag) as T
    if (operation.accept !== 'application/json') return response.body as T
    const json = await response.text()
    if (operation.isConditional && etag !== null) this.#cache.set(request.url, { etag, json })
    return withEtag(JSON.parse(json), etag) as T
  }

  /** Sends a request until it succeeds or may not be retried. Signs in again if the token is rejected. */
  async #fetchWithRetries(
    request: PreparedRequest,
    operation: Operation,
    signal: AbortSignal | undefined
  ): Promise<Response> {
    const { url, headers, ...rest } = request
    // A stream cannot be read again.
    const isStream = request.body instanceof ReadableStream
    let retries = this.#retries
    let remainingWait = this.#maxWait
    let hasRenewedToken = false
    for (;;) {
      const token = operation.needsToken ? await this.#authorize(signal) : undefined
      const response = await this.#fetch(url, {
        ...rest,
        headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
        // The service never redirects. A redirect could send the credentials to another server.
        redirect: 'error',
        ...(isStream && { duplex: 'half' }),
        ...(signal && { signal })
      } as RequestInit)
      if (response.ok || response.status === 304) return response

      const problem = await readProblem(response)
      if (problem.status === 401 && token !== undefined && this.#token instanceof AccessToken) {
        this.#token.drop(token)
        if (isStream || hasRenewedToken) throw problem
        hasRenewedToken = true
        continue
      }
      const { retryAfter = Number.POSITIVE_INFINITY } = problem
      if (isStream || !mayRetry(problem, request) || retries === 0 || retryAfter > remainingWait) throw problem
      retries--
      remainingWait -= retryAfter
      await wait(retryAfter, signal)
    }
  }

  async #authorize(signal: AbortSignal | undefined): Promise<string | undefined> {
    if (!(this.#token instanceof AccessToken)) return this.#token
    return await unlessAborted(this.#token.get(), signal)
  }
}

/**
 * Returns whether the client may retry a request. After 429, the service has not carried it out. After 503, it may have, so only
 * requests that are safe to repeat qualify: reads, idempotent writes, writes with `Idempotency-Key`, and sign-ins.
 */
function mayRetry({ status, problem }: ProblemError, { method, url, headers }: PreparedRequest): boolean {
  // Callers of the readiness check want the current state.
  if (problem === 'not-ready') return false
  if (status !== 503) return status === 429
  return method !== 'POST' || 'Idempotency-Key' in headers || url.endsWith(operations.signIn.path)
}

/** Returns whether a later connection may succeed: the connection broke, or the service or a proxy failed. */
const mayRecover = (error: unknown) =>
  error instanceof TypeError || (error instanceof ProblemError && error.status >= 500)

/** Adds `etag` to a body. Not enumerable, because it belongs to the response and not to the product. */
function withEtag(body: object, etag: string | null): object {
  return etag === null ? body : Object.defineProperty(body, 'etag', { value: etag })
}
