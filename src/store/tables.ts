import type { Role } from '../../schemas/auth.js'
import type { ChangeKind } from '../../schemas/change.js'

/** The tables, as the newest migration leaves them. Times are UTC ISO 8601 text, so that they compare as text. JSON is text. */
export interface Tables {
  /** The products that readers or editors see. Their JSON is in `product_text`, so that this table stays small. */
  product: {
    id: number
    /** The number of its source. */
    source: number
    sku: string
    /** The values to filter and sort by: `IndexedValues` as JSON. The in-memory index is built from them. */
    facts: string
    /** `SourceProductRow.hash`, to detect changed products without a comparison. Empty for locally created products. */
    source_hash: string
    /** The time at which the product next goes on sale or off it. Null if it does not. */
    sale_change: string | null
    /** The change that last touched it. */
    revision: number
  }
  /** The JSON of these products. */
  product_text: {
    id: number
    /** The change that last touched the product, as in `product`. */
    revision: number
    /** 1 if readers see the product, 0 if only editors do. */
    is_public: number
    /** The rendered JSON of `ProductSummary` and of `Product`. */
    summary_json: string
    product_json: string
  }
  /** The sources of products. Row 0 stands for locally created products, row 1 for the sample. */
  source: {
    id: number
    /** Its URL without credentials (`toSourceName`), `local` or `sample`. */
    name: string
  }
  /** The ids of the products of each source. They are permanent: a product that disappears and returns keeps its id. */
  source_product: {
    source: number
    /** The source's own id of the product. */
    external_id: string
    id: number
    /** Since when the source sends the product in a form that cannot be used, while the last usable version is served. Otherwise null. */
    unusable_since: string | null
  }
  /** The categories that the served source describes, and their ancestors. Categories that a source gives only as slugs have no row. */
  category: {
    slug: string
    name: string
    /** The slug of the parent. Null at the top level. */
    parent: string | null
    /** Null if the source gives none. */
    position: number | null
  }
  /**
   * The edits of categories, per field. Null for a field that follows the source. A slug is made from a name and not from an id of a source,
   * so a row applies whatever source is served.
   */
  category_edit: {
    slug: string
    name: string | null
    /** The slug of the parent. Empty at the top level. */
    parent: string | null
    position: number | null
  }
  /** Edited and hidden products. The rows of a source stay in the table while another source is served. */
  product_edit: {
    source: number
    id: number
    /** JSON of the product without edits. Null while the source does not have it. */
    base_json: string | null
    source_hash: string
    /** A JSON object with the value of each edited field; null for a field that an editor has cleared. */
    edits: string
    /** 1 if an editor has removed the product, 0 otherwise. */
    hidden: number
    /** The change that last touched the product. */
    revision: number
  }
  /** The change log, one row per change of a product, and one per transaction that changes categories. */
  change: {
    revision: number
    /** The source of the product. While another source is served, another product may have the same id. */
    source: number
    /** `CATEGORIES` if the row stands for changed categories. */
    product_id: number
    kind: ChangeKind
    /** 1 if readers see the change, 0 if only editors do. */
    is_public: number
    /** Names of the changed fields, a JSON array. Empty if the product was created or deleted. */
    fields: string
    /** The changed fields with their values before and after, a JSON array. Null if there are none. */
    differences: string | null
    /** The author of the change, see `ChangeAuthor`. */
    origin: 'source' | 'sample' | 'account' | 'shell' | 'schedule'
    /** The username, if an account made it. */
    account: string | null
    at: string
  }
  /** Responses to requests with an idempotency key. A retry gets the same response. */
  idempotency_key: {
    account: string
    key: string
    /** Hash of the request, to detect a different request with the same key. */
    request_hash: string
    product_id: number
    revision: number
    product_json: string
    at: string
  }
  /** One row: the counter of revisions. A transaction that writes locks it first, so that revisions are committed in order. */
  catalog: {
    id: 1
    revision: number
    /** Random id, which a restore from a backup changes. Revisions of different epochs cannot be compared. */
    epoch: string
    /** The key that signs cursors. */
    cursor_key: string
    /** The currency of all products (ISO 4217). */
    currency: string
    /** The id for the next locally created product. */
    next_id: number
    /** The `RENDERING` of the release that wrote the stored JSON, indexed values and search documents. */
    rendering: number
  }
  /** One row: the state of the catalog relative to its source. */
  source_state: {
    id: 1
    /** Time of the last successful sync. Null until then. */
    last_success: string | null
    /** Reason why the newest sync failed. Null after a success. */
    last_error: string | null
    /** Records of the source that the last sync could not use. */
    quarantined: number
    /** The source whose products are served. Null if none is. */
    source: number | null
  }
  account: {
    username: string
    password_hash: string
    role: Role
    created_at: string
    /** Random id that tokens contain. A new password changes it, which revokes all earlier tokens. */
    generation: string
  }
  /** Failed sign-ins by username and client, whether the account exists or not. */
  sign_in_failure: {
    username: string
    /** `address:` and a network, `device:` and the nonce of a cookie; empty for the count over all unknown clients. */
    client: string
    failures: number
    locked_until: string
    expires_at: string
  }
  /** Addresses from which an account has signed in. */
  known_address: {
    username: string
    /** `address:` and a network, as in `sign_in_failure`. */
    address: string
    /** The newest sign-in, to the day. */
    signed_in_at: string
  }
  /** One row: the counter of changes that revoke tokens, or change the keys that sign them. */
  auth_state: {
    id: 1
    revision: number
  }
  /** The account whose tokens each revision of `auth_state` concerns. Kept for a day. */
  auth_change: {
    revision: number
    /** Null for a new key, which concerns no account. Empty if the revision concerns all accounts. */
    username: string | null
    at: string
  }
  /** Tokens that were revoked before they expired. */
  revoked_token: {
    id: string
    expires_at: string
  }
  /** One row: the identity of this copy of the database, and the time of its last use. */
  instance: {
    id: 1
    /** Compared with the marker of the database at each start. Null until the first start. */
    identity: string | null
    /** Wall-clock time of the last run of the retention that trusted the clock, ISO 8601. Null until then. */
    seen_at: string | null
  }
  signing_key: {
    id: string
    /** PKCS #8, PEM. */
    private_key: string
    created_at: string
    /** Time at which it was replaced by a newer key. Null for the key that signs. */
    retired_at: string | null
  }
}
