// Generated from openapi.yaml by `npm run client`. Do not edit.
import { type Operation, OperationSender, type RequestOptions, type Tag } from '../operation.js'
import type {
  CatalogStatus,
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
  RevertProductParameters,
  ServiceInfo,
  SignInParameters,
  StartSyncParameters,
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
   * What this is, and how it stands.
   *
   * Name, version and links of the service, and the state of its catalog. A browser is sent on to the documentation.
   *
   * @throws {ProblemError} 400, 408, 417, 429, 431, 500, 503
   */
  getServiceInfo(options?: RequestOptions): Promise<ServiceInfo> {
    return this.send(operations.getServiceInfo, {}, options)
  }

  /**
   * Is the process alive?
   *
   * Answers whenever the process can. If it does not, restart it.
   *
   * @throws {ProblemError} 400, 408, 417, 429, 431, 500
   */
  checkLiveness(options?: RequestOptions): Promise<Liveness> {
    return this.send(operations.checkLiveness, {}, options)
  }

  /**
   * Can it answer requests?
   *
   * Checks the database and the catalog. A catalog that is stale, or still the sample, is `degraded`: it is served all
   * the same. 503 while there is no catalog or no database, and when the service is about to stop: send requests
   * elsewhere.
   *
   * @throws {ProblemError} 400, 408, 417, 429, 431, 500, 503
   */
  checkReadiness(options?: RequestOptions): Promise<Readiness> {
    return this.send(operations.checkReadiness, {}, options)
  }

  /**
   * Sign in.
   *
   * Returns an access token, and sets it as the cookie `token`, over https `__Host-token`, too. Send the token with
   * each request as `Authorization: Bearer <token>`, for the `expiresIn` seconds that it is valid; a browser sends the
   * cookie by itself. One address may try 10 times a minute. Five failures in a row lock the name for that address for
   * a while. A hundred failures in a day from addresses that are not known lock it for all of these. Addresses that
   * signed in to the name within 90 days are known, and so is a browser that sends the cookie `device`, which a
   * successful sign-in sets for the next ones. If too many clients sign in at once, some get 503.
   *
   * @throws {ProblemError} 400, 401, 408, 413, 415, 417, 429, 431, 500, 503
   */
  signIn(parameters: SignInParameters, options?: RequestOptions): Promise<Token> {
    return this.send(operations.signIn, parameters, options)
  }

  /**
   * Sign out.
   *
   * The token of this request is refused from now on, and the cookie is cleared.
   *
   * @throws {ProblemError} 400, 401, 403, 408, 417, 429, 431, 500, 503
   */
  signOut(options?: RequestOptions): Promise<void> {
    return this.send(operations.signOut, {}, options)
  }

  /**
   * Keys that verify our tokens.
   *
   * For services that check a token themselves: each key by the `kid` in the header of its tokens. Ask again when a
   * token has a `kid` that you do not know: keys are changed from time to time. Accept nothing but `alg` ES256, `typ`
   * `at+jwt`, `iss` and `aud` `product-catalog`, and an `exp` that is to come; `sub` is the account, `scope` what it
   * may do. What you do not see before `exp` is that somebody has signed out, was removed, or has another role.
   *
   * @throws {ProblemError} 400, 408, 417, 429, 431, 500, 503
   */
  listPublicKeys(options?: RequestOptions): Promise<JsonWebKeySet> {
    return this.send(operations.listPublicKeys, {}, options)
  }

  /**
   * Find products.
   *
   * The products that satisfy all parameters, in their short form, page by page. `q` searches, `category`, `brand`,
   * `tag`, `availability` and the bounds filter, `sort` orders, `facets` counts what can be chosen next.
   *
   * To show pages by number, use `limit` and `offset`. To read all, follow `nextCursor`: it continues after the last
   * product of a page, so that none is skipped or repeated though products come and go meanwhile.
   *
   * @throws {ProblemError} 400, 401, 403, 406, 408, 412, 417, 429, 431, 500, 503
   */
  listProducts(parameters: ListProductsParameters = {}, options?: RequestOptions): Promise<ProductPage & Tag> {
    return this.send(operations.listProducts, parameters, options)
  }

  /**
   * Make a product.
   *
   * Makes a product that no source has. It is found by everybody from then on. Its id is 1,000,000,000 or more, so that
   * it never meets one of the source.
   *
   * @throws {ProblemError} 400, 401, 403, 408, 409, 413, 415, 417, 422, 429, 431, 500, 503
   */
  createProduct(parameters: CreateProductParameters, options?: RequestOptions): Promise<Product & Tag> {
    return this.send(operations.createProduct, parameters, options)
  }

  /**
   * One product, in full.
   *
   * Everything that is known of one product, its reviews included.
   *
   * @throws {ProblemError} 400, 401, 403, 404, 406, 408, 412, 417, 429, 431, 500, 503
   */
  getProduct(parameters: GetProductParameters, options?: RequestOptions): Promise<Product & Tag> {
    return this.send(operations.getProduct, parameters, options)
  }

  /**
   * Change a product.
   *
   * Changes the fields that are sent, as a JSON Merge Patch (RFC 7396). The media type can also be
   * `application/merge-patch+json`. A field of a product of the source stays as it was edited from then on, also when
   * the product vanishes from the source and comes back; the others go on following the source. A value that is there
   * already is not an edit.
   *
   * @throws {ProblemError} 400, 401, 403, 404, 408, 409, 412, 413, 415, 417, 428, 429, 431, 500, 503
   */
  updateProduct(parameters: UpdateProductParameters, options?: RequestOptions): Promise<Product & Tag> {
    return this.send(operations.updateProduct, parameters, options)
  }

  /**
   * Remove a product.
   *
   * Readers do not see the product any more. One of the source is hidden, and stays so whatever the source says;
   * `DELETE /products/{id}/edits` shows it again, with the `ETag` of this answer as its `If-Match`. One that was made
   * here is gone.
   *
   * @throws {ProblemError} 400, 401, 403, 404, 408, 412, 417, 428, 429, 431, 500, 503
   */
  deleteProduct(parameters: DeleteProductParameters, options?: RequestOptions): Promise<Partial<Tag>> {
    return this.send(operations.deleteProduct, parameters, options)
  }

  /**
   * Categories.
   *
   * The categories that hold at least one product, by slug, each with the number of its products.
   *
   * @throws {ProblemError} 400, 401, 403, 406, 408, 412, 417, 429, 431, 500, 503
   */
  listCategories(options?: RequestOptions): Promise<CategoryList & Tag> {
    return this.send(operations.listCategories, {}, options)
  }

  /**
   * All products as a file.
   *
   * The products that satisfy all parameters, in full, as one stream, all as they are at one moment. `Accept` says in
   * which format: NDJSON (`application/x-ndjson`), which is also sent where it names neither, or CSV (`text/csv`) for
   * spreadsheets. In CSV, lists are joined by `|` with `\` before a `|` in one of them, and texts that a spreadsheet
   * would take for a formula have a `'` in front; imports take it off again.
   *
   * A reader who takes nothing for 30 seconds is cut off, and so is one who is not done after ten minutes: the file is
   * whole if the connection has ended well. Four exports are made at a time; others get 503 (`too-many-transfers`).
   *
   * @throws {ProblemError} 400, 401, 403, 408, 417, 429, 431, 500, 503
   */
  exportProducts(parameters: ExportProductsParameters = {}, options?: RequestOptions): Promise<ReadableStream<Uint8Array>> {
    return this.send(operations.exportProducts, parameters, options)
  }

  /**
   * What has changed.
   *
   * The changes of the catalog in their order, without gaps: for whoever keeps a copy of it, an index or a cache. Ask
   * again with the `revision` of the response as `after` and its `epoch` as `epoch`.
   *
   * With `Accept: text/event-stream` the changes come as server-sent events as they happen, each with `EPOCH.REVISION`
   * as the id, and a comment every 15 seconds when there are none. The stream may end at any time: when a token ends,
   * when the service restarts, or when you do not keep up. Connect again with `Last-Event-ID`, as `EventSource` does by
   * itself, and no change is missed. Each event is named `change`: listen for that name. Its `data` is one `Change` as
   * JSON. `EventSource` sends no headers, so it needs the cookie, on a page of the same origin; elsewhere read the
   * stream by `fetch`. An account may hold 100 streams at a time.
   *
   * To start, note the `revision` and the `epoch` of `GET /`, read all products, and follow the changes after that
   * revision. If the database is restored from a backup, revisions are given again, and the catalog has another epoch.
   * A request with the old epoch, and a stream that resumes with an old id, then gets 410: start over.
   *
   * @throws {ProblemError} 400, 401, 403, 408, 410, 417, 429, 431, 500, 503
   */
  listChanges(parameters: ListChangesParameters = {}, options?: RequestOptions): Promise<ChangePage> {
    return this.send(operations.listChanges, parameters, options)
  }

  /**
   * Back to what the source says.
   *
   * Drops all edits of a product of the source, and shows it again where it was hidden. One that was made here has
   * nothing to go back to.
   *
   * @throws {ProblemError} 400, 401, 403, 404, 408, 409, 412, 417, 428, 429, 431, 500, 503
   */
  revertProduct(parameters: RevertProductParameters, options?: RequestOptions): Promise<Product & Tag> {
    return this.send(operations.revertProduct, parameters, options)
  }

  /**
   * Who changed what.
   *
   * What became of a product, newest first: each change with the values before and after, and who made it, a sync
   * included. It goes back as far as changes are kept, and tells of products too that are hidden or gone. 404 says that
   * there is no such product, and nothing kept of one. A page ends early if its entries are very large: read on as long
   * as there is a `next`.
   *
   * @throws {ProblemError} 400, 401, 403, 404, 408, 417, 429, 431, 500, 503
   */
  listProductHistory(parameters: ListProductHistoryParameters, options?: RequestOptions): Promise<History> {
    return this.send(operations.listProductHistory, parameters, options)
  }

  /**
   * Make and change products by a file.
   *
   * Each row is a product: one that there is, by its `id` or else by its `sku`, gets the values of the row; others are
   * made, with an `id` only where that is from 1,000,000,000 to 1,999,999,999. What a row does not have stays as it is,
   * so that a file with the columns `sku` and `price` changes prices and nothing else. What a row says that is so
   * already is no edit: to import what was exported changes nothing. Fields that nobody may write can be there, if they
   * are what they are now: a row whose `updatedAt` is not says something of a product that has changed since.
   *
   * The service recognizes from the beginning of the file whether it is NDJSON or CSV. You can also say so by the media
   * type: `application/x-ndjson` or `text/csv`.
   *
   * CSV has the columns of exports, in any order; leave out those that are not to change. An empty cell empties
   * `description`, `brand`, `tags`, `images`, `warranty`, `shipping`, `returnPolicy` and `barcode`, and says nothing
   * elsewhere.
   *
   * A file may have 200 MB. It is written in one transaction when all of it is there. Other writers wait for that, for
   * ten seconds at most; another import meanwhile gets 503 (`too-many-transfers`).
   *
   * @throws {ProblemError} 400, 401, 403, 408, 413, 415, 417, 422, 429, 431, 500, 503
   */
  importProducts(parameters: ImportProductsParameters, options?: RequestOptions): Promise<ImportReport> {
    return this.send(operations.importProducts, parameters, options)
  }

  /**
   * Sync with the source now.
   *
   * Begins a sync with the source and does not wait for it: `GET /` tells how it went, by its `lastSync` and `reason`.
   * There is one every `SYNC_INTERVAL` seconds anyway; this is for whoever does not want to wait, and for accepting a
   * catalog that has become much smaller, which was refused with the reason `shrunk`. It needs the scope
   * `catalog:sync`, which admins have.
   *
   * @throws {ProblemError} 400, 401, 403, 408, 409, 413, 415, 417, 429, 431, 500, 503
   */
  startSync(parameters: StartSyncParameters = {}, options?: RequestOptions): Promise<CatalogStatus> {
    return this.send(operations.startSync, parameters, options)
  }
}
