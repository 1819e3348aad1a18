import { randomBytes } from 'node:crypto'
import type { Kysely, Transaction } from 'kysely'
import { type Database, type InstanceState, lockCatalog } from './database.js'
import type { Tables } from './tables.js'
import { type NewKey, replaceKeys } from './tokens.js'

/** Message to the operator after a restore was detected. */
export const RESTORED =
  'The database was restored from a backup. The catalog has a new epoch: all tokens are revoked, and the service rejects ETags, ' +
  'cursors and event IDs from before the restore. Users have to sign in again; clients that follow the changes have to start over.'

/** Detects that the database was restored from a backup. */
export class InstanceStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * Renews a database that was restored from a backup: see `renew`. Marks a database that has no identity yet. If several processes start
   * at the same time, only one of them renews or marks the database.
   * @param newKey Generates the signing key for a restored database.
   * @returns The new epoch if the database was restored; undefined otherwise.
   */
  async detectRestore(newKey: () => NewKey): Promise<string | undefined> {
    if (await this.#isMarked()) return undefined
    return await this.#db.write.transaction().execute(async (db) => {
      await lockCatalog(this.#db, db)
      const state = await readState(db)
      if (await this.#db.marker.isRestored(db, state)) return await this.#renew(db, newKey())
      if (state.identity === null) await this.#mark(db, {})
      return undefined
    })
  }

  /**
   * Gives a restored database a new epoch and a new cursor key, and replaces all signing keys. The service then rejects ETags, cursors,
   * event IDs and tokens from before the restore. The idempotency keys in the backup stay valid.
   * @returns The new epoch.
   */
  async renew(key: NewKey): Promise<string> {
    return await this.#db.write.transaction().execute(async (db) => {
      await lockCatalog(this.#db, db)
      return await this.#renew(db, key)
    })
  }

  async #renew(db: Transaction<Tables>, key: NewKey): Promise<string> {
    const epoch = randomBytes(6).toString('base64url')
    const cursor_key = randomBytes(32).toString('base64url')
    await db.updateTable('catalog').set({ epoch, cursor_key }).execute()
    await replaceKeys(db, key)
    // The backup may be old. Without this, the retention would take the gap for a jump of the clock.
    await this.#mark(db, { seen_at: null })
    return epoch
  }

  /** Returns whether the database is marked and was not restored. Takes no lock, so most starts do not write. */
  async #isMarked(): Promise<boolean> {
    const state = await readState(this.#db.read)
    return state.identity !== null && !(await this.#db.marker.isRestored(this.#db.read, state))
  }

  /** Marks the database and stores its new identity. */
  async #mark(db: Transaction<Tables>, values: { seen_at?: null }): Promise<void> {
    const identity = await this.#db.marker.mark(db)
    await db
      .updateTable('instance')
      .set({ identity, ...values })
      .execute()
  }
}

async function readState(db: Kysely<Tables>): Promise<InstanceState> {
  return await db
    .selectFrom(['instance', 'catalog', 'auth_state'])
    .select(['instance.identity', 'catalog.revision', 'auth_state.revision as authRevision'])
    .executeTakeFirstOrThrow()
}
