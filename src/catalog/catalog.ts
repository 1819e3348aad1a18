import type { CategoryList } from '../../schemas/category.js'
import type { Product, ProductPage, ProductQuery } from '../../schemas/product.js'
import type { Json } from '../../schemas/responses.js'
import type { CatalogState, CatalogStatus } from '../../schemas/service.js'
import type { ProductStore } from '../store/products.js'
import type { SourceState, SourceStateStore } from '../store/source-state.js'

/** The catalog is stale when this many sync intervals have gone by without a success. */
const INTERVALS_ALLOWED = 3

/** What can be asked of the catalog. */
export class Catalog {
  readonly #products: ProductStore
  readonly #sourceState: SourceStateStore
  readonly #allowedAge: number

  /** @param syncInterval Seconds between two syncs with the source. */
  constructor(products: ProductStore, sourceState: SourceStateStore, syncInterval: number) {
    this.#products = products
    this.#sourceState = sourceState
    this.#allowedAge = syncInterval * INTERVALS_ALLOWED * 1000
  }

  /** One page of the products, with the number of all. */
  page(query: ProductQuery): Promise<{ json: Json<ProductPage>; total: number }> {
    return this.#products.page(query)
  }

  /** One product in full, undefined where there is none. */
  product(id: number): Promise<Json<Product> | undefined> {
    return this.#products.product(id)
  }

  /** The categories that hold products. */
  async categories(): Promise<CategoryList> {
    const rows = await this.#products.categories()
    return { categories: rows.map(({ slug, products }) => ({ slug, name: toName(slug), products })) }
  }

  /** How the catalog stands to its source. */
  async state(): Promise<CatalogState> {
    return this.#judge(await this.#sourceState.get())
  }

  /** The state of the catalog, with its figures. */
  async status(): Promise<CatalogStatus> {
    const source = await this.#sourceState.get()
    return {
      state: this.#judge(source),
      ...(source.lastSuccess !== undefined && { lastSync: source.lastSuccess }),
      quarantined: source.quarantined,
      ...(await this.#products.counts())
    }
  }

  #judge({ lastSuccess, sample }: SourceState): CatalogState {
    if (lastSuccess === undefined) return sample ? 'sample' : 'empty'
    return Date.now() - Date.parse(lastSuccess) <= this.#allowedAge ? 'fresh' : 'stale'
  }
}

/** `mens-shirts` is shown as `Mens Shirts`. */
const toName = (slug: string) =>
  slug
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
