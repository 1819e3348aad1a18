import type { ALL_QUARANTINED } from '../../schemas/sync.js'

/** Why a sync failed, as one word that is safe to publish. */
export type SourceReason =
  | 'timeout'
  | 'refused'
  | 'too-large'
  | 'invalid'
  | typeof ALL_QUARANTINED
  | 'shrunk'
  | 'incomplete'
  | `http-${number}`

interface SourceErrorOptions extends ErrorOptions {
  /** A description for the log. */
  detail?: string | undefined
  /** Milliseconds until the source accepts requests again. */
  retryAfter?: number | undefined
  /** Number of products in quarantine, if all of them were fetched. */
  quarantined?: number
}

/** Thrown if the source cannot be read, or if what it sent is not a catalog. */
export class SourceError extends Error {
  override name = 'SourceError'
  readonly detail: string | undefined
  readonly retryAfter: number
  readonly quarantined: number | undefined

  constructor(
    readonly reason: SourceReason,
    { detail, retryAfter = 0, quarantined, ...options }: SourceErrorOptions = {}
  ) {
    super(`sync failed: ${detail ?? reason}`, options)
    this.detail = detail
    this.retryAfter = retryAfter
    this.quarantined = quarantined
  }
}
