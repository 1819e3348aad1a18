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
  | 'method-not-allowed'
  | 'not-acceptable'
  | 'request-timeout'
  | 'duplicate-sku'
  | 'no-source'
  | 'revision-gone'
  | 'precondition-failed'
  | 'content-too-large'
  | 'unsupported-media-type'
  | 'expectation-failed'
  | 'idempotency-key-reused'
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

/** What proves who is asking. */
export interface Credentials {
  /** Name of the account. */
  username: string
  /**
   * Its password. The first start of the service shows that of `admin` on the terminal, or writes it to a file that the
   * log names.
   */
  password: string
}

/** How the token is to be sent (RFC 6750): `Authorization: Bearer <token>`. */
export type TokenType = 'Bearer'

/** An access token and what it is good for. */
export interface Token {
  /**
   * The access token: a signed JWT (RFC 9068), and a secret. Callers need not look into it; services can check it, see
   * `GET /.well-known/jwks.json`.
   */
  token: string
  tokenType: TokenType
  /** Seconds until it expires. */
  expiresIn: number
  /** What it allows: scopes, separated by a space. */
  scope: string
}

/** A public key (RFC 7517). */
export interface JsonWebKey {
  /** Key type. */
  kty: string
  /** Curve. */
  crv: string
  /** X coordinate, base64url. */
  x: string
  /** Y coordinate, base64url. */
  y: string
  /** Key id, as in the header of the tokens it signs. */
  kid: string
  /** Algorithm. */
  alg: string
  /** What the key is for: `sig`. */
  use: string
}

/** The public keys that verify our tokens (RFC 7517). */
export interface JsonWebKeySet {
  /** The newest first, which signs new tokens, then those before it whose tokens may still be valid. */
  keys: JsonWebKey[]
}

/** Whether the product can be bought now, as its source or an editor says. It does not follow `stock`. */
export type Availability = 'in-stock' | 'low-stock' | 'out-of-stock'

/** The outer measures of a product, all three in the unit that the source uses. */
export interface Dimensions {
  /** Width. */
  width: number
  /** Height. */
  height: number
  /** Depth. */
  depth: number
}

/** What one customer said of a product. */
export interface Review {
  /** Stars given, 0 to 5. */
  rating: number
  /** What the reviewer wrote. */
  comment: string
  /** When it was written. */
  date: string
  /** Name of the reviewer. */
  reviewer: string
}

/** Where a product comes from. `source`: the source has it, and it follows that. `local`: it was made here. */
export type Origin = 'source' | 'local'

/** The short form of a product, as lists have it. */
export interface ProductSummary {
  /** The number that names the product. */
  id: number
  /** Stock keeping unit: the code that a warehouse uses. */
  sku: string
  /** Name to show to people. */
  title: string
  /** What it is, in a few sentences. */
  description: string
  /** Slug of its category, see `GET /categories`. */
  category: string
  /** Maker. Absent where the product has none. */
  brand?: string
  /** Price for one, with two decimal places, in `currency`. */
  price: number
  /** ISO 4217 code. */
  currency: string
  /** Discount on offer, in percent of `price`, which it is not yet taken off. */
  discountPercentage: number
  /** Average of the ratings, 0 to 5; 0 where there is none yet. */
  rating: number
  /** Pieces in stock. */
  stock: number
  availability: Availability
  /** Words it is filed under. */
  tags: string[]
  /** Address of a small picture. */
  thumbnail: string
}

/** A product with everything that is known of it. */
export interface Product {
  /** The number that names the product. */
  id: number
  /** Stock keeping unit: the code that a warehouse uses. */
  sku: string
  /** Name to show to people. */
  title: string
  /** What it is, in a few sentences. */
  description: string
  /** Slug of its category, see `GET /categories`. */
  category: string
  /** Maker. Absent where the product has none. */
  brand?: string
  /** Price for one, with two decimal places, in `currency`. */
  price: number
  /** ISO 4217 code. */
  currency: string
  /** Discount on offer, in percent of `price`, which it is not yet taken off. */
  discountPercentage: number
  /** Average of the ratings, 0 to 5; 0 where there is none yet. */
  rating: number
  /** Pieces in stock. */
  stock: number
  availability: Availability
  /** Words it is filed under. */
  tags: string[]
  /** Address of a small picture. */
  thumbnail: string
  /** Pictures, the main one first. */
  images: string[]
  /** Weight, in the unit that the source uses; 0 where it is not known. */
  weight: number
  dimensions: Dimensions
  /** Warranty, in words. */
  warranty: string
  /** Shipping time, in words. */
  shipping: string
  /** Terms of return, in words. */
  returnPolicy: string
  /** Fewest pieces that can be ordered. */
  minimumOrderQuantity: number
  /** Barcode, usually an EAN-13. */
  barcode: string
  /** Reviews, in the order of the source. */
  reviews: Review[]
  /** When the product was created. */
  createdAt: string
  /**
   * When the product was last changed where it comes from: at its source, or here. An edit that lies over the source
   * does not move it: to notice those, follow `GET /changes`.
   */
  updatedAt: string
  origin: Origin
  /** The fields that were edited here, and do not follow the source any more. Empty for one that was made here. */
  edited: string[]
}

/** What products can be counted by. */
export type FacetName = 'category' | 'brand' | 'tag' | 'availability' | 'price'

/** One value to choose, and what choosing it gives. */
export interface FacetValue {
  /** The value, as the parameter of the same name takes it. */
  value: string
  /** How many products choosing it gives: the `total` of the query with this value alone. */
  count: number
}

/** Prices from one bound to another, both included. */
export interface PriceRange {
  /** Lowest price of the range, as `minPrice` takes it. */
  minPrice: number
  /** Highest price of the range, as `maxPrice` takes it. Absent in the last, which is open. */
  maxPrice?: number
  /** How many products choosing it gives: the `total` of the query with these bounds. */
  count: number
}

/**
 * Counts of the products by what can be chosen next, one list for each facet that was asked for. Each leaves out the
 * filter of its own parameter, so that a shop can let its visitors choose several values.
 */
export interface Facets {
  /** Values of `category`, most products first, without those that no product has. */
  category?: FacetValue[]
  /** Values of `brand`, most products first, without those that no product has. */
  brand?: FacetValue[]
  /** Values of `tag`, most products first, without those that no product has. */
  tag?: FacetValue[]
  /** Values of `availability`, most products first, without those that no product has. */
  availability?: FacetValue[]
  /** Price ranges, lowest first, without those that no product is in. */
  price?: PriceRange[]
}

/** One page of a list of products. */
export interface ProductPage {
  /** The products of this page. */
  products: ProductSummary[]
  /** How many products there are on all pages together. */
  total: number
  /** The most products that a page can hold, as asked for. */
  limit: number
  /** How many products come before this page. Absent on a page that a `cursor` led to. */
  offset?: number
  /** Leads to the next page: send it as `cursor`, with the same query. Absent on the last page. */
  nextCursor?: string
  facets?: Facets
}

/** A group of products. */
export interface Category {
  /** The name that products carry in `category`. */
  slug: string
  /** Name to show to people. */
  name: string
  /** How many products it holds. */
  products: number
}

/** The categories that hold at least one product. */
export interface CategoryList {
  /** All categories, by slug. */
  categories: Category[]
}

/**
 * Outer measures, all three in one unit. Those that are left out are 0 of a new product, and stay as they are of one
 * that there is.
 */
export interface DimensionsInput {
  /** Width. */
  width?: number | undefined
  /** Height. */
  height?: number | undefined
  /** Depth. */
  depth?: number | undefined
}

/**
 * A product to be made. What is left out is empty or 0, and `minimumOrderQuantity` is 1; without `availability` it is
 * in stock if there is any `stock`. What is not here is not for callers to say: ids and times are given by the service,
 * ratings and reviews by customers.
 */
export interface ProductInput {
  /** Stock keeping unit: the code that a warehouse uses. No other product may have it. */
  sku: string
  /** Name to show to people. */
  title: string
  /** What it is, in a few sentences. */
  description?: string | undefined
  /** Slug of its category, see `GET /categories`. */
  category: string
  /** Maker. Empty: none. */
  brand?: string | undefined
  /** Price for one, in the currency of the catalog. It is rounded to two decimal places. */
  price: number
  /** Discount on offer, in percent of `price`, which it is not yet taken off. */
  discountPercentage?: number | undefined
  /** Pieces in stock. */
  stock?: number | undefined
  availability?: Availability | undefined
  /** Words it is filed under. */
  tags?: readonly string[] | undefined
  /** Address of a small picture. */
  thumbnail: string
  /** Pictures, the main one first. */
  images?: readonly string[] | undefined
  /** Weight, in the unit that the source uses; 0 where it is not known. */
  weight?: number | undefined
  dimensions?: DimensionsInput | undefined
  /** Warranty, in words. */
  warranty?: string | undefined
  /** Shipping time, in words. */
  shipping?: string | undefined
  /** Terms of return, in words. */
  returnPolicy?: string | undefined
  /** Fewest pieces that can be ordered. */
  minimumOrderQuantity?: number | undefined
  /** Barcode, usually an EAN-13. */
  barcode?: string | undefined
}

/**
 * What is to be changed, as a JSON Merge Patch (RFC 7396): fields that are left out stay as they are, lists are
 * replaced as a whole. `brand` alone can be taken away, with `null` or an empty text.
 */
export interface ProductPatch {
  /** Stock keeping unit: the code that a warehouse uses. No other product may have it. */
  sku?: string | undefined
  /** Name to show to people. */
  title?: string | undefined
  /** What it is, in a few sentences. */
  description?: string | undefined
  /** Slug of its category, see `GET /categories`. */
  category?: string | undefined
  /** Maker. Empty: none. */
  brand?: string | undefined
  /** Price for one, in the currency of the catalog. It is rounded to two decimal places. */
  price?: number | undefined
  /** Discount on offer, in percent of `price`, which it is not yet taken off. */
  discountPercentage?: number | undefined
  /** Pieces in stock. */
  stock?: number | undefined
  availability?: Availability | undefined
  /** Words it is filed under. */
  tags?: readonly string[] | undefined
  /** Address of a small picture. */
  thumbnail?: string | undefined
  /** Pictures, the main one first. */
  images?: readonly string[] | undefined
  /** Weight, in the unit that the source uses; 0 where it is not known. */
  weight?: number | undefined
  dimensions?: DimensionsInput | undefined
  /** Warranty, in words. */
  warranty?: string | undefined
  /** Shipping time, in words. */
  shipping?: string | undefined
  /** Terms of return, in words. */
  returnPolicy?: string | undefined
  /** Fewest pieces that can be ordered. */
  minimumOrderQuantity?: number | undefined
  /** Barcode, usually an EAN-13. */
  barcode?: string | undefined
}

/**
 * What became of a product, as readers see it. `created`: it appeared, for the first time or again. `updated`: it
 * differs. `deleted`: it disappeared.
 */
export type ChangeKind = 'created' | 'updated' | 'deleted'

/** One change of one product. */
export interface Change {
  /** Number of the change. The next change has the next number. */
  revision: number
  kind: ChangeKind
  /** The number that names the product. */
  productId: number
  /** The fields that differ since. Empty where the product appeared or disappeared. */
  fields: string[]
  /** When it was made. */
  at: string
}

/** Changes of the catalog, in their order and without gaps. */
export interface ChangePage {
  /** The changes, oldest first. */
  changes: Change[]
  /** The newest change that is accounted for: send it as `after` next time. */
  revision: number
  /** The epoch of the catalog. Send it as `epoch` next time. */
  epoch: string
}

/** What became of one field. */
export interface FieldChange {
  /** Name of a field of `Product`. */
  field: string
  /** Its value before. Absent where it had none. */
  before?: unknown
  /** Its value since. Absent where it has none. */
  after?: unknown
}

/**
 * Who made a change. `sync`: the source brought it. `seed`: it came with the sample catalog. `account`: someone who had
 * signed in. `shell`: someone at the machine of the service.
 */
export type Author = 'sync' | 'seed' | 'account' | 'shell'

/** One change of a product, and who made it. */
export interface HistoryEntry {
  /** Number of the change. */
  revision: number
  kind: ChangeKind
  /** When it was made. */
  at: string
  by: Author
  /** Name of the account that made it, where it was an account. */
  account?: string
  /** What became of each field. Empty where the product appeared or disappeared. */
  changes: FieldChange[]
}

/** What became of a product, as far back as changes are kept. */
export interface History {
  /** The changes, newest first. */
  history: HistoryEntry[]
  /** Leads to the changes before these: send it as `before`. Absent where there are none. */
  next?: number
}

/**
 * How the catalog stands to its source. `empty`: there is none yet. `sample`: the catalog that ships with the service,
 * until the source first answers. `fresh`: the source was read successfully not long ago, or there is none
 * (`SOURCE_URL=none`). `stale`: that is longer ago than allowed, or it was never read, and there is only what was made
 * here.
 */
export type CatalogState = 'empty' | 'sample' | 'fresh' | 'stale'

/** The state of the catalog. */
export interface CatalogStatus {
  state: CatalogState
  /** When the source was last read successfully. Absent until then. */
  lastSync?: string
  /**
   * Why the newest sync failed: `timeout`, `refused` (no connection, or a broken one), `http-503` and the like,
   * `invalid` (no catalog), `all-quarantined` (none of its products can be used), `too-large`, or `shrunk` (it would
   * take away too much of the catalog). Absent after a success.
   */
  reason?: string
  /** How many products there are. */
  products: number
  /** How many products the source sent that were refused. The log says which, and why. */
  quarantined: number
  /** Number of the newest change. It grows with every change and never repeats within an epoch. */
  revision: number
  /** Changes when the database is restored from a backup. Revisions of different epochs cannot be compared. */
  epoch: string
}

/** Where to read on, as paths of this service. */
export interface ServiceLinks {
  /** The documentation, for people. */
  docs: string
  /** The OpenAPI document, as JSON. */
  openapi: string
  /** The OpenAPI document, as YAML. */
  openapiYaml: string
}

/** What this service is, and how its catalog stands. */
export interface ServiceInfo {
  /** Name of the service. */
  name: string
  /** Its version. */
  version: string
  links: ServiceLinks
  catalog: CatalogStatus
}

/** `ok`: as it should be. `degraded`: it works, with less than it should have. `failed`: it does not work. */
export type Health = 'ok' | 'degraded' | 'failed'

/** One thing that the service needs, and whether it has it. */
export interface Check {
  /** What was checked: `database`, `catalog`, or `service` when that is stopping. */
  name: string
  status: Health
  /** Why it is not ok. */
  detail?: string
}

/** The process runs and answers. */
export interface Liveness {
  status: Health
}

/** The service can answer requests. */
export interface Readiness {
  status: Health
  /** Each thing that was checked. */
  checks: Check[]
}

/** How to sync. */
export interface SyncInput {
  /**
   * Whether the source is believed though it takes away more of the catalog than `SYNC_MAX_LOSS` allows: where it has
   * really become so much smaller, or is another one. Without it, it is not.
   */
  acceptLoss?: boolean | undefined
}

/**
 * What refused rows mean for the others. `all-or-nothing`, where nothing is said: nothing is written if any row is
 * refused. `each`: the other rows are written.
 */
export type ImportMode = 'all-or-nothing' | 'each'

/** A row that was refused, and why. */
export interface RefusedRow {
  /** The line on which the row begins, from 1. */
  line: number
  /** The field that is at fault. Absent where it is the row as a whole. */
  field?: string
  /** What is wrong with it. */
  reason: string
}

/** What an import did, or would have done where nothing was written. */
export interface ImportReport {
  mode: ImportMode
  /** Whether nothing was to be written. */
  dryRun: boolean
  /** Rows of the file. */
  rows: number
  /** Products that were made. */
  created: number
  /** Products that were changed. */
  updated: number
  /** Rows that say what is there already. */
  unchanged: number
  /** Rows that were refused. */
  refused: number
  /** The rows that were refused, by their lines: the first thousand. */
  refusals: RefusedRow[]
}

/** A part of a request. */
export type RequestPart = 'body' | 'query' | 'path' | 'header'

/** A value that was refused, and why. */
export interface InvalidField {
  in: RequestPart
  /** JSON Pointer (RFC 6901) to the value within that part. Empty: the part as a whole. */
  pointer: string
  /** What is wrong with it. */
  detail: string
}

/** Why a request failed (RFC 9457). */
export interface Problem {
  /** The kind of problem. It never changes, so programs can act on it. */
  type: string
  /** The kind of problem, for people. */
  title: string
  /** The status code of the response. */
  status: number
  /** What happened in this case, and what to do about it. */
  detail?: string
  /** The id of the request in the log of the service, also sent as `X-Request-Id`. Quote it when you ask for help. */
  requestId: string
  /** The invalid values: at most 20, and only the first one of a very large body. */
  errors?: InvalidField[]
  /** What was checked, if the service is not ready. */
  checks?: Check[]
  report?: ImportReport
}

export interface SignInParameters {
  /** Body of the request. */
  body: Credentials
}

export interface ListProductsParameters {
  /**
   * Words to search for, in title, brand, category, tags, description and SKU. All of them must match, the last one
   * also as the beginning of a word; case and accents do not matter. A word that no product has stands for those that
   * are spelled nearly like it. The first 16 different words count.
   */
  q?: string | undefined
  /** Only products of this category. Repeat it for any of several values. */
  category?: readonly string[] | undefined
  /** Only products of this brand, spelled exactly so. Repeat it for any of several values. Default: `[]`. */
  brand?: readonly string[] | undefined
  /** Only products with this tag, spelled exactly so. Repeat it for any of several values. Default: `[]`. */
  tag?: readonly string[] | undefined
  /** Only products of this availability. Repeat it for any of several values. */
  availability?: readonly Availability[] | undefined
  /** Only products of this price or more, before any discount. Default: `0`. */
  minPrice?: number | undefined
  /** Only products of this price or less, before any discount. Default: `10000000`. */
  maxPrice?: number | undefined
  /** Only products rated so or better. Default: `0`. */
  minRating?: number | undefined
  /** Only products with this discount or more, in percent. Default: `0`. */
  minDiscount?: number | undefined
  /**
   * Only these products, in this order unless `sort` or `q` says otherwise; those that do not exist are left out.
   * Repeat it for each, up to 100 times. The page then holds 100 where `limit` is not set. Default: `[]`.
   */
  ids?: readonly number[] | undefined
  /**
   * What to sort by: one or more of `price`, `rating`, `title`, `discount`, `stock`, `createdAt`, `relevance`,
   * separated by commas, each with `-` in front of it to turn it around: `price` is cheapest first, `-price` dearest
   * first. `relevance` is best first without a `-`, and counts only with `q`. Ties are in the order of the ids. Without
   * it the order is that of relevance with `q`, that of `ids` where these are asked for, and else that of the ids.
   */
  sort?: string | undefined
  /** The most products to put on the page. Default: `30`. */
  limit?: number | undefined
  /** How many products to leave out at the start, or after the `cursor` where there is one. Default: `0`. */
  offset?: number | undefined
  /**
   * The `nextCursor` of a page: continues after its last product, whatever came or went meanwhile. It belongs to its
   * query: all but `limit`, `offset` and `facets` must be as they were. Empty, it is the start. Default: `""`.
   */
  cursor?: string | undefined
  /** Counts to add to the page. Repeat it for several. */
  facets?: readonly FacetName[] | undefined
}

export interface CreateProductParameters {
  /**
   * Names this request, so that it can be sent again when no answer came: within 24 hours the same key with the same
   * body gets the first answer, and nothing is made twice. Keys are of your account only. Take a new UUID for each
   * product.
   */
  idempotencyKey?: string | undefined
  /** Body of the request. */
  body: ProductInput
}

export interface GetProductParameters {
  /** The number that names the product. */
  id: number
}

export interface UpdateProductParameters {
  /** The number that names the product. */
  id: number
  /**
   * The `ETag` that came with the product, or with your last write of it, quotes included (RFC 9110). The write is
   * refused with 412 if somebody has changed it since. `*` matches any state of the product.
   */
  ifMatch: string
  /**
   * Entity tags, quotes included. The write is refused with 412 if one of them is the present `ETag` (RFC 9110, section
   * 13.1.2), and by `*` if there is the product.
   */
  ifNoneMatch?: string | undefined
  /** Body of the request. */
  body: ProductPatch
}

export interface DeleteProductParameters {
  /** The number that names the product. */
  id: number
  /**
   * The `ETag` that came with the product, or with your last write of it, quotes included (RFC 9110). The write is
   * refused with 412 if somebody has changed it since. `*` matches any state of the product.
   */
  ifMatch: string
  /**
   * Entity tags, quotes included. The write is refused with 412 if one of them is the present `ETag` (RFC 9110, section
   * 13.1.2), and by `*` if there is the product.
   */
  ifNoneMatch?: string | undefined
}

export interface ExportProductsParameters {
  /**
   * Words to search for, in title, brand, category, tags, description and SKU. All of them must match, the last one
   * also as the beginning of a word; case and accents do not matter. A word that no product has stands for those that
   * are spelled nearly like it. The first 16 different words count.
   */
  q?: string | undefined
  /** Only products of this category. Repeat it for any of several values. */
  category?: readonly string[] | undefined
  /** Only products of this brand, spelled exactly so. Repeat it for any of several values. Default: `[]`. */
  brand?: readonly string[] | undefined
  /** Only products with this tag, spelled exactly so. Repeat it for any of several values. Default: `[]`. */
  tag?: readonly string[] | undefined
  /** Only products of this availability. Repeat it for any of several values. */
  availability?: readonly Availability[] | undefined
  /** Only products of this price or more, before any discount. Default: `0`. */
  minPrice?: number | undefined
  /** Only products of this price or less, before any discount. Default: `10000000`. */
  maxPrice?: number | undefined
  /** Only products rated so or better. Default: `0`. */
  minRating?: number | undefined
  /** Only products with this discount or more, in percent. Default: `0`. */
  minDiscount?: number | undefined
  /**
   * What to sort by: one or more of `price`, `rating`, `title`, `discount`, `stock`, `createdAt`, `relevance`,
   * separated by commas, each with `-` in front of it to turn it around: `price` is cheapest first, `-price` dearest
   * first. `relevance` is best first without a `-`, and counts only with `q`. Ties are in the order of the ids. Without
   * it the order is that of relevance with `q`, that of `ids` where these are asked for, and else that of the ids.
   */
  sort?: string | undefined
  /** How many products to leave out at the start, or after the `cursor` where there is one. Default: `0`. */
  offset?: number | undefined
  /**
   * The `nextCursor` of a page: continues after its last product, whatever came or went meanwhile. It belongs to its
   * query: all but `limit`, `offset` and `facets` must be as they were. Empty, it is the start. Default: `""`.
   */
  cursor?: string | undefined
  /**
   * Only these products, in this order unless `sort` or `q` says otherwise; those that do not exist are left out.
   * Repeat it for each, up to 100 times. Default: `[]`.
   */
  ids?: readonly number[] | undefined
  /** The most products to answer with. Without it, all. Default: `2147483647`. */
  limit?: number | undefined
  /**
   * `application/x-ndjson`: One product in full on each line, as JSON.
   *
   * `text/csv`: A header, and one product on each line, without its reviews (RFC 4180).
   *
   * Default: `application/x-ndjson`.
   */
  accept?: 'application/x-ndjson' | 'text/csv' | undefined
}

export interface ListChangesParameters {
  /** The newest change that you know: those after it are answered. Without it, all that are kept. */
  after?: number | undefined
  /**
   * The epoch that `after` belongs to. If the database was restored from a backup since, the catalog has another one,
   * and the response is 410.
   */
  epoch?: string | undefined
  /** The most changes to answer with. It is not for streams. Default: `100`. */
  limit?: number | undefined
  /**
   * For streams: the id of the last event that you received, `EPOCH.REVISION`. It takes precedence over `after` and
   * `epoch`. A plain revision is also valid.
   */
  lastEventId?: string | undefined
}

export interface RevertProductParameters {
  /** The number that names the product. */
  id: number
  /**
   * The `ETag` that came with the product, or with your last write of it, quotes included (RFC 9110). The write is
   * refused with 412 if somebody has changed it since. `*` matches any state of the product.
   */
  ifMatch: string
  /**
   * Entity tags, quotes included. The write is refused with 412 if one of them is the present `ETag` (RFC 9110, section
   * 13.1.2), and by `*` if there is the product.
   */
  ifNoneMatch?: string | undefined
}

export interface ListProductHistoryParameters {
  /** Only changes before this one: the `next` of the answer before. */
  before?: number | undefined
  /** The most changes to answer with. Default: `30`. */
  limit?: number | undefined
  /** The number that names the product. */
  id: number
}

export interface ImportProductsParameters {
  /**
   * What refused rows mean for the others. `all-or-nothing`, where nothing is said: nothing is written if any row is
   * refused. `each`: the other rows are written.
   */
  mode?: ImportMode | undefined
  /** Whether to check the file only: the response is the same, and nothing is written. Default: `false`. */
  dryRun?: boolean | undefined
  /**
   * One product on each line, as JSON; or CSV (RFC 4180): a header with any of the columns that exports have, and one
   * product on each line.
   */
  body: Upload
}

export interface StartSyncParameters {
  /** Body of the request. */
  body?: SyncInput | undefined
}
