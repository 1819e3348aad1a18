import type { Kysely, RawBuilder, Transaction } from 'kysely'
import type { Role } from '../../schemas/auth.js'
import type { ChangeKind } from '../../schemas/change.js'
import type { FullText } from './full-text.js'
import { openPostgres } from './postgres.js'
import { openSqlite } from './sqlite.js'

/*
 * Times are UTC ISO 8601 text, so that they compare as text. Money is a whole number of minor units. JSON is text.
 */
export interface Tables {
  /** What products are found by. What is shown of them is in a table of its own, so that this one is small. */
  product: {
    id: number
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
  /** What lies over products of the source. Only those that were edited or hidden have a row. */
  product_edit: {
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
    /** Which way of making what products are found by it was last made in. */
    derivation: number
  }
  /** One row: how the catalog stands to its source. */
  source_state: {
    id: 1
    /** When the source was last read successfully. Null until then. */
    last_success: string | null
    /** Why the newest attempt failed. Null after a success. */
    last_error: string | null
    quarantined: number
    /** 1 while the products are those of the sample. */
    sample: number
  }
  account: {
    username: string
    password_hash: string
    role: Role
    created_at: string
    /** Tokens carry it; it changes with the password, and ends those from before. */
    generation: string
  }
  /** Failed sign-ins in a row, by the name that was tried, whether there is such an account or not. */
  sign_in_failure: {
    username: string
    failures: number
    locked_until: string
    expires_at: string
  }
  /** One row: the counter of changes that end tokens before their time. */
  auth_state: {
    id: 1
    revision: number
  }
  revoked_token: {
    id: string
    expires_at: string
  }
  signing_key: {
    id: string
    /** PKCS #8, PEM. */
    private_key: string
    created_at: string
  }
}

/** The database. On SQLite readers and the one writer have connections of their own, so that reading goes on while there is writing. */
export interface Database {
  read: Kysely<Tables>
  write: Kysely<Tables>
  engine: 'sqlite' | 'postgresql'
  fullText: FullText
  dialect: Dialect
  /**
   * A number that differs from the one before when anyone has written since: at once where it was this process, and soon
   * after where it was another. It costs next to nothing.
   */
  version(): number
  /** The database as it is now and stays, whatever is written meanwhile: on a connection of its own, which is to be ended soon. */
  freeze(): Promise<Frozen>
  close(): Promise<void>
}

export interface Frozen {
  db: Transaction<Tables>
  end(): Promise<void>
}

/** What the engines call differently. */
export interface Dialect {
  /** Type of a column of text that compares by its bytes, whatever the language of the server. */
  text: RawBuilder<unknown>
  /** What ends every index on a column of `product`, so that it has the order of the ids within equal values. */
  indexEnd: readonly 'id'[]
}

/** Prepares the database that a URL names. Nothing is opened, and no file made, before the first query. */
export function openDatabase(url: string): Database {
  return url.startsWith('file:') ? openSqlite(url.slice('file:'.length)) : openPostgres(url)
}

export const now = () => new Date().toISOString()
