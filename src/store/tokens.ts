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
  /** Time at which it was replaced by a newer key, ISO 8601; null for the key that signs. */
  retiredAt: string | null
}

/** Maximum number of changes to read. If there are more, callers verify all tokens again. */
const CHANGES_MAX = 1000

/** Stores signing keys, revoked tokens, and the log of changes that revoke tokens. */
export class TokenStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Returns the signing keys, newest first. */
  async keys(): Promise<StoredKey[]> {
    return await readKeys(this.#db.read)
  }

  /** Returns the signing keys, newest first. If there is none, generates one with `createKey` and stores it. */
  async ensureKeys(createKey: () => NewKey): Promise<StoredKey[]> {
    const existing = await this.keys()
    if (existing.length > 0) return existing
    return await this.#db.write.transaction().execute(async (db) => {
      // The update locks the row until the commit, so that only one of several starting processes generates a key.
      await db.updateTable('auth_state').set({ id: 1 }).execute()
      const keys = await readKeys(db)
      return keys.length > 0 ? keys : [await addKey(db, createKey())]
    })
  }

  /**
   * Adds a key that signs all new tokens. Removes keys that were retired before `expired`, ISO 8601; all others still verify tokens.
   * Returns false and adds no key if there would be more than `max` keys.
   */
  async rotateKeys(key: NewKey, expired: string, max: number): Promise<boolean> {
    return await this.#db.write.transaction().execute(async (db) => {
      // Null, because no token is revoked: the tokens of removed keys have expired.
      await recordAuthChange(db, null)
      await db.deleteFrom('signing_key').where('retired_at', '<', expired).execute()
      if ((await readKeys(db)).length >= max) return false
      await db.updateTable('signing_key').set({ retired_at: now() }).where('retired_at', 'is', null).execute()
      await addKey(db, key)
      return true
    })
  }

  /** Revokes a token of an account. @param expiresAt When the token expires, in seconds since 1970. */
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
   * Returns the accounts whose tokens may have been revoked since a revision of `auth_state`. Returns undefined if all accounts may be
   * affected: a change concerned all of them, the log does not reach back that far, or it has more than `CHANGES_MAX` changes.
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
   * Returns the current role of the account of a token. Returns undefined if the token was revoked, or if the account was removed or
   * got another password since the token was signed.
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
    // The key that signs comes first, even if two keys were created in the same millisecond.
    .orderBy((eb) => eb.case().when('retired_at', 'is', null).then(0).else(1).end())
    .orderBy('created_at', 'desc')
    .execute()
}

/** Replaces all signing keys by a new one, which revokes all tokens. */
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

/** The `username` of a change that concerns all accounts. */
const ALL_ACCOUNTS = ''

/**
 * Records that tokens of an account may be revoked, so that all processes verify them again.
 * @param username Null if only keys have changed and no token is revoked.
 */
export async function recordAuthChange(db: Transaction<Tables>, username: string | null): Promise<void> {
  const { revision } = await db
    .updateTable('auth_state')
    .set((eb) => ({ revision: eb('revision', '+', 1) }))
    .returning('revision')
    .executeTakeFirstOrThrow()
  await db.insertInto('auth_change').values({ revision, username, at: now() }).execute()
}
