import { type RawBuilder, sql } from 'kysely'
import type { Terms } from '../products/query.js'
import { findClosestWords } from '../products/spelling.js'
import { isCorrectable } from '../products/words.js'
import type { Database } from './database.js'
import type { Scope } from './full-text.js'

/** The ids, ascending, of the products that have all words: anywhere; in their titles and labels; in their titles alone. */
export interface SearchHits {
  all: Uint32Array
  labeled: Uint32Array
  titled: Uint32Array
}

/** The catalog has moved on from the revision that was asked about. */
export class RevisionChangedError extends Error {
  /** @param revision The one that it is at by now, or an earlier one. */
  constructor(readonly revision: number) {
    super('the catalog has changed meanwhile')
  }
}

/** Finds products by words. What it says is of one revision; where the catalog is at another, it throws an OvertakenError. */
export class SearchStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** The products that have all terms. */
  async search(terms: Terms, revision: number): Promise<SearchHits> {
    const all = await this.#within('all', terms, revision)
    const titled = all.length === 0 ? all : await this.#within('title', terms, revision)
    // Most words that titles have are looked for there.
    const labeled = titled.length === all.length ? all : await this.#within('labels', terms, revision)
    return { all, labeled, titled }
  }

  /**
   * What words may stand for where nothing has all of them: each that nothing has at all for the words that are spelled
   * nearly like it.
   */
  async correct(words: readonly string[], revision: number): Promise<Terms> {
    const { fullText, search } = this.#db
    const occurs = async (ids: RawBuilder<{ id: number }>) => {
      const { found } = await this.#ask<{ found: number | boolean }>(sql`exists (${ids}) as found`, revision)
      return Boolean(found)
    }
    const meant: string[][] = []
    for (const [i, word] of words.entries()) {
      const isKnown = await occurs(
        i === words.length - 1 ? fullText.whereMatching([[word]], 'all') : fullText.whereWord(word)
      )
      const near =
        isKnown || !isCorrectable(word)
          ? []
          : await findClosestWords(word, await fullText.findSimilarWords(search, word), (near) =>
              occurs(fullText.whereWord(near))
            )
      meant.push(near.length > 0 ? near : [word])
    }
    return meant
  }

  async #within(scope: Scope, terms: Terms, revision: number): Promise<Uint32Array> {
    const { ids } = await this.#ask<{ ids: string | null }>(
      sql`(select string_agg(cast(id as text), ',') from (${this.#db.fullText.whereMatching(terms, scope)}) as hits) as ids`,
      revision
    )
    // The engines need not give them in any order.
    return Uint32Array.from(JSON.parse(`[${ids ?? ''}]`) as number[]).sort()
  }

  /** Asks in one statement, so that the answer is of one moment. */
  async #ask<T>(columns: RawBuilder<unknown>, revision: number): Promise<T> {
    const { rows } = await sql<T & { revision: number }>`select revision, ${columns} from catalog`.execute(
      this.#db.search
    )
    const [row] = rows as [T & { revision: number }]
    if (row.revision !== revision) throw new RevisionChangedError(row.revision)
    return row
  }
}
