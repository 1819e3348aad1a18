import type { Transaction } from 'kysely'
import type { Role } from '../../schemas/auth.js'
import { type Database, now, type Tables } from './database.js'

export interface StoredKey {
  id: string
  /** PKCS #8, PEM. */
  privateKey: string
}

/** What tokens are checked against: the keys that sign them, those that were revoked, and the accounts they speak for. */
export class TokenStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** The signing keys, the newest first. Where there is none yet, `first` becomes the first, once. */
  async keys(first: () => StoredKey): Promise<StoredKey[]> {
    return await this.#db.write.transaction().execute(async (db) => {
      // The row is locked from here to the commit, so that of several processes that start together one makes the key.
      await db.updateTable('auth_state').set({ id: 1 }).execute()
      const keys = await db
        .selectFrom('signing_key')
        .select(['id', 'private_key as privateKey'])
        .orderBy('created_at', 'desc')
        .execute()
      if (keys.length > 0) return keys
      const key = first()
      await db
        .insertInto('signing_key')
        .values({ id: key.id, private_key: key.privateKey, created_at: now() })
        .execute()
      return [key]
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

/** Says that tokens may have ended before their time, so that whoever remembers them as valid asks again. */
export async function endTokens(db: Transaction<Tables>): Promise<void> {
  await db
    .updateTable('auth_state')
    .set((eb) => ({ revision: eb('revision', '+', 1) }))
    .execute()
}
