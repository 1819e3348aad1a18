import { setTimeout } from 'node:timers/promises'
import type { Change } from '../../schemas/change.js'
import { ProblemError } from '../problems.js'
import type { ChangeStore, ChangesPage } from '../store/change-log.js'
import { toDatabaseFailure } from '../store/failures.js'
import type { Known } from '../store/snapshot.js'

/** Changes that a stream reads at once. */
const BATCH = 200
/** Milliseconds after which those who wait look again whether there are changes. */
const POLL = 50

export interface Following {
  /** What was known of accounts and tokens when the follower was let in: when that differs, it may not be any more. */
  authRevision: number
  /** Milliseconds. */
  patience: number
  /** When it ends in any case, in milliseconds since 1970. */
  end: number
  signal: AbortSignal
}

/** The changes of the catalog, to read and to follow. */
export class ChangeFeed {
  readonly #store: ChangeStore
  readonly #known: () => Known | Promise<Known>
  /** Readings under way: many who follow ask for the same. */
  readonly #readings = new Map<string, Promise<ChangesPage | undefined>>()
  /** Ends when it is time to look again, for all who wait. */
  #tick: Promise<void> | undefined

  /** @param known What is known of the catalog now. */
  constructor(store: ChangeStore, known: () => Known | Promise<Known>) {
    this.#store = store
    this.#known = known
  }

  /**
   * The changes after a revision, or all that are kept, oldest first.
   * @throws {ProblemError} where they are not kept any more, or are yet to come.
   */
  async page(after: number | undefined, limit: number): Promise<ChangesPage> {
    const key = `${after} ${limit}`
    let reading = this.#readings.get(key)
    if (!reading) {
      reading = this.#store.page(after, limit).finally(() => this.#readings.delete(key))
      this.#readings.set(key, reading)
    }
    const page = await reading
    if (!page) throw new ProblemError('revision-gone', START_OVER)
    return page
  }

  /**
   * The changes after a revision as they come: some at a time, and none where none came for as long as its patience lasts. It
   * ends when it is told to, when tokens may have ended before their time, and when the changes are not kept any more. While
   * the database is away it waits.
   */
  async *follow(
    after: number | undefined,
    { authRevision, patience, end, signal }: Following
  ): AsyncGenerator<Change[]> {
    let position = after
    let deadline = performance.now() + patience
    for (;;) {
      const page = await this.#batch(position)
      if (page) position = page.revision
      if (page && page.changes.length > 0) {
        yield page.changes
        deadline = performance.now() + patience
      }
      while (page?.changes.length !== BATCH) {
        const known = await this.#known()
        if (signal.aborted || known.authRevision !== authRevision || Date.now() > end) return
        if (page && known.revision > page.revision) break
        if (performance.now() > deadline) {
          yield []
          deadline = performance.now() + patience
        }
        await this.#look()
        if (!page) break
      }
      if (signal.aborted) return
    }
  }

  /** The next changes; undefined where the database is away. */
  async #batch(after: number | undefined): Promise<ChangesPage | undefined> {
    try {
      return await this.page(after, BATCH)
    } catch (error) {
      if (!toDatabaseFailure(error)) throw error
      return undefined
    }
  }

  #look(): Promise<void> {
    this.#tick ??= setTimeout(POLL).then(() => {
      this.#tick = undefined
    })
    return this.#tick
  }
}

const START_OVER =
  'Changes after it are not kept, or it is of another catalog. Start over: note the revision of GET /, read all products, and ' +
  'follow the changes after the revision that you noted.'
