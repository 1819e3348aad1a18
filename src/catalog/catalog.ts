import type { Category, CategoryList } from '../../schemas/category.js'
import type { CatalogStatus } from '../../schemas/service.js'
import type { Query } from '../products/query.js'
import { toSortKey } from '../products/words.js'
import type { AtRevision, ProductStore, ReadProduct } from '../store/products.js'
import type { SourceState } from '../store/source-state.js'
import type { DatabaseState, StateCache } from '../store/state-cache.js'
import { type Freshness, toFreshness } from './freshness.js'
import type { ProductIndex } from './index/product-index.js'
import type { Listings, Page } from './listings.js'
import type { ProductMemory } from './product-memory.js'

/** Reads the catalog: pages, products, categories and its state. */
export class Catalog {
  readonly #products: ProductStore
  readonly #memory: ProductMemory
  readonly #listings: Listings
  readonly #stateCache: StateCache
  /** Seconds between two syncs; undefined if there is no source. */
  readonly #syncInterval: number | undefined

  /** @param syncInterval Seconds between two syncs with the source; undefined if there is none. */
  constructor(
    products: ProductStore,
    memory: ProductMemory,
    listings: Listings,
    stateCache: StateCache,
    syncInterval: number | undefined
  ) {
    this.#products = products
    this.#memory = memory
    this.#listings = listings
    this.#stateCache = stateCache
    this.#syncInterval = syncInterval
  }

  /** Builds the index at startup, so that the first request does not wait for it. */
  async buildIndex(): Promise<void> {
    await this.#index()
  }

  /** Returns the state of the catalog: from memory, unless it has changed. While the database is unreachable, returns the last known state. */
  state(): DatabaseState | Promise<DatabaseState> {
    return this.#stateCache.current() ?? this.#stateCache.renew()
  }

  /**
   * Returns one page of a query's result.
   * @param key Secret that signs cursors.
   */
  async page(query: Query, key: string): Promise<AtRevision<Page>> {
    const { revision, epoch } = await this.state()
    return await this.#listings.page(query, key, revision, epoch)
  }

  /** Returns one product in full, and the revision of its newest change. `json` is undefined if there is no such product. */
  product(id: number): Promise<AtRevision<ReadProduct>> {
    return this.#products.product(id)
  }

  /** Returns the categories with products in them or in a descendant. Those with a position come first. The others are sorted by name. */
  async categories(): Promise<AtRevision<CategoryList>> {
    const index = await this.#index()
    const { category } = index.columns
    const described = index.categories.describe(category.countValues(index.active()))
    return { revision: index.revision, categories: sortCategories(described.filter(({ products }) => products > 0)) }
  }

  /** Returns the slugs that products name, ascending, and the number of products that name each. */
  async usedCategories(): Promise<{ slugs: readonly string[]; counts: ArrayLike<number> }> {
    const index = await this.#index()
    const { category } = index.columns
    return { slugs: category.values as string[], counts: category.countValues(index.active()) }
  }

  /** Returns the freshness of the catalog. */
  freshness(source: SourceState): Freshness {
    return toFreshness(source, this.#syncInterval)
  }

  /** Returns the freshness of the catalog, read from the database. */
  async readFreshness(): Promise<Freshness> {
    return this.freshness((await this.#stateCache.read()).source)
  }

  /** Returns the state of the catalog, with its counts. */
  async describe(): Promise<CatalogStatus> {
    const { source } = await this.state()
    const index = await this.#index()
    // Without a source, the stored state is that of a source which the service no longer reads.
    const hasSource = this.#syncInterval !== undefined
    return {
      state: this.freshness(source).state,
      ...(hasSource && source.lastSuccess !== undefined && { lastSync: source.lastSuccess }),
      ...(hasSource && source.lastError !== undefined && { reason: source.lastError }),
      quarantined: hasSource ? source.quarantined : 0,
      products: index.active().length,
      revision: index.revision,
      epoch: index.epoch
    }
  }

  /** Returns the index at the last known revision, or a later one. */
  async #index(): Promise<ProductIndex> {
    const { revision, epoch } = await this.state()
    return await this.#memory.index(revision, epoch)
  }
}

/** Sorts after all positions. */
const UNPOSITIONED = 2 ** 32

/** Sorts categories by position, name and slug. */
function sortCategories(categories: readonly Category[]): Category[] {
  const keyed = categories.map((category) => ({ category, key: toSortKey(category.name) }))
  keyed.sort(
    (a, b) =>
      (a.category.position ?? UNPOSITIONED) - (b.category.position ?? UNPOSITIONED) ||
      compare(a.key, b.key) ||
      compare(a.category.slug, b.category.slug)
  )
  return keyed.map(({ category }) => category)
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b))
