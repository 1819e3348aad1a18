import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { Role } from '../../schemas/auth.js'
import { type Database, now } from './database.js'
import type { Tables } from './tables.js'
import { recordAuthChange } from './tokens.js'

export interface Account {
  username: string
  role: Role
  createdAt: string
}

/** What failures of a name are counted by: the network of an address, or a device that a valid cookie names. */
export type Client = `address:${string}` | `device:${string}`

/** A sign-in that is about to be checked, or refused. */
export interface Attempt {
  username: string
  client: Client
  /** Whether the client is unknown, so that the count over all unknown clients of the name includes the attempt. */
  isUnknown: boolean
  /** Milliseconds for which the attempt is refused, and not counted; 0 if the password may be checked. */
  lockedMs: number
}

const DAY = 86_400_000
/** Milliseconds after which failures are forgotten: since the newest one of a client, since the first one of the count over all. */
const FAILURES_KEPT = DAY
/** Failures from which on a client is locked: they are in a row, as a success forgets them. */
const CLIENT_FAILURES = 5
/** Failures of all unknown clients of a name, within a day, from which on all of them are locked. */
const UNKNOWN_FAILURES = 100
/** The client of the count over all unknown clients of a name. */
const ALL_UNKNOWN = ''
/** Milliseconds of the first lock; each further failure doubles it, up to the longest. */
const FIRST_LOCK = 30_000
const LONGEST_LOCK = 900_000

/** Milliseconds for which an address is known after a sign-in, and after which a further sign-in is recorded. */
const ADDRESS_KEPT = 90 * DAY
const ADDRESS_RECORDED = DAY
/** Addresses that are known of a name: the newest ones. */
const ADDRESSES_MAX = 100

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

  /**
   * Adds an account. Returns false, and changes nothing, if the name is taken.
   * @param alongside Is called before the commit. If it fails, the account is not added.
   */
  async add(
    username: string,
    role: Role,
    passwordHash: string,
    alongside: () => Promise<void> = async () => {}
  ): Promise<boolean> {
    return await this.#db.write.transaction().execute(async (db) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('account')
        .values({ username, role, password_hash: passwordHash, created_at: now(), generation: randomUUID() })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow()
      const isAdded = numInsertedOrUpdatedRows === 1n
      if (isAdded) await alongside()
      return isAdded
    })
  }

  /** Removes an account, which ends its tokens and forgets its known clients. Returns false if there is no such account. */
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

  /** Changes the password; tokens issued before are refused from then on. Answers false where there is no such account. */
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

  /** Changes the role; tokens are worth from then on what it allows. Answers false where there is no such account. */
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

  /** What a sign-in is checked against, and what a token of the account carries; undefined where there is no such account. */
  async credentials(username: string): Promise<{ hash: string; role: Role; generation: string } | undefined> {
    return await this.#db.read
      .selectFrom('account')
      .select(['password_hash as hash', 'role', 'generation'])
      .where('username', '=', username)
      .executeTakeFirst()
  }

  /**
   * Counts a sign-in as failed before the password is checked, so that concurrent attempts cannot pass the limit together.
   * A success takes it back. The count of the client holds, and if the client is unknown, that over all unknown clients of
   * the name too. Names without an account are counted alike: a lock does not reveal whether there is one.
   */
  async countAttempt(username: string, client: Client): Promise<Attempt> {
    return await this.#db.write.transaction().execute(async (db) => {
      const time = Date.now()
      const isUnknown = !client.startsWith('device:') && !(await isKnown(db, username, client, time))
      const counts: Tables['sign_in_failure'][] = []
      // In this order, because transactions that lock the same rows in different orders deadlock.
      for (const counted of isUnknown ? [ALL_UNKNOWN, client] : [client]) {
        const count = await lockCount(db, username, counted, time)
        const lockedMs = Date.parse(count.locked_until) - time
        if (lockedMs > 0) return { username, client, isUnknown, lockedMs }
        counts.push(count)
      }
      for (const count of counts) await countFailure(db, count, time)
      return { username, client, isUnknown, lockedMs: 0 }
    })
  }

  /** Takes back the failure that an attempt was counted as, forgets those of its client, and makes the address known. */
  async recordSuccess({ username, client, isUnknown }: Attempt, address: Client): Promise<void> {
    await this.#db.write.transaction().execute(async (db) => {
      await lockName(db, username)
      if (isUnknown) {
        // The others stay: otherwise every sign-in of the owner from a new address would grant as many guesses again.
        await db
          .updateTable('sign_in_failure')
          .set((eb) => ({ failures: eb('failures', '-', 1), locked_until: now() }))
          .where('username', '=', username)
          .where('client', '=', ALL_UNKNOWN)
          .where('failures', '>', 0)
          .execute()
      }
      await db.deleteFrom('sign_in_failure').where('username', '=', username).where('client', '=', client).execute()
      await recordAddress(db, username, address)
    })
  }
}

async function isKnown(db: Transaction<Tables>, username: string, address: Client, time: number): Promise<boolean> {
  const known = await db
    .selectFrom('known_address')
    .select('signed_in_at')
    .where('username', '=', username)
    .where('address', '=', address)
    .where('signed_in_at', '>', iso(time - ADDRESS_KEPT))
    .executeTakeFirst()
  return known !== undefined
}

/** Returns a count, and locks its row until the transaction ends. A count that has expired starts anew. */
async function lockCount(
  db: Transaction<Tables>,
  username: string,
  client: string,
  time: number
): Promise<Tables['sign_in_failure']> {
  const fresh = { username, client, failures: 0, locked_until: iso(time), expires_at: iso(time + FAILURES_KEPT) }
  const count = await db
    .insertInto('sign_in_failure')
    .values(fresh)
    .onConflict((conflict) => conflict.columns(['username', 'client']).doUpdateSet({ username }))
    .returningAll()
    .executeTakeFirstOrThrow()
  return count.expires_at > iso(time) ? count : fresh
}

/**
 * Locks a name until the transaction ends. A transaction that changes several rows of a name begins with it.
 * The row is added if it does not exist: a statement that finds no row locks nothing, and would deadlock with one that adds it.
 */
async function lockName(db: Transaction<Tables>, username: string): Promise<void> {
  await lockCount(db, username, ALL_UNKNOWN, Date.now())
}

async function countFailure(
  db: Transaction<Tables>,
  { username, client, failures: before, expires_at }: Tables['sign_in_failure'],
  time: number
): Promise<void> {
  const [allowed, end] =
    client === ALL_UNKNOWN ? [UNKNOWN_FAILURES, expires_at] : [CLIENT_FAILURES, iso(time + FAILURES_KEPT)]
  const failures = before + 1
  const lock = Math.min(FIRST_LOCK * 2 ** (failures - allowed), LONGEST_LOCK)
  await db
    .updateTable('sign_in_failure')
    .set({ failures, locked_until: iso(failures < allowed ? time : time + lock), expires_at: end })
    .where('username', '=', username)
    .where('client', '=', client)
    .execute()
}

async function recordAddress(db: Transaction<Tables>, username: string, address: Client): Promise<void> {
  const time = Date.now()
  const signed_in_at = iso(time)
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('known_address')
    .values({ username, address, signed_in_at })
    .onConflict((conflict) =>
      conflict
        .columns(['username', 'address'])
        .doUpdateSet({ signed_in_at })
        .where('known_address.signed_in_at', '<', iso(time - ADDRESS_RECORDED))
    )
    .executeTakeFirstOrThrow()
  if (numInsertedOrUpdatedRows === 0n) return
  await db
    .deleteFrom('known_address')
    .where('username', '=', username)
    .where('address', 'not in', (eb) =>
      eb
        .selectFrom('known_address')
        .select('address')
        .where('username', '=', username)
        .orderBy('signed_in_at', 'desc')
        .limit(ADDRESSES_MAX)
    )
    .execute()
}

/** Forgets all failures of a name, and the addresses that are known of it. */
async function forgetClients(db: Transaction<Tables>, username: string): Promise<void> {
  await lockName(db, username)
  await db.deleteFrom('sign_in_failure').where('username', '=', username).execute()
  await db.deleteFrom('known_address').where('username', '=', username).execute()
}

const iso = (time: number) => new Date(time).toISOString()
