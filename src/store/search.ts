import { type RawBuilder, sql } from 'kysely'
import type { Terms } from '../products/query.js'
import { findClosestWords } from '../products/spelling.js'
import { isCorrectable } from '../products/words.js'
import type { Database } from './database.js'
import type { Scope } from './full-text.js'

/** The ids, ascending, of the products that contain all terms: in any field; in title and labels; in the title. */
export interface SearchHits {
  all: Uint32Array
  labeled: Uint32Array
  titled: Uint32Array
}

/** Thrown if the catalog is not at the requested revision any more. */
export class RevisionChangedError extends Error {
  /** @param revision A newer revision that the catalog has reached. */
  constructor(readonly revision: number) {
    super('the catalog has changed meanwhile')
  }
}

/** Full-text search at one revision. All methods throw a RevisionChangedError if the catalog is at another one. */
export class SearchStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Finds the products that contain all terms. */
  async search(terms: Terms, revision: number): Promise<SearchHits> {
    const all = await this.#within('all', terms, revision)
    const titled = all.length === 0 ? all : await this.#within('title', terms, revision)
    // Most searches for words of titles match titles only, so the third query is rarely needed.
    const labeled = titled.length === all.length ? all : await this.#within('labels', terms, revision)
    return { all, labeled, titled }
  }

  /**
   * Corrects the spelling of words after a search without results: replaces each word that no product contains by similar words that
   * products contain.
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
    // The engines guarantee no order.
    return Uint32Array.from(JSON.parse(`[${ids ?? ''}]`) as number[]).sort()
  }

  /** Reads the revision in the same statement, so that the result belongs to it. */
  async #ask<T>(columns: RawBuilder<unknown>, revision: number): Promise<T> {
    const { rows } = await sql<T & { revision: number }>`select revision, ${columns} from catalog`.execute(
      this.#db.search
    )
    const [row] = rows as [T & { revision: number }]
    if (row.revision !== revision) throw new RevisionChangedError(row.revision)
    return row
  }
}
