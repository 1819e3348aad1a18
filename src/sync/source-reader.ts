import { toSourceName } from '../store/sources.js'
import type { MappedBatch } from './mapped-records.js'
import { mapPageInThread } from './mapping-worker.js'
import { recognizeByAddress, recognizeByContent } from './recognize-kind.js'
import type { SourceAuth } from './source-auth.js'
import { SourceClient, type SourceTransport } from './source-client.js'
import { SourceError } from './source-error.js'
import { SourceFile } from './source-file.js'
import type { ReadingBudget, SourceLimits } from './source-limits.js'
import { SourceSession } from './source-session.js'
import { openSourceStream } from './source-stream.js'
import { kinds, type SourceKindName } from './sources/kinds.js'
import type { PageEnd, SourceKind, SourceRequest, SourceSettings, SourceVersion } from './sources/source-kind.js'

/** The ETag of a page, for a conditional request. */
export interface Validator {
  request: SourceRequest
  etag: string
}

/** Receives the records of a reading. */
export interface RecordSink {
  /** Starts a page. If the connection breaks, the same page starts again. */
  startPage(number: number): void
  /** Adds records of the page. The reading continues after it resolves. */
  addBatch(batch: MappedBatch): Promise<void>
  /** Ends the page. @returns Whether all its records were already on earlier pages. */
  endPage(): { isRepeated: boolean }
}

/** The result of a reading, apart from the products. */
export interface ReadingSummary {
  /** The ETags of all pages. Empty if a page has none, or if the catalog changed during the reading. */
  validators: Validator[]
  /** Whether products were added or removed during the reading. A product may then have moved between pages and be missing. */
  isShifting: boolean
  /** Why records are missing; undefined if the reading is whole. */
  incomplete: string | undefined
  /** The version of the source; undefined if its kind cannot list changes. */
  version?: SourceVersion
}

export interface SourceReaderOptions extends SourceSettings {
  /** The kind of the source; `auto` if its address or its content tells. */
  kind: SourceKindName | 'auto'
  auth?: SourceAuth | undefined
  limits?: Partial<SourceLimits>
}

const DEFAULT_KIND = 'dummyjson'
/** The pace of the request that tells the kind of a source. */
const ANY_PACE = { requests: 1, period: 1000 }

/** Reads a source of any kind. */
export class SourceReader {
  /** Identifies the source. */
  readonly name: string
  readonly #settings: SourceSettings
  readonly #options: SourceReaderOptions
  /** Undefined until the first response tells it. */
  #kindName: SourceKindName | undefined
  /** Whether the kind is certain. */
  #isKnown: boolean
  #session: SourceSession
  #transport: SourceTransport
  /** The last reading. The next one waits for its end: both use one connection, and the limits would count a wait for it. */
  #lastReading: Promise<unknown> = Promise.resolve()

  constructor(options: SourceReaderOptions) {
    const { kind, url, currency, mapping, hasAuth = false } = options
    this.name = toSourceName(url)
    this.#options = options
    this.#settings = { url, currency, mapping, hasAuth }
    this.#kindName = kind === 'auto' ? recognizeByAddress(url) : kind
    this.#isKnown = this.#kindName !== undefined
    this.#session = this.#openSession()
    this.#transport = this.#open()
  }

  /**
   * Reads the source, unless the ETags of an earlier reading show that it has not changed.
   * @param position The position of an earlier reading. If the kind can, it reads only what has changed since then.
   * @returns Undefined if the source has not changed.
   * @throws {SourceError}
   */
  async read(
    validators: readonly Validator[],
    stop: AbortSignal,
    sink: RecordSink,
    position?: string
  ): Promise<ReadingSummary | undefined> {
    const reading = this.#lastReading.then(() => this.#read(validators, stop, sink, position))
    this.#lastReading = reading.catch(() => {})
    return await reading
  }

  async #read(
    validators: readonly Validator[],
    stop: AbortSignal,
    sink: RecordSink,
    position?: string
  ): Promise<ReadingSummary | undefined> {
    const budget = this.#transport.createBudget(stop)
    try {
      if (!this.#isKnown) await this.#recognize(budget)
      if (validators.length > 0 && (await this.#isUnchanged(validators, budget))) return undefined
      const summary = await this.#readPages(budget, sink, position)
      const { version } = summary
      return version?.isDifference && version.position === position ? undefined : summary
    } finally {
      budget.waiting.clear()
    }
  }

  async close(): Promise<void> {
    await this.#transport.close()
  }

  /** Whether the source tells when it changes. */
  get canFollow(): boolean {
    return this.#kindName !== undefined && this.#kind.follow !== undefined
  }

  /**
   * Yields the position of each change of the source, until it ends the stream or `stop` aborts.
   * @param position The position after which the stream starts.
   * @throws {SourceError}
   */
  async *follow(position: string, stop: AbortSignal): AsyncGenerator<string> {
    const request = this.#kind.follow?.(this.#settings, position)
    if (request) yield* openSourceStream(request, this.#session, stop)
  }

  /** The kind of the source; undefined if nothing has told it yet. */
  get kind(): SourceKindName | undefined {
    return this.#kindName
  }

  get #kind(): SourceKind {
    return kinds[this.#kindName as SourceKindName]
  }

  #open(): SourceTransport {
    const { limits, url } = this.#options
    if (new URL(url).protocol === 'file:') return new SourceFile(limits)
    const pace = this.#kindName === undefined ? ANY_PACE : this.#kind.pace
    return new SourceClient(new URL(url).origin, { ...pace, ...limits }, this.#session)
  }

  #openSession(): SourceSession {
    const signIn = this.#kindName === undefined ? undefined : this.#kind.signIn
    const { auth, limits } = this.#options
    return new SourceSession(auth, this.#settings, signIn, limits?.response)
  }

  /** Finds the kind by what the address returns. An address that returns nothing can be the base of the default kind. */
  async #recognize(budget: ReadingBudget): Promise<void> {
    const { url } = this.#settings
    try {
      this.#kindName = (await this.#transport.request({ url }, budget, recognizeByContent)) as SourceKindName
      this.#isKnown = true
    } catch (error) {
      if (!(error instanceof SourceError) || error.reason !== 'http-404') throw error
      this.#kindName = DEFAULT_KIND
    }
    await this.#transport.close()
    this.#session = this.#openSession()
    this.#transport = this.#open()
  }

  async #readPages(budget: ReadingBudget, sink: RecordSink, position?: string): Promise<ReadingSummary> {
    const etags: (Validator | undefined)[] = []
    let isShifting = false
    let recordsSoFar = 0
    let total: number | undefined
    let version: SourceVersion | undefined
    let next: ReturnType<SourceKind['next']> = this.#kind.first(this.#settings, position)
    while (next !== 'whole' && 'url' in next) {
      const request: SourceRequest = next
      const isFirst = etags.length === 0
      const { records, end, isRepeated, ...page } = await this.#readPage(request, etags, budget, sink)
      version = page.version ?? version
      if (!isFirst && end.total !== total) isShifting = true
      total = end.total
      recordsSoFar += records
      next = this.#kind.next({ request, records, recordsSoFar, isShifting, isRepeated, end }, this.#settings)
    }
    const incomplete = next === 'whole' ? undefined : next.incomplete
    const validators = etags.filter((etag) => etag !== undefined)
    const canRevalidate = incomplete === undefined && !isShifting && validators.length === etags.length
    return { validators: canRevalidate ? validators : [], isShifting, incomplete, ...(version && { version }) }
  }

  /**
   * Reads a page with its continuations.
   * @param etags The ETags of the responses before the page. Those of the page are added.
   */
  async #readPage(
    request: SourceRequest,
    etags: (Validator | undefined)[],
    budget: ReadingBudget,
    sink: RecordSink
  ): Promise<{ records: number; end: PageEnd; isRepeated: boolean; version: SourceVersion | undefined }> {
    let part: { request: SourceRequest; state?: Uint8Array } | undefined = { request }
    let first: PageEnd = {}
    let records = 0
    let isRepeated = false
    let version: SourceVersion | undefined
    for (let i = 0; part; i++) {
      const response = await this.#readResponse(part, etags.length, budget, sink)
      etags.push(response.validator)
      if (i === 0) first = response.end
      records += response.records
      isRepeated ||= response.isRepeated
      version = response.end.version
      part = response.end.continuation
    }
    return { records, end: first, isRepeated, version }
  }

  /** @param number The number of responses before this one. */
  async #readResponse(
    { request, state }: { request: SourceRequest; state?: Uint8Array },
    number: number,
    budget: ReadingBudget,
    sink: RecordSink
  ): Promise<{ validator: Validator | undefined; records: number; end: PageEnd; isRepeated: boolean }> {
    const read = await this.#transport.request(request, budget, async ({ head, etag, body, signal }) => {
      let records = 0
      sink.startPage(number)
      const job = { kind: this.#kindName as SourceKindName, settings: this.#settings, head, state, bytes: budget.bytes }
      const { end, bytes } = await mapPageInThread(job, body, signal, async (batch) => {
        records += batch.records
        await sink.addBatch(batch)
      })
      budget.bytes -= bytes
      return { validator: etag === undefined ? undefined : { request, etag }, records, end }
    })
    // The request is not conditional, so the source has sent a page.
    const { isRepeated } = sink.endPage()
    if (isRepeated && !this.#kind.mayRepeatLastPage?.(this.#settings))
      throw new SourceError('invalid', { detail: 'the source sent the same page again' })
    return { ...(read as NonNullable<typeof read>), isRepeated }
  }

  async #isUnchanged(validators: readonly Validator[], budget: ReadingBudget): Promise<boolean> {
    for (const { request, etag } of validators) {
      const changed = await this.#transport.request(request, budget, async () => true, etag)
      if (changed) return false
    }
    return true
  }
}
