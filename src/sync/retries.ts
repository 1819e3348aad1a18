import { setTimeout as sleep } from 'node:timers/promises'
import { SourceError } from './source-error.js'

/** Attempts per request. */
const ATTEMPTS = 3
/** Retries per fetch. */
const BUDGET = 10
/** Maximum length of the first pause, in milliseconds. It doubles with each attempt, up to the longest pause. */
const FIRST_PAUSE = 250
const LONGEST_PAUSE = 5000
/** Longest `Retry-After` that a fetch waits for, in milliseconds. The next sync respects longer ones. */
const RETRY_AFTER_MAX = 10_000

/** Reasons that may be temporary: a failed or lost connection, rate limits, unavailable gateways. */
const RETRYABLE = new Set(['refused', 'http-429', 'http-430', 'http-502', 'http-503', 'http-504'])

/**
 * Retries the requests of one fetch after pauses of random length ("full jitter"), so that clients that failed together do not retry
 * together.
 */
export class Retries {
  #left = BUDGET

  /**
   * @param send Sends the request. It is called again after a temporary failure.
   * @param stop Ends the pauses.
   * @throws The error of the last attempt.
   */
  async attempt<T>(send: () => Promise<T>, stop: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send()
      } catch (error) {
        if (!(error instanceof SourceError) || !RETRYABLE.has(error.reason) || error.retryAfter > RETRY_AFTER_MAX)
          throw error
        if (attempt === ATTEMPTS || this.#left-- <= 0) throw error
        const pause = Math.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))
        await sleep(Math.max(pause, error.retryAfter), undefined, { signal: stop }).catch(() => {
          throw error
        })
      }
    }
  }
}

/**
 * Parses a `Retry-After` header (RFC 9110, section 10.2.3), in seconds or as a date.
 * @returns Milliseconds; undefined if the header is missing or malformed.
 */
export function readRetryAfter(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const time = Date.parse(value)
  return Number.isNaN(time) ? undefined : Math.max(0, time - Date.now())
}
