import { toSourceName } from '../store/sources.js'
import type { MappedBatch } from './mapped-records.js'
import { mapPageInThread } from './mapping-worker.js'
import { type ReadingBudget, SourceClient, type SourceLimits } from './source-client.js'
import { kinds, type SourceKindName } from './sources/kinds.js'
import type { PageEnd, SourceKind, SourceRequest, SourceSettings } from './sources/source-kind.js'

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
  /** Ends the page. */
  endPage(): void
}

/** The result of a reading, apart from the products. */
export interface ReadingSummary {
  /** The ETags of all pages. Empty if a page has none, or if the catalog changed during the reading. */
  validators: Validator[]
  /** Whether products were added or removed during the reading. A product may then have moved between pages and be missing. */
  isShifting: boolean
  /** Why records are missing; undefined if the reading is whole. */
  incomplete: string | undefined
}

/** Reads a source of any kind. */
export class SourceReader {
  /** Identifies the source. */
  readonly name: string
  readonly #kindName: SourceKindName
  readonly #kind: SourceKind
  readonly #settings: SourceSettings
  readonly #client: SourceClient

  constructor(kind: SourceKindName, settings: SourceSettings, limits: Partial<SourceLimits> = {}) {
    this.name = toSourceName(settings.url)
    this.#kindName = kind
    this.#kind = kinds[kind]
    this.#settings = settings
    this.#client = new SourceClient(new URL(settings.url).origin, { ...this.#kind.pace, ...limits })
  }

  /**
   * Reads the source, unless the ETags of an earlier reading show that it has not changed.
   * @returns Undefined if the source has not changed.
   * @throws {SourceError}
   */
  async read(
    validators: readonly Validator[],
    stop: AbortSignal,
    sink: RecordSink
  ): Promise<ReadingSummary | undefined> {
    const budget = this.#client.createBudget(stop)
    try {
      if (validators.length > 0 && (await this.#isUnchanged(validators, budget))) return undefined
      return await this.#readPages(budget, sink)
    } finally {
      budget.waiting.clear()
    }
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  async #readPages(budget: ReadingBudget, sink: RecordSink): Promise<ReadingSummary> {
    const summary: ReadingSummary = { validators: [], isShifting: false, incomplete: undefined }
    let pages = 0
    let recordsSoFar = 0
    let total: number | undefined
    let next: ReturnType<SourceKind['next']> = this.#kind.first(this.#settings)
    while (next !== 'whole' && 'url' in next) {
      const request: SourceRequest = next
      const { etag, records, end } = await this.#readPage(request, pages, budget, sink)
      if (etag !== undefined) summary.validators.push({ request, etag })
      if (pages > 0 && end.total !== total) summary.isShifting = true
      total = end.total
      pages++
      recordsSoFar += records
      const page = { request, records, recordsSoFar, isShifting: summary.isShifting, end }
      next = this.#kind.next(page, this.#settings)
    }
    if (next !== 'whole') summary.incomplete = next.incomplete
    if (summary.incomplete !== undefined || summary.isShifting || summary.validators.length < pages)
      summary.validators = []
    return summary
  }

  async #readPage(
    request: SourceRequest,
    number: number,
    budget: ReadingBudget,
    sink: RecordSink
  ): Promise<{ etag: string | undefined; records: number; end: PageEnd }> {
    const page = await this.#client.request(request, budget, async ({ head, etag, body, signal }) => {
      let records = 0
      sink.startPage(number)
      const job = { kind: this.#kindName, settings: this.#settings, head, bytes: budget.bytes }
      const { end, bytes } = await mapPageInThread(job, body, signal, async (batch) => {
        records += batch.records
        await sink.addBatch(batch)
      })
      budget.bytes -= bytes
      return { etag, records, end }
    })
    sink.endPage()
    // The request is not conditional, so the source has sent a page.
    return page as NonNullable<typeof page>
  }

  async #isUnchanged(validators: readonly Validator[], budget: ReadingBudget): Promise<boolean> {
    for (const { request, etag } of validators) {
      const changed = await this.#client.request(request, budget, async () => true, etag)
      if (changed) return false
    }
    return true
  }
}
