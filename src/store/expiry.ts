import type { Database } from './database.js'
import { KEY_LIFETIME_MS } from './idempotency.js'

/** Removes expired rows, except changes. This only frees space: queries ignore expired rows anyway. */
export class ExpiryStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Returns the last time at which the service trusted the clock, ISO 8601; undefined if it never did. */
  async seenAt(): Promise<string | undefined> {
    const { seen_at } = await this.#db.read.selectFrom('instance').select('seen_at').executeTakeFirstOrThrow()
    return seen_at ?? undefined
  }

  /** Stores a time at which the service trusts the clock, ISO 8601. */
  async setSeenAt(at: string): Promise<void> {
    await this.#db.write.updateTable('instance').set({ seen_at: at }).execute()
  }

  /**
   * Removes rows that expired before a time, ISO 8601.
   * @param times `revoked`: the time for revoked tokens and idempotency keys. `failures`: the time for failed sign-ins.
   */
  async remove({ revoked, failures }: { revoked: string; failures: string }): Promise<void> {
    const keysBefore = new Date(Date.parse(revoked) - KEY_LIFETIME_MS).toISOString()
    await this.#db.write.transaction().execute(async (db) => {
      await db.deleteFrom('revoked_token').where('expires_at', '<', revoked).execute()
      await db.deleteFrom('auth_change').where('at', '<', keysBefore).execute()
      await db.deleteFrom('idempotency_key').where('at', '<', keysBefore).execute()
    })
    const expired = this.#db.write
      .selectFrom('sign_in_failure')
      .select(['username', 'client'])
      .where('expires_at', '<', failures)
    // Waiting for rows that sign-ins have locked could deadlock. The next removal deletes them.
    const deletable = this.#db.engine === 'postgresql' ? expired.forUpdate().skipLocked() : expired
    await this.#db.write
      .deleteFrom('sign_in_failure')
      .where(({ eb, refTuple }) => eb(refTuple('username', 'client'), 'in', deletable.$asTuple('username', 'client')))
      .execute()
  }
}
