import { randomUUID } from 'node:crypto'
import type { Role } from '../../schemas/auth.js'
import { type Database, now } from './database.js'
import { endTokens } from './tokens.js'

export interface Account {
  username: string
  role: Role
  createdAt: string
}

/** Forgotten after this long without another failure: 24 hours, in milliseconds. */
const FAILURES_KEPT = 86_400_000
/** Failures in a row from which on an account is locked. */
const FAILURES_ALLOWED = 5
/** Milliseconds of the first lock; each further failure doubles it, up to the longest. */
const FIRST_LOCK = 30_000
const LONGEST_LOCK = 900_000

/** Accounts, and the failed sign-ins to each name. */
export class AccountStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async list(): Promise<Account[]> {
    return await this.#db.read
      .selectFrom('account')
      .select(['username', 'role', 'created_at as createdAt'])
      .orderBy('username')
      .execute()
  }

  /** Adds an account. Answers false, and changes nothing, where the name is taken. */
  async add(username: string, role: Role, passwordHash: string): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await this.#db.write
      .insertInto('account')
      .values({ username, role, password_hash: passwordHash, created_at: now(), generation: randomUUID() })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow()
    return numInsertedOrUpdatedRows === 1n
  }

  /** Removes an account; its tokens are refused from then on. Answers false where there is none. */
  async remove(username: string): Promise<boolean> {
    return await this.#db.write.transaction().execute(async (db) => {
      await endTokens(db)
      const { numDeletedRows } = await db
        .deleteFrom('account')
        .where('username', '=', username)
        .executeTakeFirstOrThrow()
      return numDeletedRows === 1n
    })
  }

  /** Changes the password; tokens issued before are refused from then on. Answers false where there is no such account. */
  async setPassword(username: string, passwordHash: string): Promise<boolean> {
    return await this.#db.write.transaction().execute(async (db) => {
      await endTokens(db)
      await db.deleteFrom('sign_in_failure').where('username', '=', username).execute()
      const { numUpdatedRows } = await db
        .updateTable('account')
        .set({ password_hash: passwordHash, generation: randomUUID() })
        .where('username', '=', username)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    })
  }

  /** Changes the role; tokens are worth from then on what it allows. Answers false where there is no such account. */
  async setRole(username: string, role: Role): Promise<boolean> {
    return await this.#db.write.transaction().execute(async (db) => {
      await endTokens(db)
      const { numUpdatedRows } = await db
        .updateTable('account')
        .set({ role })
        .where('username', '=', username)
        .executeTakeFirstOrThrow()
      return numUpdatedRows === 1n
    })
  }

  /** What a sign-in is checked against, and what a token of the account carries; undefined where there is no such account. */
  async credentials(username: string): Promise<{ hash: string; role: Role; generation: string } | undefined> {
    return await this.#db.read
      .selectFrom('account')
      .select(['password_hash as hash', 'role', 'generation'])
      .where('username', '=', username)
      .executeTakeFirst()
  }

  /**
   * Counts a sign-in as failed before it is tried, so that many at once cannot all pass the limit together. A success
   * forgets the count. Names without an account are counted alike: a lock does not tell whether there is one.
   * @returns Milliseconds for which the name is still locked; 0 where the sign-in may be tried.
   */
  async countAttempt(username: string): Promise<number> {
    return await this.#db.write.transaction().execute(async (db) => {
      const time = Date.now()
      await db.deleteFrom('sign_in_failure').where('expires_at', '<', iso(time)).execute()
      // The row is locked from here to the commit, so that attempts at the same time are counted one after the other.
      const known = await db
        .insertInto('sign_in_failure')
        .values({ username, failures: 0, locked_until: iso(time), expires_at: iso(time + FAILURES_KEPT) })
        .onConflict((conflict) => conflict.column('username').doUpdateSet({ username }))
        .returning(['failures', 'locked_until'])
        .executeTakeFirstOrThrow()
      const locked = Date.parse(known.locked_until) - time
      if (locked > 0) return locked

      const failures = known.failures + 1
      const lock = Math.min(FIRST_LOCK * 2 ** (failures - FAILURES_ALLOWED), LONGEST_LOCK)
      await db
        .updateTable('sign_in_failure')
        .set({
          failures,
          locked_until: iso(failures < FAILURES_ALLOWED ? time : time + lock),
          expires_at: iso(time + FAILURES_KEPT)
        })
        .where('username', '=', username)
        .execute()
      return 0
    })
  }

  async forgetFailures(username: string): Promise<void> {
    await this.#db.write.deleteFrom('sign_in_failure').where('username', '=', username).execute()
  }
}

const iso = (time: number) => new Date(time).toISOString()
