import type { Role } from '../../schemas/auth.js'
import { type Database, now } from './database.js'

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
    await this.#db.write.deleteFrom('revoked_token').where('expires_at', '<', now()).execute()
    await this.#db.write
      .insertInto('revoked_token')
      .values({ id, expires_at: new Date(expiresAt * 1000).toISOString() })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }

  /**
   * The role that the account behind a token has now; undefined where the token was revoked, or the account removed or
   * given another password since. `issuedAt` is in seconds since 1970.
   */
  async roleBehind(id: string, username: string, issuedAt: number): Promise<Role | undefined> {
    const row = await this.#db.read
      .selectFrom('account')
      .leftJoin('revoked_token', (join) => join.on('revoked_token.id', '=', id))
      .select(['role', 'tokens_from', 'revoked_token.id as revoked'])
      .where('username', '=', username)
      .executeTakeFirst()
    if (!row || row.revoked !== null) return undefined
    return issuedAt >= Math.floor(Date.parse(row.tokens_from) / 1000) ? row.role : undefined
  }
}
