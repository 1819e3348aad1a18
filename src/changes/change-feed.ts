import { setTimeout } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { ChangeStore, ChangesPage } from '../store/change-store.js'
import { toDatabaseFailure } from '../store/error-kinds.js'
import type { DatabaseState } from '../store/state-cache.js'
import { TimeSlice } from '../support/time-slice.js'
import { RevisionGoneError } from './errors.js'

/** Changes per batch. Batches end near multiples of this number, so that followers that start at different revisions share batches. */
const BATCH_SIZE = 200
/** Maximum size of the cached batches, in bytes: about 60,000 changes. */
const CACHE_BYTES = 16_000_000
/** Milliseconds between two checks for new changes. */
const POLL_INTERVAL = 50

export interface FollowOptions {
  /** Returns whether the follower may still read the catalog. */
  isAllowed: (state: DatabaseState) => Promise<boolean>
  /** The epoch of the revision after which the stream starts. */
  epoch: string
  /** Milliseconds without a change after which the stream sends a comment, so that proxies and clients keep the connection open. */
  heartbeatMs: number
  /** Time at which the stream ends, in milliseconds since 1970. */
  end: number
  signal: AbortSignal
}

/** Consecutive changes as server-sent events. */
interface Batch {
  /** The last revision that the batch covers. */
  revision: number
  /** Whether the batch is full. A full batch never changes. */
  isComplete: boolean
  events: Buffer
}

/** Reads and follows the change log. Concurrent readers of the same changes share one query. */
export class ChangeFeed {
  readonly #store: ChangeStore
  readonly #getState: () => DatabaseState | Promise<DatabaseState>
  /** Pages that are being read, by their parameters. */
  readonly #pendingPages = new Map<string, Promise<ChangesPage | undefined>>()
  readonly #completeBatches = new LRUCache<string, Batch>({
    maxSize: CACHE_BYTES,
    sizeCalculation: ({ events }) => events.length + 1
  })
  /** Batches that are being read or wait to be read, by epoch and revision. */
  readonly #pendingBatches = new Map<string, Promise<Batch | undefined>>()
  /** Resolves after the last pending batch. */
  #lastBatch: Promise<unknown> = Promise.resolve()
  readonly #slice = new TimeSlice()
  /** Resolves at the next check for new changes. All followers share it. */
  #nextPoll: Promise<void> | undefined

  /** @param getState Returns the current state of the database. */
  constructor(store: ChangeStore, getState: () => DatabaseState | Promise<DatabaseState>) {
    this.#store = store
    this.#getState = getState
  }

  /**
   * Returns changes, the oldest first.
   * @param after The revision before the first change. If undefined, the page starts at the oldest change that is kept.
   * @param epoch The epoch of `after`. If undefined, the epoch is not checked.
   * @throws {RevisionGoneError}
   */
  async page(after: number | undefined, limit: number, epoch: string | undefined): Promise<ChangesPage> {
    const key = `${after} ${limit} ${epoch}`
    let pendingPage = this.#pendingPages.get(key)
    if (!pendingPage) {
      pendingPage = this.#store.page(after, limit, epoch).finally(() => this.#pendingPages.delete(key))
      this.#pendingPages.set(key, pendingPage)
    }
    const page = await pendingPage
    if (!page) throw new RevisionGoneError()
    return page
  }

  /**
   * Yields the changes after a revision as server-sent events. The stream ends when its signal aborts, at `end`, when the follower is
   * no longer allowed, and when the epoch changes. It waits while the database is unavailable.
   * @throws {RevisionGoneError} if the changes are no longer available.
   */
  async *follow(after: number, { isAllowed, epoch, heartbeatMs, end, signal }: FollowOptions): AsyncGenerator<Buffer> {
    let position = after
    let heartbeatAt = performance.now() + heartbeatMs
    for (;;) {
      const batch = await this.#nextBatch(position, epoch)
      if (batch && batch.revision > position) {
        position = batch.revision
        if (batch.events.length > 0) yield batch.events
        heartbeatAt = performance.now() + heartbeatMs
      }
      for (;;) {
        const state = await this.#getState()
        if (signal.aborted || state.epoch !== epoch || Date.now() > end || !(await isAllowed(state))) return
        if (batch?.isComplete || (batch && state.revision > position)) break
        if (performance.now() > heartbeatAt) {
          yield HEARTBEAT
          heartbeatAt = performance.now() + heartbeatMs
        }
        await this.#waitForPoll()
        if (!batch) break
      }
    }
  }

  /**
   * Returns the batch after a revision; undefined while the database is unavailable. Followers that need the same batch share it. The feed
   * reads one batch at a time, and other work can run after each. Otherwise a hundred followers that catch up would delay all other
   * requests until each of them has received the whole change log.
   */
  #nextBatch(after: number, epoch: string): Promise<Batch | undefined> {
    const key = `${epoch} ${after}`
    let batch = this.#pendingBatches.get(key)
    if (!batch) {
      batch = this.#lastBatch
        .then(async () => {
          await this.#slice.turn()
          const next = this.#completeBatches.get(key) ?? (await this.#readBatch(after, epoch))
          if (next?.isComplete) this.#completeBatches.set(key, next)
          return next
        })
        .finally(() => this.#pendingBatches.delete(key))
      this.#lastBatch = batch.catch(() => {})
      this.#pendingBatches.set(key, batch)
    }
    return batch
  }

  async #readBatch(after: number, epoch: string): Promise<Batch | undefined> {
    const size = BATCH_SIZE - (after % BATCH_SIZE)
    try {
      const { changes, revision } = await this.page(after, size, epoch)
      const events = changes.map(
        (change) => `id: ${epoch}.${change.revision}\nevent: change\ndata: ${JSON.stringify(change)}\n\n`
      )
      // Without data, clients only store the id, so that they do not start over when the log no longer has the revisions before it.
      if (revision > (changes.at(-1)?.revision ?? after)) events.push(`id: ${epoch}.${revision}\n\n`)
      return { revision, isComplete: changes.length === size, events: Buffer.from(events.join('')) }
    } catch (error) {
      if (!toDatabaseFailure(error)) throw error
      return undefined
    }
  }

  #waitForPoll(): Promise<void> {
    this.#nextPoll ??= setTimeout(POLL_INTERVAL).then(() => {
      this.#nextPoll = undefined
    })
    return this.#nextPoll
  }
}

const HEARTBEAT = Buffer.from(': nothing new\n\n')
