import type { Kysely, Transaction } from 'kysely'
import type { Role } from '../../schemas/auth.js'
import { type Database, now, type Tables } from './database.js'

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

  /** The same; where there is none yet, `first` becomes the first, once. */
  async ensureKeys(first: () => NewKey): Promise<StoredKey[]> {
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
      await endTokens(db)
      await db.deleteFrom('signing_key').where('retired_at', '<', expired).execute()
      if ((await readKeys(db)).length >= most) return false
      await db.updateTable('signing_key').set({ retired_at: now() }).where('retired_at', 'is', null).execute()
      await addKey(db, key)
      return true
    })
  }

  /** Refuses a token from now on. `expiresAt`, in seconds since 1970, is when it would have ended anyway. */
  async revoke(id: string, expiresAt: number): Promise<void> {
    await this.#db.write.transaction().execute(async (db) => {
      await endTokens(db)
      await db.deleteFrom('revoked_token').where('expires_at', '<', now()).execute()
      await db
        .insertInto('revoked_token')
        .values({ id, expires_at: new Date(expiresAt * 1000).toISOString() })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    })
  }

  /**
   * The role that the account behind a token has now; undefined where the token was revoked, or the account removed or
   * given another password since it was signed.
   */
  async roleBehind({ jti, sub, gen }: { jti: string; sub: string; gen: string }): Promise<Role | undefined> {
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

async function addKey(db: Transaction<Tables>, { id, privateKey }: NewKey): Promise<StoredKey> {
  const createdAt = now()
  await db.insertInto('signing_key').values({ id, private_key: privateKey, created_at: createdAt }).execute()
  return { id, privateKey, createdAt, retiredAt: null }
}

/**
 * Says that tokens may have ended before their time, or are signed by another key, so that whoever remembers what is valid
 * asks again.
 */
export async function endTokens(db: Transaction<Tables>): Promise<void> {
  await db
    .updateTable('auth_state')
    .set((eb) => ({ revision: eb('revision', '+', 1) }))
    .execute()
}
