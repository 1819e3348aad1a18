import { LRUCache } from 'lru-cache'
import type { ProductPage } from '../../schemas/listing.js'
import type { Json } from '../../schemas/responses.js'
import type { Query, Terms } from '../products/query.js'
import type { AtRevision } from '../store/products.js'
import { RevisionChangedError, type SearchStore } from '../store/search.js'
import { TimeSlice } from '../support/time-slice.js'
import { countFacets } from './index/facets.js'
import type { ProductIndex } from './index/product-index.js'
import type { RankedHits } from './index/ranked-hits.js'
import type { PageInfo } from './page-links.js'
import type { ProductMemory } from './product-memory.js'
import { toCursor } from './query.js'

/** A page of products as it is sent, and where it is in the list. */
export interface Page extends PageInfo {
  json: Json<ProductPage>
}

/** What words were found to mean, and the products that have it. */
interface SearchResult {
  terms: Terms
  hits: RankedHits
}

/** Bytes of what words have found that is remembered, and of each search beside its content, roughly. */
const SEARCHES_SIZE = 8_000_000
const OVERHEAD = 200
/** How often a query is tried while others write: many more times than they can. */
const ATTEMPTS = 100

/** Makes the pages that queries ask for. */
export class Listings {
  readonly #memory: ProductMemory
  readonly #search: SearchStore
  readonly #searches = new LRUCache<string, SearchResult>({
    maxSize: SEARCHES_SIZE,
    sizeCalculation: ({ hits }, key) => OVERHEAD + key.length + hits.rows.byteLength
  })

  constructor(memory: ProductMemory, search: SearchStore) {
    this.#memory = memory
    this.#search = search
  }

  /**
   * One page of what a query finds.
   * @param key What cursors are signed with.
   * @param revision The one that the catalog is known to have reached. The page may be of a later one.
   * @param epoch The epoch of the revision; of whichever the index has if it is left out.
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
      // Somebody has written meanwhile: once more, from what there is now.
      return await this.#attempt(query, key, { revision: error.revision, epoch }, attempts - 1)
    }
  }

  /** The ids of all that a query finds in an index, in order. */
  async ids(index: ProductIndex, query: Query): Promise<Uint32Array> {
    const search = query.words.length > 0 ? await this.#findHits(index, query, new TimeSlice()) : undefined
    await index.prepare(query)
    const { rows } = index.page(index.find(query.filters, search?.hits), search?.hits, query)
    return rows.map((row) => index.ids[row] as number)
  }

  async #page(index: ProductIndex, query: Query, key: string): Promise<Page> {
    const { words, filters, limit } = query
    const slice = new TimeSlice()
    const search = words.length > 0 ? await this.#findHits(index, query, slice) : undefined
    await (index.prepare(query) ?? slice.turn())
    const found = index.find(filters, search?.hits)
    const total = found.count
    const { rows, last } = index.page(found, search?.hits, query)
    const meant = search && isCorrected(search.terms, words) ? { terms: search.terms } : undefined
    const nextCursor = last && toCursor(query, { ...last, ...meant }, key)
    // A cursor tells where to go on, not how far that is from the start.
    const offset = query.after ? undefined : query.offset
    let others = `],"total":${total},"limit":${limit}`
    if (offset !== undefined) others += `,"offset":${offset}`
    if (nextCursor !== undefined) others += `,"nextCursor":"${nextCursor}"`
    if (query.facets.length > 0) {
      const rows = found.rows.slice()
      await slice.turn()
      const facets = countFacets(index, query.facets, filters, search?.hits, rows)
      others += `,"facets":${JSON.stringify(facets)}`
    }
    const json = await this.#memory.renderList(index, rows, '{"products":[', `${others}}`)
    return { json: json as Buffer & Json<ProductPage>, limit, offset, total, nextCursor }
  }

  /** What the words of a query find: the meaning that a cursor was given for, or what they say, or what they may mean. */
  async #findHits(index: ProductIndex, { words, after }: Query, slice: TimeSlice): Promise<SearchResult> {
    const key = `${index.epoch} ${index.revision} ${JSON.stringify(after?.terms ?? words)}`
    const known = this.#searches.get(key)
    if (known) return known
    let terms = after?.terms ?? words.map((word) => [word])
    let hits = await this.#hits(index, terms, slice)
    if (hits.rows.length === 0 && !after?.terms) {
      terms = await this.#search.correct(words, index.revision)
      hits = await this.#hits(index, terms, slice)
    }
    this.#searches.set(key, { terms, hits })
    return { terms, hits }
  }

  async #hits(index: ProductIndex, terms: Terms, slice: TimeSlice): Promise<RankedHits> {
    const { all, labeled, titled } = await this.#search.search(terms, index.revision)
    // The results of several searches can arrive in one turn of the event loop.
    await slice.turn()
    return index.rank([all, labeled, titled])
  }
}

const isCorrected = (terms: Terms, words: readonly string[]) =>
  terms.some((term, i) => term.length !== 1 || term[0] !== words[i])
