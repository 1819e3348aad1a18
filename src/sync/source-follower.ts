import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { SourceError } from './source-error.js'

/** Maximum length of the first pause, in milliseconds. It doubles with each stream that ends soon, up to the longest pause. */
const FIRST_PAUSE = 1000
const LONGEST_PAUSE = 300_000
/** Milliseconds after which a stream no longer counts as one that ends soon. */
const STABLE_AFTER = 10_000

export interface FollowerOptions {
  /** Opens the stream of the source; returns undefined if there is no position to start from. */
  open: (signal: AbortSignal) => AsyncIterable<string> | undefined
  /**
   * Called with the position of each event, and with undefined if the source no longer has the changes after the start of the stream.
   * @param isFirst Whether it is the first event of the stream, so that the source works again if it did not.
   */
  onPosition: (position: string | undefined, isFirst: boolean) => void
  log: Pick<FastifyBaseLogger, 'info' | 'warn'>
}

/**
 * Follows a source beside the syncs. If the stream ends or breaks, opens it again after a pause of random length, so that the followers of
 * a source that restarts do not return together.
 */
export class SourceFollower {
  readonly #options: FollowerOptions
  readonly #abort = new AbortController()
  #running: Promise<void> | undefined

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { open, onPosition, log } = this.#options
    const { signal } = this.#abort
    /** Streams in a row that could not be opened, or ended soon. */
    let failures = 0
    let isLogged = false
    while (!signal.aborted) {
      let retryAfter = 0
      let openedAt: number | undefined
      try {
        for await (const position of open(signal) ?? []) {
          if (isLogged) log.info('the source is followed again')
          isLogged = false
          onPosition(position, openedAt === undefined)
          openedAt ??= performance.now()
        }
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof SourceError) {
          retryAfter = error.retryAfter
          if (error.reason === 'http-410') onPosition(undefined, true)
        }
        // A stream ends whenever the source restarts. If the next one cannot be opened either, that says more.
        if (failures > 0 && openedAt === undefined && !isLogged) {
          const details = error instanceof SourceError ? { reason: error.reason, cause: error.cause } : { cause: error }
          log.warn(details, 'the source cannot be followed, so changes arrive with the next scheduled sync')
          isLogged = true
        }
      }
      if (openedAt !== undefined && performance.now() - openedAt > STABLE_AFTER) failures = 0
      const pause = Math.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures++)
      await sleep(Math.max(pause, Math.min(retryAfter, LONGEST_PAUSE)), undefined, { signal }).catch(() => {})
    }
  }
}
