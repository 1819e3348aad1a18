import type { CategoryList } from '../../schemas/category.js'
import type { Product } from '../../schemas/product.js'
import type { Json } from '../../schemas/responses.js'
import type { CatalogStatus } from '../../schemas/service.js'
import type { Query } from '../products/query.js'
import type { AtRevision, ProductStore } from '../store/products.js'
import type { SourceState } from '../store/source-state.js'
import type { DatabaseState, StateCache } from '../store/state-cache.js'
import { type Freshness, toFreshness } from './freshness.js'
import type { ProductIndex } from './index/product-index.js'
import type { Listings, Page } from './listings.js'
import type { ProductMemory } from './product-memory.js'

/** What can be asked of the catalog. */
export class Catalog {
  readonly #products: ProductStore
  readonly #memory: ProductMemory
  readonly #listings: Listings
  readonly #snapshot: StateCache
  /** Seconds; undefined if there is no source. */
  readonly #syncInterval: number | undefined

  /** @param syncInterval Seconds between two syncs with the source; undefined if there is none. */
  constructor(
    products: ProductStore,
    memory: ProductMemory,
    listings: Listings,
    snapshot: StateCache,
    syncInterval: number | undefined
  ) {
    this.#products = products
    this.#memory = memory
    this.#listings = listings
    this.#snapshot = snapshot
    this.#syncInterval = syncInterval
  }

  /** Gets ready to answer, so that the first to ask need not wait. */
  async buildIndex(): Promise<void> {
    await this.#index()
  }

  /** What is known of the catalog now, from memory unless it has changed; while the database is away, what was known last. */
  state(): DatabaseState | Promise<DatabaseState> {
    return this.#snapshot.current() ?? this.#snapshot.renew()
  }

  /**
   * One page of what a query finds.
   * @param key What cursors are signed with.
   */
  async page(query: Query, key: string): Promise<AtRevision<Page>> {
    const { revision, epoch } = await this.state()
    return await this.#listings.page(query, key, revision, epoch)
  }

  /** One product in full, with the change that last touched it; no JSON where there is no such product. */
  product(id: number): Promise<AtRevision<{ json: Json<Product> | undefined; changed: number }>> {
    return this.#products.product(id)
  }

  /** The categories that hold products. */
  async categories(): Promise<AtRevision<CategoryList>> {
    const index = await this.#index()
    const { category } = index.columns
    const counts = category.countValues(index.all())
    const categories = (category.values as string[]).map((slug, code) => {
      return { slug, name: toName(slug), products: counts[code] as number }
    })
    return { revision: index.revision, categories }
  }

  /** How the catalog stands to its source. */
  freshness(source: SourceState): Freshness {
    return toFreshness(source, this.#syncInterval)
  }

  /** How the catalog stands to its source, read from the database. */
  async readFreshness(): Promise<Freshness> {
    return this.freshness((await this.#snapshot.read()).source)
  }

  /** The state of the catalog, with its figures. */
  async describe(): Promise<CatalogStatus> {
    const { source } = await this.state()
    const index = await this.#index()
    // The stored state is that of the last source, which the service does not read any more.
    const hasSource = this.#syncInterval !== undefined
    return {
      state: this.freshness(source).state,
      ...(hasSource && source.lastSuccess !== undefined && { lastSync: source.lastSuccess }),
      ...(hasSource && source.lastError !== undefined && { reason: source.lastError }),
      quarantined: hasSource ? source.quarantined : 0,
      products: index.size,
      revision: index.revision,
      epoch: index.epoch
    }
  }

  /** The index, as far as the catalog is known to have come. */
  async #index(): Promise<ProductIndex> {
    const { revision, epoch } = await this.state()
    return await this.#memory.index(revision, epoch)
  }
}

/** `mens-shirts` is shown as `Mens Shirts`. */
const toName = (slug: string) =>
  slug
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
