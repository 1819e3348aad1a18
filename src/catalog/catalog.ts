import type { CategoryList } from '../../schemas/category.js'
import type { Product } from '../../schemas/product.js'
import type { Json } from '../../schemas/responses.js'
import type { CatalogState, CatalogStatus } from '../../schemas/service.js'
import type { Dated, ProductStore } from '../store/products.js'
import type { Known, Snapshot } from '../store/snapshot.js'
import type { SourceState } from '../store/source-state.js'
import { type Freshness, freshnessOf } from './freshness.js'
import type { Listings, Page } from './listings.js'
import type { ProductMemory } from './product-memory.js'
import type { Query } from './query.js'

/** What can be asked of the catalog. */
export class Catalog {
  readonly #products: ProductStore
  readonly #memory: ProductMemory
  readonly #listings: Listings
  readonly #snapshot: Snapshot
  /** Seconds. */
  readonly #syncInterval: number

  /** @param syncInterval Seconds between two syncs with the source. */
  constructor(
    products: ProductStore,
    memory: ProductMemory,
    listings: Listings,
    snapshot: Snapshot,
    syncInterval: number
  ) {
    this.#products = products
    this.#memory = memory
    this.#listings = listings
    this.#snapshot = snapshot
    this.#syncInterval = syncInterval
  }

  /** Gets ready to answer, so that the first to ask need not wait. */
  async load(): Promise<void> {
    await this.#memory.index((await this.known()).revision)
  }

  /** What is known of the catalog now, from memory unless it has changed; while the database is away, what was known last. */
  known(): Known | Promise<Known> {
    return this.#snapshot.current() ?? this.#snapshot.renew()
  }

  /**
   * One page of what a query finds.
   * @param key What cursors are signed with.
   */
  async page(query: Query, key: string): Promise<Dated<Page>> {
    return await this.#listings.page(query, key, (await this.known()).revision)
  }

  /** One product in full, with the change that last touched it; no JSON where there is no such product. */
  product(id: number): Promise<Dated<{ json: Json<Product> | undefined; changed: number }>> {
    return this.#products.product(id)
  }

  /** The categories that hold products. */
  async categories(): Promise<Dated<CategoryList>> {
    const index = await this.#memory.index((await this.known()).revision)
    const { category } = index.columns
    const counts = category.tally(index.all())
    const categories = (category.values as string[]).map((slug, code) => {
      return { slug, name: toName(slug), products: counts[code] as number }
    })
    return { revision: index.revision, categories }
  }

  /** How the catalog stands to its source. */
  freshness(source: SourceState): Freshness {
    return freshnessOf(source, this.#syncInterval)
  }

  /** The state of the catalog, read from the database. */
  async state(): Promise<CatalogState> {
    return this.freshness((await this.#snapshot.read()).source).state
  }

  /** The state of the catalog, with its figures. */
  async status(): Promise<CatalogStatus> {
    const { source, revision } = await this.known()
    const index = await this.#memory.index(revision)
    return {
      state: this.freshness(source).state,
      ...(source.lastSuccess !== undefined && { lastSync: source.lastSuccess }),
      ...(source.lastError !== undefined && { reason: source.lastError }),
      quarantined: source.quarantined,
      products: index.size,
      revision: index.revision
    }
  }
}

/** `mens-shirts` is shown as `Mens Shirts`. */
const toName = (slug: string) =>
  slug
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
