import type { ALL_QUARANTINED } from '../../schemas/sync.js'

/** Why the source could not be read, in a word that may be shown to anyone. */
export type SourceReason =
  | 'timeout'
  | 'refused'
  | 'too-large'
  | 'invalid'
  | typeof ALL_QUARANTINED
  | 'shrunk'
  | `http-${number}`

interface Particulars extends ErrorOptions {
  /** What the word leaves open, for the log. */
  detail?: string
  /** Milliseconds that the source asks to be left alone for. */
  retryAfter?: number | undefined
  /** How many products were refused, if all of them were sent. */
  quarantined?: number
}

/** What came of the source is no catalog. */
export class SourceError extends Error {
  override name = 'SourceError'
  readonly retryAfter: number
  readonly quarantined: number | undefined

  constructor(
    readonly reason: SourceReason,
    { detail, retryAfter = 0, quarantined, ...options }: Particulars = {}
  ) {
    super(`sync failed: ${detail ?? reason}`, options)
    this.retryAfter = retryAfter
    this.quarantined = quarantined
  }
}
