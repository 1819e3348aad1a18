import type { Kysely, Transaction } from 'kysely'
import type { Role } from '../../schemas/auth.js'
import { type Database, now } from './database.js'
import type { Tables } from './tables.js'

export interface NewKey {
  id: string
  /** PKCS #8, PEM. */
  privateKey: string
}

export interface StoredKey extends NewKey {
  createdAt: string
  /** Since when it signs no new tokens; null for the one that does. */
  retiredAt: string | null
}

/** Maximum number of changes to read at once. If there are more, all tokens are verified again. */
const CHANGES_MAX = 1000

/** What tokens are checked against: the keys that sign them, those that were revoked, and the accounts they speak for. */
export class TokenStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** The signing keys, the newest first. */
  async keys(): Promise<StoredKey[]> {
    return await readKeys(this.#db.read)
  }

  /** Returns the same. If there is none yet, `first` makes the first one, once. Writes only then. */
  async ensureKeys(first: () => NewKey): Promise<StoredKey[]> {
    const known = await this.keys()
    if (known.length > 0) return known
    return await this.#db.write.transaction().execute(async (db) => {
      // The row is locked from here to the commit, so that of several processes that start together one makes the key.
      await db.updateTable('auth_state').set({ id: 1 }).execute()
      const keys = await readKeys(db)
      return keys.length > 0 ? keys : [await addKey(db, first())]
    })
  }

  /**
   * Makes a key the one that signs. Those that were retired before `expired` are removed, all others go on verifying.
   * Answers false, and changes nothing, where there would be more than `most` then.
   */
  async rotateKeys(key: NewKey, expired: string, most: number): Promise<boolean> {
    return await this.#db.write.transaction().execute(async (db) => {
      // Tokens of the keys that are removed have expired.
      await recordAuthChange(db, null)
      await db.deleteFrom('signing_key').where('retired_at', '<', expired).execute()
      if ((await readKeys(db)).length >= most) return false
      await db.updateTable('signing_key').set({ retired_at: now() }).where('retired_at', 'is', null).execute()
      await addKey(db, key)
      return true
    })
  }

  /** Refuses a token of an account from now on. `expiresAt`, in seconds since 1970, is when it would have ended anyway. */
  async revoke(username: string, id: string, expiresAt: number): Promise<void> {
    await this.#db.write.transaction().execute(async (db) => {
      await recordAuthChange(db, username)
      await db
        .insertInto('revoked_token')
        .values({ id, expires_at: new Date(expiresAt * 1000).toISOString() })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    })
  }

  /**
   * Returns the accounts whose tokens may have ended since a revision of `auth_state`; undefined if these may be all accounts, or it
   * is not known any more.
   */
  async accountsChangedSince(revision: number): Promise<Set<string> | undefined> {
    const rows = await this.#db.read
      .selectFrom('auth_change')
      .select(['revision', 'username'])
      .where('revision', '>', revision)
      .orderBy('revision')
      .limit(CHANGES_MAX + 1)
      .execute()
    const isComplete = rows[0]?.revision === revision + 1 && rows.length <= CHANGES_MAX
    if (!isComplete || rows.some(({ username }) => username === ALL_ACCOUNTS)) return undefined
    return new Set(rows.flatMap(({ username }) => username ?? []))
  }

  /**
   * The role that the account behind a token has now; undefined where the token was revoked, or the account removed or
   * given another password since it was signed.
   */
  async findRole({ jti, sub, gen }: { jti: string; sub: string; gen: string }): Promise<Role | undefined> {
    const row = await this.#db.read
      .selectFrom('account')
      .leftJoin('revoked_token', (join) => join.on('revoked_token.id', '=', jti))
      .select(['role', 'revoked_token.id as revoked'])
      .where('username', '=', sub)
      .where('generation', '=', gen)
      .executeTakeFirst()
    return row && row.revoked === null ? row.role : undefined
  }
}

async function readKeys(db: Kysely<Tables>): Promise<StoredKey[]> {
  return await db
    .selectFrom('signing_key')
    .select(['id', 'private_key as privateKey', 'created_at as createdAt', 'retired_at as retiredAt'])
    // The one that signs first, also where two were made in one millisecond.
    .orderBy((eb) => eb.case().when('retired_at', 'is', null).then(0).else(1).end())
    .orderBy('created_at', 'desc')
    .execute()
}

/** Removes all signing keys and adds another one, which ends all tokens. */
export async function replaceKeys(db: Transaction<Tables>, key: NewKey): Promise<void> {
  await recordAuthChange(db, ALL_ACCOUNTS)
  await db.deleteFrom('signing_key').execute()
  await addKey(db, key)
}

async function addKey(db: Transaction<Tables>, { id, privateKey }: NewKey): Promise<StoredKey> {
  const createdAt = now()
  await db.insertInto('signing_key').values({ id, private_key: privateKey, created_at: createdAt }).execute()
  return { id, privateKey, createdAt, retiredAt: null }
}

/** Stored instead of a username if a change concerns all accounts. */
const ALL_ACCOUNTS = ''

/**
 * Records that tokens of an account may be revoked, so that every process verifies them again.
 * @param username Null if keys have changed and no token is revoked.
 */
export async function recordAuthChange(db: Transaction<Tables>, username: string | null): Promise<void> {
  const { revision } = await db
    .updateTable('auth_state')
    .set((eb) => ({ revision: eb('revision', '+', 1) }))
    .returning('revision')
    .executeTakeFirstOrThrow()
  await db.insertInto('auth_change').values({ revision, username, at: now() }).execute()
}
