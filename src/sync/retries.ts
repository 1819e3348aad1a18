import { setTimeout as sleep } from 'node:timers/promises'
import { SourceError } from './source-error.js'

/** Attempts at one request, and requests of one reading that may be sent again. */
const ATTEMPTS = 3
const BUDGET = 10
/** Milliseconds that the first pause takes at most; each further one may take twice as long, up to the longest. */
const FIRST_PAUSE = 250
const LONGEST_PAUSE = 5000
/** Milliseconds that a source may have a reading wait for. Where it asks for more, that is for the next sync to heed. */
const RETRY_AFTER_MAX = 10_000

/** What a moment may mend: no connection or a lost one, too many requests, a gateway without its server. */
const RETRYABLE = new Set(['refused', 'http-429', 'http-502', 'http-503', 'http-504'])

/**
 * Sends the requests of one reading again where that may help: after pauses of random length ("full jitter"), so that
 * those whom one failure has stopped do not all come back at once.
 */
export class Retries {
  #left = BUDGET

  /**
   * @param ask Is called again after a failure that may pass.
   * @param stop Ends the waiting.
   * @throws what the last attempt has thrown.
   */
  async attempt<T>(ask: () => Promise<T>, stop: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask()
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
 * Reads a `Retry-After` header (RFC 9110, section 10.2.3): seconds, or a time.
 * @returns Milliseconds; undefined where it says nothing that can be read.
 */
export function readRetryAfter(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const time = Date.parse(value)
  return Number.isNaN(time) ? undefined : Math.max(0, time - Date.now())
}
