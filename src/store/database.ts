import { resolve } from 'node:path'
import type { Kysely, RawBuilder, Transaction } from 'kysely'
import type { Role } from '../../schemas/auth.js'
import type { ChangeKind } from '../../schemas/change.js'
import type { FullText } from './full-text.js'
import { describePostgresUrl, openPostgres, parsePostgresUrl } from './postgres/database.js'
import { openSqlite, toPath } from './sqlite/database.js'

/*
 * Times are UTC ISO 8601 text, so that they compare as text. Money is a whole number of minor units. JSON is text.
 */
export interface Tables {
  /** What products are found by. What is shown of them is in a table of its own, so that this one is small. */
  product: {
    id: number
    /** Where it comes from. */
    source: number
    sku: string
    /** What it is filtered and sorted by: JSON, read as a whole into an index in memory. */
    facts: string
    /** Tells without a comparison whether the source sent the product changed; empty where it has none. */
    source_hash: string
    /** The change that last touched it. */
    revision: number
  }
  product_text: {
    id: number
    /** The change that last touched the product, as in `product`. */
    revision: number
    /** The finished JSON of the short and of the full form. */
    summary_json: string
    product_json: string
  }
  /** Where products come from. Row 0 is this catalog itself, row 1 the sample. */
  source: {
    id: number
    /** Its address without credentials, `local` or `sample`. */
    name: string
  }
  /** Which product of which source has which id, for good: one that leaves and returns has the same. */
  source_product: {
    source: number
    /** What the source calls it. */
    external_id: string
    id: number
  }
  /**
   * Edits and hidden products, one row each. The rows of a source stay in the table while the service serves another source.
   */
  product_edit: {
    source: number
    id: number
    /** What the source says of the product: JSON without what is said of it here. Null while the source does not have it. */
    base_json: string | null
    source_hash: string
    /** The value of each field that was edited, null where it was taken away: a JSON object. */
    edits: string
    /** 1 where readers are not to see it. */
    hidden: number
    /** The change that last touched the product. */
    revision: number
  }
  change: {
    revision: number
    /** The product's. Another product may have the id while another source is served. */
    source: number
    product_id: number
    kind: ChangeKind
    /** Names of the fields that changed, a JSON array; empty where the product came or went. */
    fields: string
    /** The same with the values before and after, where there are any. */
    differences: string | null
    /** Who changed it, and the name of the account where it was one. */
    origin: 'source' | 'sample' | 'account' | 'shell'
    account: string | null
    at: string
  }
  /** Answers to requests that are not to be carried out twice. */
  idempotency_key: {
    account: string
    key: string
    /** Tells without a comparison whether a request is the same. */
    request_hash: string
    product_id: number
    revision: number
    product_json: string
    at: string
  }
  /** One row: the counter that numbers every change. A writing transaction locks it first, so revisions commit in order. */
  catalog: {
    id: 1
    revision: number
    /** Told apart from that of any other database, so that a revision of one is never taken for one of another. */
    epoch: string
    /** What cursors are signed with. */
    cursor_key: string
    /** The id that the next product gets that is made here. */
    next_id: number
    /** The `RENDERING` that everything that is made from the products was made with. */
    rendering: number
  }
  /** One row: how the catalog stands to its source. */
  source_state: {
    id: 1
    /** When the source was last read successfully. Null until then. */
    last_success: string | null
    /** Why the newest attempt failed. Null after a success. */
    last_error: string | null
    quarantined: number
    /** The source whose products are served. Null while there are none. */
    source: number | null
  }
  account: {
    username: string
    password_hash: string
    role: Role
    created_at: string
    /** Tokens carry it; it changes with the password, and ends those from before. */
    generation: string
  }
  /** Failed sign-ins by the name that was tried and the client that tried it, whether there is such an account or not. */
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
  /** One row: the counter of changes that end tokens before their time, and of those of the keys that sign them. */
  auth_state: {
    id: 1
    revision: number
  }
  /** Whose tokens a revision of `auth_state` concerns: an account, nobody (a new key), or everybody. Kept for a day. */
  auth_change: {
    revision: number
    /** Null if it concerns nobody, empty if it concerns everybody. */
    username: string | null
    at: string
  }
  revoked_token: {
    id: string
    expires_at: string
  }
  /** One row: which copy of the database this is, and when the service last used it. */
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
    /** Since when it signs no new tokens. Null for the one that does. */
    retired_at: string | null
  }
}

/** The database. On SQLite readers and the one writer have connections of their own, so that reading goes on while there is writing. */
export interface Database {
  read: Kysely<Tables>
  /** Reads too, and never blocks the event loop, however long a query takes. Not for transactions. */
  search: Kysely<Tables>
  write: Kysely<Tables>
  engine: 'sqlite' | 'postgresql'
  fullText: FullText
  dialect: Dialect
  marker: Marker
  /**
   * A number that differs from the one before when anyone has written since: at once where it was this process, and soon
   * after where it was another. It costs next to nothing.
   * @throws while it cannot tell.
   */
  version(): number
  /** Whether it is known that it cannot be reached, until it is again. Nothing is tried meanwhile: queries fail at once. */
  isUnreachable(): boolean
  /** The database as it is now and stays, whatever is written meanwhile: on a connection of its own, which is to be ended soon. */
  openSnapshot(): Promise<DatabaseSnapshot>
  close(): Promise<void>
}

/** What the database itself says about which copy it is. */
export interface InstanceState {
  identity: string | null
  /** `catalog.revision` and `auth_state.revision`. */
  revision: number
  authRevision: number
}

/** Something outside the tables that a backup does not copy. A mismatch with the tables shows that they were restored. */
export interface Marker {
  /** Returns whether the tables were restored from a backup since the database was last marked. */
  isRestored(db: Kysely<Tables>, state: InstanceState): Promise<boolean>
  /** Marks the database as this copy. Returns the identity to store in `instance`. */
  mark(db: Kysely<Tables>): Promise<string>
}

export interface DatabaseSnapshot {
  db: Transaction<Tables>
  close(): Promise<void>
}

/** What the engines call differently. */
export interface Dialect {
  /** Type of a column of text that compares by its bytes, whatever the language of the server. */
  text: RawBuilder<unknown>
  /** What ends every index on a column of `product`, so that it has the order of the ids within equal values. */
  indexEnd: readonly 'id'[]
}

/**
 * Returns the path of the SQLite file that a URL names; undefined if it names a PostgreSQL database.
 * @throws if the URL is malformed; the error may hold the URL, and with it a password.
 */
export function parseDatabaseUrl(url: string): string | undefined {
  if (url.startsWith(FILE)) return toPath(url.slice(FILE.length))
  parsePostgresUrl(url)
  return undefined
}

/** Names the database of a valid URL for people: the absolute path of its file, or its name and server. Contains no password. */
export function describeDatabase(url: string): string {
  return url.startsWith(FILE) ? resolve(toPath(url.slice(FILE.length))) : describePostgresUrl(url)
}

const FILE = 'file:'

/**
 * Prepares the database that a URL names. Nothing is opened, and no file made, before the first query.
 * @param report Is told when the connection to a server is lost, with the reason, and when there is one again.
 */
export function openDatabase(url: string, report: ConnectionReport = () => {}): Database {
  return url.startsWith(FILE) ? openSqlite(url.slice(FILE.length)) : openPostgres(url, report)
}

export type ConnectionReport = (event: 'lost' | 'regained', error?: Error) => void

/**
 * Locks the catalog until the transaction ends, so that only one writes at a time and revisions are committed in order. It writes
 * nothing, so no process is told to look for changes.
 */
export async function lockCatalog({ engine }: Database, db: Transaction<Tables>): Promise<Tables['catalog']> {
  const row = db.selectFrom('catalog').selectAll()
  // SQLite has locked the whole file at the start of the transaction.
  return await (engine === 'postgresql' ? row.forUpdate() : row).executeTakeFirstOrThrow()
}

export const now = () => new Date().toISOString()
