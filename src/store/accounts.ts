import { randomUUID } from 'node:crypto'
import type { Role } from '../../schemas/auth.js'
import { type Database, now } from './database.js'
import { type Attempt, type Client, countAttempt, forgetClients, recordSuccess } from './sign-in-attempts.js'
import { recordAuthChange } from './tokens.js'

/** An account, as operators see it. */
export interface Account {
  username: string
  role: Role
  createdAt: string
}

/** Stores accounts and their failed sign-ins. */
export class AccountStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Returns all accounts, ordered by username. */
  async list(): Promise<Account[]> {
    return await this.#db.read
      .selectFrom('account')
      .select(['username', 'role', 'created_at as createdAt'])
      .orderBy('username')
      .execute()
  }

  /**
   * Adds an account. Returns false and changes nothing if the username is taken.
   * @param beforeCommit Called before the commit. If it throws, the account is not added.
   */
  async add(
    username: string,
    role: Role,
    passwordHash: string,
    beforeCommit: () => Promise<void> = async () => {}
  ): Promise<boolean> {
    return await this.#db.write.transaction().execute(async (db) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('account')
        .values({ username, role, password_hash: passwordHash, created_at: now(), generation: randomUUID() })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      const isAdded = numInsertedOrUpdatedRows === 1n
      if (isAdded) await beforeCommit()
      return isAdded
    })
  }

  /** Removes an account, its tokens and its known clients. Returns false if there is no such account. */
  async remove(username: string): Promise<boolean> {
    return await this.#db.write.transaction().execute(async (db) => {
      await recordAuthChange(db, username)
      await forgetClients(db, username)
      const { numDeletedRows } = await db
        .deleteFrom('account')
        .where('username', '=', username)
        .executeTakeFirstOrThrow()
      return numDeletedRows === 1n
    })
  }

  /** Changes the password, which revokes all tokens of the account. Returns false if there is no such account. */
  async setPassword(username: string, passwordHash: string): Promise<boolean> {
    return await this.#db.write.transaction().execute(async (db) => {
      await recordAuthChange(db, username)
      await forgetClients(db, username)
      const { numUpdatedRows } = await db
        .updateTable('account')
        .set({ password_hash: passwordHash, generation: randomUUID() })
        .where('username', '=', username)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    })
  }

  /** Changes the role, which applies at once to issued tokens too. Returns false if there is no such account. */
  async setRole(username: string, role: Role): Promise<boolean> {
    return await this.#db.write.transaction().execute(async (db) => {
      await recordAuthChange(db, username)
      const { numUpdatedRows } = await db
        .updateTable('account')
        .set({ role })
        .where('username', '=', username)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    })
  }

  /** Returns the password hash, and the role and generation for a token. Returns undefined if there is no such account. */
  async credentials(username: string): Promise<{ hash: string; role: Role; generation: string } | undefined> {
    return await this.#db.read
      .selectFrom('account')
      .select(['password_hash as hash', 'role', 'generation'])
      .where('username', '=', username)
      .executeTakeFirst()
  }

  /** Counts a sign-in as failed, before its password is checked: see `countAttempt` in `sign-in-attempts.ts`. */
  async countAttempt(username: string, client: Client): Promise<Attempt> {
    return await this.#db.write.transaction().execute((db) => countAttempt(db, username, client))
  }

  /** Records that the password of a counted attempt was correct. */
  async recordSuccess(attempt: Attempt, address: Client): Promise<void> {
    await this.#db.write.transaction().execute((db) => recordSuccess(db, attempt, address))
  }
}
