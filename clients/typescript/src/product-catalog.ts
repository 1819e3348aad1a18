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
import { KeptAnswers } from './kept-answers.js'
import type { Operation, RequestOptions } from './operation.js'
import { ProblemError, readProblem } from './problem-error.js'
import { type PreparedRequest, prepareRequest } from './request.js'
import { readEvents, readLines } from './streams.js'
import { unlessAborted, wait } from './waiting.js'

export interface ClientOptions {
  /** Address of the service. */
  url: string | URL
  /** How many times a request is sent again after 429 or 503, at most. Default: 3. */
  retries?: number | undefined
  /** Milliseconds that one call may wait for that altogether; where `Retry-After` says more, it fails at once. Default: 60,000. */
  maxWait?: number | undefined
  /** How many characters of answers to keep, so that they are sent again only when they have changed. Default: 5,000,000. */
  cacheSize?: number | undefined
  /** Sends the requests. Default: the global `fetch`. */
  fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined
}

/**
 * Who asks: an account, with which the client signs in by itself; or a token that there is already; or, without either, whoever
 * the browser's cookie says.
 */
export type Identity =
  | (Credentials & { token?: never })
  | { token: string; username?: never; password?: never }
  | { token?: never; username?: never; password?: never }

export type ProductCatalogOptions = ClientOptions & Identity

/** How changes are followed. */
export interface ChangesOptions extends RequestOptions {
  /** The epoch of the revision that they are followed from. */
  epoch?: string | undefined
}

/** The parameters of `listProducts` that say which products, and in which order. */
export type ProductQuery = Omit<ListProductsParameters, 'limit' | 'offset' | 'cursor' | 'facets'>

/** The most products that a page can have. */
const PAGE = 100
/** Milliseconds after which a stream without a sign of life has ended: it has one every 15 seconds. */
const SILENCE = 45_000

/**
 * A product catalog service. Each operation is a method, named as in the document of the service.
 *
 * What the service refuses, or fails to do, is thrown as a `ProblemError`; where it is not reached, what `fetch` throws.
 */
export class ProductCatalog extends Operations {
  readonly #url: string
  readonly #fetch: (url: string, init: RequestInit) => Promise<Response>
  readonly #retries: number
  readonly #maxWait: number
  readonly #kept: KeptAnswers
  readonly #token: AccessToken | string | undefined

  constructor(options: ProductCatalogOptions) {
    super()
    const { url, token, username, password, retries = 3, maxWait = 60_000, cacheSize = 5_000_000 } = options
    const { fetch = globalThis.fetch } = options
    const { origin, pathname } = new URL(url)
    this.#url = origin + pathname.replace(/\/+$/, '')
    // Browsers refuse a fetch that is called as the method of something else.
    this.#fetch = (url, init) => fetch(url, init)
    this.#retries = retries
    this.#maxWait = maxWait
    this.#kept = new KeptAnswers(cacheSize)
    this.#token = username === undefined ? token : new AccessToken(() => this.signIn({ body: { username, password } }))
  }

  /** All products that a query finds, in their short form: page by page, so that none is skipped or repeated. */
  async *products(query: ProductQuery = {}, options?: RequestOptions): AsyncGenerator<ProductSummary, void> {
    let cursor: string | undefined
    do {
      const page = await this.listProducts({ ...query, limit: PAGE, cursor }, options)
      yield* page.products
      cursor = page.nextCursor
    } while (cursor !== undefined)
  }

  /** All products that a query finds, in full, as they are at one moment. */
  async *exportedProducts(
    query: Omit<ExportProductsParameters, 'accept'> = {},
    options?: RequestOptions
  ): AsyncGenerator<Product, void> {
    const file = await this.exportProducts({ ...query, accept: 'application/x-ndjson' }, options)
    for await (const line of readLines(file)) yield JSON.parse(line) as Product
  }

  /**
   * The changes after a revision, or all that are kept, and from then on each as it happens. It goes on until you leave the loop:
   * when the connection breaks it connects again, and misses nothing. It fails when that is in vain for as long as `maxWait`, and
   * with `revision-gone` when the changes are not kept any more or the catalog was restored from a backup.
   * @param options `epoch` is that of the revision, from `getServiceInfo` or `listChanges`. Without it, a restore before
   * the stream begins goes unnoticed.
   */
  async *changes(after?: number, options: ChangesOptions = {}): AsyncGenerator<Change, void> {
    const operation = { ...operations.listChanges, accept: 'text/event-stream' }
    const { epoch, ...rest } = options
    let lastEventId: string | undefined
    let delay = 1000
    // Not to be connected at all is for the caller to know at once.
    let patience = 0
    for (;;) {
      try {
        const stream = await this.send<ReadableStream<Uint8Array>>(operation, { after, epoch, lastEventId }, rest)
        patience = this.#maxWait
        for await (const { id, data, retry } of readEvents(stream, SILENCE)) {
          if (retry !== undefined) delay = Number(retry)
          // The stream begins with an id, so the epoch is known even if no change comes.
          if (id !== undefined) lastEventId = id
          if (data === undefined) continue
          yield JSON.parse(data) as Change
        }
      } catch (error) {
        if (!isPassing(error) || patience < delay) throw error
        patience -= delay
      }
      await wait(delay, options.signal)
    }
  }

  /** Signs out, where the client has signed in. When it is needed again, the client signs in again. */
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
    const kept = operation.isConditional ? this.#kept.get(request.url) : undefined
    if (kept) request.headers['if-none-match'] = kept.etag
    const response = await this.#ask(request, operation, options.signal)
    if (response.status === 304 && kept) return tag(JSON.parse(kept.json), kept.etag) as T

    const etag = response.headers.get('etag')
    if (operation.accept === undefined) return tag({}, etag) as T
    if (operation.accept !== 'application/json') return response.body as T
    const json = await response.text()
    if (operation.isConditional && etag !== null) this.#kept.set(request.url, { etag, json })
    return tag(JSON.parse(json), etag) as T
  }

  /** Sends a request, again if need be, until it is answered with success. */
  async #ask(request: PreparedRequest, operation: Operation, signal: AbortSignal | undefined): Promise<Response> {
    const { url, headers, ...rest } = request
    // What was read from a stream cannot be sent again.
    const isOnce = request.body instanceof ReadableStream
    let retries = this.#retries
    let patience = this.#maxWait
    let isRenewed = false
    for (;;) {
      const token = operation.needsToken ? await this.#authorize(signal) : undefined
      const response = await this.#fetch(url, {
        ...rest,
        headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
        // To be sent elsewhere is nothing that the service asks for, and would take the credentials there.
        redirect: 'error',
        ...(isOnce && { duplex: 'half' }),
        ...(signal && { signal })
      } as RequestInit)
      if (response.ok || response.status === 304) return response

      const problem = await readProblem(response)
      if (problem.status === 401 && token !== undefined && this.#token instanceof AccessToken) {
        this.#token.drop(token)
        if (isOnce || isRenewed) throw problem
        isRenewed = true
        continue
      }
      const { retryAfter = Number.POSITIVE_INFINITY } = problem
      if (isOnce || !mayRepeat(problem, request) || retries === 0 || retryAfter > patience) throw problem
      retries--
      patience -= retryAfter
      await wait(retryAfter, signal)
    }
  }

  async #authorize(signal: AbortSignal | undefined): Promise<string | undefined> {
    if (!(this.#token instanceof AccessToken)) return this.#token
    return await unlessAborted(this.#token.get(), signal)
  }
}

/**
 * Whether a request can be sent again. One that came too often (429) has not been carried out. With 503 that is not certain, so it
 * has to be one that does no harm when it is carried out twice: with its key a product is made once, with its `If-Match` it is not
 * changed again, and signing in twice leaves nothing behind.
 */
function mayRepeat({ status, problem }: ProblemError, { method, url, headers }: PreparedRequest): boolean {
  // Whoever asks whether it is ready wants to know it now.
  if (problem === 'not-ready') return false
  if (status !== 503) return status === 429
  return method !== 'POST' || 'Idempotency-Key' in headers || url.endsWith(operations.signIn.path)
}

/** Whether a connection may come about later: it broke, or what is in between does not reach the service. */
const isPassing = (error: unknown) =>
  error instanceof TypeError || (error instanceof ProblemError && error.status >= 500)

/** Not enumerable: it is of the answer, and not of the product. */
function tag(body: object, etag: string | null): object {
  return etag === null ? body : Object.defineProperty(body, 'etag', { value: etag })
}
