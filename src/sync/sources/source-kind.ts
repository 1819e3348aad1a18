import type { SourceMapping } from '../../../schemas/source-mapping.js'
import type { SourceCategory } from '../../products/category-tree.js'
import type { SourceProductRow } from '../../store/source-products.js'
import type { FieldProblem, FieldReport } from './source-record.js'

/** The settings of a source that its kind needs. They contain no secrets. */
export interface SourceSettings {
  /** `SOURCE_URL`, without slashes at the end of its path. */
  url: string
  /** Whether the requests have the credentials of `SOURCE_AUTH`. False by default. */
  hasAuth?: boolean
  /** The currency of prices for which the source names none (ISO 4217). */
  currency: string
  /** The content of the file in `SOURCE_MAPPING`, for the kinds that need one. */
  mapping?: SourceMapping | undefined
}

/** A request to the source. */
export interface SourceRequest {
  /** An absolute URL with the origin of the source. */
  url: string
  /** Whether the source may not know the URL. A response 404 or 410 is then read like others, and has no body. */
  isOptional?: boolean
  /** The header `Accept`. By default, one that permits any media type. */
  accept?: string
}

/** The parts of a response that say how to read its body. */
export interface ResponseHead {
  /** The URL of the request. */
  url: string
  /** Headers by name in lowercase. Repeated ones are joined. */
  headers: Readonly<Record<string, string>>
  /** Whether the source does not know the URL. */
  isMissing?: boolean
}

/** The facts about a page that are known after its last record. */
export interface PageEnd {
  /** Number of records on all pages, as the source reports it; undefined if it does not. */
  total?: number | undefined
  /** Number of pages, as the source reports it; undefined if it does not. */
  pages?: number | undefined
  /** The URL of the next page, as the source gives it; undefined if it gives none. */
  next?: string | undefined
  /** Why records are missing; undefined if none are known to be. */
  incomplete?: string | undefined
  /** The rest of the page; undefined if it has none. */
  continuation?: Continuation | undefined
  /** What the page tells about the source as a whole; undefined if it tells nothing. It is at the end of the last continuation. */
  version?: SourceVersion | undefined
}

/** The version of a source whose kind can list the changes since an earlier version. */
export interface SourceVersion {
  /** The position of the version in the history of the source. The next reading can start from it. */
  position: string
  /** Whether the records are only those that have changed since the position from which the reading started. */
  isDifference: boolean
  /** All categories of the source; undefined if they follow from the products, or if the reading did not need them. */
  categories?: readonly SourceCategory[] | undefined
  /** The epochs of the source and of all catalogs that it reads, directly or through others. */
  epochs?: readonly string[] | undefined
}

/** The rest of a page, whose records need data of another response. */
export interface Continuation {
  request: SourceRequest
  /** What `read` needs to know of the records. */
  state: Uint8Array
}

/** Maximum rate of requests. */
export interface Pace {
  requests: number
  /** Milliseconds in which this number of requests may be sent. */
  period: number
}

/** A page of a source whose records have all been read, with its continuations. */
export interface ReadPage {
  /** The request of the page. */
  request: SourceRequest
  /** Number of records on the page. */
  records: number
  /** Number of records on this page and all pages before it. */
  recordsSoFar: number
  /** Whether the total changed between two pages. */
  isShifting: boolean
  /** Whether all its records were already on earlier pages. By default they were not. */
  isRepeated?: boolean
  /** The end of the response to `request`. */
  end: PageEnd
}

/**
 * A mapped record: a row to store, with the length of its JSON and its fields that were repaired or dropped; or the reason why the product
 * is in quarantine.
 */
export type MappedRecord =
  | { row: SourceProductRow; size: number; reports: readonly FieldReport[] }
  | { id: string | undefined; problem: FieldProblem }

/** The external id of a product that the source has removed since the last reading. */
export interface RemovedRecord {
  removed: string
}

/** How to exchange a user name and a password for a token. */
export interface SignIn {
  /** Returns the URL that accepts the credentials, and the JSON to send. */
  request(settings: SourceSettings, user: string, password: string): { url: string; body: object }
  /** Reads the token from the JSON of the response; undefined if there is none. */
  readToken(body: unknown): string | undefined
}

/** A stream of server-sent events (HTML Standard, section 9.2). */
export interface FollowRequest {
  url: string
  /** Milliseconds without any data after which the stream counts as broken. */
  silenceMs: number
}

/** The first bytes of what an address returns. */
export interface ContentStart {
  /** Its content type in lowercase, without parameters. Empty if it has none. */
  type: string
  /** Its text, without white space at the start. */
  text: string
}

/**
 * A kind of source: how to request its pages, how to read records from them, and how to map a record to a product. Implementations are pure.
 * `read` and `map` run in the mapping thread, `first` and `next` in the main thread.
 */
export interface SourceKind {
  pace: Pace
  /** Returns whether an address can only belong to a source of this kind. */
  hasAddress?(url: URL): boolean
  /** Returns whether an address that returns this content belongs to a source of this kind. */
  hasContent?(start: ContentStart): boolean
  /**
   * How to get a token for a user name and a password in `SOURCE_AUTH`. Requests then have the token. Without it, they have the user name
   * and the password.
   */
  signIn?: SignIn
  /**
   * Returns the request of the first page.
   * @param position The position of the last reading, if the page may list only the changes since then.
   */
  first(settings: SourceSettings, position?: string): SourceRequest
  /**
   * Returns the stream that tells when the source changes. The IDs of its events are positions.
   * @param position The position after which the stream starts.
   */
  follow?(settings: SourceSettings, position: string): FollowRequest
  /**
   * Reads the records of a page, while it arrives if the format permits it.
   * @param state The state of the continuation; undefined at the start of a page.
   * @throws {SourceError} if the body is not a page of this kind.
   */
  read(
    body: AsyncIterable<Uint8Array>,
    head: ResponseHead,
    settings: SourceSettings,
    state?: Uint8Array
  ): AsyncGenerator<unknown, PageEnd>
  /**
   * Validates and maps a record.
   * @throws {SourceError} if that takes too long. All other failures concern the record only.
   */
  map(record: unknown, settings: SourceSettings): MappedRecord | RemovedRecord | Promise<MappedRecord>
  /** Returns whether the source may repeat its last page when asked for pages after it. Otherwise, a repeated page is an error. */
  mayRepeatLastPage?(settings: SourceSettings): boolean
  /**
   * Returns the request of the next page, `whole` if the pages have all records of the source, or why they do not.
   * @throws {SourceError} if the pages contradict each other.
   */
  next(page: ReadPage, settings: SourceSettings): SourceRequest | 'whole' | { incomplete: string }
}
