// Generated from openapi.yaml by `npm run client`. Do not edit.
import { type Operation, OperationSender, type RequestOptions, type Tag } from '../operation.js'
import type {
  CatalogStatus,
  Category,
  CategoryList,
  ChangePage,
  CreateProductParameters,
  DeleteProductParameters,
  ExportProductsParameters,
  GetProductParameters,
  History,
  ImportProductsParameters,
  ImportReport,
  JsonWebKeySet,
  ListChangesParameters,
  ListProductHistoryParameters,
  ListProductsParameters,
  Liveness,
  Product,
  ProductPage,
  Readiness,
  ReplaceCategoryParameters,
  RevertCategoryParameters,
  RevertProductParameters,
  ServiceInfo,
  SignInParameters,
  StartSyncParameters,
  SyncState,
  Token,
  UpdateProductParameters
} from './types.js'

/** Prefix of the type of every problem. */
export const PROBLEM_TYPE = 'urn:problem-type:product-catalog:'

export const operations = {
  getServiceInfo: {
    method: 'GET',
    path: '/',
    accept: 'application/json',
    needsToken: false,
    isConditional: false
  },
  checkLiveness: {
    method: 'GET',
    path: '/livez',
    accept: 'application/json',
    needsToken: false,
    isConditional: false
  },
  checkReadiness: {
    method: 'GET',
    path: '/readyz',
    accept: 'application/json',
    needsToken: false,
    isConditional: false
  },
  signIn: {
    method: 'POST',
    path: '/auth',
    contentType: 'application/json',
    accept: 'application/json',
    needsToken: false,
    isConditional: false
  },
  signOut: {
    method: 'DELETE',
    path: '/auth',
    needsToken: true,
    isConditional: false
  },
  listPublicKeys: {
    method: 'GET',
    path: '/.well-known/jwks.json',
    accept: 'application/json',
    needsToken: false,
    isConditional: false
  },
  listProducts: {
    method: 'GET',
    path: '/products',
    accept: 'application/json',
    needsToken: true,
    isConditional: true
  },
  createProduct: {
    method: 'POST',
    path: '/products',
    headers: { idempotencyKey: 'Idempotency-Key' },
    contentType: 'application/json',
    accept: 'application/json',
    needsToken: true,
    isConditional: false
  },
  getProduct: {
    method: 'GET',
    path: '/products/{id}',
    accept: 'application/json',
    needsToken: true,
    isConditional: true
  },
  updateProduct: {
    method: 'PATCH',
    path: '/products/{id}',
    headers: { ifMatch: 'If-Match', ifNoneMatch: 'If-None-Match' },
    contentType: 'application/json',
    accept: 'application/json',
    needsToken: true,
    isConditional: false
  },
  deleteProduct: {
    method: 'DELETE',
    path: '/products/{id}',
    headers: { ifMatch: 'If-Match', ifNoneMatch: 'If-None-Match' },
    needsToken: true,
    isConditional: false
  },
  listCategories: {
    method: 'GET',
    path: '/categories',
    accept: 'application/json',
    needsToken: true,
    isConditional: true
  },
  exportProducts: {
    method: 'GET',
    path: '/products/export',
    accept: 'application/x-ndjson',
    needsToken: true,
    isConditional: false
  },
  listChanges: {
    method: 'GET',
    path: '/changes',
    headers: { lastEventId: 'Last-Event-ID' },
    accept: 'application/json',
    needsToken: true,
    isConditional: false
  },
  revertProduct: {
    method: 'DELETE',
    path: '/products/{id}/edits',
    headers: { ifMatch: 'If-Match', ifNoneMatch: 'If-None-Match' },
    accept: 'application/json',
    needsToken: true,
    isConditional: false
  },
  replaceCategory: {
    method: 'PUT',
    path: '/categories/{slug}',
    contentType: 'application/json',
    accept: 'application/json',
    needsToken: true,
    isConditional: false
  },
  revertCategory: {
    method: 'DELETE',
    path: '/categories/{slug}/edits',
    needsToken: true,
    isConditional: false
  },
  listProductHistory: {
    method: 'GET',
    path: '/products/{id}/history',
    accept: 'application/json',
    needsToken: true,
    isConditional: false
  },
  importProducts: {
    method: 'POST',
    path: '/products/import',
    contentType: 'application/octet-stream',
    accept: 'application/json',
    needsToken: true,
    isConditional: false
  },
  getSync: {
    method: 'GET',
    path: '/sync',
    accept: 'application/json',
    needsToken: true,
    isConditional: false
  },
  startSync: {
    method: 'POST',
    path: '/sync',
    contentType: 'application/json',
    accept: 'application/json',
    needsToken: true,
    isConditional: false
  }
} as const satisfies Record<string, Operation>

/** Base class of the client, with one method for each operation. */
export abstract class Operations extends OperationSender {
  /**
   * Get service information.
   *
   * Returns the name, version and links of the service and the state of its catalog. Redirects browsers to the
   * documentation.
   *
   * `catalog` says how fresh the data is. Requests never wait for the source: if the source fails, the service keeps
   * serving the last catalog.
   *
   * @throws {ProblemError} 400, 408, 417, 429, 431, 500, 503
   */
  getServiceInfo(options?: RequestOptions): Promise<ServiceInfo> {
    return this.send(operations.getServiceInfo, {}, options)
  }

  /**
   * Check liveness.
   *
   * Responds if the process is running. If the service does not respond, restart it.
   *
   * @throws {ProblemError} 400, 408, 417, 429, 431, 500
   */
  checkLiveness(options?: RequestOptions): Promise<Liveness> {
    return this.send(operations.checkLiveness, {}, options)
  }

  /**
   * Check readiness.
   *
   * Checks the database and the catalog. If the catalog is stale or is the built-in sample, the status is `degraded`,
   * but the service still handles requests. The response is 503 if there is no catalog, the database does not respond,
   * or the service is shutting down. In this case, send requests to another process.
   *
   * @throws {ProblemError} 400, 408, 417, 429, 431, 500, 503
   */
  checkReadiness(options?: RequestOptions): Promise<Readiness> {
    return this.send(operations.checkReadiness, {}, options)
  }

  /**
   * Sign in.
   *
   * Returns an access token and sets it as a cookie. Programs send the token as `Authorization: Bearer <token>`;
   * browsers send the cookie automatically. The token is valid for `expiresIn` seconds.
   *
   * **Limits.** Each client address has 10 attempts per minute. After five failed attempts in a row, the service locks
   * the username for this client for 30 seconds. Each further failure doubles the time, up to 15 minutes. After 100
   * failed attempts in a day from unknown clients, the service locks the username for all unknown clients in the same
   * way. A client is known if someone signed in to the account from its address within the last 90 days, or if it sends
   * the `device` cookie from an earlier sign-in. If too many clients sign in at once, some get 503.
   *
   * @throws {ProblemError} 400, 401, 408, 413, 415, 417, 429, 431, 500, 503
   */
  signIn(parameters: SignInParameters, options?: RequestOptions): Promise<Token> {
    return this.send(operations.signIn, parameters, options)
  }

  /**
   * Sign out.
   *
   * Revokes the token of this request and clears the cookie.
   *
   * @throws {ProblemError} 400, 401, 403, 408, 417, 429, 431, 500, 503
   */
  signOut(options?: RequestOptions): Promise<void> {
    return this.send(operations.signOut, {}, options)
  }

  /**
   * List public keys.
   *
   * Returns the public keys for services that verify access tokens themselves. Select the key by the `kid` in the token
   * header. Keys are rotated: if a `kid` is unknown, fetch the keys again.
   *
   * Accept a token only if `alg` is `ES256`, `typ` is `at+jwt`, `iss` and `aud` are `product-catalog`, and `exp` is in
   * the future. `sub` is the username of the account, and `scope` lists the scopes of the token. A service that
   * verifies tokens itself does not notice sign-outs, password changes, role changes or removed accounts: it accepts a
   * token until `exp`.
   *
   * @throws {ProblemError} 400, 408, 417, 429, 431, 500, 503
   */
  listPublicKeys(options?: RequestOptions): Promise<JsonWebKeySet> {
    return this.send(operations.listPublicKeys, {}, options)
  }

  /**
   * List and search products.
   *
   * Returns a page of products in their short form. `q` searches the text, filters such as `category` and `minPrice`
   * narrow the list, `sort` orders it, and `facets` adds product counts for each category, brand and so on. A product
   * must match the search and all filters.
   *
   * To show numbered pages, use `limit` and `offset`. To read all products, send the `nextCursor` of each page as
   * `cursor`. The pages then neither skip nor repeat products, even if some are added or removed in the meantime.
   *
   * @throws {ProblemError} 400, 401, 403, 406, 408, 412, 417, 429, 431, 500, 503
   */
  listProducts(parameters: ListProductsParameters = {}, options?: RequestOptions): Promise<ProductPage & Tag> {
    return this.send(operations.listProducts, parameters, options)
  }

  /**
   * Create a product.
   *
   * Creates a local product, which does not exist in the source. The service assigns an `id` of 1,000,000,000 or higher
   * that no other product has.
   *
   * @throws {ProblemError} 400, 401, 403, 408, 409, 413, 415, 417, 422, 429, 431, 500, 503
   */
  createProduct(parameters: CreateProductParameters, options?: RequestOptions): Promise<Product & Tag> {
    return this.send(operations.createProduct, parameters, options)
  }

  /**
   * Get a product.
   *
   * Returns a product with all its fields, including its reviews. Drafts and archived products require the scope
   * `catalog:write`. Without it, the response is 404.
   *
   * @throws {ProblemError} 400, 401, 403, 404, 406, 408, 412, 417, 429, 431, 500, 503
   */
  getProduct(parameters: GetProductParameters, options?: RequestOptions): Promise<Product & Tag> {
    return this.send(operations.getProduct, parameters, options)
  }

  /**
   * Update a product.
   *
   * Updates the fields in the request body, a JSON Merge Patch (RFC 7396). The media type
   * `application/merge-patch+json` is also accepted.
   *
   * In a source product, edited fields keep their value in later syncs, even if the product disappears from the source
   * and reappears. All other fields keep following the source. A value that equals the current one does not count as an
   * edit.
   *
   * @throws {ProblemError} 400, 401, 403, 404, 408, 409, 412, 413, 415, 417, 422, 428, 429, 431, 500, 503
   */
  updateProduct(parameters: UpdateProductParameters, options?: RequestOptions): Promise<Product & Tag> {
    return this.send(operations.updateProduct, parameters, options)
  }

  /**
   * Delete a product.
   *
   * Hides a source product, or deletes a local product permanently. Syncs do not bring a hidden product back. To show
   * it again, call `DELETE /products/{id}/edits` with the `ETag` of this response as `If-Match`.
   *
   * @throws {ProblemError} 400, 401, 403, 404, 408, 412, 417, 428, 429, 431, 500, 503
   */
  deleteProduct(parameters: DeleteProductParameters, options?: RequestOptions): Promise<Partial<Tag>> {
    return this.send(operations.deleteProduct, parameters, options)
  }

  /**
   * List categories.
   *
   * Returns the categories, which form a tree: `parent` names the category above. `products` counts the products in a
   * category and its descendants, as the filter `category` of `GET /products` does. Categories without products are not
   * in the list, unless a descendant has some. Categories with a `position` come first. The others are sorted by name.
   *
   * @throws {ProblemError} 400, 401, 403, 406, 408, 412, 417, 429, 431, 500, 503
   */
  listCategories(options?: RequestOptions): Promise<CategoryList & Tag> {
    return this.send(operations.listCategories, {}, options)
  }

  /**
   * Export products.
   *
   * Returns all products that match the search and all filters, as one file. The file shows the catalog at one point in
   * time: it does not contain changes that are made during the export.
   *
   * **Formats.** `Accept` selects NDJSON (`application/x-ndjson`, the default) or CSV (`text/csv`). NDJSON has all
   * fields, CSV all except `reviews` and `onSale`. In CSV, `|` separates the items of a list; a `|` in an item is
   * escaped as `\|`. If a spreadsheet may change a text, for example because it looks like a formula, a number or a
   * date, the service puts a `'` in front of it. Imports remove the `'`. CSV starts with a byte order mark, so that
   * Excel reads it as UTF-8.
   *
   * **Merchant feeds.** `Accept` also selects a feed for Google Merchant Center, Meta, Bing and others: RSS 2.0
   * (`application/rss+xml`) or TSV (`text/tab-separated-values`). A feed has one item per variant, or per product
   * without variants. Items of the same product share `item_group_id`. Drafts and archived products are left out. Feeds
   * cannot be imported with `POST /products/import`, and have no `version`. Another instance of the service can read
   * them as its source (`SOURCE_KIND=google`).
   *
   * **Versions.** Each row of NDJSON and CSV also has a `version`. Imports use it to detect changes that were made
   * after the export. You can also send it, in quotation marks, as `If-Match` to change the product.
   *
   * **Limits.** The service closes the connection if the client reads nothing for 30 seconds or if the export takes
   * longer than ten minutes. The file is complete only if the response ends without an error. At most four exports run
   * at the same time. Further requests get 503 (`too-many-transfers`).
   *
   * @throws {ProblemError} 400, 401, 403, 408, 417, 429, 431, 500, 503
   */
  exportProducts(parameters: ExportProductsParameters = {}, options?: RequestOptions): Promise<ReadableStream<Uint8Array>> {
    return this.send(operations.exportProducts, parameters, options)
  }

  /**
   * List changes.
   *
   * Returns all changes to the products that readers see, in order. Use it to keep a copy, a search index or a cache up
   * to date. To notice changes to categories, repeat `GET /categories` with its `ETag` as `If-None-Match`.
   *
   * **Start.** Note the `revision` and `epoch` that `GET /` returns, read all products, and then request the changes
   * after that revision.
   *
   * **Pages.** Send the `revision` and `epoch` of each response as `after` and `epoch` of the next request.
   *
   * **Stream.** With `Accept: text/event-stream`, the service sends each change as a server-sent event when it happens.
   * The event is named `change`, its ID is `EPOCH.REVISION`, and its data is a `Change` as JSON. Every 15 seconds
   * without a change, the service sends a comment. After changes that the feed leaves out, such as those of categories
   * and drafts, it can send an event with only an ID. The stream ends if the token expires or is revoked, the service
   * restarts, or the client reads too slowly. Reconnect with `Last-Event-ID` or `lastEventId` to continue without gaps;
   * `EventSource` and its polyfills do so automatically. `EventSource` cannot send an `Authorization` header, so it
   * needs the cookie, which browsers do not send from pages on other sites. On these pages, use `fetch` with the
   * header. Each account can have 100 open streams.
   *
   * **Restored database.** If the operator restores a backup, the catalog gets a new epoch and assigns some revision
   * numbers again. Requests with the old epoch get 410, and so do streams that resume from an old event ID. In this
   * case, start over.
   *
   * @throws {ProblemError} 400, 401, 403, 408, 410, 417, 429, 431, 500, 503
   */
  listChanges(parameters: ListChangesParameters = {}, options?: RequestOptions): Promise<ChangePage> {
    return this.send(operations.listChanges, parameters, options)
  }

  /**
   * Revert all edits of a product.
   *
   * Removes all edits of a source product, so that every field follows the source again. Also shows the product again
   * if it was hidden. The response is 409 for a local product, which has no source to revert to, and if another product
   * now has the SKU from the source.
   *
   * @throws {ProblemError} 400, 401, 403, 404, 408, 409, 412, 417, 428, 429, 431, 500, 503
   */
  revertProduct(parameters: RevertProductParameters, options?: RequestOptions): Promise<Product & Tag> {
    return this.send(operations.revertProduct, parameters, options)
  }

  /**
   * Edit or create a category.
   *
   * Sets the name, the parent and the position of a category. The values replace all earlier edits of the category, and
   * later syncs do not change them. Omitted fields follow the source. If the category does not exist, it is created. It
   * appears in `GET /categories` once it or a descendant has a product.
   *
   * The response is 409 if the parent does not exist, or if the category would become its own ancestor. If the parent
   * disappears later, the category has the parent that the source gives it, until the parent in the edit exists again.
   *
   * @throws {ProblemError} 400, 401, 403, 408, 409, 413, 415, 417, 429, 431, 500, 503
   */
  replaceCategory(parameters: ReplaceCategoryParameters, options?: RequestOptions): Promise<Category> {
    return this.send(operations.replaceCategory, parameters, options)
  }

  /**
   * Revert all edits of a category.
   *
   * Removes the edits of a category, so that its name and parent follow the source again. A category that exists only
   * because of its edits disappears.
   *
   * @throws {ProblemError} 400, 401, 403, 404, 408, 417, 429, 431, 500, 503
   */
  revertCategory(parameters: RevertCategoryParameters, options?: RequestOptions): Promise<void> {
    return this.send(operations.revertCategory, parameters, options)
  }

  /**
   * List the changes to a product.
   *
   * Returns the changes to a product, newest first. Each entry has the author of the change and the values before and
   * after it. Changes by syncs are included. The history also covers hidden and deleted products, as far back as the
   * service keeps changes. The response is 404 if the product does not exist and the service keeps no changes to it.
   *
   * A page can have fewer than `limit` entries if they are very large. Follow `next` until it is absent.
   *
   * @throws {ProblemError} 400, 401, 403, 404, 408, 417, 429, 431, 500, 503
   */
  listProductHistory(parameters: ListProductHistoryParameters, options?: RequestOptions): Promise<History> {
    return this.send(operations.listProductHistory, parameters, options)
  }

  /**
   * Import products.
   *
   * Creates and updates products from a file with one product per row.
   *
   * **Matching.** A row with an `id` updates the product with this `id`. A row without an `id` updates the product with
   * the same `sku`. If no such product exists, the row creates one. A new product can have an `id` from 1,000,000,000
   * to 1,999,999,999; a row with any other unknown `id` is rejected. A row of a product that was deleted after the
   * export is rejected; `force=true` creates a local product again. A row with the `id` of a hidden product, or of a
   * product that its source no longer has, is always rejected.
   *
   * **Updates.** Fields that a row leaves out stay unchanged: a file with `sku` and `price` changes only prices.
   * Read-only fields are allowed if they have the value of the exported version or, without a `version`, their current
   * value.
   *
   * **Versions.** If a row has the `version` of an export, the service applies only the fields that differ from that
   * version, so an unchanged export changes nothing. If one of these fields was also changed in the catalog after the
   * export, the row is rejected. `force=true` applies all fields of the file instead. Without a `version`, all fields
   * that differ from their current values are applied.
   *
   * **Formats.** With the media type `application/octet-stream`, the service detects NDJSON or CSV from the start of
   * the file. You can also send `application/x-ndjson` or `text/csv` to set the format. Other common media types of
   * these formats, such as `application/vnd.ms-excel` for CSV, are also accepted. A CSV file can have any columns of an
   * export, in any order, but needs `id` or `sku`. The separator is a comma, a semicolon or a tab, and numbers have a
   * decimal point or a decimal comma. A blank cell leaves the field unchanged. A cell with only a `'` empties a text or
   * a list, or removes an optional number. Values that a spreadsheet has visibly damaged, such as `2.53017E+12` in
   * `barcode`, are rejected.
   *
   * **Limits.** The maximum size of a file is 200 MB. The service receives the complete file and then writes it in one
   * transaction. During the transaction, other writes wait. A write that waits longer than ten seconds can get 503
   * (`database-busy`). During the whole import, other imports get 503 (`too-many-transfers`).
   *
   * @throws {ProblemError} 400, 401, 403, 408, 413, 415, 417, 422, 429, 431, 500, 503
   */
  importProducts(parameters: ImportProductsParameters, options?: RequestOptions): Promise<ImportReport> {
    return this.send(operations.importProducts, parameters, options)
  }

  /**
   * Get the state of the sync.
   *
   * Returns the state of the catalog, and a report: which products of the source are in quarantine, and which fields
   * the service repaired or dropped. Also returns the result of the last dry run. Each process reads the source and has
   * its own report and dry run. A sync that reads only the changes of the source keeps the report of the last sync that
   * read the whole source. This operation requires the scope `catalog:sync`, which only admins have.
   *
   * @throws {ProblemError} 400, 401, 403, 408, 417, 429, 431, 500, 503
   */
  getSync(options?: RequestOptions): Promise<SyncState> {
    return this.send(operations.getSync, {}, options)
  }

  /**
   * Start a sync.
   *
   * Starts a sync with the source and returns immediately. To see the result, check `lastSync` and `reason` in `GET
   * /sync`. The service also syncs automatically every `SYNC_INTERVAL` seconds. If a sync failed with the reason
   * `shrunk` and the source has really become smaller, send `acceptLoss`. With `dryRun`, the service reads the source
   * and writes nothing. This operation requires the scope `catalog:sync`, which only admins have.
   *
   * @throws {ProblemError} 400, 401, 403, 408, 409, 413, 415, 417, 429, 431, 500, 503
   */
  startSync(parameters: StartSyncParameters = {}, options?: RequestOptions): Promise<CatalogStatus> {
    return this.send(operations.startSync, parameters, options)
  }
}
