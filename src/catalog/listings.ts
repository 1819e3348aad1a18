import { LRUCache } from 'lru-cache'
import type { ProductPage } from '../../schemas/listing.js'
import type { Json } from '../../schemas/responses.js'
import type { Corrections, Query, Terms } from '../products/query.js'
import { applyCorrections } from '../products/spelling.js'
import type { AtRevision } from '../store/products.js'
import { RevisionChangedError, type SearchStore } from '../store/search.js'
import { TimeSlice } from '../support/time-slice.js'
import { countFacets } from './index/facets.js'
import type { ProductIndex } from './index/product-index.js'
import type { RankedHits } from './index/ranked-hits.js'
import type { PageInfo } from './page-links.js'
import type { ProductMemory } from './product-memory.js'
import { isPublicStatus, toCursor } from './query.js'

/** A rendered page of products, and its position in the list. */
export interface Page extends PageInfo {
  json: Json<ProductPage>
}

/** The products that match a search, and the corrections that it needed. */
interface SearchResult {
  corrections: Corrections | undefined
  hits: RankedHits
}

/** Size limit of the cached search results, in bytes. */
const SEARCHES_SIZE = 8_000_000
/** Approximate size of a cached search result without its rows and key, in bytes. */
const SEARCH_OVERHEAD = 200
/** Maximum number of attempts of a query while the catalog changes. Far fewer writes can happen during one query. */
const ATTEMPTS = 100

/** Executes queries and renders their pages. */
export class Listings {
  readonly #memory: ProductMemory
  readonly #search: SearchStore
  readonly #searches = new LRUCache<string, SearchResult>({
    maxSize: SEARCHES_SIZE,
    sizeCalculation: ({ hits }, key) => SEARCH_OVERHEAD + key.length + hits.rows.byteLength
  })

  constructor(memory: ProductMemory, search: SearchStore) {
    this.#memory = memory
    this.#search = search
  }

  /**
   * Returns one page of a query's result.
   * @param key Secret that signs cursors.
   * @param revision The page shows this revision or a later one.
   * @param epoch Epoch of the revision. Without it, the index may be of any epoch.
   */
  page(query: Query, key: string, revision: number, epoch?: string): Promise<AtRevision<Page>> {
    return this.#attempt(query, key, { revision, epoch }, ATTEMPTS)
  }

  async #attempt(
    query: Query,
    key: string,
    { revision, epoch }: { revision: number; epoch: string | undefined },
    attempts: number
  ): Promise<AtRevision<Page>> {
    const index = await this.#memory.index(revision, epoch)
    try {
      return { revision: index.revision, ...(await this.#page(index, query, key)) }
    } catch (error) {
      if (!(error instanceof RevisionChangedError) || attempts === 1) throw error
      // The catalog has changed since the index was updated.
      return await this.#attempt(query, key, { revision: error.revision, epoch }, attempts - 1)
    }
  }

  /** Returns the ids of all products that a query finds in an index, in order. */
  async ids(index: ProductIndex, query: Query): Promise<Uint32Array> {
    const search = await this.#findHits(index, query, new TimeSlice())
    await index.prepare(query)
    const { rows } = index.page(index.find(query.filters, search?.hits), search?.hits, query)
    return rows.map((row) => index.ids[row] as number)
  }

  async #page(index: ProductIndex, query: Query, key: string): Promise<Page> {
    const { filters, limit } = query
    const slice = new TimeSlice()
    const search = await this.#findHits(index, query, slice)
    await (index.prepare(query) ?? slice.turn())
    const found = index.find(filters, search?.hits)
    const total = found.count
    const { rows, last } = index.page(found, search?.hits, query)
    const corrections = search?.corrections
    const nextCursor = last && toCursor(query, { ...last, ...(corrections && { corrections }) }, key)
    // The offset of a page that was requested by cursor is unknown.
    const offset = query.after ? undefined : query.offset
    let tail = `],"total":${total},"limit":${limit}`
    if (offset !== undefined) tail += `,"offset":${offset}`
    if (nextCursor !== undefined) tail += `,"nextCursor":"${nextCursor}"`
    if (query.facets.length > 0) {
      const rows = found.rows.slice()
      const facets = await countFacets(index, query.facets, filters, search?.hits, rows, slice)
      tail += `,"facets":${JSON.stringify(facets)}`
    }
    const json = await this.#memory.renderList(index, rows, '{"products":[', `${tail}}`)
    return { json: json as Buffer & Json<ProductPage>, limit, offset, total, nextCursor }
  }

  /**
   * Returns the products that match the terms of a query; undefined if it has none. If nothing matches, the search falls back to similar
   * spellings. A page that was requested by cursor uses those of the page before.
   */
  async #findHits(
    index: ProductIndex,
    { terms, after, filters: { status } }: Pick<Query, 'terms' | 'after' | 'filters'>,
    slice: TimeSlice
  ): Promise<SearchResult | undefined> {
    if (terms === undefined) return undefined
    let corrections = after?.corrections
    const key = `${index.epoch} ${index.revision} ${JSON.stringify([terms, corrections, status])}`
    const known = this.#searches.get(key)
    if (known) return known
    let hits = await this.#hits(index, corrections ? applyCorrections(terms, corrections) : terms, slice)
    // Readers must notice nothing of drafts: neither that they match, nor their words.
    if (!index.hasHits(hits, status) && !corrections) {
      const found = await this.#search.correct(terms, index.revision, status.every(isPublicStatus))
      if (found.some((words) => words.length > 0)) {
        corrections = found
        hits = await this.#hits(index, applyCorrections(terms, found), slice)
      }
    }
    this.#searches.set(key, { corrections, hits })
    return { corrections, hits }
  }

  async #hits(index: ProductIndex, terms: Terms, slice: TimeSlice): Promise<RankedHits> {
    const { all, inLabels, inTitle } = await this.#search.search(terms, index.revision)
    // The results of several searches can arrive in the same turn of the event loop.
    await slice.turn()
    return index.rank([all, inLabels, inTitle])
  }
}
