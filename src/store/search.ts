import { type RawBuilder, sql } from 'kysely'
import type { Corrections, Terms } from '../products/query.js'
import { findClosestWords } from '../products/spelling.js'
import { isCorrectable } from '../products/words.js'
import type { Database } from './database.js'
import { type Scope, splitPrefix } from './full-text.js'

/** The ids of the products that contain all terms, ascending. */
export interface SearchHits {
  /** Products that contain the terms in any field. */
  all: Uint32Array
  /** Products that contain them in the title or the labels. */
  inLabels: Uint32Array
  /** Products that contain them in the title. */
  inTitle: Uint32Array
}

/** Thrown if the catalog is not at the requested revision any more. */
export class RevisionChangedError extends Error {
  override name = 'RevisionChangedError'

  /** @param revision The current revision of the catalog. */
  constructor(readonly revision: number) {
    super(`the catalog has changed to revision ${revision}`)
  }
}

/** Searches the catalog at a given revision. All methods throw a RevisionChangedError if the catalog is at another revision. */
export class SearchStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Finds the products that contain all terms. Without terms, finds none. */
  async search(terms: Terms, revision: number): Promise<SearchHits> {
    const all = terms.length === 0 ? new Uint32Array() : await this.#findIds('all', terms, revision)
    const inTitle = all.length === 0 ? all : await this.#findIds('title', terms, revision)
    // Searches for words of a title often match in titles only. They do not need the third query.
    const inLabels = inTitle.length === all.length ? all : await this.#findIds('labels', terms, revision)
    return { all, inLabels, inTitle }
  }

  /**
   * Corrects the spelling after a search without results: of each term that no product contains, to similar words that occur in products.
   * @param isPublic Whether only the products that readers see count.
   */
  async correct(terms: Terms, revision: number, isPublic: boolean): Promise<Corrections> {
    const { fullText, search } = this.#db
    const occurs = async (ids: RawBuilder<{ id: number }>) => {
      const visible = isPublic
        ? sql`select 1 from (${ids}) as hits join product_text on product_text.id = hits.id where is_public = 1`
        : ids
      const { found } = await this.#select<{ found: number | boolean }>(sql`exists (${visible}) as found`, revision)
      return Boolean(found)
    }
    const corrections: string[][] = []
    for (const term of terms) {
      const [word, end] = splitPrefix(term[0] as string)
      const similar =
        !isCorrectable(word) || (await occurs(fullText.whereMatching([term], 'all')))
          ? []
          : await findClosestWords(word, await fullText.findSimilarWords(search, word), (candidate) =>
              occurs(fullText.whereMatching([[candidate]], 'all'))
            )
      corrections.push(similar.map((word) => word + end))
    }
    return corrections
  }

  async #findIds(scope: Scope, terms: Terms, revision: number): Promise<Uint32Array> {
    const { ids } = await this.#select<{ ids: string | null }>(
      sql`(select string_agg(cast(id as text), ',') from (${this.#db.fullText.whereMatching(terms, scope)}) as hits) as ids`,
      revision
    )
    // The engines do not guarantee the order of aggregated rows.
    return Uint32Array.from(JSON.parse(`[${ids ?? ''}]`) as number[]).sort()
  }

  /** Evaluates columns, and reads the revision in the same statement, so that the result belongs to that revision. */
  async #select<T>(columns: RawBuilder<unknown>, revision: number): Promise<T> {
    const { rows } = await sql<T & { revision: number }>`select revision, ${columns} from catalog`.execute(
      this.#db.search
    )
    const [row] = rows as [T & { revision: number }]
    if (row.revision !== revision) throw new RevisionChangedError(row.revision)
    return row
  }
}
