import { setTimeout } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { ChangeStore, ChangesPage } from '../store/change-log.js'
import { toDatabaseFailure } from '../store/failures.js'
import type { DatabaseState } from '../store/state-cache.js'
import { TimeSlice } from '../support/time-slice.js'
import { RevisionGoneError } from './errors.js'

/** Changes in a batch. Batches begin at its multiples, so that followers who started at different revisions share them. */
const BATCH = 200
/** Bytes of complete batches to keep: some 60,000 changes. */
const BATCHES_SIZE = 16_000_000
/** Milliseconds between two looks for new changes. */
const POLL = 50

export interface FollowOptions {
  /** Tells whether the follower is still allowed to. */
  isAllowed: (known: DatabaseState) => Promise<boolean>
  /** The epoch of the revision to follow from. */
  epoch: string
  /** Milliseconds without a change after which a comment is sent, which shows that the connection stands. */
  heartbeatMs: number
  /** When the stream ends in any case, in milliseconds since 1970. */
  end: number
  signal: AbortSignal
}

/** Changes with consecutive numbers, as server-sent events. */
interface Batch {
  /** The newest change in it, or the one that it was to follow. */
  revision: number
  /** Whether it reaches up to the next batch, so that it never changes. */
  isComplete: boolean
  /** Empty if there are no changes. */
  events: Buffer
}

/** The changes of the catalog, to read and to follow. */
export class ChangeFeed {
  readonly #store: ChangeStore
  readonly #known: () => DatabaseState | Promise<DatabaseState>
  /** Pages that are being read: many followers ask for the same. */
  readonly #readings = new Map<string, Promise<ChangesPage | undefined>>()
  readonly #complete = new LRUCache<string, Batch>({
    maxSize: BATCHES_SIZE,
    sizeCalculation: ({ events }) => events.length + 1
  })
  /** Batches that somebody waits for. */
  readonly #queue = new Map<string, Promise<Batch | undefined>>()
  /** Ends with the last batch of the queue. */
  #last: Promise<unknown> = Promise.resolve()
  readonly #slice = new TimeSlice()
  /** Ends when it is time to look for new changes again. */
  #tick: Promise<void> | undefined

  /** @param state Returns what is known of the catalog now. */
  constructor(store: ChangeStore, state: () => DatabaseState | Promise<DatabaseState>) {
    this.#store = store
    this.#known = state
  }

  /**
   * The changes after a revision, or all that are kept, oldest first.
   * @param epoch The epoch of the revision, if it is known.
   * @throws {RevisionGoneError}
   */
  async page(after: number | undefined, limit: number, epoch: string | undefined): Promise<ChangesPage> {
    const key = `${after} ${limit} ${epoch}`
    let reading = this.#readings.get(key)
    if (!reading) {
      reading = this.#store.page(after, limit, epoch).finally(() => this.#readings.delete(key))
      this.#readings.set(key, reading)
    }
    const page = await reading
    if (!page) throw new RevisionGoneError()
    return page
  }

  /**
   * Follows the changes after a revision, as server-sent events. The stream ends when its signal aborts, when the follower is not
   * allowed any more, and when the changes are not kept any more. While the database is away, it waits.
   */
  async *follow(
    after: number,
    { isAllowed, epoch, heartbeatMs: patience, end, signal }: FollowOptions
  ): AsyncGenerator<Buffer> {
    let position = after
    let deadline = performance.now() + patience
    for (;;) {
      const batch = await this.#nextBatch(position, epoch)
      if (batch && batch.revision > position) {
        position = batch.revision
        yield batch.events
        deadline = performance.now() + patience
      }
      for (;;) {
        const known = await this.#known()
        if (signal.aborted || known.epoch !== epoch || Date.now() > end || !(await isAllowed(known))) return
        if (batch?.isComplete || (batch && known.revision > position)) break
        if (performance.now() > deadline) {
          yield HEARTBEAT
          deadline = performance.now() + patience
        }
        await this.#waitForPoll()
        if (!batch) break
      }
    }
  }

  /**
   * The batch that follows a revision; undefined while the database is away. Batches are made one after the other, once for all
   * who wait for the same, and other work has its turn in between: a hundred followers who catch up would otherwise send the
   * whole change log each before anybody else is served.
   */
  #nextBatch(after: number, epoch: string): Promise<Batch | undefined> {
    const key = `${epoch} ${after}`
    let batch = this.#queue.get(key)
    if (!batch) {
      batch = this.#last
        .then(async () => {
          await this.#slice.turn()
          const made = this.#complete.get(key) ?? (await this.#readBatch(after, epoch))
          if (made?.isComplete) this.#complete.set(key, made)
          return made
        })
        .finally(() => this.#queue.delete(key))
      this.#last = batch.catch(() => {})
      this.#queue.set(key, batch)
    }
    return batch
  }

  async #readBatch(after: number, epoch: string): Promise<Batch | undefined> {
    const size = BATCH - (after % BATCH)
    try {
      const { changes, revision } = await this.page(after, size, epoch)
      const events = changes.map(
        (change) => `id: ${epoch}.${change.revision}\nevent: change\ndata: ${JSON.stringify(change)}\n\n`
      )
      return { revision, isComplete: changes.length === size, events: Buffer.from(events.join('')) }
    } catch (error) {
      if (!toDatabaseFailure(error)) throw error
      return undefined
    }
  }

  #waitForPoll(): Promise<void> {
    this.#tick ??= setTimeout(POLL).then(() => {
      this.#tick = undefined
    })
    return this.#tick
  }
}

const HEARTBEAT = Buffer.from(': nothing new\n\n')
