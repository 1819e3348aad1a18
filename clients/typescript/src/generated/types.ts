// Generated from openapi.yaml by `npm run client`. Do not edit.
import type { Upload } from '../operation.js'

/** Last part of the `type` of each problem. */
export type ProblemName =
  | 'invalid-request'
  | 'malformed-request'
  | 'not-signed-in'
  | 'invalid-token'
  | 'wrong-credentials'
  | 'insufficient-scope'
  | 'cross-site-request'
  | 'not-found'
  | 'product-not-found'
  | 'category-not-found'
  | 'method-not-allowed'
  | 'not-acceptable'
  | 'request-timeout'
  | 'duplicate-sku'
  | 'no-source'
  | 'invalid-parent'
  | 'revision-gone'
  | 'precondition-failed'
  | 'content-too-large'
  | 'unsupported-media-type'
  | 'expectation-failed'
  | 'idempotency-key-reused'
  | 'inconsistent-product'
  | 'import-refused'
  | 'precondition-required'
  | 'too-many-requests'
  | 'too-many-attempts'
  | 'headers-too-large'
  | 'internal-error'
  | 'catalog-unavailable'
  | 'database-busy'
  | 'overloaded'
  | 'too-many-sign-ins'
  | 'database-full'
  | 'database-read-only'
  | 'too-many-transfers'
  | 'not-ready'

/** Username and password. */
export interface Credentials {
  /** Account name. */
  username: string
  /**
   * Account password. Unless `ADMIN_PASSWORD` is set, the service generates the password of the first account and shows
   * it in the terminal or writes it to a file that the log names.
   */
  password: string
}

/** Token type (RFC 6750). Send the token as `Authorization: Bearer <token>`. */
export type TokenType = 'Bearer'

/** An access token with its lifetime and scopes. */
export interface Token {
  /**
   * Access token, a signed JWT (RFC 9068). Keep it secret. Clients do not need to decode it. Services can verify it
   * with the keys from `GET /.well-known/jwks.json`.
   */
  token: string
  tokenType: TokenType
  /** Seconds until the token expires. */
  expiresIn: number
  /** Scopes of the token, separated by spaces. */
  scope: string
}

/** A public key (RFC 7517). */
export interface JsonWebKey {
  /** Key type. */
  kty: string
  /** Elliptic curve. */
  crv: string
  /** X coordinate, base64url. */
  x: string
  /** Y coordinate, base64url. */
  y: string
  /** Key ID, the `kid` in the header of each token that this key verifies. */
  kid: string
  /** Algorithm. */
  alg: string
  /** Intended use of the key: always `sig` (signatures). */
  use: string
}

/** Public keys that verify access tokens (RFC 7517). */
export interface JsonWebKeySet {
  /**
   * Public keys, newest first. The first one verifies new tokens. The others verify earlier tokens that may still be
   * valid.
   */
  keys: JsonWebKey[]
}

/**
 * Availability, as set by the source or an editor. `preorder`: not yet released, but customers can order it.
 * `backorder`: sold out, but customers can order it. An edit of `stock` also updates the availability, unless it is
 * `preorder` or an editor has set it.
 */
export type Availability = 'in-stock' | 'low-stock' | 'preorder' | 'backorder' | 'out-of-stock'

/**
 * Status of a product. Readers see `active` products only. Editors also see `draft` products, which are not published
 * yet, and `archived` products, which are no longer sold.
 */
export type ProductStatus = 'active' | 'draft' | 'archived'

/** Condition of a product. */
export type Condition = 'new' | 'refurbished' | 'used'

/** Outer dimensions of a product. All three are in the unit that the source uses. */
export interface Dimensions {
  /** Width. */
  width: number
  /** Height. */
  height: number
  /** Depth. */
  depth: number
}

/** A customer review of a product. */
export interface Review {
  /** Stars, from 0 to 5. */
  rating: number
  /** Text of the review. */
  comment: string
  /** Time of the review. */
  date: string
  /** Name of the reviewer. */
  reviewer: string
}

/**
 * Origin of a product. `source`: the product comes from the source and follows it. `local`: it was created in this
 * catalog.
 */
export type Origin = 'source' | 'local'

/** A property of a product or a variant. */
export interface ProductAttribute {
  /** Name, without a colon. */
  name: string
  /** Value. */
  value: string
}

/** A property in which the variants of a product differ. */
export interface ProductOption {
  /** Name, without a colon. */
  name: string
  /** Values to choose from, in the order in which to show them. */
  values: string[]
}

/** A variant of a product, such as one of its sizes. */
export interface ProductVariant {
  /** Stock keeping unit (SKU). */
  sku?: string
  /** ID of the variant in its source. */
  externalId?: string
  /** Barcode, usually an EAN-13. */
  barcode?: string
  /** Value of each option. A missing option does not apply to the variant, or can have any value (WooCommerce). */
  options: ProductAttribute[]
  /** Unit price in the currency of the product. */
  price: number
  /** Reduced price. Absent if the variant has none. */
  salePrice?: number
  /** Number of units in stock. Absent if it is unknown. */
  stock?: number
  availability: Availability
  /** Image URL. */
  image?: string
}

/** The short form of a product, used in lists. */
export interface ProductSummary {
  /** Product ID. */
  id: number
  /** Stock keeping unit (SKU). */
  sku: string
  /** Display name. */
  title: string
  /** Description in a few sentences. */
  description: string
  /** Category slug, as listed by `GET /categories`. */
  category: string
  /** Brand name. Absent if the product has no brand. */
  brand?: string
  /** Regular unit price in `currency`, before discounts. */
  price: number
  /**
   * Currency code (ISO 4217). All products of the catalog have the same currency. Prices have as many decimal places as
   * it has: 2 in USD, 0 in JPY.
   */
  currency: string
  /** Current discount, in percent. If the product has a `salePrice`, the service derives the discount from it. */
  discountPercentage: number
  /** Reduced unit price in `currency`. It applies while `onSale` is true. */
  salePrice?: number
  /** Time at which the sale starts. Absent if it has no start. */
  salePriceFrom?: string
  /** Time at which the sale ends. Absent if it has no end. */
  salePriceUntil?: string
  /**
   * Whether customers pay `salePrice` now: it is lower than `price`, and the current time is within the sale period.
   * Absent if there is no `salePrice`.
   */
  onSale?: boolean
  /** Average rating, from 0 to 5. 0 if there are no ratings. */
  rating: number
  /** Number of units in stock. Absent if it is unknown. */
  stock?: number
  availability: Availability
  status: ProductStatus
  /** Tags. */
  tags: string[]
  /** URL of the thumbnail image. Absent if the product has no image. */
  thumbnail?: string
}

/** A product with all its fields. */
export interface Product {
  /** Product ID. */
  id: number
  /** Stock keeping unit (SKU). */
  sku: string
  /** Display name. */
  title: string
  /** Description in a few sentences. */
  description: string
  /** Category slug, as listed by `GET /categories`. */
  category: string
  /** Brand name. Absent if the product has no brand. */
  brand?: string
  /** Regular unit price in `currency`, before discounts. */
  price: number
  /**
   * Currency code (ISO 4217). All products of the catalog have the same currency. Prices have as many decimal places as
   * it has: 2 in USD, 0 in JPY.
   */
  currency: string
  /** Current discount, in percent. If the product has a `salePrice`, the service derives the discount from it. */
  discountPercentage: number
  /** Reduced unit price in `currency`. It applies while `onSale` is true. */
  salePrice?: number
  /** Time at which the sale starts. Absent if it has no start. */
  salePriceFrom?: string
  /** Time at which the sale ends. Absent if it has no end. */
  salePriceUntil?: string
  /**
   * Whether customers pay `salePrice` now: it is lower than `price`, and the current time is within the sale period.
   * Absent if there is no `salePrice`.
   */
  onSale?: boolean
  /** Average rating, from 0 to 5. 0 if there are no ratings. */
  rating: number
  /** Number of units in stock. Absent if it is unknown. */
  stock?: number
  availability: Availability
  status: ProductStatus
  /** Tags. */
  tags: string[]
  /** URL of the thumbnail image. Absent if the product has no image. */
  thumbnail?: string
  /** URLs of the images, main image first. */
  images: string[]
  /** Weight in the unit that the source uses. 0 if unknown. */
  weight: number
  dimensions: Dimensions
  /** Warranty terms. */
  warranty: string
  /** Shipping information. */
  shipping: string
  /** Return policy. */
  returnPolicy: string
  /** Minimum number of units per order. */
  minimumOrderQuantity: number
  /** Barcode, usually an EAN-13. */
  barcode: string
  /** Manufacturer part number. Absent if it is unknown. */
  mpn?: string
  condition?: Condition
  /** URL of the product page in the shop. */
  url?: string
  /** ID of the product in its source. Absent for local products. */
  externalId?: string
  /** Properties, such as the material. Several can have the same name. */
  attributes: ProductAttribute[]
  /** Properties in which the variants differ. Empty if the product has no variants to choose from. */
  options: ProductOption[]
  /**
   * Variants. If there are any, the product has the lowest `price` and `salePrice` of a variant, the sum of their known
   * `stock`, and the best `availability`.
   */
  variants: ProductVariant[]
  /** Reviews, in the order of the source. */
  reviews: Review[]
  /** Time when the product was created. */
  createdAt: string
  /**
   * Time of the last change in the source or, for local products, in this catalog. Edits of source products do not
   * change this time. To see edits, follow `GET /changes`.
   */
  updatedAt: string
  origin: Origin
  /** Names of edited fields. They no longer follow the source. Always empty for local products. */
  edited: string[]
}

/** A facet value with its number of products. */
export interface FacetValue {
  /**
   * Value of the facet. To filter by it, send it in the query parameter with the name of the facet. For an attribute,
   * send `NAME:VALUE` as `attribute`.
   */
  value: string
  /** Number of products with this value: the `total` of the same query with only this value selected. */
  count: number
}

/** A price range with its number of products. */
export interface PriceRange {
  /** Lower bound, inclusive. Send it as `minPrice`. */
  minPrice: number
  /** Upper bound, inclusive. Send it as `maxPrice`. Absent in the last range, which has no upper bound. */
  maxPrice?: number
  /** Number of products in this range: the `total` of the same query with these bounds. */
  count: number
}

/** The values of an attribute with their numbers of products. */
export interface AttributeFacet {
  /** Name of the attribute or option. */
  name: string
  /**
   * Values that match at least one product, those with the most products first. Send one as `attribute`, after the name
   * and a colon.
   */
  values: FacetValue[]
}

/**
 * Product counts, one list for each requested facet. The counts of a facet ignore the filter on that facet, so that a
 * shop can also show the other values of the facet.
 */
export interface Facets {
  /**
   * Values of `category` that match at least one product, those with the most products first. Products count for the
   * ancestors of their category too.
   */
  category?: FacetValue[]
  /** Values of `brand` that match at least one product, those with the most products first. */
  brand?: FacetValue[]
  /** Values of `tag` that match at least one product, those with the most products first. */
  tag?: FacetValue[]
  /** Values of `availability` that match at least one product, those with the most products first. */
  availability?: FacetValue[]
  /** Price ranges with at least one product, lowest first. */
  price?: PriceRange[]
  /** The requested attributes, in the order of the request. */
  attributes?: AttributeFacet[]
}

/** A page of products. */
export interface ProductPage {
  /** Products on this page. */
  products: ProductSummary[]
  /** Number of products on all pages together. */
  total: number
  /** Page size: the requested `limit` or its default. */
  limit: number
  /** Number of products before this page. Absent if the request has a `cursor`. */
  offset?: number
  /** Cursor of the next page. Send it as `cursor` with the same query. Absent on the last page. */
  nextCursor?: string
  facets?: Facets
}

/** A product category. */
export interface Category {
  /** Identifier of the category. Products refer to it in `category`. */
  slug: string
  /** Display name. */
  name: string
  /** Slug of the parent category. Absent at the top level. */
  parent?: string
  /** Position that an editor or the source has set. Absent if neither has set one. */
  position?: number
  /** Number of products in the category and its descendants. */
  products: number
  /** Names of the fields that editors have set. They no longer follow the source. */
  edited: string[]
}

/** Categories with at least one product in them or in a descendant. */
export interface CategoryList {
  /** The categories. Those with a `position` come first, the lowest first. The others are sorted by name. */
  categories: Category[]
}

/** The fields of a category that an editor sets. They replace all earlier edits of the category. */
export interface CategoryInput {
  /** Display name. The service normalizes it like the title of a product. If omitted, the name follows the source. */
  name?: string | undefined
  /**
   * Slug of an existing category that becomes the parent. An empty string moves the category to the top level. If
   * omitted, the parent follows the source.
   */
  parent?: string | undefined
  /** Position in the list. Categories without a position come after those with one. */
  position?: number | undefined
}

/**
 * Outer dimensions, all in the same unit. Omitted values are 0 in a new product and stay unchanged in an existing one.
 */
export interface DimensionsInput {
  /** Width. */
  width?: number | undefined
  /** Height. */
  height?: number | undefined
  /** Depth. */
  depth?: number | undefined
}

/** A property of a product or a variant. */
export interface ProductAttributeInput {
  /** Name, without a colon. */
  name: string
  /** Value. */
  value: string
}

/**
 * A property in which the variants of a product differ. Option names are unique within a product, and values are unique
 * within an option.
 */
export interface ProductOptionInput {
  /** Name, without a colon. */
  name: string
  /** Values to choose from, in the order in which to show them. */
  values: readonly string[]
}

/**
 * A variant of a product, such as one of its sizes. It has at most one value for each option, and no two variants have
 * the same values. Without `availability`, it is `in-stock` if `stock` is above 0 and `out-of-stock` otherwise.
 */
export interface ProductVariantInput {
  /** Stock keeping unit (SKU). */
  sku?: string | undefined
  /** ID of the variant in its source. */
  externalId?: string | undefined
  /** Barcode, usually an EAN-13. */
  barcode?: string | undefined
  /** Value of each option. A missing option does not apply to the variant, or can have any value (WooCommerce). */
  options: readonly ProductAttributeInput[]
  /** Unit price in the currency of the product. Rounded like that of the product. */
  price: number
  /** Reduced price. */
  salePrice?: number | undefined
  /** Number of units in stock. Omit it if it is unknown. */
  stock?: number | undefined
  availability?: Availability | undefined
  /** Image URL. */
  image?: string | undefined
}

/**
 * A product to create. Omitted fields are absent, empty or 0, except `minimumOrderQuantity`, which is 1, and `status`,
 * which is `active`. Without `availability`, the product is `in-stock` if `stock` is above 0 and `out-of-stock`
 * otherwise. The service sets `id`, `currency`, `createdAt`, `updatedAt`, `origin` and `edited`. Ratings and reviews
 * cannot be written.
 *
 * Before it validates a product, the service normalizes its text: it composes accents (NFC), removes invisible
 * characters and white space at the ends, and replaces each run of other white space with one space, except in
 * `description`, `warranty`, `shipping` and `returnPolicy`. It also removes repeated tags and attributes.
 */
export interface ProductInput {
  /** Stock keeping unit (SKU). Must be unique in the catalog after normalization. */
  sku: string
  /** Display name. */
  title: string
  /** Description in a few sentences. */
  description?: string | undefined
  /** Category slug, as listed by `GET /categories`. */
  category: string
  /** Brand name. An empty string means no brand. */
  brand?: string | undefined
  /**
   * Regular unit price in the currency of the catalog, before discounts. The service rounds it to the decimal places of
   * the currency, half up.
   */
  price: number
  /** Current discount, in percent. If the product has a `salePrice`, the service derives the discount from it. */
  discountPercentage?: number | undefined
  /**
   * Reduced unit price, rounded like `price`. It takes effect only during the sale, and only if it is lower than
   * `price`.
   */
  salePrice?: number | undefined
  /** Time at which the sale starts. Without it, the sale has no start. */
  salePriceFrom?: string | undefined
  /** Time at which the sale ends. Must be later than `salePriceFrom`. Without it, the sale has no end. */
  salePriceUntil?: string | undefined
  /** Number of units in stock. Without it, the stock is unknown. */
  stock?: number | undefined
  availability?: Availability | undefined
  status?: ProductStatus | undefined
  /** Tags. */
  tags?: readonly string[] | undefined
  /** URL of the thumbnail image. */
  thumbnail?: string | undefined
  /** URLs of the images, main image first. */
  images?: readonly string[] | undefined
  /** Weight in the unit that the source uses. 0 if unknown. */
  weight?: number | undefined
  dimensions?: DimensionsInput | undefined
  /** Warranty terms. */
  warranty?: string | undefined
  /** Shipping information. */
  shipping?: string | undefined
  /** Return policy. */
  returnPolicy?: string | undefined
  /** Minimum number of units per order. */
  minimumOrderQuantity?: number | undefined
  /** Barcode, usually an EAN-13. */
  barcode?: string | undefined
  /** Manufacturer part number. An empty string means none. */
  mpn?: string | undefined
  condition?: Condition | undefined
  /** URL of the product page in the shop. */
  url?: string | undefined
  /** Properties, such as the material. Several can have the same name. */
  attributes?: readonly ProductAttributeInput[] | undefined
  /** Properties in which the variants differ. The variants use only these names and values. */
  options?: readonly ProductOptionInput[] | undefined
  /**
   * Variants. If there are any, the service derives `price`, `salePrice`, `stock` and `availability` of the product
   * from them: the lowest prices, the sum of the known stock, and the best availability. Other values for these fields
   * get 422.
   */
  variants?: readonly ProductVariantInput[] | undefined
}

/**
 * Changes to a product, as a JSON Merge Patch (RFC 7396). Omitted fields stay unchanged. Lists are replaced as a whole.
 * `options` and `variants` belong together: an edit of one also keeps the other from following the source. To remove a
 * field, send `null`: `brand`, `salePrice`, `salePriceFrom`, `salePriceUntil`, `stock`, `thumbnail`, `mpn`,
 * `condition`, `url`. The other fields cannot be removed.
 *
 * Before it validates a product, the service normalizes its text: it composes accents (NFC), removes invisible
 * characters and white space at the ends, and replaces each run of other white space with one space, except in
 * `description`, `warranty`, `shipping` and `returnPolicy`. It also removes repeated tags and attributes.
 */
export interface ProductPatch {
  /** Stock keeping unit (SKU). Must be unique in the catalog after normalization. */
  sku?: string | undefined
  /** Display name. */
  title?: string | undefined
  /** Description in a few sentences. */
  description?: string | undefined
  /** Category slug, as listed by `GET /categories`. */
  category?: string | undefined
  /** Brand name. An empty string means no brand. */
  brand?: string | undefined
  /**
   * Regular unit price in the currency of the catalog, before discounts. The service rounds it to the decimal places of
   * the currency, half up.
   */
  price?: number | undefined
  /** Current discount, in percent. If the product has a `salePrice`, the service derives the discount from it. */
  discountPercentage?: number | undefined
  /**
   * Reduced unit price, rounded like `price`. It takes effect only during the sale, and only if it is lower than
   * `price`.
   */
  salePrice?: number | undefined
  /** Time at which the sale starts. Without it, the sale has no start. */
  salePriceFrom?: string | undefined
  /** Time at which the sale ends. Must be later than `salePriceFrom`. Without it, the sale has no end. */
  salePriceUntil?: string | undefined
  /** Number of units in stock. Without it, the stock is unknown. */
  stock?: number | undefined
  availability?: Availability | undefined
  status?: ProductStatus | undefined
  /** Tags. */
  tags?: readonly string[] | undefined
  /** URL of the thumbnail image. */
  thumbnail?: string | undefined
  /** URLs of the images, main image first. */
  images?: readonly string[] | undefined
  /** Weight in the unit that the source uses. 0 if unknown. */
  weight?: number | undefined
  dimensions?: DimensionsInput | undefined
  /** Warranty terms. */
  warranty?: string | undefined
  /** Shipping information. */
  shipping?: string | undefined
  /** Return policy. */
  returnPolicy?: string | undefined
  /** Minimum number of units per order. */
  minimumOrderQuantity?: number | undefined
  /** Barcode, usually an EAN-13. */
  barcode?: string | undefined
  /** Manufacturer part number. An empty string means none. */
  mpn?: string | undefined
  condition?: Condition | undefined
  /** URL of the product page in the shop. */
  url?: string | undefined
  /** Properties, such as the material. Several can have the same name. */
  attributes?: readonly ProductAttributeInput[] | undefined
  /** Properties in which the variants differ. The variants use only these names and values. */
  options?: readonly ProductOptionInput[] | undefined
  /**
   * Variants. If there are any, the service derives `price`, `salePrice`, `stock` and `availability` of the product
   * from them: the lowest prices, the sum of the known stock, and the best availability. Other values for these fields
   * get 422.
   */
  variants?: readonly ProductVariantInput[] | undefined
}

/**
 * Kind of change. `created`: the product became visible to readers, for the first time or again. `updated`: fields of
 * the product changed. `deleted`: the product is no longer visible to readers, because it was deleted, hidden or
 * archived, became a draft, or the source no longer has it.
 */
export type ChangeKind = 'created' | 'updated' | 'deleted'

/** A change to one product. */
export interface Change {
  /**
   * Revision of the change. Revisions increase, but not always by one: the feed leaves out changes to categories, and
   * changes that readers do not see, such as edits of drafts.
   */
  revision: number
  kind: ChangeKind
  /** Product ID. */
  productId: number
  /** Names of the changed fields. Empty unless `kind` is `updated`. */
  fields: string[]
  /** Time of the change. */
  at: string
}

/** Changes to the products that readers see, in order and complete. */
export interface ChangePage {
  /** Changes, oldest first. */
  changes: Change[]
  /** Last revision that this page covers. Send it as `after` in the next request. */
  revision: number
  /** Epoch of the catalog. Send it as `epoch` in the next request. */
  epoch: string
}

/** A change to one field. */
export interface FieldChange {
  /** Name of a `Product` field. */
  field: string
  /** Value before the change. Absent if the field had no value. */
  before?: unknown
  /** Value after the change. Absent if the field no longer has a value. */
  after?: unknown
}

/**
 * Author of a change. `sync`: a sync with the source. `seed`: the sample catalog. `account`: a signed-in user. `shell`:
 * a command on the server, an upgrade that normalized stored text, or a new `SOURCE_CURRENCY` without a source.
 * `schedule`: a sale that started or ended.
 */
export type Author = 'sync' | 'seed' | 'account' | 'shell' | 'schedule'

/** A change to a product, with its author. */
export interface HistoryEntry {
  /** Revision of the change. */
  revision: number
  kind: ChangeKind
  /** Time of the change. */
  at: string
  by: Author
  /** Account that made the change. Present only if `by` is `account`. */
  account?: string
  /** Changed fields with their values. Empty if the product was created or removed as a whole. */
  changes: FieldChange[]
}

/** Changes to a product, as far back as the service keeps them. */
export interface History {
  /** Changes, newest first. */
  history: HistoryEntry[]
  /** Revision to send as `before` to get the next page. Absent on the last page. */
  next?: number
}

/**
 * State of the catalog. `empty`: there is no catalog yet. `sample`: the service serves its built-in sample until the
 * first successful sync. `fresh`: the last successful sync was at most three sync intervals ago, or the service has no
 * source (`SOURCE_URL=none`). `stale`: the last successful sync was longer ago, or no sync has succeeded yet and the
 * catalog has only local products or those of an incomplete sync.
 */
export type CatalogState = 'empty' | 'sample' | 'fresh' | 'stale'

/** State of the catalog. */
export interface CatalogStatus {
  state: CatalogState
  /** Time of the last successful sync. Absent before the first one. */
  lastSync?: string
  /**
   * Reason why the last sync failed: `timeout`, `refused` (the connection failed), `http-503` or another HTTP status,
   * `invalid` (the response was not a catalog), `all-quarantined` (no product was usable), `too-large` (the source sent
   * too much data), `shrunk` (the sync would have removed too many products), or `incomplete` (the source did not send
   * all products, so the sync has removed none). Absent after a successful sync.
   */
  reason?: string
  /** Number of products. */
  products: number
  /**
   * Number of source products in quarantine: their records have no usable ID, title or price. `GET /sync` gives the
   * reasons, and says how long the service keeps the last usable versions.
   */
  quarantined: number
  /** Revision of the newest change. It increases with each change and never repeats within an epoch. */
  revision: number
  /**
   * Identifies the revision sequence. It changes when the database is restored from a backup. Do not compare revisions
   * of different epochs.
   */
  epoch: string
}

/** Links to the documentation, relative to the URL of this response (RFC 3986). */
export interface ServiceLinks {
  /** Documentation page. */
  docs: string
  /** OpenAPI document as JSON. */
  openapi: string
  /** OpenAPI document as YAML. */
  openapiYaml: string
}

/** Information about the service and the state of its catalog. */
export interface ServiceInfo {
  /** Name of the service. */
  name: string
  /** Version of the service. */
  version: string
  links: ServiceLinks
  catalog: CatalogStatus
  /**
   * Epochs of the catalogs that this catalog reads, directly or through others. Absent if its source is not another
   * instance of this service. Instances use them to notice that they read each other.
   */
  sources?: string[]
}

/**
 * Result of a check. `ok`: it passed. `degraded`: the service works with limitations. `failed`: the service cannot
 * handle requests.
 */
export type Health = 'ok' | 'degraded' | 'failed'

/** Result of one readiness check. */
export interface Check {
  /** Name of the check: `database`, `catalog`, or `service` if the service is shutting down. */
  name: string
  status: Health
  /** Reason why the status is not `ok`. */
  detail?: string
}

/** Liveness of the process. */
export interface Liveness {
  status: Health
}

/** Readiness of the service. */
export interface Readiness {
  status: Health
  /** Results of all checks. */
  checks: Check[]
}

/** Options of a sync. */
export interface SyncInput {
  /**
   * Whether the sync may remove more products than `SYNC_MAX_LOSS` allows. Use it if the source has really become
   * smaller or was replaced. It also lets a new source that sends only a part of its products (`incomplete`) replace
   * the previous one. Defaults to `false`.
   */
  acceptLoss?: boolean | undefined
  /**
   * Whether to only find out what a sync would change, and write nothing. `GET /sync` then returns the result as
   * `dryRun`. Defaults to `false`.
   */
  dryRun?: boolean | undefined
}

/**
 * Treatment of an invalid field. `repaired`: the service corrected the value. `dropped`: the service left the value
 * out, because it cannot be used.
 */
export type FieldOutcome = 'repaired' | 'dropped'

/** The fields that the service repaired or dropped for the same reason. */
export interface SourceFieldReport {
  /** JSON Pointer (RFC 6901) to the field of the source's record. `*` stands for any position in a list. */
  pointer: string
  /** The rule that the value violates. */
  problem: string
  /** The value that the source sent, as JSON, shortened. Absent if it is missing. */
  value?: string
  outcome: FieldOutcome
  /** Number of fields with this problem. */
  count: number
  /** Source ID of the product that `value` comes from. */
  product: string
}

/** A product whose record in the source cannot be used, because it has no usable ID, title or price. */
export interface QuarantinedProduct {
  /** ID of the product in its source, or its position if the ID is not usable. */
  product: string
  /** JSON Pointer (RFC 6901) to the field of the source's record. `*` stands for any position in a list. */
  pointer: string
  /** The rule that the value violates. */
  problem: string
  /** The value that the source sent, as JSON, shortened. Absent if it is missing. */
  value?: string
  /**
   * Time until which the service keeps the last usable version of the product (see `SYNC_GRACE`). Absent if it serves
   * no version.
   */
  keptUntil?: string
}

/** Products and fields that the service could not use unchanged when it last read the source. */
export interface SyncReport {
  /** Time when the process finished reading the source. */
  readAt: string
  /** Number of products that the service could use. */
  products: number
  /** Number of products in quarantine. */
  quarantined: number
  /** The first products in quarantine, at most 100. */
  quarantine: QuarantinedProduct[]
  /** The repaired and dropped fields of the other products by reason, the most frequent first. At most 100 reasons. */
  fields: SourceFieldReport[]
}

/** A change that a sync would make. The products that it would create have the IDs that they would get now. */
export interface PlannedChange {
  kind: ChangeKind
  /** Product ID. */
  productId: number
  /** ID of the product in its source. Absent for a product that was created in this catalog. */
  product?: string
  /** Names of the fields that would change. Empty unless `kind` is `updated`. */
  fields: string[]
}

/** Changes that a sync would make. The report is absent if the source could not be read. */
export interface SyncDryRun {
  /** Time when the dry run ended. */
  endedAt: string
  /** Reason why a sync would fail. If the source could not be read, the numbers are 0. */
  failure?: string
  /** Reason why the source did not send all of its products. The sync would then remove none. */
  incomplete?: string
  /** Number of products that a sync would create. */
  created: number
  /** Number of products that it would change. */
  updated: number
  /** Number of products that it would remove. */
  deleted: number
  /** The first changes, at most 100 of each kind. */
  changes: PlannedChange[]
  report?: SyncReport
}

/**
 * State of the catalog, the report about its source, and the result of the last dry run. The report is absent until the
 * process has read the source, and without a source. The result is absent until a dry run has ended in this process.
 */
export interface SyncState {
  catalog: CatalogStatus
  report?: SyncReport
  dryRun?: SyncDryRun
}

/**
 * Handling of rejected rows. `all-or-nothing` (default): if any row is rejected, nothing is written. `each`: all valid
 * rows are written.
 */
export type ImportMode = 'all-or-nothing' | 'each'

/** A rejected row with the reason. */
export interface RefusedRow {
  /** Line on which the row starts. The first line is 1. */
  line: number
  /** Name of the invalid field. Absent if the error concerns the whole row. */
  field?: string
  /** Reason for the rejection. */
  reason: string
}

/** Result of an import. After a dry run or a failed import, the counts say what would have been written. */
export interface ImportReport {
  mode: ImportMode
  /** Whether the request was a dry run, which writes nothing. */
  dryRun: boolean
  /** Number of rows in the file. */
  rows: number
  /** Number of created products. */
  created: number
  /** Number of updated products. */
  updated: number
  /** Number of rows without a change. */
  unchanged: number
  /** Number of rejected rows. */
  refused: number
  /** Rejected rows in the order of the file, at most 1,000. */
  refusals: RefusedRow[]
}

/** A part of a request. */
export type RequestPart = 'body' | 'query' | 'path' | 'header'

/** An invalid value with the reason. */
export interface InvalidField {
  in: RequestPart
  /**
   * JSON Pointer (RFC 6901) to the value within the part that `in` names. An empty pointer refers to the whole part.
   */
  pointer: string
  /** Reason why the value is invalid. */
  detail: string
}

/** Problem details of a failed request (RFC 9457). */
export interface Problem {
  /** Identifier of the problem type. It is stable, so programs can rely on it. */
  type: string
  /** Short summary of the problem type. */
  title: string
  /** HTTP status code of the response. */
  status: number
  /** Explanation of this occurrence, and what to do about it. */
  detail?: string
  /** ID of the request in the log of the service, also sent as `X-Request-Id`. Include it in support requests. */
  requestId: string
  /** Invalid values, at most 20. For a very large body, only the first one. */
  errors?: InvalidField[]
  /** Results of the readiness checks. Present only in `not-ready` problems. */
  checks?: Check[]
  report?: ImportReport
}

export interface SignInParameters {
  /** Body of the request. */
  body: Credentials
}

export interface ListProductsParameters {
  /**
   * Full-text search in title, brand, category, tags, attributes, options, description, and the SKU, manufacturer part
   * number and barcode of products and variants. A product must contain all words. The last word also matches as a
   * prefix. Case, accents, hyphens and apostrophes are ignored. If no product contains a word, the search falls back to
   * similar spellings. The search uses only the first 16 distinct words. A search without letters and digits finds
   * nothing; a blank one is ignored.
   */
  q?: string | undefined
  /** Category slug. Products of descendants match too. Repeat the parameter to match any of several values. */
  category?: readonly string[] | undefined
  /**
   * Brand name, exact match after normalization: white space at the ends and invisible characters do not matter. Repeat
   * the parameter to match any of several values. Default: `[]`.
   */
  brand?: readonly string[] | undefined
  /**
   * Tag, exact match after the same normalization as `brand`. Repeat the parameter to match any of several values.
   * Default: `[]`.
   */
  tag?: readonly string[] | undefined
  /**
   * Attribute or option: its name, a colon, and its value, such as `Color:red`, both exact after the same normalization
   * as `brand`. A product must match every name, with any of the values for that name. An option matches if the product
   * has the value for any variant. Repeat the parameter to match any of several values. Default: `[]`.
   */
  attribute?: readonly string[] | undefined
  /** Availability. Repeat the parameter to match any of several values. */
  availability?: readonly Availability[] | undefined
  /**
   * Status. Defaults to `active`. `draft` and `archived` require the scope `catalog:write`. Repeat the parameter to
   * match any of several values.
   */
  status?: readonly ProductStatus[] | undefined
  /** Minimum current price: `salePrice` during a sale, otherwise `price`. Default: `0`. */
  minPrice?: number | undefined
  /** Maximum current price: `salePrice` during a sale, otherwise `price`. Default: `1000000000`. */
  maxPrice?: number | undefined
  /** Minimum average rating. Default: `0`. */
  minRating?: number | undefined
  /** `true`: only products that are on sale now. `false`: only the others. */
  onSale?: boolean | undefined
  /** Minimum discount, in percent. Default: `0`. */
  minDiscount?: number | undefined
  /**
   * Product ID. Repeat the parameter to get several products, at most 100. The response lists them in the order of the
   * parameters unless the request has `sort` or `q`. IDs of products that do not exist are ignored. With `ids`, `limit`
   * defaults to 100. Default: `[]`.
   */
  ids?: readonly number[] | undefined
  /**
   * Sort keys, separated by commas: `price`, `rating`, `title`, `discount`, `stock`, `createdAt`, `relevance`. The
   * order is ascending; a `-` in front of a key reverses it. `relevance` sorts the best match first and is ignored
   * without `q`. Products without a value come last. Products with equal keys are sorted by `id`. The default is
   * relevance for a request with `q`, the order of the parameters for a request with `ids`, and `id` otherwise.
   */
  sort?: string | undefined
  /** Page size: the maximum number of products in the response. Default: `30`. */
  limit?: number | undefined
  /** Number of products to skip, from the start of the list or after `cursor`. Default: `0`. */
  offset?: number | undefined
  /**
   * The `nextCursor` of the previous page. The new page starts after the last product of that page, even if products
   * were added or removed since then. Keep all other parameters the same, except `limit`, `offset` and `facets`. An
   * empty cursor starts at the first page. Default: `""`.
   */
  cursor?: string | undefined
  /** Facet to add to the response. Repeat the parameter to get several. */
  facets?: readonly string[] | undefined
}

export interface CreateProductParameters {
  /**
   * Makes the request safe to retry. For 24 hours, a request with the same key and the same body gets the first
   * response again and creates nothing. Each account has its own keys. Use a new UUID for each product.
   */
  idempotencyKey?: string | undefined
  /** Body of the request. */
  body: ProductInput
}

export interface GetProductParameters {
  /** Product ID. */
  id: number
}

export interface UpdateProductParameters {
  /** Product ID. */
  id: number
  /**
   * The `ETag` of the product from your last read or write, including the quotes (RFC 9110). If the product has changed
   * since, the response is 412 and nothing is written. `*` matches any version.
   */
  ifMatch: string
  /**
   * Entity tags, including the quotes, or `*`. If one of them matches the current `ETag`, the response is 412 and
   * nothing is written (RFC 9110, section 13.1.2). `*` matches if the product exists.
   */
  ifNoneMatch?: string | undefined
  /** Body of the request. */
  body: ProductPatch
}

export interface DeleteProductParameters {
  /** Product ID. */
  id: number
  /**
   * The `ETag` of the product from your last read or write, including the quotes (RFC 9110). If the product has changed
   * since, the response is 412 and nothing is written. `*` matches any version.
   */
  ifMatch: string
  /**
   * Entity tags, including the quotes, or `*`. If one of them matches the current `ETag`, the response is 412 and
   * nothing is written (RFC 9110, section 13.1.2). `*` matches if the product exists.
   */
  ifNoneMatch?: string | undefined
}

export interface ExportProductsParameters {
  /**
   * Full-text search in title, brand, category, tags, attributes, options, description, and the SKU, manufacturer part
   * number and barcode of products and variants. A product must contain all words. The last word also matches as a
   * prefix. Case, accents, hyphens and apostrophes are ignored. If no product contains a word, the search falls back to
   * similar spellings. The search uses only the first 16 distinct words. A search without letters and digits finds
   * nothing; a blank one is ignored.
   */
  q?: string | undefined
  /** Category slug. Products of descendants match too. Repeat the parameter to match any of several values. */
  category?: readonly string[] | undefined
  /**
   * Brand name, exact match after normalization: white space at the ends and invisible characters do not matter. Repeat
   * the parameter to match any of several values. Default: `[]`.
   */
  brand?: readonly string[] | undefined
  /**
   * Tag, exact match after the same normalization as `brand`. Repeat the parameter to match any of several values.
   * Default: `[]`.
   */
  tag?: readonly string[] | undefined
  /**
   * Attribute or option: its name, a colon, and its value, such as `Color:red`, both exact after the same normalization
   * as `brand`. A product must match every name, with any of the values for that name. An option matches if the product
   * has the value for any variant. Repeat the parameter to match any of several values. Default: `[]`.
   */
  attribute?: readonly string[] | undefined
  /** Availability. Repeat the parameter to match any of several values. */
  availability?: readonly Availability[] | undefined
  /**
   * Status. Defaults to `active`. `draft` and `archived` require the scope `catalog:write`. Repeat the parameter to
   * match any of several values.
   */
  status?: readonly ProductStatus[] | undefined
  /** Minimum current price: `salePrice` during a sale, otherwise `price`. Default: `0`. */
  minPrice?: number | undefined
  /** Maximum current price: `salePrice` during a sale, otherwise `price`. Default: `1000000000`. */
  maxPrice?: number | undefined
  /** Minimum average rating. Default: `0`. */
  minRating?: number | undefined
  /** `true`: only products that are on sale now. `false`: only the others. */
  onSale?: boolean | undefined
  /** Minimum discount, in percent. Default: `0`. */
  minDiscount?: number | undefined
  /**
   * Sort keys, separated by commas: `price`, `rating`, `title`, `discount`, `stock`, `createdAt`, `relevance`. The
   * order is ascending; a `-` in front of a key reverses it. `relevance` sorts the best match first and is ignored
   * without `q`. Products without a value come last. Products with equal keys are sorted by `id`. The default is
   * relevance for a request with `q`, the order of the parameters for a request with `ids`, and `id` otherwise.
   */
  sort?: string | undefined
  /** Number of products to skip, from the start of the list or after `cursor`. Default: `0`. */
  offset?: number | undefined
  /**
   * The `nextCursor` of the previous page. The new page starts after the last product of that page, even if products
   * were added or removed since then. Keep all other parameters the same, except `limit`, `offset` and `facets`. An
   * empty cursor starts at the first page. Default: `""`.
   */
  cursor?: string | undefined
  /**
   * Product ID. Repeat the parameter to get several products, at most 100. The file lists them in the order of the
   * parameters unless the request has `sort` or `q`. IDs of products that do not exist are ignored. Default: `[]`.
   */
  ids?: readonly number[] | undefined
  /**
   * Maximum number of products in the file. By default, the file contains all matching products. Default: `2147483647`.
   */
  limit?: number | undefined
  /**
   * `application/x-ndjson`: NDJSON: one product per line, with all its fields.
   *
   * `text/csv`: CSV (RFC 4180): a header and one product per row, without reviews.
   *
   * `application/rss+xml`: Merchant feed as RSS 2.0: one item per variant, or per product without variants.
   *
   * `text/tab-separated-values`: Merchant feed as TSV: a header and one item per row.
   *
   * Default: `application/x-ndjson`.
   */
  accept?: 'application/x-ndjson' | 'text/csv' | 'application/rss+xml' | 'text/tab-separated-values' | undefined
}

export interface ListChangesParameters {
  /** Return only changes after this revision. By default, all changes that the service still keeps. */
  after?: number | undefined
  /**
   * Epoch that `after` belongs to. A restore of the database from a backup changes the epoch of the catalog. If the two
   * epochs differ, the response is 410.
   */
  epoch?: string | undefined
  /** Maximum number of changes in the response. Streams ignore it. Default: `100`. */
  limit?: number | undefined
  /**
   * For streams: ID of the last event that you received (`EPOCH.REVISION`). It takes precedence over `lastEventId`,
   * `after` and `epoch`. A revision without an epoch is also valid.
   */
  lastEventId?: string | undefined
}

export interface RevertProductParameters {
  /** Product ID. */
  id: number
  /**
   * The `ETag` of the product from your last read or write, including the quotes (RFC 9110). If the product has changed
   * since, the response is 412 and nothing is written. `*` matches any version.
   */
  ifMatch: string
  /**
   * Entity tags, including the quotes, or `*`. If one of them matches the current `ETag`, the response is 412 and
   * nothing is written (RFC 9110, section 13.1.2). `*` matches if the product exists.
   */
  ifNoneMatch?: string | undefined
}

export interface ReplaceCategoryParameters {
  /** Slug of the category. */
  slug: string
  /** Body of the request. */
  body: CategoryInput
}

export interface RevertCategoryParameters {
  /** Slug of the category. */
  slug: string
}

export interface ListProductHistoryParameters {
  /** Return only changes before this revision. Use `next` from the previous page. */
  before?: number | undefined
  /** Maximum number of changes in the response. Default: `30`. */
  limit?: number | undefined
  /** Product ID. */
  id: number
}

export interface ImportProductsParameters {
  /**
   * Handling of rejected rows. `all-or-nothing` (default): if any row is rejected, nothing is written. `each`: all
   * valid rows are written.
   */
  mode?: ImportMode | undefined
  /** Whether to only validate the file. The response is the same, but nothing is written. Default: `false`. */
  dryRun?: boolean | undefined
  /**
   * Whether to overwrite changes that were made after the export of the file. The service then does not compare
   * versions, and ignores the read-only fields of rows that update a product. Default: `false`.
   */
  force?: boolean | undefined
  /**
   * NDJSON with one product per line, or CSV (RFC 4180) with a header and one product per row. The columns are those of
   * an export; a file may leave out columns.
   */
  body: Upload
}

export interface StartSyncParameters {
  /** Body of the request. */
  body?: SyncInput | undefined
}
